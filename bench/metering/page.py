"""Shows a measured table to people: on a terminal, and as ``docs/gas.md``.

The page is made from the committed table alone, its sentences' figures too, so that the two cannot drift
apart; a test compares them.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from rich.console import Console
from rich.table import Table

from bench.metering import figures, peers

Measured = Mapping[str, Any]
"""What ``scripts/bench gas --json`` prints, as ``bench.gas.measure_all`` builds it."""

_INTRODUCTION = """\
# What the work costs in gas

Made by `scripts/bench gas --write` from [gas.json](gas.json); do not edit. Everything is measured
in one run on one chain ({client}, {hardfork}), compiled by solc {compiler}; whole transactions,
divided by the number of tickets. A figure is the median of its runs; a promise is judged by the
worst. The ledger looks some years old, so that ids are as long as they will be.

## What is promised
"""
_BATCHES = """
A batch goes through `BoxOffice.sell` and carries for each line a seat and a keyed reference, and
for those who join the day of their consent, the by-laws' version and the form's reference. A
screening's first sale writes slots that later ones only change: figures named `…_first` below.

Three cases are above these limits and are not counted in them:

- A screening's first purchase, which also opens the till, the seat word and the tier's sale
  ({first:,.0f} gas with the native coin).
- A line that says "joins" for somebody who is a member already ({consenting:,.0f}): the ledger reads
  the member's record to find that nothing is to be founded. `coopledger import-orders` asks
  `memberOf` first and sends no such lines, which saves {saved:,.0f} gas each; the ticket comes out
  the same.
- A first permit of more than the price ({larger:,.0f}): the allowance that is left stays a written
  slot, while a permit of exactly the price gives its slot's gas back.
"""
_PEERS = """
## Beside others
"""
_SPENDING = """
## What it is spent on

Gas a ticket, from the last run's transaction, replayed.
"""
_STORAGE = """
Storage is the floor. A new member's ticket writes three new slots: the ticket's (owner and all
its data), the account's (balance, number and card), and the register's record. A slot is 22,100
gas with its first access (2,100, which counts as read where the slot is read first), so 66,300 gas
cannot be saved without losing one of the three. A member's next ticket writes one new slot and
changes one. Everything else that changes (counters, the register's head, seats, the sale) shares
slots and is written once a batch, or is changed while still warm. Events of a new member are
`Joined`, `Transfer` and `Locked`; the references are one event a batch.
"""
_OTHERS = """
## Other work
"""
_DEPLOYMENTS = """
## Deployment

A contract may have 24,576 bytes of code; ours keep below 23 KB (23,552).
"""
_UPDATING = """
## When a figure changes

`tests/test_gas_table.py` measures our own figures again and fails where one is more than 0.5%
above this table, or above its promise. `scripts/bench gas --write` measures anew and writes both
files; say in the change why the figure is worth it.
"""


def render(measured: Measured) -> str:
    """Return the page that shows a table, in Markdown."""
    chain = measured["chain"]
    version = measured["compiler"]["version"]
    consenting, existing = measured["batch_existing_consenting"], measured["batch_existing"]
    return "".join(
        [
            _INTRODUCTION.format(**chain, compiler=version),
            _markdown(_PROMISE_HEAD, _promise_rows(measured)),
            _BATCHES.format(
                consenting=consenting,
                saved=consenting - existing,
                larger=measured["purchase_permit_larger"],
                first=measured["purchase_native_first"],
            ),
            _PEERS,
            _markdown(_PEER_HEAD, _peer_rows(measured)),
            _SPENDING,
            _markdown(*_spending_table(measured)),
            _STORAGE,
            _OTHERS,
            _markdown(_OTHER_HEAD, _other_rows(measured)),
            _DEPLOYMENTS,
            _markdown(_DEPLOYMENT_HEAD, _deployment_rows(measured)),
            _UPDATING,
        ]
    )


def show(measured: Measured, console: Console) -> None:
    """Print the tables for a person."""
    _print(console, "Promises, gas a ticket", _PROMISE_HEAD, _promise_rows(measured))
    _print(console, "The same work elsewhere", _PEER_HEAD, _peer_rows(measured))
    _print(console, "What it is spent on", *_spending_table(measured))
    _print(console, "Other work", _OTHER_HEAD, _other_rows(measured))
    _print(console, "Deployment", _DEPLOYMENT_HEAD, _deployment_rows(measured))


_PROMISE_HEAD = ("a ticket that is …", "promised", "measured", "worst", "met")
_PEER_HEAD = ("peer", "what it does", "gas", "beside", "ours is")
_OTHER_HEAD = ("figure", "a ticket, a member or a piece of work", "gas", "worst")
_DEPLOYMENT_HEAD = ("contract", "gas", "bytes of code")


def _promise_rows(measured: Measured) -> Iterable[Sequence[str]]:
    for name, promise in measured["promises"].items():
        met = "yes" if promise["met"] else "NO"
        about = f"{figures.ABOUT[name]} (`{name}`)"
        yield about, *map(_gas, (promise["limit"], measured[name], promise["worst"])), met


def _peer_rows(measured: Measured) -> Iterable[Sequence[str]]:
    beside = {peer: name for name, p in figures.PROMISES.items() for peer in p.peers}
    for peer, gas in measured["peers"].items():
        ours = beside.get(peer, "")
        share = f"{measured[ours] / gas:.0%}" if ours else ""
        yield f"`{peer}`", peers.ABOUT[peer], _gas(gas), f"`{ours}`" if ours else "", share


def _spending_table(measured: Measured) -> tuple[Sequence[str], Iterable[Sequence[str]]]:
    spent: Mapping[str, Mapping[str, float]] = measured["spent_on"]
    parts = next(iter(spent.values()))
    rows = [[f"`{name}`", *(_gas(spent[name][part]) for part in parts)] for name in spent]
    return ("figure", *parts), rows


def _other_rows(measured: Measured) -> Iterable[Sequence[str]]:
    for name, about in figures.ABOUT.items():
        if name not in figures.PROMISES:
            worst = max(measured["runs"][name])
            yield f"`{name}`", about, _gas(measured[name]), _gas(worst)


def _deployment_rows(measured: Measured) -> Iterable[Sequence[str]]:
    for name, cost in measured["deployments"].items():
        yield f"`{name}`", _gas(cost["gas"]), _gas(cost["bytes"])


def _gas(gas: float) -> str:
    return f"{gas:,.0f}"


def _is_figure(cell: str) -> bool:
    return cell.rstrip("%").replace(",", "").isdigit()


def _markdown(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    cells = [list(row) for row in rows]
    rule = ["--:" if any(_is_figure(row[i]) for row in cells) else "---" for i in range(len(head))]
    lines = ["", *(f"| {' | '.join(row)} |" for row in ([*head], rule, *cells)), ""]
    return "\n".join(lines)


def _print(
    console: Console, title: str, head: Sequence[str], rows: Iterable[Sequence[str]]
) -> None:
    table = Table(title=title, title_justify="left")
    cells = [[cell.replace("`", "") for cell in row] for row in rows]
    for index, column in enumerate(head):
        figure = any(_is_figure(row[index]) for row in cells)
        name = any(row[index].replace("_", "").isalnum() for row in cells)
        table.add_column(column, justify="right" if figure else "left", no_wrap=figure or name)
    for row in cells:
        table.add_row(*row)
    console.print(table)
