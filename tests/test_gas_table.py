"""Holds the contracts to the committed gas table, ``docs/gas.json``.

Every figure is compared by its worst run, and by the promise where there is one.
"""

from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest

from coopledger.chain.wire.client import Chain

_TOLERANCE = 1.005
_HOW_TO_UPDATE = "if that is worth it, run `scripts/bench gas --write` and commit what it writes"


@pytest.fixture
def bench(project_root: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[SimpleNamespace]:
    """The measurements, which stand beside the package and are not installed with it."""
    monkeypatch.syspath_prepend(project_root)
    from bench import gas
    from bench.metering import figures, meter, own, page

    yield SimpleNamespace(gas=gas, figures=figures, meter=meter, own=own, page=page)


def test_no_work_takes_more_gas_than_committed_or_promised(
    bench: SimpleNamespace, chain: Chain, project_root: Path
) -> None:
    """Measured again, no figure is over its promise, nor 0.5% over the committed one."""
    committed = bench.gas.read(project_root)["runs"]
    runs = bench.own.OwnWork(bench.meter.Meter(chain)).measure()
    assert runs.keys() == set(bench.figures.ABOUT), _HOW_TO_UPDATE
    over = [
        f"{name}: {max(gas):,.0f} gas, committed {max(committed[name]):,.0f}"
        for name, gas in runs.items()
        if max(gas) > _TOLERANCE * max(committed[name])
    ] + [
        f"{name}: {promise['worst']:,.0f} gas, promised {promise['limit']:,}"
        for name, promise in bench.figures.judged(runs).items()
        if not promise["met"]
    ]
    assert not over, "\n".join([*over, _HOW_TO_UPDATE])


def test_the_committed_page_shows_the_committed_table(
    bench: SimpleNamespace, project_root: Path
) -> None:
    """``docs/gas.md`` is what the committed table renders to."""
    committed = bench.gas.read(project_root)
    page = (project_root / bench.gas.PAGE).read_text("utf-8")
    assert page == bench.page.render(committed), _HOW_TO_UPDATE
