"""What is said of a screening at a moment."""

from dataclasses import replace

import pytest

from coopledger.domain.screenings import Film, Sale, Screening, Showing
from coopledger.domain.types import FilmId, ScreeningId, Timestamp

OFFICE = "0x5f36884669051F2F40039182f2d0BB999ABf64c1"
SALE = Sale(
    film=FilmId(1),
    capacity=10,
    sold=0,
    sequence=0,
    opens_at=Timestamp(100),
    closes_at=Timestamp(200),
    refundable_until=Timestamp(150),
    seated=False,
    non_transferable=False,
    cancelled=False,
)
SCREENING = Screening(ScreeningId(1), OFFICE, Timestamp(200), Timestamp(300))  # type: ignore[arg-type]  # checksummed as it stands
SHOWING = Showing(SCREENING, Film("Turah", 2016, 83), SALE, "Tegal", ())


@pytest.mark.parametrize(
    ("moment", "state"),
    [
        *((99, "announced"), (100, "on sale"), (199, "on sale")),
        *((200, "sale closed"), (299, "sale closed"), (300, "over")),
    ],
)
def test_a_screening_s_state_follows_the_clock(moment: int, state: str) -> None:
    """A screening is announced, on sale, closed for sale and over, each from its second on."""
    assert SHOWING.state_at(Timestamp(moment)) == state


def test_a_cancelled_screening_stays_cancelled() -> None:
    """No moment makes a cancelled screening anything else."""
    cancelled = replace(SHOWING, sale=replace(SALE, cancelled=True))
    assert {cancelled.state_at(Timestamp(moment)) for moment in (0, 150, 999)} == {"cancelled"}
