"""The tickets by their events: who holds each, which one is a card, and that no card went astray.

Within a sale a joined event stands before the transfer that issues its ticket, within a move the moved
event before the transfer of the card. So a card's transfer is judged by the event before.
"""

from array import array

from coopledger.audit.findings import Findings
from coopledger.domain.events import (
    Joined,
    Left,
    Moved,
    Place,
    Redeemed,
    TicketTransferred,
    Unredeemed,
    Voided,
)
from coopledger.domain.register import Cause
from coopledger.domain.types import MemberNumber, TicketId
from coopledger.domain.words import bits

TicketEvent = TicketTransferred | Redeemed | Unredeemed | Voided

REDEEMED, VOID, NON_TRANSFERABLE, PAID_ON_CHAIN = 1, 2, 4, 8
_SOLD = 16
_CARD_RULE = "no card moves but by a finished move"
_LOCK_RULE = "a used or void ticket stays where it is"
_JOIN_RULE = "an account joins with a ticket of its own"


class TicketBook:
    """All tickets as the events so far make them. Feed it every event of tickets, in order."""

    def __init__(self, findings: Findings) -> None:
        self._findings = findings
        self._owners: list[int] = []
        self._members = array("L")
        self._flags = bytearray()
        self._given: set[int] = set()
        self._to_issue: tuple[TicketId, int, MemberNumber, Place] | None = None
        self._move: tuple[bytes, int, int] | None = None

    @property
    def count(self) -> int:
        """How many tickets were issued."""
        return len(self._owners)

    def join(self, event: Joined) -> None:
        """Bind the ticket that an account joined with."""
        account = int(event.account, 16)
        if event.ticket_id > self.count:
            self._check_issued()
            self._to_issue = (event.ticket_id, account, event.number, event.place)
            return
        index = event.ticket_id - 1
        if self._owners[index] != account:
            holder, what = hex(self._owners[index]), f"the card of record {event.number}"
            self._findings.add(_JOIN_RULE, what, event.account, f"held by {holder}", event.place)
        self._bind(event.ticket_id, event.number, event.place)

    def leave(self, event: Left) -> None:
        """Unbind the card of an entry made in error; every other card stays one."""
        self._expect_card(event.ticket_id, event.number, event.place)
        if event.cause is Cause.ANNULLED and 1 <= event.ticket_id <= self.count:
            self._members[event.ticket_id - 1] = 0

    def move(self, event: Moved) -> None:
        """Bind a card to the record that a move opened; its transfer follows."""
        self._expect_card(event.ticket_id, event.old_number, event.place)
        if 1 <= event.ticket_id <= self.count:
            self._members[event.ticket_id - 1] = event.number
            owner = self._owners[event.ticket_id - 1]
            self._move = (event.place.transaction, owner, int(event.account, 16))

    def take(self, event: TicketEvent) -> None:
        """Take the next event that changes tickets."""
        match event:
            case TicketTransferred():
                if event.sender is None:
                    self._issue(event)
                else:
                    self._transfer(event)
            case Redeemed():
                for ticket_id in event.ticket_ids:
                    self._set(ticket_id, REDEEMED, event.place)
            case Unredeemed():
                self._clear(event.ticket_id, REDEEMED, event.place)
            case Voided():
                for ticket_id in event.ticket_ids:
                    self._set(ticket_id, VOID, event.place)

    def sell(self, ticket_id: TicketId, place: Place) -> None:
        """Note that a box office said under which order, or for which money, a ticket was sold."""
        self._set(ticket_id, _SOLD, place)

    def expect_sold(self, ticket_id: TicketId) -> None:
        """Check that a ticket of a box office was sold by it."""
        if ticket_id <= self.count and not self._flags[ticket_id - 1] & _SOLD:
            rule, what = "no ticket without a sale", f"ticket {ticket_id}"
            self._findings.add(rule, what, "an order or a purchase", "issued without either")

    def compare(self, ticket_id: TicketId, word: int) -> None:
        """Compare a ticket's word, as the ledger answers it, with the events."""
        rule, what = "tickets by view and by events", f"ticket {ticket_id}"
        if ticket_id > self.count:
            self._findings.add(rule, what, "none issued", "one by view")
            return
        index, flags = ticket_id - 1, bits(word, 248, 8)
        facts = (
            ("holder", hex(self._owners[index]), hex(bits(word, 0, 160))),
            ("record", self._members[index], bits(word, 208, 32)),
            ("redeemed", bool(self._flags[index] & REDEEMED), bool(flags & REDEEMED)),
            ("void", bool(self._flags[index] & VOID), bool(flags & VOID)),
        )
        for name, by_events, by_view in facts:
            self._findings.compare(rule, f"{what}, {name}", by_events, by_view)
        if flags & NON_TRANSFERABLE and ticket_id in self._given:
            rule = "a non-transferable ticket is not given away"
            self._findings.add(rule, what, "the buyer as holder", "it was given to somebody else")

    def close(self) -> None:
        """Say that no event follows."""
        self._check_issued()

    def _issue(self, event: TicketTransferred) -> None:
        if event.ticket_id != self.count + 1:
            self._findings.add(
                "ticket ids without gap or duplicate",
                f"ticket {event.ticket_id}",
                f"ticket {self.count + 1} to be issued",
                "issued",
                event.place,
            )
            if not self.count < event.ticket_id < self.count + 10_000:
                return
        missing = event.ticket_id - self.count - 1
        self._owners += [0] * missing
        self._owners.append(int(event.to, 16))
        self._members.extend([0] * (missing + 1))
        self._flags.extend(bytes(missing + 1))
        if self._to_issue is None:
            return
        ticket_id, account, number, place = self._to_issue
        if ticket_id > self.count:
            return
        self._to_issue = None
        if ticket_id == event.ticket_id and account != int(event.to, 16):
            what = f"the card of record {number}"
            self._findings.add(_JOIN_RULE, what, hex(account), f"issued to {event.to}", place)
        self._bind(ticket_id, number, place)

    def _transfer(self, event: TicketTransferred) -> None:
        if not self._known(event.ticket_id, event.place) or event.sender is None:
            return
        index, what = event.ticket_id - 1, f"ticket {event.ticket_id}"
        sender, to = int(event.sender, 16), int(event.to, 16)
        if self._owners[index] != sender:
            holder = f"from {hex(self._owners[index])}"
            self._findings.add(
                "tickets change hands from their holder",
                *(what, holder, f"from {event.sender}", event.place),
            )
        moved = (event.place.transaction, sender, to) == self._move
        if self._members[index] and not moved:
            found = f"transferred to {event.to}"
            self._findings.add(_CARD_RULE, f"{what}, a card", "no transfer", found, event.place)
        elif self._flags[index] & (REDEEMED | VOID) and not moved:
            found = f"transferred to {event.to}"
            self._findings.add(_LOCK_RULE, what, "no transfer", found, event.place)
        if not moved:
            self._given.add(event.ticket_id)
        self._owners[index] = to

    def _bind(self, ticket_id: TicketId, number: MemberNumber, place: Place) -> None:
        index = ticket_id - 1
        if self._members[index]:
            found = f"founds record {number}, too"
            what = f"ticket {ticket_id}"
            expected = f"the card of record {self._members[index]} alone"
            self._findings.add("one ticket, one membership", what, expected, found, place)
        if self._flags[index] & VOID:
            what, found = f"ticket {ticket_id}", f"founds record {number}"
            self._findings.add("a void ticket founds nothing", what, "no membership", found, place)
        self._members[index] = number

    def _expect_card(self, ticket_id: TicketId, number: MemberNumber, place: Place) -> None:
        if self._known(ticket_id, place) and self._members[ticket_id - 1] != number:
            found = f"ticket {ticket_id}, the card of record {self._members[ticket_id - 1]}"
            self._findings.add(
                "the register names cards", f"record {number}", "its own card", found, place
            )

    def _set(self, ticket_id: TicketId, flag: int, place: Place) -> None:
        if not self._known(ticket_id, place):
            return
        if self._flags[ticket_id - 1] & flag:
            what = f"ticket {ticket_id}"
            self._findings.add(
                "nothing happens twice", what, "once", f"{_NAMES[flag]} again", place
            )
        self._flags[ticket_id - 1] |= flag

    def _clear(self, ticket_id: TicketId, flag: int, place: Place) -> None:
        if self._known(ticket_id, place):
            self._flags[ticket_id - 1] &= ~flag

    def _known(self, ticket_id: TicketId, place: Place) -> bool:
        if 1 <= ticket_id <= self.count:
            return True
        what = f"ticket {ticket_id}"
        self._findings.add("events are of tickets", what, "an issued one", "never issued", place)
        return False

    def _check_issued(self) -> None:
        if self._to_issue is not None:
            ticket_id, _, number, place = self._to_issue
            what, found = f"the card of record {number}", f"ticket {ticket_id} was never issued"
            self._findings.add(_JOIN_RULE, what, "an issued ticket", found, place)
            self._to_issue = None


_NAMES = {REDEEMED: "redeemed", VOID: "void", _SOLD: "sold"}
