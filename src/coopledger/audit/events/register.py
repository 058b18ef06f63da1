"""The register rebuilt from its events alone, with every rule that the events must keep.

Each record is kept as the very word that the ledger stores (``RecordWord.sol``), so that what is rebuilt
can be compared with what a node answers, or a storage proof proves, bit by bit.
"""

from coopledger.domain.register import (
    Cause,
    Consent,
    Record,
    RegisterEvent,
    RegisterKind,
    Standing,
    genesis_head,
    next_head,
)
from coopledger.domain.types import Address, ChainId, MemberNumber, Timestamp
from coopledger.domain.words import bits, unpack_record
from coopledger.errors import Untrusted

_CONSENTS = {Consent.SIGNED, Consent.PURCHASED, Consent.ATTESTED}
_CLOSING = {Cause.LEFT, Cause.EXPELLED, Cause.DECEASED, Cause.ANNULLED}
_ACCOUNT, _LEFT_AT = (1 << 160) - 1, 200
_STANDING, _CONSENT, _CAUSE = 240, 248, 252


class RegisterBroken(Untrusted):
    """The events do not make a register: one is missing, altered, or against a rule."""

    event: int
    """Which event, counted from 1."""
    reason: str

    says = "register event {event} {reason}"
    advice = "Take the events from another source. If all sources agree, the ledger is not what it claims."


class RegisterBook:
    """The register as the events so far make it. Feed it every event, in order."""

    def __init__(self, chain_id: ChainId, ledger: Address) -> None:
        self.head = genesis_head(chain_id, ledger)
        self.event_count = 0
        self.bylaws: list[bytes] = []
        self._words: list[int] = []
        self._latest: dict[int, int] = {}
        self._active = 0
        self._last = Timestamp(0)

    @property
    def member_count(self) -> int:
        """How many records there are, open and closed."""
        return len(self._words)

    @property
    def active_count(self) -> int:
        """How many records are open."""
        return self._active

    def word(self, number: MemberNumber) -> int:
        """Return a record as the ledger stores it.

        Raises:
            LookupError: there is none of that number.
        """
        if not 1 <= number <= len(self._words):
            raise LookupError(f"there is no record {number}")
        return self._words[number - 1]

    def record(self, number: MemberNumber) -> Record:
        """Return a record.

        Raises:
            LookupError: there is none of that number.
        """
        return unpack_record(number, self.word(number))

    def add(self, event: RegisterEvent) -> bytes:
        """Take the next event; return the head after it (32 bytes).

        Raises:
            RegisterBroken: it cannot follow on those before.
        """
        self.event_count += 1
        if event.timestamp < self._last:
            raise self._broken("is older than the one before")
        self._last = event.timestamp
        match event.kind:
            case RegisterKind.JOINED:
                self._join(event)
            case RegisterKind.LEFT:
                self._leave(event)
            case RegisterKind.STANDING_SET:
                self._set_standing(event)
            case RegisterKind.MOVED:
                self._move(event)
            case RegisterKind.BYLAWS_SET:
                self._set_bylaws(event)
        self.head = next_head(self.head, event)
        return self.head

    def _join(self, event: RegisterEvent) -> None:
        consent = bits(event.argument, 0, 8)
        if consent not in _CONSENTS:
            raise self._broken("names no consent")
        if not 1 <= bits(event.argument, 8, 32) <= len(self.bylaws):
            raise self._broken("names by-laws that were not recorded")
        if bits(event.argument, 40, 40) > event.timestamp:
            raise self._broken("has a consent from the future")
        previous = bits(event.argument, 80, 32)
        if previous != self._latest.get(self._account(event), 0):
            raise self._broken("does not name the account's record before it")
        self._open_record(event, Standing.ASSOCIATE, consent)

    def _leave(self, event: RegisterEvent) -> None:
        cause = bits(event.argument, 0, 8)
        if cause not in _CLOSING:
            raise self._broken("names no cause")
        self._close_record(event.number, event, cause)

    def _set_standing(self, event: RegisterEvent) -> None:
        standing = bits(event.argument, 0, 8)
        word = self._open_word(event.number)
        if standing not in {Standing.ASSOCIATE, Standing.FULL}:
            raise self._broken("names no standing")
        if standing == bits(word, _STANDING, 8):
            raise self._broken("changes nothing")
        if (word & _ACCOUNT) != self._account(event):
            raise self._broken("names another account than the record's")
        self._words[event.number - 1] = word & ~(0xFF << _STANDING) | standing << _STANDING

    def _move(self, event: RegisterEvent) -> None:
        old = bits(event.argument, 0, 32)
        word = self._open_word(old)
        if (word & _ACCOUNT) == self._account(event):
            raise self._broken("moves a membership to where it is")
        self._close_record(old, event, Cause.MOVED)
        self._open_record(event, bits(word, _STANDING, 8), bits(word, _CONSENT, 4))

    def _set_bylaws(self, event: RegisterEvent) -> None:
        if event.number != len(self.bylaws) + 1:
            raise self._broken(f"records by-laws {event.number}, not {len(self.bylaws) + 1}")
        self.bylaws.append(event.argument.to_bytes(32))

    def _open_record(self, event: RegisterEvent, standing: int, consent: int) -> None:
        account = self._account(event)
        if event.number != len(self._words) + 1:
            raise self._broken(f"opens record {event.number}, not {len(self._words) + 1}")
        latest = self._latest.get(account)
        if latest is not None and self._is_open(latest):
            raise self._broken(f"opens a second record beside {latest}")
        self._words.append(
            account | event.timestamp << 160 | standing << _STANDING | consent << _CONSENT
        )
        self._latest[account] = event.number
        self._active += 1

    def _close_record(self, number: int, event: RegisterEvent, cause: int) -> None:
        word = self._open_word(number)
        account = word & _ACCOUNT
        if cause != Cause.MOVED and account != self._account(event):
            raise self._broken("names another account than the record's")
        self._words[number - 1] = word | event.timestamp << _LEFT_AT | cause << _CAUSE
        self._active -= 1

    def _open_word(self, number: int) -> int:
        if not 1 <= number <= len(self._words):
            raise self._broken(f"is about record {number}, which there is not")
        word = self._words[number - 1]
        if not self._is_open(number):
            raise self._broken(f"is about record {number}, which is closed")
        return word

    def _is_open(self, number: int) -> bool:
        return not bits(self._words[number - 1], _LEFT_AT, 40)

    def _account(self, event: RegisterEvent) -> int:
        if event.account is None:
            raise self._broken("names no account")
        return int(event.account, 16)

    def _broken(self, reason: str) -> RegisterBroken:
        return RegisterBroken(self.event_count, reason)
