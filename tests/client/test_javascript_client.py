"""A client in JavaScript, which knows the ABI and the published types alone, works with the contracts.

The one subtlety: the client says what it did and saw; each test asks our own services whether it is so.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

from coopledger.domain.register import Cause, Consent, Standing
from coopledger.domain.types import MemberNumber, TicketId
from coopledger.services.members import (
    as_of,
    find_member,
    find_member_of,
    find_ticket,
    list_members,
)

if TYPE_CHECKING:
    from tests.client.conftest import Visit

HERE = Path(__file__).parent


def refusals(visit: Visit, part: str) -> dict[str, tuple[str, list[Any]]]:
    """Return how the client was refused in one of its parts: names of errors with arguments."""
    told = visit.facts[part]["refusals"]
    return {attempt: (refusal["error"], refusal["args"]) for attempt, refusal in told.items()}


def test_a_signed_consent_joins(visit: Visit) -> None:
    """A Join that the client signed and another account sent opens a record of consent SIGNED."""
    facts, coop = visit.facts, visit.office.coop
    history = find_member_of(coop, facts["accounts"]["holder"])
    assert history.record.number == facts["joined"]["number"] == 4
    assert history.record.consent is Consent.SIGNED
    joined = [e for e in visit.office.events("Joined") if e["number"] == history.record.number]
    assert [each["consentedAt"] for each in joined] == [facts["joined"]["consentedAt"]]
    assert find_ticket(coop, facts["tickets"]["card"]).member == history.record.number


def test_a_join_that_was_not_signed_so_is_refused(visit: Visit) -> None:
    """A Join that is tampered with, for another ticket, expired or used before is refused by name."""
    holder = visit.facts["accounts"]["holder"]
    assert refusals(visit, "joined") == {
        "forAnotherTicket": ("BadSignature", [holder]),
        "tampered": ("BadSignature", [holder]),
        "expired": ("SignatureExpired", [visit.facts["joined"]["late"]]),
        "again": ("BadSignature", [holder]),
    }


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


def test_a_purchase_with_a_permit_joins_in_one_step(visit: Visit) -> None:
    """A ticket bought with a permit signed by the client is paid, and enrols its buyer at once."""
    facts, coop = visit.facts, visit.office.coop
    bought = facts["bought"]
    record = find_member_of(coop, facts["accounts"]["buyer"]).record
    assert (record.consent, record.left_at) == (Consent.PURCHASED, None)
    ticket = find_ticket(coop, TicketId(bought["ticket"]))
    assert (ticket.member, ticket.paid_on_chain) == (record.number, True)
    assert bought["paid"] == bought["price"] == 20_000


def test_a_signed_refund_pays_the_holder_without_the_deposit(visit: Visit) -> None:
    """A Refund that the client signed voids the card's seat and returns all but the deposit, once."""
    bought = visit.facts["bought"]
    assert find_ticket(visit.office.coop, TicketId(bought["ticket"])).void
    assert bought["refunded"] == bought["price"] - bought["deposit"] == 10_000
    assert refusals(visit, "bought") == {
        "tooDear": ("PriceAbove", [bought["price"], bought["price"] - 1]),
        "refundAgain": ("TicketIsVoid", [bought["ticket"]]),
    }


def test_the_client_unpacks_the_register_as_we_do(visit: Visit) -> None:
    """The records that the client unpacks from words are the lens's and our own members."""
    coop = visit.office.coop
    now = as_of(coop, None, is_block=False)
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
    assert [record["cause"] for record in ours] == [0, Cause.MOVED, 0, Cause.LEFT, 0]
    assert ours[0]["standing"] == Standing.FULL


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
