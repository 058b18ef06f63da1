"""Asking before what cannot be undone: at a terminal in words, in a pipe by an option."""

import sys
from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar

import typer

from coopledger.cli.output import say
from coopledger.errors import BadInput


@dataclass(eq=False)
class NotConfirmed(BadInput):
    """Something that cannot be undone was not confirmed."""

    advice: ClassVar[str] = "Nothing was done. Read what it means, then add --yes."

    def __str__(self) -> str:
        return "this was not confirmed"


def confirm(question: str, meaning: Iterable[str], *, yes: bool) -> None:
    """Say what something means, and go on only if it is wanted.

    Raises:
        NotConfirmed: the person said no, or nobody is there to ask and ``yes`` is not given.
    """
    for sentence in meaning:
        say(f"- {sentence}")
    if not (yes or (sys.stdin.isatty() and typer.confirm(question, err=True))):
        raise NotConfirmed
