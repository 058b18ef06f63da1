"""Commands that make pictures: a ticket for its holder, a card for a member; and where all may be read."""

from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

import typer

from coopledger.cli.frame.context import application
from coopledger.cli.frame.scheduling import say_scheduled
from coopledger.errors import BadInput
from coopledger.pictures.language import Language
from coopledger.services.asking import metadata
from coopledger.services.authority.delays import Scheduled
from coopledger.services.counter import door
from coopledger.services.register import finding
from coopledger.services.register.closing import set_metadata_address

LanguageOption = Annotated[Language, typer.Option(help="Indonesian or English.")]
OutOption = Annotated[
    Path, typer.Option(help="The SVG file to write; it is replaced.", show_default=False)
]


class PictureNotWritten(BadInput):
    """The picture's file cannot be written."""

    file: Path
    reason: str

    says = "{file} cannot be written: {reason}"
    advice = "Name a file in a folder that exists and that you may write to."


class NotAWebAddress(BadInput):
    """What was typed is no address that a wallet could read."""

    text: str

    says = "'{text}' is no web address"
    advice = "Name where the API is served: https://example.org/api/v1/metadata/"


def add_to(app: typer.Typer) -> None:
    """Add the commands to the application."""
    pictures = typer.Typer(help="Tickets and cards as pictures.", no_args_is_help=True)
    pictures.command("ticket")(ticket)
    pictures.command("card")(card)
    pictures.command("address")(address)
    app.add_typer(pictures, name="picture")


def ticket(
    context: typer.Context,
    code: Annotated[
        str,
        typer.Argument(help="A ticket id, a pretix code, or ORDER-POSITION.", show_default=False),
    ],
    out: OutOption,
    language: LanguageOption = Language.ID,
) -> None:
    """Make a ticket's picture for its holder, with the code for the gate."""
    work = application(context)
    coop = work.cooperative
    (ticket_id,) = door.find_tickets(coop, lambda: work.people, [code], work.index)
    _write(out, metadata.holder_ticket_picture(coop, ticket_id, language, work.house))
    print(f"Ticket {ticket_id}: {out}")


def card(
    context: typer.Context,
    who: Annotated[
        str, typer.Argument(help="A number, an account, or an e-mail.", show_default=False)
    ],
    out: OutOption,
    language: LanguageOption = Language.ID,
) -> None:
    """Make a member's card as a picture."""
    work = application(context)
    coop = work.cooperative
    number = finding.find_who(coop, lambda: work.people, who).record.number
    _write(out, metadata.card_picture(coop, number, language, work.house))
    print(f"Member {number}: {out}")


def address(
    context: typer.Context,
    url: Annotated[str, typer.Argument(help="Such as https://…/api/v1/metadata/")],
) -> None:
    """Say on the chain where wallets and marketplaces read metadata and pictures (role BOARD)."""
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.netloc:
        raise NotAWebAddress(url)
    work = application(context)
    base = url if url.endswith("/") else f"{url}/"
    done = set_metadata_address(work.cooperative, work.sender, work.operator.address, base)
    if isinstance(done, Scheduled):
        say_scheduled(work, done)
        return
    print(f"Wallets read a ticket's metadata at {base}tickets/ID from now on.")


def _write(file: Path, picture: str) -> None:
    try:
        file.write_text(picture, encoding="utf-8")
    except OSError as error:
        raise PictureNotWritten(file, error.strerror or "unwritable") from None
