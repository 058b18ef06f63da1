"""What a message means, in words for whoever is asked to sign it.

A person signs what stands in the message, so nothing here comes from the file's writer but its fields;
film, by-laws and accounts are looked up on the chain.
"""

from collections.abc import Iterator
from zoneinfo import ZoneInfo

from coopledger.chain.contracts.deployments import Cooperative
from coopledger.cli.frame.amounts import Amounts
from coopledger.cli.frame.values import show_time
from coopledger.domain.signed_messages import Message, MessageKind
from coopledger.domain.types import Address, TicketId, Timestamp
from coopledger.services.holders.viewing import ShownTicket, shown_tickets


def words_of(
    coop: Cooperative, message: Message, signers: tuple[Address, ...], zone: ZoneInfo
) -> list[str]:
    """Return what a message asks for, line by line.

    Args:
        coop: the deployed contracts.
        message: what is to be signed.
        signers: whose word it is.
        zone: in which times are shown.

    Raises:
        TokenDoesNotExist, WrongBylaws: it names what there is not.
    """
    meant_for = f"contract {message.domain.contract} on chain {message.domain.chain_id}"
    return [
        f"It is the word of {' and '.join(signers)}.",
        f"It asks to {_asked(message)}.",
        *_details(coop, message, zone),
        f"It is good until {show_time(message.deadline, zone)}, for {meant_for} alone.",
    ]


_ASKS = {
    MessageKind.JOIN: "become a member with ticket {ticketId}, which stays the member's card for good",
    MessageKind.GIVE: "give ticket {ticketId} to {to}",
    MessageKind.LEAVE: "end membership {number}; it cannot be taken up again under this number",
    MessageKind.VETO_MOVE: "say NO to the move of membership {number} to {to}",
    MessageKind.ACCEPT_MOVE: "take over membership {number}, which was proposed to move to you",
    MessageKind.MOVE_NOW: "move membership {number} to {to} at once, as soon as both have signed",
    MessageKind.REFUND: "hand tickets back to the box office and be paid for them",
    MessageKind.PERMIT: "let {spender} take {value} of a currency",
}


def _asked(message: Message) -> str:
    if message.kind is MessageKind.MOVE_NOW and not message.fields["number"]:
        return f"take over tickets for {message.fields['to']} from the cooperative's keeping"
    return _ASKS[message.kind].format(**message.fields)


def _details(coop: Cooperative, message: Message, zone: ZoneInfo) -> Iterator[str]:
    fields = message.fields
    if "bylaws" in fields:
        recorded = coop.ledger.bylaws_hash(fields["bylaws"])
        yield f"By-laws: version {fields['bylaws']}, Keccak-256 0x{recorded.hex()}."
        written = show_time(Timestamp(fields["consentedAt"]), zone)
        yield f"Signed here, the consent is given now; in a wallet elsewhere, at {written}."
    if "readyAt" in fields:
        yield f"The move is ready at {show_time(Timestamp(fields['readyAt']), zone)}."
    ids = fields.get("ticketIds", [fields["ticketId"]] if "ticketId" in fields else [])
    tickets = shown_tickets(coop, coop.ledger.tickets([TicketId(each) for each in ids]))
    for each in tickets:
        yield f"Ticket {_ticket(each, zone)}."
    if message.kind is MessageKind.REFUND:
        paid = Amounts(coop)(tickets[0].ticket.screening, sum(each.refund for each in tickets))
        yield f"The holder is paid {paid}."


def _ticket(each: ShownTicket, zone: ZoneInfo) -> str:
    if each.showing is None:
        return f"{each.ticket.ticket_id}: screening {each.ticket.screening}"
    starts = show_time(each.showing.screening.starts_at, zone)
    seat = f", seat {each.ticket.seat}" if each.ticket.seat else ""
    return f"{each.ticket.ticket_id}: {each.showing.film.title}, {starts}{seat}"
