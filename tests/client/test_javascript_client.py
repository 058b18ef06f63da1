"""A client in JavaScript, which knows the ABI and the published types alone, works with the contracts.

The client says what it did and saw; each test asks our own services whether it is so.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

from coopledger.chain.wire.moments import pin
from coopledger.domain.register import Cause, Consent, Standing
from coopledger.domain.types import MemberNumber, TicketId
from coopledger.services.register.finding import (
    find_member,
    find_member_of,
    find_ticket,
    list_members,
)

if TYPE_CHECKING:
    from tests.client.conftest import Visit

HERE = Path(__file__).parent
NOBODY = "0x" + "00" * 20
VETOED = 2
"""The number of ``MoveState.Vetoed``."""


def refusals(visit: Visit, part: str) -> dict[str, tuple[str, list[Any]]]:
    """Return how the client was refused in one of its parts: names of errors with arguments."""
    told = visit.facts[part]["refusals"]
    return {attempt: (refusal["error"], refusal["args"]) for attempt, refusal in told.items()}


def test_a_signed_consent_joins(visit: Visit) -> None:
    """A Join that the client signed and another account sent opens a record of consent SIGNED."""
    facts, coop = visit.facts, visit.office.coop
    number = MemberNumber(facts["joined"]["number"])
    record = find_member(coop, number).record
    assert (record.account, record.consent) == (facts["accounts"]["holder"], Consent.SIGNED)
    joined = [event for event in visit.office.events("Joined") if event["number"] == number]
    assert [each["consentedAt"] for each in joined] == [facts["joined"]["consentedAt"]]
    assert find_ticket(coop, TicketId(facts["tickets"]["card"])).member == number


def test_a_join_that_was_not_signed_so_is_refused(visit: Visit) -> None:
    """A Join that is tampered with, for another ticket, expired or used before is refused by name."""
    holder = visit.facts["accounts"]["holder"]
    assert refusals(visit, "joined") == {
        "forAnotherTicket": ("BadSignature", [holder]),
        "tampered": ("BadSignature", [holder]),
        "expired": ("SignatureExpired", [visit.facts["joined"]["late"]]),
        "again": ("BadSignature", [holder]),
        "afterLeaving": ("BadSignature", [holder]),
    }


def test_somebody_who_left_rejoins_by_a_new_consent(visit: Visit) -> None:
    """A Join that names the record before it opens another one, linked to the first."""
    facts = visit.facts
    history = find_member(visit.office.coop, MemberNumber(facts["rejoined"]["number"]))
    assert history.link.previous == facts["joined"]["number"]
    assert history.record.account == facts["accounts"]["holder"]


def test_a_signed_gift_changes_the_holder_and_enrols_nobody(visit: Visit) -> None:
    """A ticket given by signature belongs to the friend, who is no member by it."""
    facts, coop = visit.facts, visit.office.coop
    gift = find_ticket(coop, TicketId(facts["tickets"]["gift"]))
    assert gift.owner == facts["accounts"]["friend"]
    assert gift.member is None
    assert coop.ledger.latest_member_of(facts["accounts"]["friend"]) is None


def test_a_gift_is_given_once_and_a_card_never(visit: Visit) -> None:
    """A used Give is refused, also once the ticket came back; a Give of the card is refused."""
    facts = visit.facts
    assert refusals(visit, "given") == {
        "again": ("BadSignature", [facts["accounts"]["friend"]]),
        "cameRound": ("SignatureUsed", [facts["given"]["digest"]]),
        "bound": ("TicketLocked", [facts["tickets"]["card"]]),
    }


def test_a_signed_leave_closes_the_record_once(visit: Visit) -> None:
    """A Leave that the client signed closes its record as LEFT; sent again it is refused."""
    number = MemberNumber(visit.facts["joined"]["number"])
    record = find_member(visit.office.coop, number).record
    assert record.cause is Cause.LEFT
    assert record.left_at is not None
    closed = ("MembershipClosed", [number, Cause.LEFT.value])
    assert refusals(visit, "left") == {"again": closed}


def test_the_old_key_s_signed_veto_stops_a_move(visit: Visit) -> None:
    """A VetoMove counts once, and no AcceptMove counts before the move is ready."""
    told = refusals(visit, "moved")
    number = visit.facts["rejoined"]["number"]
    assert told["early"] == ("MoveNotReady", [number, visit.facts["moved"]["readyAt"]])
    assert told["vetoAgain"] == ("WrongMoveState", [number, VETOED])


def test_both_keys_signatures_move_a_membership_at_once(visit: Visit) -> None:
    """A MoveNow needs each key's own signature, moves record and card, and works once."""
    facts, coop = visit.facts, visit.office.coop
    number, holder = facts["rejoined"]["number"], facts["accounts"]["holder"]
    history = find_member_of(coop, facts["accounts"]["newKey"])
    assert history.record.number == facts["moved"]["number"]
    assert history.link.moved_from == number
    assert history.card == facts["tickets"]["secondCard"]
    told = refusals(visit, "moved")
    assert told["swapped"] == ("BadSignature", [holder])
    assert told["nowAgain"] == ("MembershipClosed", [number, Cause.MOVED.value])


def test_the_new_key_accepts_a_move_by_signature(visit: Visit) -> None:
    """An AcceptMove that is ready moves the record with the tickets that it names, once."""
    facts, coop = visit.facts, visit.office.coop
    heir, inherited = facts["accounts"]["heir"], facts["inherited"]
    history = find_member_of(coop, heir)
    assert history.record.number == inherited["number"]
    assert find_member(coop, MemberNumber(2)).record.cause is Cause.MOVED
    owners = {find_ticket(coop, TicketId(each)).owner for each in inherited["ticketIds"]}
    assert (owners, len(inherited["ticketIds"])) == ({heir}, 2)
    assert refusals(visit, "inherited") == {"again": ("BadSignature", [NOBODY])}


def test_a_purchase_with_a_permit_joins_in_one_step(visit: Visit) -> None:
    """A ticket bought with a permit signed by the client is paid, and enrols its buyer at once."""
    facts, coop = visit.facts, visit.office.coop
    bought = facts["bought"]
    record = find_member_of(coop, facts["accounts"]["buyer"]).record
    assert (record.consent, record.left_at) == (Consent.PURCHASED, None)
    ticket = find_ticket(coop, TicketId(bought["ticket"]))
    assert (ticket.member, ticket.paid_on_chain) == (record.number, True)
    assert bought["paid"] == bought["price"] == 20_000


def test_a_purchase_that_breaks_a_rule_is_refused(visit: Visit) -> None:
    """A price above the buyer's limit, and a member's second joining, are refused by name."""
    bought, buyer = visit.facts["bought"], visit.facts["accounts"]["buyer"]
    told = refusals(visit, "bought")
    number = find_member_of(visit.office.coop, buyer).record.number
    assert told["tooDear"] == ("PriceAbove", [bought["price"], bought["price"] - 1])
    assert told["again"] == ("AlreadyMember", [buyer, number])


def test_a_signed_refund_pays_the_holder_without_the_deposit(visit: Visit) -> None:
    """A Refund that the client signed voids the card's seat and returns all but the deposit, once."""
    bought = visit.facts["bought"]
    assert find_ticket(visit.office.coop, TicketId(bought["ticket"])).void
    assert bought["refunded"] == bought["price"] - bought["deposit"] == 10_000
    assert refusals(visit, "bought")["refundAgain"] == ("TicketIsVoid", [bought["ticket"]])


def test_the_client_unpacks_the_register_as_we_do(visit: Visit) -> None:
    """The records that the client unpacks from words are the lens's and our own members."""
    coop = visit.office.coop
    now = pin(coop.chain, None)
    ours = [
        {
            "account": record.account,
            "joinedAt": record.joined_at,
            "leftAt": record.left_at or 0,
            "standing": record.standing.value,
            "consent": record.consent.value,
            "cause": record.cause.value,
        }
        for record in list_members(coop, now, MemberNumber(1), closed=True, annulled=True)
    ]
    assert visit.facts["records"] == ours
    assert visit.facts["sameAsLens"] is True
    assert {record["cause"] for record in ours} == {Cause.NONE, Cause.LEFT, Cause.MOVED}
    assert {record["consent"] for record in ours} == set(Consent) - {Consent.NONE}
    assert {record["standing"] for record in ours} == {Standing.ASSOCIATE, Standing.FULL}


def test_the_client_proves_the_register_complete(visit: Visit) -> None:
    """The head that the client replays from events of every kind is the ledger's, and their count."""
    ledger = visit.office.coop.ledger
    assert visit.facts["register"] == {
        "head": "0x" + ledger.register_head().hex(),
        "count": ledger.event_count(),
        "kinds": ["BylawsSet", "Joined", "Left", "Moved", "StandingSet"],
    }


def test_the_ledger_says_what_domain_it_verifies(visit: Visit) -> None:
    """The domain that the client signs under is the one that the ledger publishes (ERC-5267)."""
    ledger = visit.office.coop.ledger.address
    published = {"name": "coopledger", "version": "1", "verifyingContract": ledger}
    assert visit.facts["domain"] == published


def test_the_client_knows_nothing_of_ours() -> None:
    """The client's files import viem, Node's own modules and each other, and read only ABIs."""
    for file in sorted(HERE.glob("*.mjs")):
        text = file.read_text("utf-8")
        for module in re.findall(r'from "([^"]+)"', text):
            own = module.startswith("./") and (HERE / module).is_file()
            assert own or re.match(r"(node:|viem(/|$))", module), f"{file.name}: {module}"
        if "artifacts" in text:
            assert file.name == "contracts.mjs"
