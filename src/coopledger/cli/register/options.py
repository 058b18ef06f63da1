"""The options that the commands of the register share."""

from enum import StrEnum
from typing import Annotated
from zoneinfo import ZoneInfo

import typer

from coopledger.cli.frame.values import parse_time
from coopledger.domain.register import Consent, Standing
from coopledger.index.asking.wanted import State, Wanted


class StandingChoice(StrEnum):
    """A standing to ask for."""

    ASSOCIATE = "associate"
    FULL = "full"


class ConsentChoice(StrEnum):
    """A consent to ask for."""

    SIGNED = "signed"
    PURCHASED = "purchased"
    ATTESTED = "attested"


AtOption = Annotated[
    str | None,
    typer.Option(
        help="A block's number, or a time such as 2026-12-05T19:00+07:00; without it, the last final block."
    ),
]
StandingOption = Annotated[StandingChoice | None, typer.Option(help="Only these.")]
ConsentOption = Annotated[ConsentChoice | None, typer.Option(help="Only these.")]
OpenOption = Annotated[
    bool, typer.Option("--open", help="Only open records; so it is without both.")
]
ClosedOption = Annotated[
    bool, typer.Option("--closed", help="Only closed records; with --open, all.")
]
FromOption = Annotated[str | None, typer.Option("--joined-from", help="Joined then or later.")]
ToOption = Annotated[str | None, typer.Option("--joined-to", help="Joined before then.")]
AnnulledOption = Annotated[
    bool, typer.Option("--annulled", help="List entries made in error, too.")
]
CountOption = Annotated[int, typer.Option(min=1, max=10_000, help="How many to list at most.")]


def wanted_of(
    zone: ZoneInfo,
    standing: StandingChoice | None,
    consent: ConsentChoice | None,
    is_open: bool,
    closed: bool,
    joined_from: str | None,
    joined_to: str | None,
    annulled: bool,
) -> Wanted:
    """Return what the options ask for.

    Raises:
        NotATime: one of the times is none.
    """
    state = State.ALL if is_open and closed else State.CLOSED if closed else State.OPEN
    return Wanted(
        state,
        None if standing is None else Standing[standing.name],
        None if consent is None else Consent[consent.name],
        None if joined_from is None else parse_time(joined_from, zone),
        None if joined_to is None else parse_time(joined_to, zone),
        annulled,
    )
