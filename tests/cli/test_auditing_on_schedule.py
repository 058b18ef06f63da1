"""The scheduled audit on the command line: done now, and what was recorded."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING

from sqlalchemy import text

from coopledger.database.dsn import Dsn
from coopledger.database.engine import engine_of

if TYPE_CHECKING:
    from tests.cli.conftest import CommandLine

BUDI = ("--email", "budi@example.org", "--name", "Budi", "--consent", "a form")


def test_an_audit_is_done_and_recorded(cli: CommandLine, machine_variables: dict[str, str]) -> None:
    """Agreeing ends with 0, differing with 1 and the member named; both are in the history."""
    cli.done("sell", "1", "--tier", "Tiket reguler", "--receipt", "1", *BUDI)
    before = len(cli.done("audit", "history", "--count", "99", "--format", "json").facts)
    cli.done("index", "rebuild")
    said = cli.done("audit", "now")
    assert said.out.startswith("The audit agrees as of block ")
    engine = engine_of(Dsn(machine_variables["COOPLEDGER_DATABASE_DSN"]))
    with engine.begin() as connection:
        connection.execute(text("UPDATE index.record SET consent = 1 WHERE number = 1"))
    engine.dispose()
    said = cli("audit", "now")
    assert said.code == 1
    named = "member 1, consent: signed, where attested was expected (the index and the chain)"
    assert said.out.splitlines() == [named]
    assert "coopledger index rebuild" in said.err
    cli.done("index", "rebuild")
    cli.done("audit", "now")
    found = cli.done("audit", "history", "--format", "json").facts
    assert [each["verdict"] for each in found[:3]] == ["agrees", "differs", "agrees"]
    assert len(found) == min(20, before + 3)
    assert (found[1]["differences"], found[1]["findings"], found[1]["first"]) == (1, [named], named)
    assert found[0]["block"] == cli.chain.head()
    assert found[0]["block_hash"] == "0x" + cli.chain.block("latest").hash.hex()
    rows = list(csv.DictReader(io.StringIO(cli.done("audit", "history", "-f", "csv").out)))
    assert [row["verdict"] for row in rows[:3]] == ["agrees", "differs", "agrees"]
    table = cli.done("audit", "history", "--count", "2").out
    assert ("differs" in table, named in table, "WIB" in table) == (True, True, True)


def test_what_cannot_be_audited_is_told(
    cli: CommandLine, machine_variables: dict[str, str]
) -> None:
    """Without an index the audit ends with a code of its own; the history says why."""
    engine = engine_of(Dsn(machine_variables["COOPLEDGER_DATABASE_DSN"]))
    with engine.begin() as connection:
        connection.execute(text("DROP SCHEMA IF EXISTS index CASCADE"))
    engine.dispose()
    said = cli("audit", "now")
    assert (said.code, said.out) == (7, "")
    assert "no index" in said.err
    newest = cli.done("audit", "history", "--count", "1", "--format", "json").facts[0]
    assert (newest["verdict"], newest["block"], newest["findings"]) == ("not done", None, [])
    assert "no index" in newest["first"]
