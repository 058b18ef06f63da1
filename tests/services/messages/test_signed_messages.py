"""One person signs, another sends: each kind of message, and what has overtaken it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from eth_account import Account

from coopledger.chain.contracts.reverts import ContractRefusal
from coopledger.chain.sending.signatures import as_contracts_read_it, signer_of
from coopledger.domain.register import Cause, Consent
from coopledger.domain.signed_messages import (
    Message,
    MessageKind,
    SigningDomain,
    accept_message,
    give_message,
    leave_message,
    move_now_message,
    veto_message,
)
from coopledger.domain.types import Address, ChainId, MemberNumber, TicketId, Timestamp
from coopledger.services.holders import holding
from coopledger.services.messages import writing
from coopledger.services.messages.checking import (
    MessageExpired,
    NothingToHandBack,
    NotYourMessage,
    Overtaken,
    signers_of,
)
from coopledger.services.messages.files import MessageFile
from coopledger.services.messages.relaying import MessageForAnother, NotRelayed
from coopledger.services.messages.signing import (
    NotSigned,
    Relayed,
    SignatureOfAnother,
    SignerChanged,
    attach,
    relay,
    sign,
)
from coopledger.services.messages.writing import DeadlinePassed, deadline
from coopledger.services.register.bylaws import NoBylaws
from tests.services import viewers
from tests.services.viewers import ANI, BUDI, CICI, FIRST_BYLAWS

if TYPE_CHECKING:
    from tests.services.conftest import Office

STRANGER = 6
"""Sends what others signed, and holds no role."""
SAYS_YES = bytes.fromhex("631626ba7e60e01b60005260206000f3")
SAYS_NO = bytes.fromhex("60006000526020" + "6000f3")
"""The code of accounts that take any signature, and none (ERC-1271)."""


def account(office: Office, viewer: int) -> Address:
    """Return a viewer's account."""
    return office.signer(viewer).address


def signed(office: Office, message: Message, viewer: int = ANI) -> MessageFile:
    """Return a message that a viewer has signed."""
    return sign(office.coop, MessageFile(message, {}), office.signer(viewer)).file


def sent(office: Office, file: MessageFile) -> Relayed:
    """Let a stranger send a message."""
    return relay(office.coop, office.sender(STRANGER), file)


def refused(office: Office, file: MessageFile) -> None:
    """Try to send a message, which must send nothing."""
    before = office.nonce(STRANGER)
    try:
        sent(office, file)
    finally:
        assert office.nonce(STRANGER) == before


def until(office: Office) -> Timestamp:
    """Return the usual deadline."""
    return deadline(office.coop, None)


def join_request(office: Office, ticket: TicketId, viewer: int = ANI) -> Message:
    """Write a viewer's wish to join."""
    return writing.join(office.coop, account(office, viewer), ticket, until(office))


def give_request(office: Office, ticket: TicketId) -> Message:
    """Write Ani's wish to give a ticket to Budi."""
    to = account(office, BUDI)
    return writing.give(office.coop, account(office, ANI), ticket, to, until(office))


def overtaken(office: Office, file: MessageFile, why: str) -> None:
    """A message must be refused for this reason."""
    with pytest.raises(Overtaken, match=why):
        refused(office, file)


# -- what comes of each kind --


def test_joining_by_a_message(office: Office) -> None:
    """A person without gas joins: the consent is SIGNED, and of the time of the signing."""
    ticket = viewers.ticket(office)
    message = join_request(office, ticket)
    written = message.fields["consentedAt"]
    office.dev.increase_time(3600)
    file = signed(office, message)
    assert file.message.fields["consentedAt"] == office.dev.now() == written + 3600
    office.dev.increase_time(3600)
    done = sent(office, file)
    assert (done.kind, done.signer, done.member) == (MessageKind.JOIN, account(office, ANI), 1)
    (joined,) = office.events("Joined")
    assert (joined["consent"], joined["consentedAt"]) == (Consent.SIGNED, written + 3600)


def test_giving_by_a_message(office: Office) -> None:
    """A holder's signed gift is sent by a stranger, once, and makes nobody a member."""
    ticket = viewers.ticket(office)
    file = signed(office, give_request(office, ticket))
    assert sent(office, file).to == account(office, BUDI)
    assert office.coop.ledger.ticket(ticket).owner == account(office, BUDI)
    assert office.coop.ledger.member_count() == 0
    # Back in the same hands, the same signature is used up.
    holding.give(office.coop, office.sender(BUDI), ticket, account(office, ANI))
    with pytest.raises(ContractRefusal, match="has been used"):
        refused(office, file)


def test_leaving_by_a_message(office: Office) -> None:
    """A member leaves by a signature; the deposit stays due until somebody asks for it."""
    bought = viewers.member(office)
    message = writing.leave(office.coop, account(office, ANI), until(office))
    assert sent(office, signed(office, message)).member == bought.member
    assert office.coop.ledger.member(MemberNumber(1)).cause is Cause.LEFT
    assert holding.deposit_due(office.coop, bought.ticket_id)


def test_handing_back_by_a_message(office: Office) -> None:
    """Tickets are handed back by a signature, and their holder is paid, not the sender."""
    tickets = [viewers.ticket(office), viewers.ticket(office)]
    before = viewers.currency_of(office).balance_of(account(office, ANI))
    request = writing.refund(
        office.coop, account(office, ANI), [*tickets, tickets[0]], until(office)
    )
    done = sent(office, signed(office, request))
    assert [(each.ticket_id, each.amount) for each in done.refunds] == [
        (tickets[0], 20_000),
        (tickets[1], 20_000),
    ]
    assert viewers.currency_of(office).balance_of(account(office, ANI)) == before + 40_000


def moving(office: Office) -> tuple[MemberNumber, Timestamp]:
    """Let a move of Ani's membership to Budi's account be proposed; return its number and time."""
    number = viewers.member(office).member
    assert number is not None
    office.sender().send(office.coop.ledger.propose_move_call(number, account(office, BUDI)))
    move = office.coop.ledger.move_of(number)
    assert move is not None
    return number, move.ready_at


def veto(office: Office) -> Message:
    """Propose a move and write its veto."""
    number, ready_at = moving(office)
    to = account(office, BUDI)
    return veto_message(office.coop.ledger.signing_domain(), number, to, ready_at, until(office))


def acceptance(office: Office) -> Message:
    """Propose a move and write its acceptance, good for long enough."""
    number, ready_at = moving(office)
    domain, end = office.coop.ledger.signing_domain(), Timestamp(ready_at + 86_400)
    return accept_message(domain, number, ready_at, [], end)


def test_a_veto_by_a_message(office: Office) -> None:
    """The old key's signed no stops a move; a second one finds nothing to stop."""
    file = signed(office, veto(office))
    assert sent(office, file).member == 1
    assert office.events("MoveVetoed")
    overtaken(office, file, "no proposed move of membership 1 is pending")


def test_an_acceptance_by_a_message(office: Office) -> None:
    """The new key's signed yes takes the membership over, once its time has come."""
    file = signed(office, acceptance(office), BUDI)
    with pytest.raises(ContractRefusal, match="cannot be accepted before"):
        refused(office, file)
    office.dev.set_time(file.message.fields["readyAt"])
    done = sent(office, file)
    assert (done.signer, done.member) == (account(office, BUDI), 2)
    assert office.coop.ledger.member_of(account(office, BUDI)) == 2


def test_both_keys_sign_an_agreed_move(office: Office) -> None:
    """Both keys can sign the same file; it is the registrar's to send, and is not relayed."""
    number = viewers.member(office).member
    assert number is not None
    domain, to = office.coop.ledger.signing_domain(), account(office, BUDI)
    message = move_now_message(domain, number, to, [], until(office))
    assert signers_of(office.coop, message) == (account(office, ANI), to)
    one = sign(office.coop, MessageFile(message, {}), office.signer(ANI)).file
    both = sign(office.coop, one, office.signer(BUDI)).file
    assert both.message == message
    assert {who: signer_of(message, how) for who, how in both.signatures.items()} == {
        account(office, ANI): account(office, ANI),
        to: to,
    }
    with pytest.raises(NotRelayed, match="coopledger move now"):
        refused(office, both)
    with pytest.raises(NotYourMessage):
        sign(office.coop, both, office.signer(CICI))


def test_a_claim_of_tickets_alone_is_for_the_new_key(office: Office) -> None:
    """A message that moves no membership (number 0) is for the receiving account to sign."""
    domain, to = office.coop.ledger.signing_domain(), account(office, BUDI)
    message = move_now_message(domain, MemberNumber(0), to, [], until(office))
    assert signers_of(office.coop, message) == (to,)
    viewers.member(office, BUDI)
    with pytest.raises(Overtaken, match="is member 1 by now"):
        signers_of(office.coop, message)


# -- what has happened in between --


def test_a_joining_that_was_overtaken(office: Office) -> None:
    """Each thing that happens to an account, its ticket or the by-laws is named."""
    ticket, other = viewers.ticket(office), viewers.ticket(office)
    file = signed(office, join_request(office, ticket))
    snapshot = office.dev.snapshot()

    def brought_back() -> None:
        nonlocal snapshot
        office.dev.revert(snapshot)
        snapshot = office.dev.snapshot()

    me, ledger = account(office, ANI), office.coop.ledger
    holding.give(office.coop, office.sender(ANI), ticket, account(office, BUDI))
    overtaken(office, file, f"ticket {ticket} belongs to {account(office, BUDI)}")
    brought_back()
    office.sender().send(ledger.set_bylaws_call(bytes(31) + b"\2"))
    overtaken(office, file, "version 2 of the by-laws is in force, not version 1")
    brought_back()
    holding.join(office.coop, office.sender(ANI), me, other, FIRST_BYLAWS)
    overtaken(office, file, "is member 1 by now")
    office.sender(ANI).send(ledger.leave_call())
    overtaken(office, file, "has joined and left since")
    brought_back()
    holding.refund(office.coop, office.sender(ANI), [ticket])
    overtaken(office, file, f"ticket {ticket} is void")
    brought_back()
    assert sent(office, file).member == 1
    office.sender(ANI).send(ledger.leave_call())
    overtaken(office, signed_anew(office, file), f"ticket {ticket} is the card of member 1")


def signed_anew(office: Office, file: MessageFile) -> MessageFile:
    """Return a message with the account's newest record in it, signed by its key."""
    message = replace(file.message, fields={**file.message.fields, "previous": 1})
    signature = office.signer(ANI).sign_typed_data(message.typed_data())
    return MessageFile(message, {account(office, ANI): signature})


def test_a_gift_that_was_overtaken(office: Office) -> None:
    """A gift of a ticket that has another holder, or cannot change hands, is refused by name."""
    ticket = viewers.ticket(office)
    file = signed(office, give_request(office, ticket))
    holding.give(office.coop, office.sender(ANI), ticket, account(office, CICI))
    with pytest.raises(SignerChanged, match=f"for {account(office, CICI)} to sign now"):
        refused(office, file)
    card = viewers.member(office).ticket_id
    domain, to = office.coop.ledger.signing_domain(), account(office, BUDI)
    with pytest.raises(Overtaken, match="cannot change hands"):
        signed(office, give_message(domain, card, to, until(office)))


def test_a_leaving_that_was_overtaken(office: Office) -> None:
    """Who has left already hears it."""
    viewers.member(office)
    message = writing.leave(office.coop, account(office, ANI), until(office))
    file = signed(office, message)
    office.sender(ANI).send(office.coop.ledger.leave_call())
    overtaken(office, file, r"membership 1 has ended \(left\)")


def test_a_refund_that_was_overtaken(office: Office) -> None:
    """A ticket that is void, or somebody else's by now, is named; none at all is nothing."""
    tickets = [viewers.ticket(office), viewers.ticket(office)]
    me = account(office, ANI)
    file = signed(office, writing.refund(office.coop, me, tickets, until(office)))
    holding.give(office.coop, office.sender(ANI), tickets[0], account(office, BUDI))
    overtaken(office, file, "the tickets belong to several")
    holding.give(office.coop, office.sender(ANI), tickets[1], account(office, BUDI))
    with pytest.raises(SignerChanged):
        refused(office, file)
    holding.refund(office.coop, office.sender(BUDI), tickets[:1])
    overtaken(office, file, f"ticket {tickets[0]} is void")
    with pytest.raises(NothingToHandBack):
        writing.refund(office.coop, me, [], until(office))


def test_moves_that_were_overtaken(office: Office) -> None:
    """A veto or acceptance of a move that was cancelled, or made anew, is refused by name."""
    no = signed(office, veto(office))
    number, ledger = MemberNumber(1), office.coop.ledger
    ready_at = no.message.fields["readyAt"]
    yes = signed(
        office,
        accept_message(ledger.signing_domain(), number, ready_at, [], until(office)),
        BUDI,
    )
    office.sender(7).send(ledger.cancel_move_call(number))
    overtaken(office, no, "no proposed move of membership 1")
    overtaken(office, yes, "the move of membership 1 is not pending")
    office.dev.increase_time(60)
    office.sender().send(ledger.propose_move_call(number, account(office, CICI)))
    for file in (no, yes):
        overtaken(office, file, f"another move of membership 1 .* {account(office, CICI)}")
    office.sender(ANI).send(ledger.veto_move_call(number))
    overtaken(office, yes, "the move of membership 1 was vetoed")


def test_a_message_expires(office: Office) -> None:
    """After its deadline a message is neither signed nor sent; a deadline is a time to come."""
    viewers.member(office)
    message = writing.leave(office.coop, account(office, ANI), until(office))
    assert message.deadline == office.dev.now() + 7 * 86_400
    file = signed(office, message)
    office.dev.set_time(Timestamp(message.deadline + 1))
    with pytest.raises(MessageExpired, match="WIB"):
        refused(office, file)
    with pytest.raises(MessageExpired):
        signed(office, message)
    with pytest.raises(DeadlinePassed):
        deadline(office.coop, message.deadline)
    assert deadline(office.coop, Timestamp(office.dev.now() + 1)) == office.dev.now() + 1


# -- whose word it is --


def test_a_message_for_another_cooperative(office: Office) -> None:
    """A message for another chain, contract or version is neither signed nor sent."""
    viewers.member(office)
    good = office.coop.ledger.signing_domain()
    for domain in (
        replace(good, chain_id=ChainId(1)),
        replace(good, contract=office.coop.box_office.address),
        replace(good, name="somebody"),
        SigningDomain(good.chain_id, good.contract, version="2"),
    ):
        message = leave_message(domain, MemberNumber(1), until(office))
        with pytest.raises(MessageForAnother):
            signed(office, message)
        with pytest.raises(MessageForAnother):
            refused(office, MessageFile(message, {}))


def test_only_whose_message_it_is_signs_it(office: Office) -> None:
    """Nobody signs for another, and no clerk writes a message that its account could not sign."""
    ticket = viewers.ticket(office)
    message = give_request(office, ticket)
    with pytest.raises(NotYourMessage, match=f"for {account(office, ANI)} to sign"):
        signed(office, message, BUDI)
    with pytest.raises(NotSigned):
        refused(office, MessageFile(message, {}))
    budi = account(office, BUDI)
    with pytest.raises(NotYourMessage):
        writing.give(office.coop, budi, ticket, account(office, CICI), until(office))
    with pytest.raises(NotYourMessage):
        writing.refund(office.coop, budi, [ticket], until(office))
    with pytest.raises(Overtaken, match="belongs to"):
        join_request(office, ticket, BUDI)
    with pytest.raises(holding.NotAMember):
        writing.leave(office.coop, budi, until(office))
    with pytest.raises(holding.NotAPerson):
        contract = office.coop.ledger.address
        writing.give(office.coop, account(office, ANI), ticket, contract, until(office))


def test_nobody_joins_without_by_laws(unfounded: Office) -> None:
    """A consent needs by-laws that it can name."""
    ticket = viewers.ticket(unfounded)
    with pytest.raises(NoBylaws):
        join_request(unfounded, ticket)


def test_a_changed_message_is_found(office: Office) -> None:
    """A signature is good for exactly what was signed."""
    ticket = viewers.ticket(office)
    message, signatures = signed(office, give_request(office, ticket))
    changed = replace(message, fields={**message.fields, "to": account(office, CICI)})
    with pytest.raises(SignatureOfAnother):
        refused(office, MessageFile(changed, signatures))
    for junk in (b"\1", bytes(65), b"\xff" * 65, signatures[account(office, ANI)][:-1] + b"\7"):
        with pytest.raises(SignatureOfAnother):
            refused(office, MessageFile(message, {account(office, ANI): junk}))


# -- wallets elsewhere --


def test_a_wallet_elsewhere_signs(office: Office) -> None:
    """What a wallet signed is taken in each of the three ways in which wallets write it."""
    ticket = viewers.ticket(office)
    file = MessageFile(join_request(office, ticket), {})
    whole = office.signer(ANI).sign_typed_data(file.message.typed_data())
    v = whole[64] - 27
    half = int.from_bytes(whole[32:64]) | v << 255
    for written in (whole, whole[:64] + bytes([v]), whole[:32] + half.to_bytes(32)):
        attached = attach(office.coop, file, written)
        assert attached.account == account(office, ANI)
        assert attached.file.signatures == {account(office, ANI): whole}
        assert as_contracts_read_it(written) == whole
    with pytest.raises(SignatureOfAnother):
        attach(office.coop, file, office.signer(BUDI).sign_typed_data(file.message.typed_data()))
    assert sent(office, attached.file).member == 1


def test_a_contract_account_is_asked_by_the_ledger(office: Office) -> None:
    """An account with code signs in its own way (ERC-1271); if it says no, nothing is sent."""
    wallet = Account.from_key(b"\x17" * 32).address
    ticket = viewers.ticket(office)
    holding.give(office.coop, office.sender(ANI), ticket, wallet)
    request = writing.give(office.coop, wallet, ticket, account(office, BUDI), until(office))
    with pytest.raises(SignatureOfAnother):
        attach(office.coop, MessageFile(request, {}), b"\1\2\3")
    set_code(office, wallet, SAYS_NO)
    attached = attach(office.coop, MessageFile(request, {}), b"\1\2\3")
    with pytest.raises(ContractRefusal, match=r"is not .* for exactly this"):
        refused(office, attached.file)
    set_code(office, wallet, SAYS_YES)
    assert sent(office, attached.file).to == account(office, BUDI)


def test_a_key_whose_account_has_code_is_believed(office: Office) -> None:
    """A person whose account carries code (EIP-7702) signs with the key as before."""
    ticket = viewers.ticket(office)
    file = signed(office, join_request(office, ticket))
    set_code(office, account(office, ANI), SAYS_NO)
    assert sent(office, file).member == 1


def set_code(office: Office, address: Address, code: bytes) -> None:
    """Let an account have code."""
    office.chain.rpc.request("anvil_setCode", address, "0x" + code.hex(), repeat=False)
