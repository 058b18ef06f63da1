"""The exports that the API sends are the files that the command writes, and nothing is left behind."""

from __future__ import annotations

import hashlib
import json
import tempfile
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import anyio
import pytest
from fastapi import FastAPI

from coopledger.api import downloads
from coopledger.api.spooling import Spool
from coopledger.cli.main import run
from coopledger.domain.types import BlockNumber
from coopledger.exports import streams
from coopledger.exports.data import Fingerprint
from coopledger.index.asking.pinning import BlockReplaced
from coopledger.index.asking.wanted import ALL
from coopledger.services.asking import from_the_index, streaming
from tests.api.indexed import Indexed
from tests.index.conftest import new_index

if TYPE_CHECKING:
    pass

__all__ = ["new_index"]

KINDS = ("csv", "json", "xlsx", "pdf")
PROBLEM = "application/problem+json"


@pytest.fixture
def scratch(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A folder in which temporary files are made during the test."""
    folder = tmp_path / "scratch"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder


def by_command(
    indexed: Indexed, patch: pytest.MonkeyPatch, file: Path, *options: str
) -> hashlib._Hash:
    """Return the SHA-256 of the file that the command writes."""
    patch.setenv("COOPLEDGER_RPC_URL", indexed.office.url)
    patch.setenv("COOPLEDGER_DATABASE_DSN", indexed.index.dsn.text)
    patch.setenv("COOPLEDGER_DEPLOYMENTS_FOLDER", str(indexed.office.deployments))
    patch.setenv("COOPLEDGER_STATE_FOLDER", str(file.parent))
    assert run(["register", "export", str(file), *options]) == 0
    return hashlib.sha256(file.read_bytes())


@pytest.mark.parametrize("kind", KINDS)
def test_the_bytes_are_the_command_s(
    indexed: Indexed, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, kind: str
) -> None:
    """For any moment and any options, what is sent is what ``register export`` writes, byte for byte."""
    newest = indexed.office.chain.head()
    for at, query, options in (
        (newest, "", ()),
        (newest, "&state=all&annulled=true", ("--open", "--closed", "--annulled")),
        (newest - 8, "&state=closed&consent=attested", ("--closed", "--consent", "attested")),
        (newest // 2, "&standing=associate", ("--standing", "associate")),
    ):
        if kind in {"xlsx", "pdf"}:
            query, options = f"{query}&language=en", (*options, "--language", "en")
        # Several blocks may share a second: a file is named by the last of them.
        block = indexed.ask(f"/counts?at={at}")["as_of"]["block"]
        sent = indexed.client.get(f"/api/v1/register.{kind}?at={at}{query}")
        assert sent.status_code == 200, sent.text
        chain = indexed.office.chain
        named = chain.last_of_its_second(chain.block(BlockNumber(block)), chain.head())
        name = f"register-block-{named.number}.{kind}"
        assert sent.headers["Content-Disposition"] == f'attachment; filename="{name}"'
        assert (
            sent.headers["Content-Type"].partition(";")[0]
            == downloads.MEDIA_TYPES[downloads.Kind(kind)]
        )
        written = by_command(*(indexed, monkeypatch, tmp_path / name, "--at", str(block), *options))
        assert hashlib.sha256(sent.content).hexdigest() == written.hexdigest()


def test_every_format_names_the_csv_s_sha_256(indexed: Indexed) -> None:
    """The data's SHA-256 is that of the CSV; XLSX and PDF name it in a header, the JSON at its end."""
    query = f"?at={indexed.office.chain.head()}&state=all"
    data = hashlib.sha256(indexed.client.get(f"/api/v1/register.csv{query}").content).hexdigest()
    for kind in ("xlsx", "pdf"):
        sent = indexed.client.get(f"/api/v1/register.{kind}{query}")
        assert sent.headers["Coopledger-Data-Sha256"] == data
        assert int(sent.headers["Content-Length"]) == len(sent.content)
    said = json.loads(indexed.client.get(f"/api/v1/register.json{query}").content)
    assert (said["sha256"], said["rows"]) == (data, len(said["members"]))


@pytest.mark.parametrize("kind", KINDS)
def test_an_unchanged_file_is_not_made_again(
    indexed: Indexed, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    """The ETag is known before the file: with it, and for HEAD, nothing is read or made."""
    path = f"/api/v1/register.{kind}?at={indexed.office.chain.head()}"
    indexed.office.dev.increase_time(60)
    indexed.follow()
    first = indexed.client.get(path)
    indexed.office.dev.increase_time(60)
    indexed.follow()

    def nothing(*_: object) -> None:
        raise AssertionError("an entry was read")

    monkeypatch.setattr(from_the_index, "entries_of", nothing)
    etag = first.headers["ETag"]
    again = indexed.client.get(path, headers={"If-None-Match": etag})
    assert (again.status_code, again.content, again.headers["ETag"]) == (304, b"", etag)
    head = indexed.client.head(path)
    assert (head.status_code, head.content, head.headers["ETag"]) == (200, b"", etag)
    for name in ("Content-Disposition", "Content-Type", "Coopledger-Block"):
        assert head.headers[name] == first.headers[name]


def small_pages(patch: pytest.MonkeyPatch) -> list[int]:
    """Make pages and pieces small; return a list that gets the first number of each page read."""
    read: list[int] = []
    usual = streaming._page

    def counted(look: Any, about: Any, after: Any, size: int) -> Any:
        read.append(after + 1)
        return usual(look, about, after, 10)

    patch.setattr(streaming, "_page", counted)
    patch.setattr(streams, "_PIECE", 1_024)
    return read


@pytest.mark.parametrize("kind", ["csv", "json"])
def test_it_is_read_while_it_is_sent(
    indexed: Indexed, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    """A piece is sent when its page was read; between two of them no connection is in use."""
    read = small_pages(monkeypatch)
    parts, in_use = streamed(indexed, f"register.{kind}", stop_after=3)
    assert len(parts) == 3
    assert len(read) <= 3
    assert in_use == [0, 0, 0]
    read.clear()
    parts, _ = streamed(indexed, f"register.{kind}")
    assert len(read) > 20
    assert max(map(len, parts)) < 2_048
    plain = indexed.client.get(f"/api/v1/register.{kind}")
    assert b"".join(parts) == plain.content


@pytest.mark.parametrize("kind", KINDS)
def test_who_goes_away_leaves_nothing_behind(
    indexed: Indexed, monkeypatch: pytest.MonkeyPatch, scratch: Path, kind: str
) -> None:
    """After a reader has gone in the middle, no connection is in use and no file is there."""
    small_pages(monkeypatch)
    monkeypatch.setattr("coopledger.api.spooling._PIECE", 512)
    parts, _ = streamed(indexed, f"register.{kind}", stop_after=2)
    assert len(parts) == 2
    assert connections_in_use(indexed) == 0
    assert list(scratch.iterdir()) == []
    assert indexed.client.get(f"/api/v1/register.{kind}").status_code == 200
    assert list(scratch.iterdir()) == []


def test_too_many_files_at_once_are_put_off(
    indexed: Indexed, monkeypatch: pytest.MonkeyPatch, scratch: Path
) -> None:
    """While as many are being made as may be, the next is told to come again; a CSV never is."""
    app: Any = indexed.client.app
    monkeypatch.setattr(app.state, "spool", Spool(at_once=1))
    refused = []

    def write(file: Path) -> Fingerprint:
        refused.append(indexed.client.get("/api/v1/register.pdf"))
        assert indexed.client.get("/api/v1/register.csv").status_code == 200
        file.write_bytes(b"made")
        return Fingerprint()

    assert b"".join(app.state.spool.made("file.pdf", write).pieces()) == b"made"
    (answer,) = refused
    assert (answer.status_code, answer.headers["Content-Type"]) == (503, PROBLEM)
    assert answer.json()["type"] == "urn:coopledger:problem:too-many-exports"
    assert indexed.client.get("/api/v1/register.pdf").status_code == 200
    monkeypatch.setattr(tempfile, "tempdir", str(scratch / "is-not-there"))
    no_room = indexed.client.get("/api/v1/register.pdf")
    assert (no_room.status_code, no_room.json()["title"]) == (503, "Export not made")
    assert "is-not-there" not in no_room.text


def test_a_register_that_changes_is_not_sent_as_a_whole(
    indexed: Indexed, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where the chain turns while a file is read, the answer breaks off."""
    office = indexed.office
    snapshot = office.dev.snapshot()
    office.sell_plain({"order": "L", "email": "late@example.org"})
    indexed.follow()
    path = f"register.csv?at={office.chain.head()}"
    usual = streaming._page
    turned: list[int] = []

    def turning(look: Any, about: Any, after: Any, size: int) -> Any:
        if after and not turned:
            turned.append(after)
            office.dev.revert(snapshot)
            office.sell_plain({"order": "M", "email": "other@example.org"})
            office.sell_plain({"order": "N", "email": "another@example.org"})
            indexed.follow()
        return usual(look, about, after, 10)

    monkeypatch.setattr(streaming, "_page", turning)
    with pytest.raises(RuntimeError) as failure:
        indexed.client.get(f"/api/v1/{path}")
    assert isinstance(failure.value.__cause__, BlockReplaced)
    assert turned


def test_each_page_is_held_to_what_the_file_says(indexed: Indexed) -> None:
    """A page is not sent where the register's head or counts are others than the file names."""
    app: Any = indexed.client.app
    reader = app.state.answers.source.register()
    with reader.register(None) as register:
        about = reader.about(register, ALL)
    assert sum(1 for _ in reader.entries(about)) == about.counts.records
    others = (
        replace(about, head=bytes(32)),
        replace(about, events=about.events + 1),
        replace(about, counts=replace(about.counts, open=about.counts.open - 1)),
    )
    for other in others:
        with pytest.raises(streaming.RegisterChanged):
            next(reader.entries(other))


def streamed(
    indexed: Indexed, path: str, stop_after: int | None = None
) -> tuple[list[bytes], list[int]]:
    """Ask as a server does, and go away after some pieces.

    Returns:
        The pieces that came, and how many connections were in use as each came.
    """
    app = indexed.client.app
    assert isinstance(app, FastAPI)
    parts: list[bytes] = []
    in_use: list[int] = []
    scope = {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": "1.1",
        "method": "GET",
        "path": f"/api/v1/{path}",
        "raw_path": f"/api/v1/{path}".encode(),
        "query_string": b"",
        "headers": [(b"host", b"testserver")],
        "server": ("testserver", 80),
        "scheme": "http",
    }

    async def ask(call: Callable[..., Awaitable[None]]) -> None:
        gone, asked = anyio.Event(), False

        async def receive() -> dict[str, Any]:
            nonlocal asked
            if not asked:
                asked = True
                return {"type": "http.request", "body": b"", "more_body": False}
            await gone.wait()
            return {"type": "http.disconnect"}

        async def send(message: Any) -> None:
            if message.get("body") and not gone.is_set():
                parts.append(message["body"])
                in_use.append(connections_in_use(indexed))
                if len(parts) == stop_after:
                    gone.set()
                    await anyio.lowlevel.checkpoint()

        await call(scope, receive, send)

    anyio.run(ask, app)
    return parts, in_use


def connections_in_use(indexed: Indexed) -> int:
    """Return how many connections to the database are lent out."""
    app: Any = indexed.client.app
    kept = app.state.answers.source._index._kept
    return int(kept[1].pool.checkedout())
