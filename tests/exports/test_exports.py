"""Exports hold what the register says, the same bytes each time, and nothing that runs."""

from __future__ import annotations

import csv
import hashlib
import re
import zipfile
import zlib
from collections import Counter
from datetime import datetime
from pathlib import Path
from xml.etree import ElementTree
from zoneinfo import ZoneInfo

import orjson
import pytest

from coopledger.domain.register import Cause, Consent, Standing
from coopledger.domain.types import Address, Timestamp
from coopledger.exports.data import COLUMNS, Fingerprint
from coopledger.exports.pdf_file import write_pdf
from coopledger.exports.streams import csv_pieces
from coopledger.exports.wording import ENGLISH, INDONESIAN
from coopledger.exports.writing import ExportNotWritten, NotAnExport, write_export
from coopledger.exports.xlsx_file import write_xlsx
from coopledger.index.asking.queries import Register
from coopledger.index.asking.wanted import ALL, State, Wanted
from coopledger.pictures.language import Language
from tests.exports.conftest import about
from tests.index.generated import Made

KINDS = ("csv", "json", "xlsx", "pdf")


def written(
    folder: Path, register: Register, kind: str, wanted: Wanted = ALL, **options: object
) -> tuple[bytes, Fingerprint]:
    """Write an export and return its bytes."""
    folder.mkdir(exist_ok=True)
    file = folder / f"members.{kind}"
    entries = register.whole(wanted)
    said = about(register, wanted)
    fingerprint = write_export(file, said, entries, Language.EN, **options)  # type: ignore[arg-type]
    return file.read_bytes(), fingerprint


def called(account: Address) -> tuple[str, ...]:
    """Give every account two names, one that would run as a formula."""
    return ("=HYPERLINK(1)", f"Ani {account[-4:]}")


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("names", [None, called])
def test_the_same_moment_gives_the_same_bytes(
    tmp_path: Path, register: Made, kind: str, names: object
) -> None:
    """Twice the same question, twice the same file."""
    moment = Timestamp(sum(register.span) // 2)
    first, _ = written(tmp_path / "a", register.at(moment), kind, names=names)
    again, _ = written(tmp_path / "b", register.at(moment), kind, names=names)
    assert first == again
    later, _ = written(tmp_path / "c", register.at(Timestamp(register.span[1])), kind, names=names)
    assert later != first


def test_every_format_names_the_sha_256_of_the_csv(tmp_path: Path, now: Register) -> None:
    """The fingerprint is the CSV's SHA-256, whatever is written, with names or without."""
    data, fingerprint = written(tmp_path, now, "csv")
    assert hashlib.sha256(data).hexdigest() == fingerprint.sha256
    for kind in KINDS:
        for names in (None, called):
            _, found = written(tmp_path, now, kind, names=names)
            assert (found.sha256, found.rows) == (fingerprint.sha256, fingerprint.rows)
    said = orjson.loads(written(tmp_path, now, "json")[0])
    assert (said["sha256"], said["rows"]) == (fingerprint.sha256, 120)
    book = texts_of(tmp_path / "members.xlsx")
    assert fingerprint.sha256 in book


def test_csv_and_json_hold_every_field_of_every_record(tmp_path: Path, now: Register) -> None:
    """Each entry's cells, in both formats, and what the JSON says it is about."""
    rows = list(csv.DictReader(written(tmp_path, now, "csv")[0].decode().splitlines()))
    said = orjson.loads(written(tmp_path, now, "json")[0])
    entries = list(now.whole(ALL))
    assert len(rows) == len(entries) == len(said["members"])
    for row, member, entry in zip(rows, said["members"], entries, strict=True):
        assert row == {name: "" if v is None else str(v) for name, v in member.items()}
        assert tuple(row) == COLUMNS
        assert int(row["number"]) == entry.number
        assert row["account"] == entry.account.lower()
        assert bool(row["left"]) == (entry.left_at is not None)
        assert row["transaction"] == "0x" + entry.transaction.hex()
    assert said["as_of"]["block"] == now.as_of.block.number
    assert said["as_of"]["hash"] == "0x" + now.as_of.block.hash.hex()
    assert said["counts"]["open"] == sum(entry.left_at is None for entry in entries)
    assert f"--at {now.as_of.block.number} --closed --annulled" in said["verify"]


def test_annulled_entries_are_left_out_and_counted(tmp_path: Path, now: Register) -> None:
    """They are listed only where asked for, and counted in any case."""
    counts = now.counts()
    assert counts.annulled > 0
    said = orjson.loads(written(tmp_path, now, "json", Wanted(State.ALL))[0])
    assert said["counts"]["annulled"] == counts.annulled
    assert said["rows"] == 120 - counts.annulled
    assert "annulled" not in {member["cause"] for member in said["members"]}


@pytest.mark.parametrize("kind", KINDS)
def test_names_stand_only_where_asked_for(tmp_path: Path, now: Register, kind: str) -> None:
    """Without the option no name is read; with it each record has its names, a formula as a text."""
    file = tmp_path / f"members.{kind}"
    written(tmp_path, now, kind)
    assert not any("HYPERLINK" in text for text in texts_of(file))
    written(tmp_path, now, kind, names=called)
    joined = [f"=HYPERLINK(1); Ani {e.account[-4:]}" for e in now.whole(ALL)]
    if kind == "csv":
        shown = [row["names"] for row in csv.DictReader(file.read_text("utf-8").splitlines())]
        assert shown == [f"'{names}" for names in joined]
    elif kind == "json":
        members = orjson.loads(file.read_bytes())["members"]
        assert ["; ".join(member["names"]) for member in members] == joined
    else:
        assert [text for text in texts_of(file) if "HYPERLINK" in text] == joined
    if kind == "xlsx":
        with zipfile.ZipFile(file) as book:
            assert b"<f>" not in book.read("xl/worksheets/sheet2.xml")


def test_a_workbook_begins_a_new_sheet_before_rows_are_dropped(
    tmp_path: Path, now: Register
) -> None:
    """No sheet holds more than the limit, and all together hold everything."""
    entries = now.whole(ALL)
    file = tmp_path / "members.xlsx"
    write_xlsx(file, about(now, ALL), entries, ENGLISH, rows_a_sheet=50)
    with zipfile.ZipFile(file) as book:
        sheets = sorted(name for name in book.namelist() if "worksheets/sheet" in name)
        rows = [book.read(name).count(b"<row ") for name in sheets]
    assert rows[1:] == [51, 51, 21]


def test_a_document_does_not_list_more_than_it_may(tmp_path: Path, now: Register) -> None:
    """Beyond the limit the document is short, and its fingerprint is still that of all."""
    wording = INDONESIAN
    files = {most: tmp_path / f"members-{most}.pdf" for most in (119, 120)}
    found = [
        write_pdf(*(file, about(now, ALL), now.whole(ALL), wording), most_listed=most)
        for most, file in files.items()
    ]
    assert found[0].sha256 == found[1].sha256
    assert [pages_of(file) for file in files.values()] == [1, 4]


def test_pieces_are_small(now: Register) -> None:
    """A stream never holds the whole: its pieces stay near 64 KiB."""
    many = list(now.whole(ALL)) * 50
    pieces = list(csv_pieces(many, Fingerprint()))
    assert len(pieces) > 5
    assert max(map(len, pieces)) < 70_000


def test_a_file_without_a_known_ending_or_folder_is_refused(tmp_path: Path, now: Register) -> None:
    """Nothing is written where it is not said what, or not possible; an old file stays."""
    entries = now.whole(ALL)
    with pytest.raises(NotAnExport):
        write_export(tmp_path / "members.docx", about(now, ALL), entries, Language.EN)
    with pytest.raises(ExportNotWritten):
        write_export(tmp_path / "no" / "members.csv", about(now, ALL), entries, Language.EN)
    assert list(tmp_path.iterdir()) == []


def test_a_document_lists_each_member_as_the_register_has_them(
    tmp_path: Path, now: Register
) -> None:
    """A row a record: number, account, standing, consent, and the days of joining and leaving."""
    standings = {Standing.ASSOCIATE: "associate", Standing.FULL: "full"}
    consents = {Consent.SIGNED: "signed", Consent.PURCHASED: "purchased"}
    consents[Consent.ATTESTED] = "attested"
    written(tmp_path, now, "pdf")
    texts = texts_of(tmp_path / "members.pdf")
    entries = list(now.whole(ALL))
    assert {entry.consent for entry in entries} == consents.keys()
    assert any(entry.left_at for entry in entries)
    at = 0
    for entry in entries:
        at = texts.index(entry.account.lower(), at + 1)
        expected = [str(entry.number), entry.account.lower(), standings[entry.standing]]
        expected += [consents[entry.consent], day_of(entry.joined_at)]
        if entry.left_at is not None:
            expected += [day_of(entry.left_at), entry.cause.name.lower()]
        assert texts[at - 1 : at - 1 + len(expected)] == expected
    # Both days of a record may be the same: each stands below its own heading.
    drawn = drawn_in(tmp_path / "members.pdf")
    placed = re.findall(rb"BT ([\d.]+) [\d.]+ Td [^(]*\(([^)]*)\) Tj", drawn)
    columns = {text: at for at, text in placed if text in {b"Joined", b"Left"}}
    days = Counter(at for at, text in placed if re.fullmatch(rb"\d{4}-\d\d-\d\d", text))
    assert days[columns[b"Joined"]] == len(entries)
    assert days[columns[b"Left"]] == sum(entry.left_at is not None for entry in entries)


def test_a_document_states_the_counts_of_the_register(tmp_path: Path, now: Register) -> None:
    """Behind each label stands what was counted over the records themselves."""
    written(tmp_path, now, "pdf")
    texts = texts_of(tmp_path / "members.pdf")
    whole = list(now.whole(ALL))
    counted = [entry for entry in whole if entry.cause is not Cause.ANNULLED]
    open_now = [entry for entry in counted if entry.left_at is None]
    consents = Counter(entry.consent for entry in open_now)
    three = (Consent.SIGNED, Consent.PURCHASED, Consent.ATTESTED)
    assert len({consents[each] for each in three}) == 3
    for label, expected in (
        ("Members", len(open_now)),
        ("Full members", sum(e.standing is Standing.FULL for e in open_now)),
        ("Associate members", sum(e.standing is Standing.ASSOCIATE for e in open_now)),
        (
            "Consent: signed / purchased / attested",
            " / ".join(str(consents[each]) for each in three),
        ),
        ("Closed records", len(whole) - len(open_now)),
        ("of these annulled (entered in error)", len(whole) - len(counted)),
    ):
        assert str(expected) in texts[texts.index(label) :][:4], (label, expected)


def day_of(moment: int) -> str:
    """Return the day of a time, in Jakarta, as a document writes it."""
    return datetime.fromtimestamp(moment, ZoneInfo("Asia/Jakarta")).strftime("%Y-%m-%d")


def pages_of(file: Path) -> int:
    """Count the pages of a document."""
    return file.read_bytes().count(b"/Type /Page\n")


def drawn_in(file: Path) -> bytes:
    """Return what a document draws."""
    streams = re.findall(rb"stream\n(.*?)\nendstream", file.read_bytes(), re.DOTALL)
    return b"".join(map(zlib.decompress, streams))


def texts_of(file: Path) -> list[str]:
    """Return every text of a file, in order: of a workbook's cells, of a document's lines."""
    if file.suffix == ".xlsx":
        with zipfile.ZipFile(file) as book:
            parts = [book.read(name) for name in book.namelist() if name.endswith(".xml")]
        roots = [ElementTree.fromstring(part) for part in parts]  # noqa: S314  # a file of our own
        return [each.text or "" for root in roots for each in root.iter()]
    if file.suffix == ".pdf":
        texts = re.findall(rb"\(((?:[^()\\]|\\.)*)\) Tj", drawn_in(file))
        return [re.sub(rb"\\(.)", rb"\1", text).decode("latin-1") for text in texts]
    return file.read_text("utf-8").splitlines()
