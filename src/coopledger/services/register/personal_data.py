"""What a person may ask about their data: to see all of it, and to have it erased.

Erasing reaches what is stored here and not the chain, which forgets nothing. What stays there is an
account that nobody can be found behind, and for which nobody can sign any more; so what it still holds is
said first.
"""

from dataclasses import dataclass

from coopledger.chain.contracts.deployments import Cooperative
from coopledger.domain.register import Record
from coopledger.domain.tickets import Ticket
from coopledger.domain.types import Address, Email
from coopledger.people.desk import People
from coopledger.people.requests import StoredData
from coopledger.services.register.finding import NeverAMember, account_kept_for, find_member_of


@dataclass(frozen=True)
class PersonalFile:
    """What is stored of a person, and what the chain says of the account that is kept for them."""

    stored: StoredData
    account: Address
    records: tuple[Record, ...]
    """The account's records, the newest first."""
    tickets: tuple[Ticket, ...]

    @property
    def open_record(self) -> Record | None:
        """The membership that is open, if one is."""
        return next((record for record in self.records if record.left_at is None), None)

    @property
    def valid_tickets(self) -> tuple[Ticket, ...]:
        """Tickets that still admit somebody."""
        return tuple(ticket for ticket in self.tickets if ticket.state == "valid")


def personal_file(coop: Cooperative, people: People, email: Email) -> PersonalFile:
    """Return everything that is known of the person behind an address.

    Raises:
        EmailUnknown: nobody is known by it.
    """
    stored = people.stored_about(email)
    account = account_kept_for(coop, people, email)
    try:
        found = find_member_of(coop, account)
        records = (found.record, *found.others)
    except NeverAMember:
        records = ()
    tickets = coop.ledger.tickets_of(account, coop.first_block)
    return PersonalFile(stored, account, records, tuple(tickets))


def what_erasing_means(file: PersonalFile) -> list[str]:
    """Return, in sentences, what erasing a person does and what it leaves. Said before it is done."""
    said = [
        "Erased for ever: the e-mail address, all names, and the salt of the account's key.",
        f"Account {file.account} stays on the chain with its tickets and records.",
        "Nobody can find out any more whose that account was.",
        "Nobody can sign for that account again: not the person, not this service.",
    ]
    if file.open_record is not None:
        said.append(
            f"Membership {file.open_record.number} stays open, its deposit with it. To end it, or "
            "to keep it, first run: coopledger person leave EMAIL, or coopledger claim EMAIL"
        )
    if file.valid_tickets:
        ids = ", ".join(str(ticket.ticket_id) for ticket in file.valid_tickets)
        said.append(f"Tickets that still admit their bearer can no longer be given away: {ids}.")
    said.append("Copies in backups are gone when the backups are.")
    return said
