"""The messages that a person signs and somebody else sends (EIP-712), as plain values.

A person without gas, or without a connection, signs; anybody pays for the sending (design rule 10). The
order and the types of the members are part of what is signed, so they are those of the contracts' type
hashes to the letter; a test compares them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from coopledger.domain.types import (
    Address,
    BylawsVersion,
    ChainId,
    MemberNumber,
    TicketId,
    Timestamp,
)

#: The members of each kind of message in the order of the contracts' type hashes.
MEMBERS: Mapping[str, tuple[tuple[str, str], ...]] = {
    "Join": (
        ("account", "address"),
        ("ticketId", "uint256"),
        ("bylaws", "uint32"),
        ("previous", "uint32"),
        ("consentedAt", "uint40"),
        ("deadline", "uint256"),
    ),
    "Give": (("ticketId", "uint256"), ("to", "address"), ("deadline", "uint256")),
    "Leave": (("number", "uint32"), ("deadline", "uint256")),
    "VetoMove": (
        ("number", "uint32"),
        ("to", "address"),
        ("readyAt", "uint40"),
        ("deadline", "uint256"),
    ),
    "AcceptMove": (
        ("number", "uint32"),
        ("readyAt", "uint40"),
        ("ticketIds", "uint256[]"),
        ("deadline", "uint256"),
    ),
    "MoveNow": (
        ("number", "uint32"),
        ("to", "address"),
        ("ticketIds", "uint256[]"),
        ("deadline", "uint256"),
    ),
    "Refund": (("ticketIds", "uint256[]"), ("deadline", "uint256")),
    "Permit": (
        ("owner", "address"),
        ("spender", "address"),
        ("value", "uint256"),
        ("nonce", "uint256"),
        ("deadline", "uint256"),
    ),
}

_DOMAIN_MEMBERS = (
    ("name", "string"),
    ("version", "string"),
    ("chainId", "uint256"),
    ("verifyingContract", "address"),
)


class MessageKind(StrEnum):
    """What a message asks for, by its EIP-712 primary type."""

    JOIN = "Join"
    GIVE = "Give"
    LEAVE = "Leave"
    VETO_MOVE = "VetoMove"
    ACCEPT_MOVE = "AcceptMove"
    MOVE_NOW = "MoveNow"
    REFUND = "Refund"
    PERMIT = "Permit"


@dataclass(frozen=True)
class SigningDomain:
    """Which contract, on which chain, a message is for; it means nothing to any other."""

    chain_id: ChainId
    contract: Address
    name: str = "coopledger"
    version: str = "1"


@dataclass(frozen=True)
class Message:
    """What is signed. ``fields`` are the members of its kind, by their names on the chain."""

    kind: MessageKind
    domain: SigningDomain
    fields: Mapping[str, Any]

    @property
    def deadline(self) -> Timestamp:
        """The last second at which the signature is good."""
        return Timestamp(self.fields["deadline"])

    def typed_data(self) -> dict[str, Any]:
        """Return the message as ``eth_signTypedData_v4`` takes it, which every wallet knows."""
        return {
            "types": {
                "EIP712Domain": _described(_DOMAIN_MEMBERS),
                self.kind.value: _described(MEMBERS[self.kind]),
            },
            "primaryType": self.kind.value,
            "domain": {
                "name": self.domain.name,
                "version": self.domain.version,
                "chainId": self.domain.chain_id,
                "verifyingContract": self.domain.contract,
            },
            "message": dict(self.fields),
        }


def type_string(kind: MessageKind) -> str:
    """Return a kind's type as its hash is made of it: ``Leave(uint32 number,uint256 deadline)``."""
    return f"{kind.value}({','.join(f'{kind_} {name}' for name, kind_ in MEMBERS[kind])})"


def join_message(
    domain: SigningDomain,
    account: Address,
    ticket_id: TicketId,
    bylaws: BylawsVersion,
    previous: MemberNumber | None,
    consented_at: Timestamp,
    deadline: Timestamp,
) -> Message:
    """Return an account's wish to join with a ticket; ``previous`` is its newest record so far."""
    fields = {
        "account": account,
        "ticketId": ticket_id,
        "bylaws": bylaws,
        "previous": previous or 0,
        "consentedAt": consented_at,
        "deadline": deadline,
    }
    return Message(MessageKind.JOIN, domain, fields)


def give_message(
    domain: SigningDomain, ticket_id: TicketId, to: Address, deadline: Timestamp
) -> Message:
    """Return a holder's wish to give a ticket to somebody."""
    fields = {"ticketId": ticket_id, "to": to, "deadline": deadline}
    return Message(MessageKind.GIVE, domain, fields)


def leave_message(domain: SigningDomain, number: MemberNumber, deadline: Timestamp) -> Message:
    """Return a member's wish to leave."""
    return Message(MessageKind.LEAVE, domain, {"number": number, "deadline": deadline})


def veto_message(
    domain: SigningDomain,
    number: MemberNumber,
    to: Address,
    ready_at: Timestamp,
    deadline: Timestamp,
) -> Message:
    """Return the old key's no to a move."""
    fields = {"number": number, "to": to, "readyAt": ready_at, "deadline": deadline}
    return Message(MessageKind.VETO_MOVE, domain, fields)


def accept_message(
    domain: SigningDomain,
    number: MemberNumber,
    ready_at: Timestamp,
    ticket_ids: Sequence[TicketId],
    deadline: Timestamp,
) -> Message:
    """Return the new key's yes to a move, with the tickets to take along."""
    fields = {
        "number": number,
        "readyAt": ready_at,
        "ticketIds": list(ticket_ids),
        "deadline": deadline,
    }
    return Message(MessageKind.ACCEPT_MOVE, domain, fields)


def move_now_message(
    domain: SigningDomain,
    number: MemberNumber,
    to: Address,
    ticket_ids: Sequence[TicketId],
    deadline: Timestamp,
) -> Message:
    """Return what both keys sign so that the registrar may move a membership at once."""
    fields = {"number": number, "to": to, "ticketIds": list(ticket_ids), "deadline": deadline}
    return Message(MessageKind.MOVE_NOW, domain, fields)


def refund_message(
    domain: SigningDomain, ticket_ids: Sequence[TicketId], deadline: Timestamp
) -> Message:
    """Return a holder's wish to hand tickets back to the box office."""
    fields = {"ticketIds": list(ticket_ids), "deadline": deadline}
    return Message(MessageKind.REFUND, domain, fields)


def permit_message(
    domain: SigningDomain,
    owner: Address,
    spender: Address,
    value: int,
    nonce: int,
    deadline: Timestamp,
) -> Message:
    """Return a buyer's allowance (ERC-2612) for a currency, whose domain is the currency's own."""
    fields = {
        "owner": owner,
        "spender": spender,
        "value": value,
        "nonce": nonce,
        "deadline": deadline,
    }
    return Message(MessageKind.PERMIT, domain, fields)


def _described(members: Sequence[tuple[str, str]]) -> list[dict[str, str]]:
    return [{"name": name, "type": kind} for name, kind in members]
