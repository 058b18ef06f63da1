"""Asking the person at the keyboard before something that cannot be taken back.

A consent must be a person's own. At a terminal it is asked for; where nobody can be asked, the command
must have named it, down to the version of the by-laws.
"""

import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated

import typer

from coopledger.cli.frame.output import say
from coopledger.domain.types import BylawsVersion
from coopledger.errors import BadInput
from coopledger.services.register.bylaws import Bylaws, check_bylaws_file

BylawsOption = Annotated[
    int | None,
    typer.Option(
        "--bylaws", min=1, help="The version that you consent to; in a pipe it must be named."
    ),
]
BylawsFileOption = Annotated[
    Path | None,
    typer.Option("--bylaws-file", help="The by-laws that you read; checked to be the recorded."),
]
YesOption = Annotated[bool, typer.Option("--yes", help="Do not ask. Needed in a pipe.")]


class NotConfirmed(BadInput):
    """Something that cannot be undone was not confirmed."""

    says = "this was not confirmed"
    advice = "Nothing was done. Read what it means, then add --yes."


class ConsentNotNamed(BadInput):
    """Nobody can be asked, and the command does not say what is consented to."""

    version: BylawsVersion

    says = "joining needs your consent to version {version} of the by-laws"
    advice = "Read the by-laws, then name the version: --bylaws VERSION"


class TextUnreadable(BadInput):
    """The file of the by-laws cannot be read."""

    file: Path
    reason: str

    says = "{file} cannot be read: {reason}"
    advice = "Check the path; the board publishes the file."


def at_terminal() -> bool:
    """Say whether a person can be asked."""
    return sys.stdin.isatty() and sys.stderr.isatty()


def confirm(question: str, meaning: Iterable[str], *, yes: bool) -> None:
    """Say what something means, and go on only if it is wanted.

    Raises:
        NotConfirmed: the person said no, or nobody is there to ask and ``yes`` is not given.
    """
    for sentence in meaning:
        say(f"- {sentence}")
    if not (yes or (at_terminal() and typer.confirm(question, err=True))):
        raise NotConfirmed


def show_bylaws(bylaws: Bylaws, file: Path | None) -> None:
    """Say which by-laws are meant, and check the person's own copy of them.

    Raises:
        TextUnreadable: there is no such file.
        BylawsFileDiffers: it is another text.
    """
    say(f"By-laws in force: version {bylaws.version}, Keccak-256 0x{bylaws.file_hash.hex()}")
    if file is None:
        return
    try:
        content = file.read_bytes()
    except OSError as error:
        raise TextUnreadable(file, error.strerror or type(error).__name__) from None
    check_bylaws_file(bylaws, content)
    say(f"{file} is exactly this version.")


def consent(bylaws: Bylaws, named: int | None, file: Path | None) -> BylawsVersion:
    """Return the version of the by-laws that the person consents to.

    Raises:
        ConsentNotNamed: nobody can be asked, and no version was named.
        NotConfirmed: the person does not consent.
        TextUnreadable, BylawsFileDiffers: see :func:`show_bylaws`.
    """
    show_bylaws(bylaws, file)
    if named is not None:
        return BylawsVersion(named)
    if not at_terminal():
        raise ConsentNotNamed(bylaws.version)
    confirm(f"Become a member under version {bylaws.version} of the by-laws?", (), yes=False)
    return bylaws.version
