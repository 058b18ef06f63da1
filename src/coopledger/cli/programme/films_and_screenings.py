"""Commands for the programme: films and screenings."""

from typing import Annotated, Any
from zoneinfo import ZoneInfo

import typer

from coopledger.cli.counter import rescheduling
from coopledger.cli.frame.context import FormatOption, application
from coopledger.cli.frame.output import Format, show
from coopledger.cli.frame.values import parse_tier, parse_time, show_time
from coopledger.domain.money import Currency
from coopledger.domain.screenings import Announcement, Film, Showing, Tier
from coopledger.domain.types import FilmId, Timestamp
from coopledger.services.programme import films_and_screenings
from coopledger.services.programme.currency import currency_at
from coopledger.services.programme.offices import offices

_HOUR_S = 3600


def add_to(app: typer.Typer) -> None:
    """Add the commands to the application."""
    films = typer.Typer(help="The films.", no_args_is_help=True)
    films.command("add")(film_add)
    films.command("list")(film_list)
    screenings = typer.Typer(help="The screenings and their sales.", no_args_is_help=True)
    screenings.command("add")(screening_add)
    screenings.command("list")(screening_list)
    app.add_typer(films, name="film")
    rescheduling.add_to(screenings)
    app.add_typer(screenings, name="screening")


def film_add(
    context: typer.Context,
    title: Annotated[str, typer.Argument(show_default=False)],
    year: Annotated[int, typer.Option(min=1888, max=9999, help="When it was made.")],
    minutes: Annotated[int, typer.Option(min=1, max=65_535, help="How long it is.")],
) -> None:
    """Add a film."""
    work = application(context)
    film = films_and_screenings.add_film(work.cooperative, work.sender, Film(title, year, minutes))
    print(f"Film {film}: {title}")


def film_list(context: typer.Context, output: FormatOption = Format.TABLE) -> None:
    """List the films."""
    rows = [
        {"film": number, "title": film.title, "year": film.year, "minutes": film.minutes_long}
        for number, film in films_and_screenings.list_films(application(context).cooperative)
    ]
    show(rows, ("film", "title", "year", "minutes"), output)


def screening_add(
    context: typer.Context,
    film: Annotated[int, typer.Option(help="The film's id.")],
    starts: Annotated[str, typer.Option(help='Such as "2026-12-05 19:00"; WIB without a zone.')],
    tier: Annotated[
        list[str], typer.Option(help='NAME=PRICE/DEPOSIT in rupiah: "Tiket reguler=35000/10000".')
    ],
    venue: Annotated[str, typer.Option(help="Where.")],
    capacity: Annotated[int, typer.Option(min=1, max=16_777_215, help="How many places.")],
    ends: Annotated[str | None, typer.Option(help="Without it: the film's length later.")] = None,
    sale_opens: Annotated[str | None, typer.Option(help="Without it: now.")] = None,
    sale_closes: Annotated[str | None, typer.Option(help="Without it: at the start.")] = None,
    refund_until: Annotated[
        str | None, typer.Option(help="Without it: a day before the start.")
    ] = None,
    seated: Annotated[bool, typer.Option("--seated", help="Seats 1 to CAPACITY.")] = False,
    non_transferable: Annotated[
        bool, typer.Option("--non-transferable", help="Tickets cannot be given away.")
    ] = False,
) -> None:
    """Announce a screening and open its sale."""
    work = application(context)
    zone = work.settings.timezone
    coop = work.cooperative
    starts_at = parse_time(starts, zone)
    shown = coop.box_office.film(FilmId(film))
    now = coop.chain.block("latest").timestamp
    tiers = tuple(Tier(*parsed) for parsed in map(parse_tier, tier))
    screening = films_and_screenings.add_screening(
        coop,
        work.sender,
        Announcement(
            film=FilmId(film),
            venue=venue,
            capacity=capacity,
            starts_at=starts_at,
            ends_at=_time(ends, zone, starts_at + shown.minutes_long * 60),
            opens_at=_time(sale_opens, zone, now),
            closes_at=_time(sale_closes, zone, starts_at),
            refundable_until=_time(refund_until, zone, starts_at - 24 * _HOUR_S),
            seated=seated,
            non_transferable=non_transferable,
            tiers=tiers,
        ),
    )
    print(f"Screening {screening}: {shown.title}, {show_time(starts_at, zone)}, {venue}")


def screening_list(context: typer.Context, output: FormatOption = Format.TABLE) -> None:
    """List the screenings and how many places are left."""
    work = application(context)
    coop, zone = work.cooperative, work.settings.timezone
    now = coop.chain.block("latest").timestamp
    currencies = {
        office.address: currency_at(coop.chain, office.currency()) for office in offices(coop)
    }
    rows = [
        _row(showing, zone, currencies[showing.screening.issuer], now)
        for showing in films_and_screenings.list_showings(coop)
    ]
    columns = ("screening", "film", "starts", "venue", "tiers", "capacity", "sold", "left", "state")
    show(rows, columns, output)


def _row(showing: Showing, zone: ZoneInfo, currency: Currency, now: Timestamp) -> dict[str, Any]:
    sale = showing.sale
    return {
        "screening": showing.screening.screening_id,
        "film": showing.film.title,
        "starts": show_time(showing.screening.starts_at, zone),
        "venue": showing.venue,
        "tiers": [f"{tier.name} {currency.shown(tier.price)}" for tier in showing.tiers],
        "capacity": sale.capacity,
        "sold": sale.sold,
        "left": sale.left,
        "state": showing.state_at(now),
    }


def _time(text: str | None, zone: ZoneInfo, otherwise: int) -> Timestamp:
    return Timestamp(otherwise) if text is None else parse_time(text, zone)
