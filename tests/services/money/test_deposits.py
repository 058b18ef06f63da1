"""Deposits of members who are gone: found, returned once, to whom they belong."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from coopledger.chain.contracts.reverts import ContractRefusal
from coopledger.domain.register import Cause
from coopledger.domain.types import Attestation, MemberNumber, TicketId
from coopledger.services.money.deposits import (
    DepositReturn,
    DepositWay,
    NothingDue,
    due_deposits,
    due_to,
    pay_heir,
    record_return,
    return_deposit,
)
from coopledger.services.money.treasury import BadPayee
from coopledger.services.register.closing import Closed, close_membership

if TYPE_CHECKING:
    from tests.services.conftest import Office
    from tests.services.public import Public

ANI, BUDI, CICI, DEDI = 2, 3, 4, 5
CLOSING_DELAY_S = 3 * 86_400
DOCUMENT = Attestation(b"a will, notarial")


def close(office: Office, cause: Cause, *numbers: int) -> None:
    """Close records for a cause: schedule, wait, execute."""
    for number in numbers:
        call = (office.coop, office.sender(), office.operator, MemberNumber(number))
        close_membership(*call, cause, DOCUMENT)
    office.dev.increase_time(CLOSING_DELAY_S)
    for number in numbers:
        call = (office.coop, office.sender(), office.operator, MemberNumber(number))
        assert isinstance(close_membership(*call, cause, DOCUMENT), Closed)


def due(office: Office) -> dict[int, DepositWay]:
    """Return how the deposit of each ticket that is due goes back."""
    return {each.ticket_id: each.way for each in due_deposits(office.coop)}


def test_each_kind_of_end_has_its_way(office: Office, public: Public) -> None:
    """Left and expelled: returned; deceased: to the heir; paid outside: outside; open: nothing."""
    left, expelled, deceased = (public.buy(who, joins=True) for who in (ANI, BUDI, CICI))
    public.buy(DEDI, joins=True)
    office.sell_plain({"order": "A"})
    assert due(office) == {}
    public.leave(ANI)
    close(office, Cause.EXPELLED, 2, 5)
    close(office, Cause.DECEASED, 3)
    assert due(office) == {
        left: DepositWay.RETURN,
        expelled: DepositWay.RETURN,
        TicketId(5): DepositWay.RECORD,
        deceased: DepositWay.PAY_HEIR,
    }
    first = due_deposits(office.coop)[0]
    assert (first.number, first.account) == (1, public.account(ANI))
    assert (first.amount, first.cause) == (10_000, Cause.LEFT)


def test_a_deposit_goes_back_once(office: Office, public: Public) -> None:
    """Returned on the chain, paid to the heir or recorded: then it is due no more."""
    left, deceased = public.buy(ANI, joins=True), public.buy(BUDI, joins=True)
    office.sell_plain({"order": "A"})
    public.leave(ANI)
    close(office, Cause.DECEASED, 2)
    close(office, Cause.EXPELLED, 3)
    clerk = (office.coop, office.sender(), office.operator)

    assert due_to(office.coop, public.account(ANI)) == [left]
    return_deposit(office.coop, office.sender(DEDI), left)
    assert public.has(public.account(ANI)) == 10_000
    paid = pay_heir(*clerk, deceased, public.account(CICI), DOCUMENT)
    assert isinstance(paid, DepositReturn)
    assert (paid.to, public.has(public.account(CICI))) == (public.account(CICI), 10_000)
    recorded = record_return(*clerk, TicketId(3), DOCUMENT)
    assert isinstance(recorded, DepositReturn)
    assert (recorded.amount, recorded.on_chain) == (10_000, False)

    assert due(office) == {}
    with pytest.raises(NothingDue):
        due_to(office.coop, public.account(ANI))
    with pytest.raises(ContractRefusal) as refused:
        return_deposit(office.coop, office.sender(), left)
    assert refused.value.name == "DepositReturnedBefore"


def test_a_deposit_goes_back_the_right_way_alone(office: Office, public: Public) -> None:
    """An open card's, a deceased member's and one that was paid outside are not just returned."""
    card, deceased = public.buy(ANI, joins=True), public.buy(BUDI, joins=True)
    office.sell_plain({"order": "A"})
    close(office, Cause.DECEASED, 2)
    close(office, Cause.EXPELLED, 3)
    for ticket, name in (
        (card, "NoDepositDue"),
        (deceased, "NoDepositDue"),
        (TicketId(3), "NotPaidOnChain"),
    ):
        with pytest.raises(ContractRefusal) as refused:
            return_deposit(office.coop, office.sender(), ticket)
        assert refused.value.name == name
    clerk = (office.coop, office.sender(), office.operator)
    with pytest.raises(BadPayee):
        pay_heir(*clerk, deceased, office.coop.ledger.address, DOCUMENT)
    with pytest.raises(ContractRefusal) as refused:
        record_return(*clerk, deceased, DOCUMENT)
    assert refused.value.name == "PaidOnChain"


def test_a_deposit_that_a_refund_withheld_is_due_after_an_annulment(
    office: Office, public: Public
) -> None:
    """An entry in error, annulled after a refund, frees the deposit; annulled before, it does not."""
    refunded, kept, paid_in_full = (public.buy(who, joins=True) for who in (ANI, BUDI, CICI))
    public.refund(ANI, refunded)
    close(office, Cause.ANNULLED, 1, 2, 3)
    public.refund(CICI, paid_in_full)
    assert public.has(public.account(CICI)) == 20_000
    assert due(office) == {refunded: DepositWay.RETURN}
    assert kept not in due(office)
    return_deposit(office.coop, office.sender(), refunded)
    assert public.has(public.account(ANI)) == 20_000
    assert due(office) == {}


def test_who_joins_again_has_one_deposit_due_at_a_time(office: Office, public: Public) -> None:
    """An annulled entry's ticket that founds a later membership is due by that one alone."""
    card = public.buy(ANI, joins=True)
    close(office, Cause.ANNULLED, 1)
    coop = office.coop
    public.send(ANI, coop.ledger.join_call(card, coop.ledger.bylaws_version()))
    assert due(office) == {}
    public.leave(ANI)
    assert [each.number for each in due_deposits(coop)] == [2]
