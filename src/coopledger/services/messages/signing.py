"""Signing a message with one's own key, and sending what somebody signed.

A consent names the time at which it was given. That is when the person signs, not when somebody wrote the
message down for them, so signing sets it, by the chain's clock. A wallet elsewhere signs the time of the
writing; both are never in the future.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import NamedTuple

from coopledger.chain.contracts.deployments import Cooperative
from coopledger.chain.sending.sender import Sender
from coopledger.chain.sending.signatures import as_contracts_read_it, signer_of
from coopledger.chain.sending.signing import Signer
from coopledger.domain.signed_messages import Message, MessageKind
from coopledger.domain.types import Address, MemberNumber, TicketId
from coopledger.errors import BadInput, NotAllowed, Refused
from coopledger.services.holders.holding import Refund, refunds_in
from coopledger.services.messages.checking import NotYourMessage, signers_of
from coopledger.services.messages.files import MessageFile, Signatures
from coopledger.services.messages.relaying import NotRelayed, relay_call


class NotSigned(BadInput):
    """Nobody has signed the message yet."""

    needed: Address

    says = "the message is not signed yet; it is for {needed} to sign"
    advice = "Have that account sign it: coopledger sign FILE"


class SignerChanged(Refused):
    """Others have signed the message than the account whose word it needs as the chain stands now."""

    needed: Address
    found: tuple[Address, ...]

    advice = "Look at how things stand now, and write a new message."

    def __str__(self) -> str:
        return (
            f"{', '.join(self.found)} signed the message, but it is for {self.needed} to sign now"
        )


class SignatureOfAnother(NotAllowed):
    """The signature was not made by the account's key for exactly this message."""

    account: Address

    says = "the signature is not {account}'s for exactly this message"
    advice = (
        "The message was changed after it was signed, or another key signed. Have it signed again."
    )


class Signed(NamedTuple):
    """A message with one more signature, and who gave it."""

    file: MessageFile
    account: Address


@dataclass(frozen=True)
class Relayed:
    """What came of a message that was sent."""

    kind: MessageKind
    signer: Address
    member: MemberNumber | None = None
    """The record that was opened, or ended, or whose move was vetoed."""
    ticket: TicketId | None = None
    to: Address | None = None
    refunds: tuple[Refund, ...] = ()


def check_own(coop: Cooperative, message: Message, account: Address) -> tuple[Address, ...]:
    """Check that a message is an account's to sign; return all that are to sign it.

    Raises:
        NotYourMessage: it is somebody else's.
        CoopledgerError: it is for another cooperative, expired or overtaken (see ``signers_of``).
    """
    signers = signers_of(coop, message)
    if account not in signers:
        raise NotYourMessage(account, signers)
    return signers


def sign(coop: Cooperative, file: MessageFile, signer: Signer) -> Signed:
    """Add the signature of a key that a message is about.

    Joining is signed with the time of now, by the chain's clock, as the time of the consent.

    Raises:
        CoopledgerError: see :func:`check_own`.
    """
    check_own(coop, file.message, signer.address)
    message, others = file.message, file.signatures
    if message.kind is MessageKind.JOIN:
        now = coop.chain.block("latest").timestamp
        message, others = replace(message, fields={**message.fields, "consentedAt": now}), {}
    signature = signer.sign_typed_data(message.typed_data())
    signed = MessageFile(message, {**others, signer.address: signature})
    return Signed(signed, signer.address)


def attach(coop: Cooperative, file: MessageFile, signature: bytes) -> Signed:
    """Add a signature that a wallet elsewhere made.

    Raises:
        SignatureOfAnother: none of those who are to sign made it for exactly this message.
        CoopledgerError: the message is for another cooperative, expired or overtaken.
    """
    signers = signers_of(coop, file.message)
    account, kept = signer_of(file.message, signature), as_contracts_read_it(signature)
    if account is None or account not in signers:
        # A contract account (ERC-1271) has no key to be recovered; the ledger will ask it.
        contracts = [each for each in signers if coop.chain.code_at(each)]
        if len(contracts) != 1:
            raise SignatureOfAnother(signers[-1])
        account, kept = contracts[0], signature
    return Signed(MessageFile(file.message, {**file.signatures, account: kept}), account)


def relay(coop: Cooperative, sender: Sender, file: MessageFile) -> Relayed:
    """Check a signed message against the chain as it stands now, and send it.

    Raises:
        NotRelayed: a message of this kind goes with something else.
        NotSigned, SignerChanged, SignatureOfAnother: it lacks the signature that it needs.
        CoopledgerError: it is for another cooperative, expired or overtaken (see ``signers_of``).
        ContractRefusal: the contract refuses it for another reason; nothing was sent.
        CoopledgerError: the transaction failed (see ``Sender.send``).
    """
    message = file.message
    if message.kind is MessageKind.MOVE_NOW:
        raise NotRelayed(
            message.kind, "the registrar sends it with both keys' signatures: coopledger move now"
        )
    (signer,) = signers_of(coop, message)
    signature = checked_signature(coop, message, file.signatures, signer)
    receipt = sender.send(relay_call(coop, message, signer, signature))
    fields: Mapping[str, int] = message.fields
    member = MemberNumber(fields["number"]) if "number" in fields else None
    for opened in ("Joined", "Moved"):
        for event in coop.ledger.events(opened, receipt.logs):
            member = MemberNumber(event["number"])
    return Relayed(
        message.kind,
        signer,
        member,
        TicketId(fields["ticketId"]) if "ticketId" in fields else None,
        message.fields.get("to"),
        tuple(refunds_in(coop, receipt)),
    )


def checked_signature(
    coop: Cooperative, message: Message, signatures: Signatures, account: Address
) -> bytes:
    """Return an account's signature of a message, as contracts read it.

    An account with code may sign in a way of its own (ERC-1271); the contract asks it.

    Raises:
        NotSigned, SignerChanged: there is none of that account.
        SignatureOfAnother: it is not that account's for exactly this message.
    """
    if not signatures:
        raise NotSigned(account)
    if account not in signatures:
        raise SignerChanged(account, tuple(signatures))
    signature = signatures[account]
    if signer_of(message, signature) == account:
        return as_contracts_read_it(signature)
    if not coop.chain.code_at(account):
        raise SignatureOfAnother(account)
    return signature
