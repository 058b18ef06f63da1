"""An auditor's time and memory: the hash chain of many events from disk, and whole audits of a real chain.

Each figure is of a process of its own, which has imported what an auditor's would.
"""

import argparse
import json
import random
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from bench._fresh import measured
from coopledger.audit.events.register import RegisterBook
from coopledger.audit.proofs.bundle import Preamble, read_events, read_preamble, write_bundle
from coopledger.domain.moves import MoveKind
from coopledger.domain.register import (
    Cause,
    Consent,
    RegisterEvent,
    RegisterKind,
    Standing,
    genesis_head,
    joined_argument,
    left_argument,
    moved_argument,
    next_head,
    standing_argument,
)
from coopledger.domain.types import (
    NO_ATTESTATION,
    NO_SEAT,
    Address,
    Attestation,
    BylawsVersion,
    ChainId,
    MemberNumber,
    OrderReference,
    ScreeningId,
    TicketId,
    TierIndex,
    Timestamp,
)
from coopledger.domain.words import pack_line

_CHAIN, _LEDGER = ChainId(1), Address("0x" + "1e" * 20)  # type: ignore[arg-type]  # no checksum needed
_BEGIN = 1_790_000_000
_PAPER = Attestation(b"\x01" * 16)
_LINES_A_BATCH = 150
_MOST_SECONDS, _MOST_MB, _MOST_AUDIT_MB = 30, 500, 200


def main(arguments: Sequence[str]) -> int:
    """Measure and show; return 1 where a promise is not met."""
    parser = argparse.ArgumentParser(prog="scripts/bench audit", description=__doc__)
    parser.add_argument("--events", type=int, default=1_000_000, help="events to replay")
    parser.add_argument(
        "--members",
        default="5000,20000,50000",
        help="sizes at which a real chain is audited; empty for none",
    )
    parser.add_argument("--json", action="store_true", help="print one JSON object as last line")
    options = parser.parse_args(arguments)
    sizes = [int(size) for size in options.members.split(",") if size]
    figures = {"events": options.events, **time_replay(options.events)}
    figures["audits"] = list(time_audits(sizes)) if sizes else []
    show(figures)
    if options.json:
        print(json.dumps(figures))
    kept = figures["seconds"] < _MOST_SECONDS and figures["peak_mb"] < _MOST_MB
    return 0 if kept and all(a["peak_mb"] < _MOST_AUDIT_MB for a in figures["audits"]) else 1


# -- the hash chain --


def time_replay(count: int) -> dict[str, Any]:
    """Return what the replay of generated events from disk takes, and what it gives."""
    with tempfile.TemporaryDirectory(prefix="coopledger-bench-") as folder:
        file = Path(folder) / "register.bundle"
        written = measured("bench.audit:write_generated", str(file), str(count)).result
        replayed = measured("bench.audit:replay_file", str(file))
        if replayed.result != written:
            raise AssertionError(f"the replay gave {replayed.result}, not {written}")
        return {
            "seconds": round(replayed.seconds, 2),
            "peak_mb": round(replayed.peak_mb, 1),
            "events_per_s": round(count / replayed.seconds),
            "file_mb": round(file.stat().st_size / 1e6, 1),
            **written,
        }


def write_generated(path: str, count: str) -> dict[str, Any]:
    """Write a bundle of generated events; return what their replay must give."""
    head = genesis_head(_CHAIN, _LEDGER)
    records = 0

    def counted() -> Iterator[RegisterEvent]:
        nonlocal head, records
        for event in generated(int(count)):
            head = next_head(head, event)
            records += event.kind in {RegisterKind.JOINED, RegisterKind.MOVED}
            yield event

    with Path(path).open("wb") as file:
        preamble = Preamble(_CHAIN, _LEDGER, b"", (), {}, (), int(count))
        write_bundle(file, preamble, counted())
    return {"head": "0x" + head.hex(), "records": records}


def replay_file(path: str) -> dict[str, Any]:
    """Replay a bundle's events with every rule of the register; return what they give."""
    with Path(path).open("rb") as file:
        preamble = read_preamble(file)
        book = RegisterBook(preamble.chain_id, preamble.ledger)
        for event in read_events(file):
            book.add(event)
    return {"head": "0x" + book.head.hex(), "records": book.member_count}


def generated(count: int) -> Iterator[RegisterEvent]:
    """Yield a register's life: mostly joining; leaving, standings, moves and rejoining in between."""
    chosen = random.Random(4)
    accounts: list[str] = []
    standings: dict[int, Standing] = {}
    open_numbers: list[int] = []
    gone: list[tuple[str, int]] = []
    yield RegisterEvent(
        RegisterKind.BYLAWS_SET, 1, None, None, chosen.getrandbits(256), Timestamp(_BEGIN)
    )

    def opened(account: str) -> int:
        accounts.append(account)
        open_numbers.append(len(accounts))
        standings[len(accounts)] = Standing.ASSOCIATE
        return len(accounts)

    def taken() -> int:
        place = chosen.randrange(len(open_numbers))
        open_numbers[place], open_numbers[-1] = open_numbers[-1], open_numbers[place]
        return open_numbers.pop()

    for index in range(1, count):
        when, luck = Timestamp(_BEGIN + index // 4), chosen.random()
        if luck < 0.75 or len(open_numbers) < 2:
            account, previous = f"0x{chosen.getrandbits(160):040x}", 0
            if gone and luck < 0.01:
                account, previous = gone.pop()
            number = opened(account)
            argument = joined_argument(
                *(Consent.ATTESTED, BylawsVersion(1), when, MemberNumber(previous) or None, _PAPER)
            )
            kind = RegisterKind.JOINED
        elif luck < 0.80:
            number = taken()
            account = accounts[number - 1]
            gone.append((account, number))
            kind, argument = RegisterKind.LEFT, left_argument(Cause.LEFT, NO_ATTESTATION)
        elif luck < 0.98:
            number = open_numbers[chosen.randrange(len(open_numbers))]
            account = accounts[number - 1]
            full = standings[number] is Standing.FULL
            standings[number] = Standing.ASSOCIATE if full else Standing.FULL
            kind, argument = RegisterKind.STANDING_SET, standing_argument(standings[number], _PAPER)
        else:
            old, account = taken(), f"0x{chosen.getrandbits(160):040x}"
            number = opened(account)
            standings[number] = standings[old]
            kind = RegisterKind.MOVED
            argument = moved_argument(MemberNumber(old), MoveKind.DELAYED)
        ticket = None if kind is RegisterKind.STANDING_SET else TicketId(number)
        yield RegisterEvent(kind, number, Address(account), ticket, argument, when)  # type: ignore[arg-type]  # no checksum needed


# -- a real chain --


def time_audits(sizes: Sequence[int]) -> Iterator[dict[str, Any]]:
    """Yield what an audit of a real chain takes at each size; the chain grows in between."""
    from bench.issue import cooperative
    from coopledger.chain.development import development_signer
    from coopledger.chain.sending.sender import Sender
    from coopledger.settings import Settings

    with (
        tempfile.TemporaryDirectory(prefix="coopledger-bench-") as folder,
        tempfile.TemporaryDirectory(prefix="coopledger-bench-") as empty,
        cooperative(Path(folder), "audited", max(sizes)) as coop,
    ):
        sender = Sender(coop.chain, development_signer(coop.chain), Settings())
        for size in sorted(sizes):
            _sell_until(coop, sender, size)
            done = measured(
                "bench.audit:audit_chain",
                coop.chain.rpc.url,
                coop.ledger.address,
                folder=Path(empty),
            )
            if done.result != size:
                raise AssertionError(f"the audit compared {done.result} records, not {size}")
            yield {
                "members": size,
                "seconds": round(done.seconds, 2),
                "peak_mb": round(done.peak_mb, 1),
            }


def audit_chain(url: str, ledger: str) -> int:
    """Audit a ledger as the command does; return how many records were compared."""
    import io
    from contextlib import redirect_stdout

    from coopledger.cli.main import run

    with redirect_stdout(io.StringIO()) as said:
        code = run(["audit", "--rpc", url, "--ledger", ledger, "--format", "json"])
    verdict = json.loads(said.getvalue())
    if code != 0 or verdict["verdict"] != "agrees":
        raise AssertionError(f"the audit ended with {code}: {verdict['findings'][:3]}")
    return int(verdict["compared"]["records"])


def _sell_until(coop: Any, sender: Any, size: int) -> None:
    screening = ScreeningId(1)
    while (have := coop.ledger.member_count()) < size:
        now = coop.chain.block("latest").timestamp
        numbers = range(have, min(have + _LINES_A_BATCH, size))
        lines = [
            pack_line(
                Address(f"0x{0xC0FFEE + number:040x}"),  # type: ignore[arg-type]  # no checksum needed
                *(NO_SEAT, TierIndex(0), now),
            )
            for number in numbers
        ]
        references = [OrderReference(number.to_bytes(32)) for number in numbers]
        (sale,) = coop.box_office.sales([screening])
        call = coop.box_office.sell_call(
            screening, sale.sequence, lines, references, BylawsVersion(1), _PAPER
        )
        sender.send(call)


def show(figures: dict[str, Any]) -> None:
    """Show the figures to people."""
    table = Table(title="An auditor's time and memory", title_justify="left")
    for column in ("what", "seconds", "peak MB"):
        table.add_column(column, justify="left" if column == "what" else "right")
    what = f"hash chain of {figures['events']:,} events from disk"
    table.add_row(what, f"{figures['seconds']}", f"{figures['peak_mb']}")
    for each in figures["audits"]:
        what = f"whole audit of a chain with {each['members']:,} members"
        table.add_row(what, f"{each['seconds']}", f"{each['peak_mb']}")
    Console(width=100).print(table)
    print(
        f"promised: hash chain < {_MOST_SECONDS} s and < {_MOST_MB} MB, audits < {_MOST_AUDIT_MB} MB"
    )
