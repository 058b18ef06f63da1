"""Claiming: a membership and its tickets leave the service's keeping for a key of the person's own.

A membership moves at once, since both keys sign and the registrar sends (design rule 6). The one
subtlety: the new key signs even where there is no membership and the tickets are merely given, since a
mistyped account would lose them. That message names record 0, which no contract takes.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from coopledger.chain.contracts.deployments import Cooperative
from coopledger.chain.sending.sender import Sender
from coopledger.chain.sending.signatures import as_contracts_read_it, signer_of
from coopledger.domain.signed_messages import Message, MessageKind, give_message, move_now_message
from coopledger.domain.types import Address, Email, MemberNumber, TicketId, Timestamp
from coopledger.errors import BadInput, Refused
from coopledger.people.desk import People
from coopledger.services.moves.moving import movable, moved_in
from coopledger.services.register.finding import account_kept_for

CLAIM_GOOD_FOR_S = 30 * 86_400
"""How long a person has to sign the message of a claim."""

_NO_MEMBERSHIP = MemberNumber(0)


class NothingToClaim(Refused):
    """The account that is kept for the person holds neither a membership nor a ticket to take."""

    email: Email

    says = "nothing is left to claim for {email}"
    advice = "Look them up (coopledger person show EMAIL); it may be claimed already."


class ClaimOvertaken(Refused):
    """Since the message of the claim was written, the membership or the tickets have changed."""

    says = "the membership or the tickets have changed since the message was written"
    advice = "Write the message anew and have it signed again."


class NotAClaim(BadInput):
    """The message is not one that moves this person's membership."""

    reason: str

    says = "this message claims nothing here: {reason}"
    advice = "Give the file that 'coopledger claim EMAIL --account …' wrote."


class ClaimNotSigned(BadInput):
    """The new account has not signed the claim, or somebody else has."""

    account: Address

    says = "the message is not signed by {account}"
    advice = "Let the person sign it with that account: coopledger sign FILE"


@dataclass(frozen=True)
class Claimed:
    """What went to the person's own account. ``number`` is the new record, if one moved."""

    account: Address
    number: MemberNumber | None
    tickets: tuple[TicketId, ...]
    left_behind: tuple[TicketId, ...]
    """Tickets that were to come and stayed: used meanwhile or, without a membership, not transferable."""


def claimable(
    coop: Cooperative, people: People, email: Email
) -> tuple[MemberNumber, list[TicketId]]:
    """Return the membership (0 for none) and the tickets that a person can claim.

    Raises:
        EmailUnknown: nobody is known by the address.
        NothingToClaim: there is neither a membership nor a ticket.
    """
    old = account_kept_for(coop, people, email)
    number = coop.ledger.member_of(old) or _NO_MEMBERSHIP
    tickets = [ticket.ticket_id for ticket in movable(coop, old)]
    if not number and not tickets:
        raise NothingToClaim(email)
    return number, tickets


def write_claim(coop: Cooperative, people: People, email: Email, to: Address) -> Message:
    """Return the message that the new account signs: what it takes over, good for 30 days.

    Raises:
        EmailUnknown: nobody is known by the address.
        NothingToClaim: there is neither a membership nor a ticket.
    """
    number, tickets = claimable(coop, people, email)
    deadline = Timestamp(coop.chain.block("latest").timestamp + CLAIM_GOOD_FOR_S)
    return move_now_message(coop.ledger.signing_domain(), number, to, tickets, deadline)


def claim(
    coop: Cooperative,
    sender: Sender,
    people: People,
    email: Email,
    message: Message,
    signatures: Mapping[Address, bytes],
) -> Claimed:
    """Move a person's membership and tickets to the account that signed for them.

    Args:
        coop: the deployed contracts.
        sender: sends the transactions; for a membership of a registrar.
        people: keeps the old account.
        email: who claims.
        message: as :func:`write_claim` wrote it.
        signatures: by account; the new account's must be among them.

    Raises:
        EmailUnknown: nobody is known by the address.
        NotAClaim, ClaimNotSigned: the message or its signature is not what it should be.
        ClaimOvertaken: the membership or the tickets have changed since.
        ContractRefusal: the new account is a member already, a contested move is under way, or
            the operator is no registrar.
        CoopledgerError: a transaction failed (see ``Sender.send``); run the claim again.
    """
    old = account_kept_for(coop, people, email)
    _check(coop, message, old)
    to: Address = message.fields["to"]
    number = MemberNumber(message.fields["number"])
    signature = signatures.get(to, b"")
    # The ledger asks an account with code itself (ERC-1271); gifts ask nobody, so here it must sign.
    asked = bool(number and coop.chain.code_at(to))
    if not signature or not (asked or signer_of(message, signature) == to):
        raise ClaimNotSigned(to)
    wanted = [TicketId(ticket_id) for ticket_id in message.fields["ticketIds"]]
    if not number:
        return _give_all(coop, sender, people, old, to, wanted)
    ours = people.sign_for(old, coop.chain.chain_id, coop.ledger.address, message)
    theirs = signature if asked else as_contracts_read_it(signature)
    call = coop.ledger.move_now_call(number, to, wanted, message.deadline, ours, theirs)
    moved = moved_in(coop, sender.send(call))
    stayed = (ticket_id for ticket_id in wanted if ticket_id not in moved.tickets)
    return Claimed(to, moved.number, moved.tickets, tuple(stayed))


def _check(coop: Cooperative, message: Message, old: Address) -> None:
    if message.kind is not MessageKind.MOVE_NOW:
        raise NotAClaim(f"it is a {message.kind} message")
    if message.domain != coop.ledger.signing_domain():
        raise NotAClaim("it is for another ledger or chain")
    number = coop.ledger.member_of(old) or _NO_MEMBERSHIP
    if message.fields["number"] != number:
        raise ClaimOvertaken
    wanted = coop.ledger.tickets(message.fields["ticketIds"])
    if any(ticket.owner != old for ticket in wanted):
        raise ClaimOvertaken


def _give_all(
    coop: Cooperative,
    sender: Sender,
    people: People,
    old: Address,
    to: Address,
    wanted: list[TicketId],
) -> Claimed:
    tickets = coop.ledger.tickets(wanted)
    domain, ledger = coop.ledger.signing_domain(), coop.ledger
    deadline = Timestamp(coop.chain.block("latest").timestamp + CLAIM_GOOD_FOR_S)
    given = [ticket.ticket_id for ticket in tickets if not ticket.locked]
    for ticket_id in given:
        gift = give_message(domain, ticket_id, to, deadline)
        ours = people.sign_for(old, coop.chain.chain_id, ledger.address, gift)
        sender.send(ledger.give_by_signature_call(ticket_id, to, deadline, ours))
    left = tuple(ticket.ticket_id for ticket in tickets if ticket.locked)
    return Claimed(to, None, tuple(given), left)
