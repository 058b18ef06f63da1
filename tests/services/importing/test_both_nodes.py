"""The main job on anvil and on Hardhat's node: deploy, import, let in, list."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from coopledger.chain.development import DevChain, development_signer
from coopledger.chain.sending.sender import Sender
from coopledger.chain.wire.client import Chain
from coopledger.chain.wire.moments import pin
from coopledger.domain.orders import PositionStatus
from coopledger.domain.screenings import Announcement, Film, Tier
from coopledger.domain.types import (
    Attestation,
    FilmId,
    MemberNumber,
    Rupiah,
    Timestamp,
    to_timestamp,
)
from coopledger.imports.map.mapping import OrderMap
from coopledger.imports.orders.files import read_positions
from coopledger.people.desk import People
from coopledger.services.counter.door import find_tickets, redeem
from coopledger.services.founding.deploying import Holder, deploy
from coopledger.services.importing.consents import ConsentRule, Consents
from coopledger.services.importing.sending import import_orders
from coopledger.services.programme.films_and_screenings import (
    add_film,
    add_screening,
    list_showings,
)
from coopledger.services.register.bylaws import record_bylaws
from coopledger.services.register.finding import list_members

if TYPE_CHECKING:
    from coopledger.settings import Settings

EXAMPLES = Path(__file__).parents[3] / "examples"


def test_the_main_job(
    either_chain: Chain,
    shared_people: People,
    settings: Settings,
    tmp_path: Path,
    everybody: Callable[[Chain], tuple[Holder, ...]],
) -> None:
    """On either node the file's 236 tickets are sold once, a bearer let in, the members listed."""
    chain = either_chain
    deployer, operator = development_signer(chain, 9), development_signer(chain)
    sender = Sender(chain, operator, settings)
    coop = deploy(
        chain,
        Sender(chain, deployer, settings),
        deployer.address,
        tmp_path,
        everybody(chain),
        None,
        lambda _: None,
    )
    record_bylaws(coop, sender, operator.address, bytes(range(32)))
    film = add_film(coop, sender, Film("Turah", 2016, 83))
    file = read_positions(EXAMPLES / "turah-orders.json")
    paid = [p for p in file.positions if p.status is PositionStatus.PAID]
    # The orders have their dates; the chain's clock must not be before them.
    newest = max(to_timestamp(p.ordered_at) for p in paid if p.ordered_at)
    now = Timestamp(max(chain.block("latest").timestamp, newest) + 1)
    DevChain(chain).set_time(now)
    starts = Timestamp(now + 3600)
    tiers = tuple(
        Tier(name, Rupiah(20_000), Rupiah(10_000)) for name in ("Tiket reguler", "Tiket pelajar")
    )
    announced = Announcement(
        *(FilmId(film), "Tegal", 400, starts, Timestamp(starts + 5400), now, starts),
        *(now, False, False, tiers),
    )
    add_screening(coop, sender, announced)
    consents = Consents(ConsentRule.BUYERS, "", Attestation(b"the sixteen byte"))
    order_map = OrderMap.load(EXAMPLES / "kinarya-map.toml")
    given = (coop, sender, operator.address, shared_people, settings, [file], order_map, consents)
    joining = {p.holder_email for p in paid if p.held_by_buyer}

    first, again = import_orders(*given), import_orders(*given)
    assert (first.tickets, first.joined) == (len(paid), len(joining))
    assert (again.tickets, again.skipped["issued before"]) == (0, len(paid))
    assert list_showings(coop)[0].sale.sold == len(paid)
    (found,) = find_tickets(coop, lambda: shared_people, [paid[3].secret])
    assert redeem(coop, sender, [found]).admitted == (found,)
    when = pin(coop.chain, None)
    listed = list(list_members(coop, when, MemberNumber(1), closed=False, annulled=False))
    assert [record.number for record in listed] == list(range(1, len(joining) + 1))
