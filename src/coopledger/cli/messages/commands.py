"""Commands for signed messages: one person signs, another one sends."""

from pathlib import Path
from typing import Annotated, Any

import typer

from coopledger.cli.frame.amounts import Amounts
from coopledger.cli.frame.asking import YesOption, confirm
from coopledger.cli.frame.context import FormatOption, InputFile, application
from coopledger.cli.frame.output import Format, say, show_one
from coopledger.cli.messages.words import words_of
from coopledger.errors import BadInput
from coopledger.services.messages import signing
from coopledger.services.messages.checking import signers_of
from coopledger.services.messages.files import read_message, write_message


class NotASignature(BadInput):
    """What was typed is no signature."""

    says = "the signature is not 0x and hexadecimal digits"
    advice = "Copy the whole of what the wallet answers: 0x and 130 more characters."


def add_to(app: typer.Typer) -> None:
    """Add the commands to the application."""
    app.command()(sign)
    app.command()(relay)


def sign(
    context: typer.Context,
    file: InputFile,
    out: Annotated[
        Path | None, typer.Option(help="Write the signed message here; else into the same file.")
    ] = None,
    signature: Annotated[
        str | None, typer.Option(help="Do not sign here; add what a wallet elsewhere signed.")
    ] = None,
    yes: YesOption = False,
) -> None:
    """Show what a message asks for, and sign it with your own key for somebody else to send.

    Joining is signed with the time of now: that is when you consent.
    """
    work = application(context)
    coop, read = work.cooperative, read_message(file)
    if signature is None:
        signers = signing.check_own(coop, read.message, work.operator.address)
    else:
        signers = signers_of(coop, read.message)
    words = words_of(coop, read.message, signers, work.settings.timezone)
    confirm("Sign this?", words, yes=yes or signature is not None)
    if signature is None:
        signed = signing.sign(coop, read, work.operator)
    else:
        signed = signing.attach(coop, read, _signature(signature))
    write_message(out or file, *signed.file, replace=out is None)
    print(f"{out or file} is signed by {signed.account}.")
    say("Nothing has happened yet: whoever has the file can send it (coopledger relay).")


def relay(context: typer.Context, file: InputFile, output: FormatOption = Format.TABLE) -> None:
    """Send what somebody else signed, and pay for the sending. You have no say in what it does."""
    work = application(context)
    coop = work.cooperative
    done = signing.relay(coop, work.sender, read_message(file))
    shown = Amounts(coop)
    facts: dict[str, Any] = {
        "done": done.kind.value,
        "signed_by": done.signer,
        "member": done.member,
        "ticket": done.ticket,
        "to": done.to,
        "paid_back": [
            f"{shown(each.screening, each.amount)} for ticket {each.ticket_id}"
            for each in done.refunds
        ],
    }
    show_one(facts, output)


def _signature(text: str) -> bytes:
    try:
        return bytes.fromhex(text.strip().removeprefix("0x"))
    except ValueError:
        raise NotASignature from None
