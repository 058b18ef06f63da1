"""What is shown: films, screenings, cancelling and postponing."""

from hypothesis import strategies as st
from hypothesis.stateful import rule

from coopledger.domain.screenings import Announcement, Film, Tier
from coopledger.domain.types import FilmId, Rupiah, ScreeningId, Timestamp
from tests.machine.playing import Playing, anybody, careful, one_of, picks
from tests.machine.rules import sales
from tests.machine.rules.world import DAY, HOUR, Account, Screening

TURAH = Film("Turah", 2016, 83)


class ProgrammeRules(Playing):
    """The programme."""

    @rule(
        days=st.integers(1, 20),
        seated=st.booleans(),
        fixed=st.booleans(),
        office=picks,
        other=anybody,
        care=careful,
        late=st.integers(0, 3),
    )
    def announce(
        self,
        days: int,
        seated: bool,
        fixed: bool,
        office: int,
        other: Account,
        care: bool,
        late: int,
    ) -> None:
        """Somebody announces a screening, now and then with times that make no sense."""
        who = self.by_role("BOX_OFFICE", care, other)
        at = self.world.offices[-1] if care else self.office(office)
        starts = self.world.now + days * DAY
        planned = sales.planned(
            self.world, at, starts, seated=seated, fixed=fixed and days % 3 == 0
        )
        if not care and late == 0:
            planned.ends = starts - HOUR
        call = self.stage.offices[at].add_screening_call(announcement(planned))
        self.player.act(
            "announce",
            f"{who} announces screening {planned.number} at {at}",
            who,
            call,
            lambda: sales.announce(self.world, who, planned),
        )

    @rule(office=picks, other=anybody, care=careful)
    def add_film(self, office: int, other: Account, care: bool) -> None:
        """The clerk adds a film."""
        who, at = self.by_role("BOX_OFFICE", care, other), self.office(office)
        call = self.stage.offices[at].add_film_call(TURAH)
        self.player.act(
            "add a film",
            f"{who} adds a film at {at}",
            who,
            call,
            lambda: sales.add_film(self.world, who, at),
        )

    @rule(screening=picks, office=picks, other=anybody, care=careful, rarely=st.integers(0, 2))
    def cancel_screening(
        self, screening: int, office: int, other: Account, care: bool, rarely: int
    ) -> None:
        """The board cancels a screening, which should not happen all the time."""
        who = self.by_role("BOARD", care and rarely == 0, other)
        number = one_of([*self.world.screenings], screening)
        at = self.office_of(number, office, care)
        call = self.stage.offices[at].cancel_screening_call(ScreeningId(number))
        self.player.act(
            "cancel a screening",
            f"{who} cancels screening {number}",
            who,
            call,
            lambda: sales.cancel_screening(self.world, who, at, number),
        )

    @rule(screening=picks, hours=st.integers(-5, 100), other=anybody, care=careful)
    def postpone(self, screening: int, hours: int, other: Account, care: bool) -> None:
        """The board puts a screening off."""
        who = self.by_role("BOARD", care, other)
        number = one_of([*self.world.screenings], screening)
        at = self.office_of(number, screening, care)
        shown = self.world.screenings[number]
        starts, ends = shown.starts + hours * HOUR, shown.ends + hours * HOUR
        call = self.stage.offices[at].postpone_call(
            ScreeningId(number), Timestamp(starts), Timestamp(ends), Timestamp(starts)
        )
        self.player.act(
            "postpone",
            f"{who} puts screening {number} off by {hours} hours",
            who,
            call,
            lambda: sales.postpone(self.world, who, at, number, starts, ends),
        )


def announcement(planned: Screening) -> Announcement:
    """Return a screening as it is announced."""
    return Announcement(
        film=FilmId(1),
        venue="Gedung Kesenian Tegal",
        capacity=planned.capacity,
        starts_at=Timestamp(planned.starts),
        ends_at=Timestamp(planned.ends),
        opens_at=Timestamp(planned.opens),
        closes_at=Timestamp(planned.closes),
        refundable_until=Timestamp(planned.refundable_until),
        seated=planned.seated,
        non_transferable=planned.non_transferable,
        tiers=tuple(
            Tier(f"tier {n}", Rupiah(price), Rupiah(deposit))
            for n, (price, deposit) in enumerate(planned.tiers)
        ),
    )
