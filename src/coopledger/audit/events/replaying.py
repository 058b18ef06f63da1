"""The register by its events, where the events may be a liar's: nothing stops the replay.

After an event that does not fit, the replay goes on from the head that the event itself tells. So one
altered event is one finding at its place, and the events behind it are still checked.
"""

from coopledger.audit.events.register import RegisterBook, RegisterBroken
from coopledger.audit.findings import Findings
from coopledger.domain.events import RegisterChange
from coopledger.domain.register import (
    Cause,
    Consent,
    RegisterEvent,
    RegisterKind,
    Standing,
    next_head,
)
from coopledger.domain.types import Address, ChainId, MemberNumber
from coopledger.domain.words import bits

RULE = "hash chain"


class ToldBook(RegisterBook):
    """The register as a node tells it. Every event that does not follow is a finding."""

    def __init__(self, chain_id: ChainId, ledger: Address, findings: Findings) -> None:
        super().__init__(chain_id, ledger)
        self.ties: dict[MemberNumber, tuple[int, int]] = {}
        """The record before it, and that which it was moved from, of each record that has one."""
        self._findings = findings

    def words(self) -> list[int]:
        """Return a copy of all records as they stand, in the order of their numbers; 0 for a gap."""
        return list(self._words)

    def take(self, change: RegisterChange) -> None:
        """Take the next event, whatever it is."""
        event, before = change.register_event(), self.head
        self._tie(event)
        try:
            self.add(event)
        except RegisterBroken as broken:
            self._findings.add(
                RULE,
                f"register event {self.event_count}",
                "one that follows on those before",
                f"one that {broken.reason}",
                change.place,
            )
            self._believe(event)
        else:
            if self.head != change.head:
                self._findings.add(
                    RULE,
                    f"register event {self.event_count} ({_named(event)})",
                    f"the head 0x{next_head(before, event).hex()}",
                    f"the head 0x{change.head.hex()}: an event is missing before it, or it was altered",
                    change.place,
                )
        self.head = change.head

    def _tie(self, event: RegisterEvent) -> None:
        if event.account is None or event.kind not in {RegisterKind.JOINED, RegisterKind.MOVED}:
            return
        previous = self._latest.get(int(event.account, 16), 0)
        moved_from = bits(event.argument, 0, 32) if event.kind is RegisterKind.MOVED else 0
        if previous or moved_from:
            self.ties[MemberNumber(event.number)] = (previous, moved_from)

    def _believe(self, event: RegisterEvent) -> None:
        """Do to the records what an event says that breaks a rule, as far as it can be done."""
        match event.kind:
            case RegisterKind.JOINED:
                self._put(event, Standing.ASSOCIATE, bits(event.argument, 0, 4))
            case RegisterKind.MOVED:
                old = bits(event.argument, 0, 32)
                word = self._words[old - 1] if 1 <= old <= len(self._words) else 0
                self._shut(old, event, Cause.MOVED)
                standing = bits(word, 240, 8) or Standing.ASSOCIATE
                self._put(event, standing, bits(word, 248, 4) or Consent.NONE)
            case RegisterKind.LEFT:
                self._shut(event.number, event, bits(event.argument, 0, 4))
            case RegisterKind.STANDING_SET:
                if 1 <= event.number <= len(self._words):
                    rest = self._words[event.number - 1] & ~(0xFF << 240)
                    self._words[event.number - 1] = rest | bits(event.argument, 0, 8) << 240
            case RegisterKind.BYLAWS_SET:
                if len(self.bylaws) < event.number < len(self.bylaws) + 1000:
                    self.bylaws += [b""] * (event.number - len(self.bylaws) - 1)
                    self.bylaws.append(event.argument.to_bytes(32))

    def _put(self, event: RegisterEvent, standing: int, consent: int) -> None:
        # A number far beyond the others is no reason to fill the memory.
        if event.account is None or not 1 <= event.number < len(self._words) + 10_000:
            return
        account = int(event.account, 16)
        self._words += [0] * (event.number - len(self._words))
        if not self._words[event.number - 1]:
            self._words[event.number - 1] = (
                account | event.timestamp << 160 | standing << 240 | consent << 248
            )
            self._latest[account] = event.number
            self._active += 1

    def _shut(self, number: int, event: RegisterEvent, cause: int) -> None:
        if 1 <= number <= len(self._words) and self._words[number - 1] and self._is_open(number):
            self._words[number - 1] |= event.timestamp << 200 | cause << 252
            self._active -= 1


def _named(event: RegisterEvent) -> str:
    kind = event.kind.name.lower().replace("_", " ")
    what = "by-laws" if event.kind is RegisterKind.BYLAWS_SET else "record"
    return f"{kind}, {what} {event.number}"
