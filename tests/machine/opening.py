"""Where every example begins: a cooperative that has announced three screenings and sold a few tickets.

The opening is played on both sides and compared like everything after it.
"""

from coopledger.domain.register import Standing
from coopledger.domain.types import (
    Attestation,
    BylawsVersion,
    MemberNumber,
    OrderReference,
    Rupiah,
    ScreeningId,
    SeatNumber,
    TierIndex,
    Timestamp,
)
from coopledger.domain.words import pack_line
from tests.machine.cast import FIRST_OFFICE, STAFF, VIEWERS
from tests.machine.playing import Opening, Player
from tests.machine.programme_rules import TURAH, announcement
from tests.machine.rules import membership, sales
from tests.machine.rules.sales import Line
from tests.machine.rules.world import DAY, HOUR, Screening, World
from tests.machine.stage import MONDAY, Stage
from tests.machine.story import Story

PAPER = Attestation(b"the sixteen byte")
POOR, DISTRUSTFUL = "Fajar", "Eko"
"""Fajar has money for one ticket. Eko lets the box office take nothing, but with a permit."""


def open_story(stage: Stage) -> Opening:
    """Play the opening on a fresh stage."""
    now = MONDAY + HOUR
    roles = {role.name: {name} for role, name in STAFF.items()} | {"MINTER": {FIRST_OFFICE}}
    world = World(
        now, roles, [FIRST_OFFICE], {FIRST_OFFICE: 0}, wallets={FIRST_OFFICE: 0, "the board": 0}
    )
    office = stage.offices[FIRST_OFFICE]
    for name in VIEWERS:
        amount = 25_000 if name == POOR else 1_000_000
        world.now += 1
        stage.send(name, stage.currency.mint_call(stage.addresses[name], Rupiah(amount)), world.now)
        world.wallets[name] = amount
        if name != DISTRUSTFUL:
            world.now += 1
            stage.send(
                name, stage.currency.approve_call(office.address, Rupiah(900_000)), world.now
            )
            world.allowances[name, FIRST_OFFICE] = 900_000
    opening = Opening(stage, world, Story())
    player = Player(opening)
    world = player.world
    player.act(
        "record by-laws",
        "the board records by-laws 1",
        "the board",
        stage.coop.ledger.set_bylaws_call(bytes([1] * 32)),
        lambda: membership.set_bylaws(world, "the board", bytes([1] * 32)),
    )
    player.act(
        "add a film",
        "the clerk adds a film",
        "the clerk",
        office.add_film_call(TURAH),
        lambda: sales.add_film(world, "the clerk", FIRST_OFFICE),
    )
    for days, seated, fixed in ((3, False, False), (6, True, False), (9, False, True)):
        starts = world.now + days * DAY
        planned = sales.planned(world, FIRST_OFFICE, starts, seated=seated, fixed=fixed)
        _announce(player, stage, planned)
    _sell_first_batch(player, stage)
    player.act(
        "make full",
        "the registrar makes member 1 full",
        "the registrar",
        stage.coop.ledger.set_standing_call(MemberNumber(1), Standing.FULL, PAPER),
        lambda: membership.set_standing(world, "the registrar", 1, Standing.FULL, PAPER),
    )
    return Opening(stage, world, player.story)


def _announce(player: Player, stage: Stage, planned: Screening) -> None:
    call = stage.offices[FIRST_OFFICE].add_screening_call(announcement(planned))
    seats = "with seats" if planned.seated else "without seats"
    fixed = ", not transferable" if planned.non_transferable else ""
    player.act(
        "announce",
        f"the clerk announces screening {planned.number}, {seats}{fixed}",
        "the clerk",
        call,
        lambda: sales.announce(player.world, "the clerk", planned),
    )


def _sell_first_batch(player: Player, stage: Stage) -> None:
    day = player.world.now - DAY
    lines = [
        Line("Ani", 0, 0, day),
        Line("Budi", 0, 0, day),
        Line("Ani", 0, 0),
        Line("Citra", 0, 0),
    ]
    call = stage.offices[FIRST_OFFICE].sell_call(
        ScreeningId(1),
        0,
        [
            pack_line(
                stage.addresses[line.account],
                SeatNumber(line.seat),
                TierIndex(line.tier),
                Timestamp(line.consented_at) if line.consented_at else None,
            )
            for line in lines
        ],
        [OrderReference(bytes([number] * 32)) for number in range(len(lines))],
        BylawsVersion(1),
        PAPER,
    )
    player.act(
        "sell",
        "the clerk sells to Ani who joins, Budi who joins, Ani and Citra",
        "the clerk",
        call,
        lambda: sales.sell(
            player.world, "the clerk", FIRST_OFFICE, 1, 0, lines, len(lines), 1, PAPER
        ),
    )
