"""The register by the commands: as of before and after, its changes, its exports; all from the index."""

from __future__ import annotations

import csv
import hashlib
import json
from pathlib import Path

import pytest

from tests.cli.conftest import ROOT, CommandLine

TURAH = str(ROOT / "examples" / "turah-orders.json")


@pytest.fixture
def sold(cli: CommandLine) -> CommandLine:
    """The command line after the first screening was sold, the index built."""
    order_map = str(ROOT / "examples" / "kinarya-map.toml")
    cli.done("import-orders", TURAH, "--map", order_map, "--consent", "buyers")
    cli.done("index", "rebuild")
    return cli


def test_the_register_is_the_list_of_members(sold: CommandLine) -> None:
    """What the index lists and counts is what the chain lists."""
    by_chain = sold.done("members", "--count", "0", "--format", "json").facts
    by_index = sold.done("register", "--count", "1000", "--format", "json").facts
    assert [{**row, "card": None} for row in by_index] == [
        {**row, "card": None} for row in by_chain
    ]
    assert sold.done("register", "counts", "--format", "json").facts["open"] == len(by_chain)
    days = sold.done("register", "growth", "--format", "json").facts
    assert sum(day["joins"] for day in days) == len(by_chain)
    first = sold.done("register", "--count", "3")
    assert "As of" in first.out
    assert "More follow: --start 4" in first.err
    page = sold.done("register", "--count", "3", "--start", "4", "--format", "json").facts
    assert [row["number"] for row in page] == [4, 5, 6]


def test_changes_add_up_after_a_promotion(sold: CommandLine) -> None:
    """A standing changes no number; filters see it only from its block on."""
    before = sold.chain.head()
    sold.dev.increase_time(60)
    sold.done("standing", "2", "full", "--reference", "KTP")
    assert sold("register", "--at", str(before + 1)).code == 7
    sold.done("index", "rebuild")
    full = sold.done("register", "--standing", "full", "--format", "json").facts
    assert [row["number"] for row in full] == [2]
    then = ("register", "--standing", "full", "--at", str(before), "--format", "json")
    assert sold.done(*then).facts == []
    found = sold.done("register", "changes", "--from", "0", "--format", "json").facts
    assert found["opening"] + found["joins"] - found["exits"] == found["closing"] > 0
    whole = sold.done("register", "history", "2", "--format", "json").facts
    assert [row["what"] for row in whole][-1] == "standing set"
    assert {"joined", "ticket issued"} <= {row["what"] for row in whole}
    assert all(row["transaction"].startswith("0x") for row in whole)
    mine = sold.done("register", "tickets", "--member", "2", "--format", "json").facts
    assert all(row["holder"] == full[0]["account"] for row in mine)
    shown = sold.done("register", "tickets", "--screening", "1", "--count", "500", "-f", "json")
    assert {row["ticket"] for row in mine} <= {row["ticket"] for row in shown.facts}
    assert sold("register", "tickets").code == 2
    unknown = sold("register", "tickets", "--screening", "99")
    assert (unknown.code, "screening 99 had not been opened" in unknown.err) == (4, True)


def test_an_export_can_be_written_in_every_format(sold: CommandLine, tmp_path: Path) -> None:
    """Each file names the same SHA-256; names are only there where asked for."""
    data = tmp_path / "members.csv"
    said = sold.done("register", "export", str(data))
    sha256 = hashlib.sha256(data.read_bytes()).hexdigest()
    assert sha256 in said.out
    assert f"audit compare {data} --at" in said.out
    for kind in ("json", "xlsx", "pdf"):
        file = tmp_path / f"members.{kind}"
        assert sha256 in sold.done("register", "export", str(file), "--language", "en").out
        assert file.stat().st_size > 1000
    assert json.loads((tmp_path / "members.json").read_bytes())["sha256"] == sha256
    with data.open(newline="") as stream:
        assert "names" not in next(csv.reader(stream))
    named = tmp_path / "named.csv"
    said = sold.done("register", "export", str(named), "--with-names")
    assert sha256 in said.out
    assert "personal data" in said.err
    with named.open(newline="") as stream:
        assert any(row["names"] for row in csv.DictReader(stream))
    assert sold("register", "export", "members.docx").code == 3
