"""Sending what somebody else signed: the transaction that a signed message asks for.

Who sends pays the gas and has no say. The contract checks the signature against the account that the
message is about, so a relay can neither alter nor misuse what it carries.
"""

from coopledger.chain.contracts.box_office import BoxOfficeContract
from coopledger.chain.contracts.deployments import Cooperative
from coopledger.chain.wire.transactions import Call
from coopledger.domain.signed_messages import Message, MessageKind, SigningDomain
from coopledger.domain.types import Address
from coopledger.errors import BadInput
from coopledger.services.programme.offices import offices


class MessageForAnother(BadInput):
    """The message was signed for another contract, chain or version than this cooperative's."""

    meant_for: SigningDomain

    says = (
        "the message is for {meant_for.contract} on chain {meant_for.chain_id}, which is no "
        "contract of this cooperative"
    )
    advice = "Check COOPLEDGER_CHAIN_ID and the deployment; then write a new one."


class NotRelayed(BadInput):
    """A message of this kind does something only together with another one."""

    kind: MessageKind
    instead: str

    says = "a {kind} message is not sent by itself: {instead}"
    advice = "Use the command that it was written for."


def check_domain(coop: Cooperative, message: Message) -> None:
    """Check that a message is for this cooperative's ledger, or a box office of its.

    Raises:
        MessageForAnother: it is not.
    """
    is_refund = message.kind is MessageKind.REFUND
    contracts = offices(coop) if is_refund else (coop.ledger,)
    if message.domain not in {contract.signing_domain() for contract in contracts}:
        raise MessageForAnother(message.domain)


def relay_call(coop: Cooperative, message: Message, signer: Address, signature: bytes) -> Call:
    """Return the call that carries a signed message to its contract.

    Args:
        coop: the deployed contracts.
        message: what was signed.
        signer: who signed it.
        signature: 65 bytes, or what a contract account (ERC-1271) takes.

    Raises:
        MessageForAnother: it is for another cooperative.
        NotRelayed: a permit goes with a purchase, an agreed move with both signatures.
    """
    if message.kind is MessageKind.PERMIT:
        raise NotRelayed(message.kind, "a permit goes with a purchase")
    if message.kind is MessageKind.MOVE_NOW:
        raise NotRelayed(message.kind, "an agreed move needs both keys' signatures")
    check_domain(coop, message)
    fields, deadline, ledger = message.fields, message.deadline, coop.ledger
    match message.kind:
        case MessageKind.JOIN:
            return ledger.join_by_signature_call(
                fields["account"],
                fields["ticketId"],
                fields["bylaws"],
                fields["consentedAt"],
                deadline,
                signature,
            )
        case MessageKind.GIVE:
            return ledger.give_by_signature_call(
                fields["ticketId"], fields["to"], deadline, signature
            )
        case MessageKind.LEAVE:
            return ledger.leave_by_signature_call(fields["number"], deadline, signature)
        case MessageKind.VETO_MOVE:
            return ledger.veto_move_by_signature_call(fields["number"], deadline, signature)
        case MessageKind.ACCEPT_MOVE:
            return ledger.accept_move_by_signature_call(
                fields["number"], fields["ticketIds"], deadline, signature
            )
        case MessageKind.REFUND:
            office = BoxOfficeContract(coop.chain, message.domain.contract)
            return office.refund_by_signature_call(signer, fields["ticketIds"], deadline, signature)
