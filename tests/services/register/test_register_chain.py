"""The register's hash chain: what Python replays from the events is what the ledger says."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from eth_abi.abi import decode

from coopledger.chain.contracts.contract import events_of, functions_of
from coopledger.chain.development import development_signer
from coopledger.domain.register import (
    Cause,
    Consent,
    RegisterEvent,
    RegisterKind,
    Standing,
    genesis_head,
    joined_argument,
    left_argument,
    moved_argument,
    next_head,
    replay,
    standing_argument,
)
from coopledger.domain.types import Attestation, MemberNumber, TicketId
from coopledger.domain.words import unpack_record, unpack_ticket
from coopledger.services.register.bylaws import record_bylaws
from coopledger.services.register.closing import close_membership

if TYPE_CHECKING:
    from tests.services.conftest import Office

DOCUMENT = Attestation(b"a decision of 7.")
DAY_S = 86_400


def _joined(event: dict[str, Any]) -> RegisterEvent:
    argument = joined_argument(
        Consent(event["consent"]),
        event["bylaws"],
        event["consentedAt"],
        event["previous"],
        event["attestation"],
    )
    return _event(RegisterKind.JOINED, event, argument)


def _event(kind: RegisterKind, event: dict[str, Any], argument: int) -> RegisterEvent:
    number = event.get("number", event.get("version"))
    assert number is not None
    return RegisterEvent(
        kind, number, event.get("account"), event.get("ticketId"), argument, event["timestamp"]
    )


#: How each of the ledger's events reads as an event of the hash chain.
READERS: dict[str, Callable[[dict[str, Any]], RegisterEvent]] = {
    "Joined": _joined,
    "Left": lambda e: _event(RegisterKind.LEFT, e, left_argument(Cause(e["cause"]), e["document"])),
    "StandingSet": lambda e: _event(
        RegisterKind.STANDING_SET,
        e,
        standing_argument(Standing(e["standing"]), e["document"]),
    ),
    "Moved": lambda e: _event(RegisterKind.MOVED, e, moved_argument(e["oldNumber"], e["kind"])),
    "BylawsSet": lambda e: _event(RegisterKind.BYLAWS_SET, e, int.from_bytes(e["hash"])),
}


def register_events(office: Office) -> Iterator[tuple[RegisterEvent, bytes]]:
    """Yield the register's events in their order, each with the head that it says it leads to."""
    events = {events_of("TicketLedger")[name].topic: name for name in READERS}
    ledger = office.coop.ledger.address
    for log in office.chain.logs([ledger], [], office.coop.first_block, office.chain.head()):
        name = events.get(log.topics[0])
        if name is not None:
            arguments = events_of("TicketLedger")[name].decode(log)
            yield READERS[name](arguments), arguments["head"]


def make_history(office: Office) -> None:
    """Let everything happen to the register that can: by-laws, standings, exits, moves."""
    coop, sender, ledger = office.coop, office.sender(), office.coop.ledger
    record_bylaws(coop, sender, office.operator, bytes(range(32)))
    for number, standing in ((7, Standing.FULL), (8, Standing.FULL), (7, Standing.ASSOCIATE)):
        sender.send(ledger.set_standing_call(MemberNumber(number), standing, DOCUMENT))
    target = development_signer(office.chain, 5)
    sender.send(ledger.call("proposeMove", 8, target.address))
    for number, cause in ((4, Cause.EXPELLED), (5, Cause.DECEASED), (6, Cause.ANNULLED)):
        close_membership(coop, sender, office.operator, MemberNumber(number), cause, DOCUMENT)
    office.dev.increase_time(7 * DAY_S)
    for number, cause in ((4, Cause.EXPELLED), (5, Cause.DECEASED), (6, Cause.ANNULLED)):
        close_membership(coop, sender, office.operator, MemberNumber(number), cause, DOCUMENT)
    office.sender(5).send(ledger.call("acceptMove", 8, []))
    office.sender(5).send(ledger.call("leave"))
    # The annulled one's ticket is unbound, so the same person can be entered again, rightly.
    annulled = ledger.member(MemberNumber(6)).account
    card = next(t for t in office.tickets() if t.owner == annulled and not t.locked)
    now = office.dev.now()
    sender.send(ledger.call("enrol", card.ticket_id, 2, now, DOCUMENT))


def test_the_replay_of_the_events_is_the_ledger_s_head(busy: Office) -> None:
    """Replaying all events gives the ledger's head and count, and each event names its head."""
    make_history(busy)
    head = genesis_head(busy.chain.chain_id, busy.coop.ledger.address)
    kinds = set()
    events = []
    for event, said in register_events(busy):
        head = next_head(head, event)
        assert head == said
        kinds.add(event.kind)
        events.append(event)
    assert kinds == set(RegisterKind)
    assert head == busy.coop.ledger.register_head()
    assert len(events) == busy.coop.ledger.event_count() == 251 + 1 + 1 + 3 + 3 + 1 + 1 + 1
    genesis = genesis_head(busy.chain.chain_id, busy.coop.ledger.address)
    assert replay(genesis, events) == head


def test_an_event_that_is_missing_or_altered_shows(busy: Office) -> None:
    """Without one event, with two swapped, or with a field changed the head is another."""
    events = [event for event, _ in register_events(busy)]
    genesis = genesis_head(busy.chain.chain_id, busy.coop.ledger.address)
    head = busy.coop.ledger.register_head()
    assert replay(genesis, events) == head
    swapped = [events[1], events[0], *events[2:]]
    for altered in (events[1:], events[:-1], [*events, events[-1]], swapped):
        assert replay(genesis, altered) != head


def test_python_reads_words_as_the_lens_does(busy: Office) -> None:
    """Every record and a ticket of each kind is unpacked here as the contract unpacks it."""
    make_history(busy)
    lens, ledger = busy.coop.lens, busy.coop.ledger
    lens_functions = functions_of("TicketLens")

    def ask(function: str, *arguments: int) -> Any:
        face = lens_functions[function]
        return face.decode(busy.chain.call(lens, face.encode(*arguments)))

    count = ledger.member_count()
    words = ledger.ask("members", 1, count)
    unpacked = ask("members", 1, count)
    assert len(words) == len(unpacked) == 253
    for index, (word, theirs) in enumerate(zip(words, unpacked, strict=True)):
        ours = unpack_record(MemberNumber(index + 1), word)
        account, joined_at, left_at, standing, consent, cause = theirs
        assert (ours.account.lower(), ours.joined_at) == (account, joined_at)
        assert (ours.left_at or 0, ours.standing) == (left_at, standing)
        assert (ours.consent, ours.cause) == (consent, cause)
        assert ask("member", index + 1) == theirs
    flags = set()
    for number in range(1, 80):
        word = ledger.ask("ticket", number)
        ticket = unpack_ticket(TicketId(number), word)
        theirs = ask("ticket", number)
        assert (ticket.owner.lower(), ticket.screening, ticket.seat, ticket.tier) == theirs[:4]
        assert (ticket.member or 0, ticket.redeemed, ticket.void) == theirs[4:7]
        assert (ticket.non_transferable, ticket.paid_on_chain) == theirs[7:]
        assert decode(["uint256"], word.to_bytes(32))[0] == word
        flags.add(ticket.member is None)
    assert flags == {True, False}
