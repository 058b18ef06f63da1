"""Commands for people without a wallet: what the service does for them, and with their data."""

import getpass
from pathlib import Path
from typing import Annotated, Any

import typer

from coopledger.bootstrap import Application
from coopledger.chain.sending.keys import read_password_file
from coopledger.chain.sending.keystore import create_keystore, open_keystore
from coopledger.cli.frame.asking import confirm
from coopledger.cli.frame.context import FormatOption, application
from coopledger.cli.frame.output import Format, say, show_one
from coopledger.cli.frame.values import show_time
from coopledger.cli.machine import ask_new_password
from coopledger.domain.accounts import account_of
from coopledger.domain.addresses import email_of
from coopledger.domain.types import Address, Email, MemberNumber, TicketId, to_timestamp
from coopledger.services.messages import with_a_kept_key
from coopledger.services.messages.files import read_message, write_message
from coopledger.services.moves import claiming
from coopledger.services.register import finding, personal_data

EmailArgument = Annotated[str, typer.Argument(help="Who asks for it.", show_default=False)]
TicketArgument = Annotated[int, typer.Argument(help="The ticket's id.", show_default=False)]


def add_to(app: typer.Typer) -> None:
    """Add the commands to the application."""
    group = typer.Typer(
        help="What the service does for a person without a wallet who asks for it.",
        no_args_is_help=True,
    )
    group.command("show")(show_person)
    group.command("give")(give)
    group.command("leave")(leave)
    group.command("refund")(refund)
    group.command("veto")(veto)
    group.command("accept-move")(accept_move)
    group.command("change-email")(change_email)
    group.command("erase")(erase)
    app.add_typer(group, name="person")
    app.command("claim")(claim)


def show_person(
    context: typer.Context, email: EmailArgument, output: FormatOption = Format.TABLE
) -> None:
    """Show everything that is stored of a person, and what the chain says of their account."""
    work = application(context)
    zone = work.settings.timezone
    file = personal_data.personal_file(work.cooperative, work.people, email_of(email))
    facts: dict[str, Any] = {
        "email": file.stored.email,
        "known_since": show_time(to_timestamp(file.stored.known_since), zone),
        "names": [
            f"{each.name} ({show_time(to_timestamp(each.seen_at), zone)})"
            for each in file.stored.names
        ],
        "accounts": [f"{each.account} on chain {each.chain_id}" for each in file.stored.accounts],
        "members": [
            f"{record.number} ({'open' if record.left_at is None else record.cause.name.lower()})"
            for record in file.records
        ],
        "tickets": [f"{ticket.ticket_id} ({ticket.state})" for ticket in file.tickets],
    }
    show_one(facts, output)


def give(
    context: typer.Context,
    email: EmailArgument,
    ticket: TicketArgument,
    to: Annotated[str, typer.Argument(help="An account, or an e-mail.", show_default=False)],
) -> None:
    """Give a person's ticket to somebody. It does not make them a member."""
    work = application(context)
    coop = work.cooperative
    # Whether the giver is known comes first: a gift that fails makes nobody known.
    finding.account_kept_for(coop, work.people, email_of(email))
    account = _recipient(work, to)
    with_a_kept_key.give_for(
        coop, work.sender, work.people, email_of(email), TicketId(ticket), account
    )
    print(f"Ticket {ticket} now belongs to {to}.")


def leave(
    context: typer.Context,
    email: EmailArgument,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Close a person's membership, as they asked."""
    work = application(context)
    meaning = (
        "The record stays in the register, closed. Joining again later opens a new one.",
        "Seats are kept. The deposit is due: coopledger deposit due lists it.",
    )
    confirm(f"Close the membership of {email}?", meaning, yes=yes)
    number = with_a_kept_key.leave_for(work.cooperative, work.sender, work.people, email_of(email))
    print(f"Member {number} has left.")


def refund(
    context: typer.Context,
    email: EmailArgument,
    tickets: Annotated[list[int], typer.Argument(help="Ticket ids.", show_default=False)],
) -> None:
    """Hand a person's tickets back; what was paid on the chain goes to their account."""
    work = application(context)
    ids = [TicketId(ticket) for ticket in tickets]
    with_a_kept_key.refund_for(work.cooperative, work.sender, work.people, email_of(email), ids)
    print(f"Handed back: {', '.join(map(str, tickets))}.")


def veto(context: typer.Context, email: EmailArgument) -> None:
    """Say no, for a person, to a move of their membership."""
    work = application(context)
    number = with_a_kept_key.veto_for(work.cooperative, work.sender, work.people, email_of(email))
    print(f"The move of member {number} is vetoed.")


def accept_move(
    context: typer.Context,
    email: EmailArgument,
    number: Annotated[int, typer.Argument(help="The record that moves.", show_default=False)],
) -> None:
    """Accept a move that leads to the account that is kept for a person."""
    work = application(context)
    new = with_a_kept_key.accept_for(
        work.cooperative, work.sender, work.people, email_of(email), MemberNumber(number)
    )
    print(f"Member {number} is now member {new}.")


def change_email(
    context: typer.Context,
    old: EmailArgument,
    new: Annotated[str, typer.Argument(help="The new address.", show_default=False)],
) -> None:
    """Make a person known by another address. Their account and tickets stay what they are."""
    work = application(context)
    work.people.change_email(email_of(old), email_of(new))
    print(f"{email_of(old)} is now known as {email_of(new)}.")
    say("Orders that still name the old address would make a new person: correct them there.")


def erase(
    context: typer.Context,
    email: EmailArgument,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Erase what is stored of a person. What that means is said first."""
    work = application(context)
    address = email_of(email)
    file = personal_data.personal_file(work.cooperative, work.people, address)
    confirm(f"Erase {address} for ever?", personal_data.what_erasing_means(file), yes=yes)
    work.people.erase(address)
    print(f"Nothing is stored of {address} any more.")


def claim(
    context: typer.Context,
    email: EmailArgument,
    keystore: Annotated[
        Path | None, typer.Option(help="Make a key for the person in this new file.")
    ] = None,
    password_file: Annotated[
        Path | None, typer.Option(help="Holds the new file's password; else it is asked for.")
    ] = None,
    account: Annotated[
        str | None, typer.Option(help="An account of their own: --message is to be signed by it.")
    ] = None,
    message: Annotated[
        Path | None, typer.Option(help="The claim's message: written first, then given signed.")
    ] = None,
    output: FormatOption = Format.TABLE,
) -> None:
    """Move a person's membership and tickets to a key of their own."""
    work = application(context)
    coop, address = work.cooperative, email_of(email)
    if keystore is not None and account is None and message is None:
        done = _claim_to_own_key(work, keystore, password_file, address)
    elif message is not None and message.exists():
        written, signatures = read_message(message)
        done = claiming.claim(coop, work.sender, work.people, address, written, signatures)
    elif message is not None and account is not None:
        to = account_of(account)
        write_message(message, claiming.write_claim(coop, work.people, address, to), {})
        say(f"{message} is written. {to} signs it: coopledger sign {message}")
        say("Then run the same command again.")
        return
    else:
        raise typer.BadParameter("give --keystore, or --account with --message")
    show_one(
        {
            "account": done.account,
            "member": done.number,
            "tickets": list(done.tickets),
            "left_behind": list(done.left_behind),
        },
        output,
    )


def _claim_to_own_key(
    work: Application, keystore: Path, password_file: Path | None, email: Email
) -> claiming.Claimed:
    """Claim to the key in a file, which is made unless an earlier attempt has made it."""
    claiming.claimable(work.cooperative, work.people, email)
    if keystore.exists():
        password = (
            read_password_file(password_file)
            if password_file
            else getpass.getpass(f"Password of {keystore.name}: ")
        )
    else:
        password = read_password_file(password_file) if password_file else ask_new_password()
        create_keystore(keystore, password)
        say(f"The key is in {keystore}. Without the file and its password it is lost.")
    signer = open_keystore(keystore, password)
    written = claiming.write_claim(work.cooperative, work.people, email, signer.address)
    signatures = {signer.address: signer.sign_typed_data(written.typed_data())}
    return claiming.claim(work.cooperative, work.sender, work.people, email, written, signatures)


def _recipient(work: Application, text: str) -> Address:
    if "@" not in text:
        return account_of(text)
    email, coop = email_of(text), work.cooperative
    where = (coop.chain.chain_id, coop.ledger.address)
    return work.people.persons_for({email: []}, *where)[email]
