"""Commands that make pictures: a ticket for its holder, a card for a member."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, ClassVar

import typer

from coopledger.cli.context import application
from coopledger.errors import BadInput
from coopledger.pictures.language import Language
from coopledger.services import door, members, metadata

LanguageOption = Annotated[Language, typer.Option(help="Indonesian or English.")]
OutOption = Annotated[
    Path, typer.Option(help="The SVG file to write; it is replaced.", show_default=False)
]


@dataclass(eq=False)
class PictureNotWritten(BadInput):
    """The picture's file cannot be written."""

    file: Path
    reason: str

    advice: ClassVar[str] = "Name a file in a folder that exists and that you may write to."

    def __str__(self) -> str:
        return f"{self.file} cannot be written: {self.reason}"


def add_to(app: typer.Typer) -> None:
    """Add the commands to the application."""
    pictures = typer.Typer(help="Tickets and cards as pictures.", no_args_is_help=True)
    pictures.command("ticket")(ticket)
    pictures.command("card")(card)
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
    (ticket_id,) = door.find_tickets(coop, lambda: work.people, [code])
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
    number = members.find_who(coop, lambda: work.people, who).record.number
    _write(out, metadata.card_picture(coop, number, language, work.house))
    print(f"Member {number}: {out}")


def _write(file: Path, picture: str) -> None:
    try:
        file.write_text(picture, encoding="utf-8")
    except OSError as error:
        raise PictureNotWritten(file, error.strerror or "unwritable") from None
