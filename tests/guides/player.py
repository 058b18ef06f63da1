"""Plays the pages of ``docs/guide``: types their commands as a reader would, and keeps what they print.

Every page begins on the same Monday morning, with the example cooperative founded and one screening
imported; what a page changes on the chain is taken back before the next one. Accounts, hashes and seconds
differ from run to run and are left out of every comparison.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from coopledger.chain.development import DevChain
from coopledger.chain.wire.client import connect
from coopledger.domain.types import WIB, to_timestamp
from coopledger.local.chain.node import LocalNode, NodeOptions
from coopledger.local.database.server import EmbeddedServer

ROOT = Path(__file__).resolve().parents[2]
GUIDE = ROOT / "docs" / "guide"
MONDAY = datetime(2026, 11, 30, 9, 0, tzinfo=WIB)
FOUNDING = (
    "coopledger deploy",
    "coopledger bylaws examples/AD-ART.md",
    "coopledger film add Turah --year 2016 --minutes 83",
    (
        'coopledger screening add --film 1 --starts "2026-12-05 19:00" --venue "Gedung Kesenian Tegal" '
        '--capacity 400 --tier "Tiket reguler=35000/10000" --tier "Tiket pelajar=20000/10000"'
    ),
    (
        "coopledger import-orders examples/turah-positions.csv --map examples/kinarya-map.toml "
        "--consent buyers"
    ),
)

_BLOCK = re.compile(r"(```console\n)(.*?)(```)", re.DOTALL)
_CHANGING = (
    (re.compile(r"0x[0-9a-fA-F]{8,}(…?)"), "0x…"),
    (re.compile(r"\b[0-9a-f]{8,64}\b"), "…"),
    (re.compile(r"127\.0\.0\.1:\d+"), "127.0.0.1:…"),
    # A slow machine may need minutes for a page; nothing is said by the minute alone.
    (re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d WIB"), "… WIB"),
    (re.compile(r"block \d+"), "block …"),
    (re.compile(r"[\d,]+ bytes"), "… bytes"),
    (re.compile(r"(gas +)\d+"), r"\1…"),
)


def plain(text: str) -> str:
    """Return output without what changes from run to run, or with the width of a column."""
    for pattern, placeholder in _CHANGING:
        text = pattern.sub(placeholder, text)
    text = re.sub(r"─{3,}", "───", text)
    lines = (re.sub(r"(?<=\S) {2,}", "   ", line).rstrip() for line in text.strip().splitlines())
    return "\n".join(lines)


@dataclass(frozen=True)
class Typed:
    """A command of a page and what it is said to print."""

    command: str
    output: str


def typed_in(page: str) -> Iterator[Typed]:
    """Yield the commands of a page in order."""
    for _, body, _ in _BLOCK.findall(page):
        for part in re.split(r"^\$ ", body, flags=re.MULTILINE)[1:]:
            command, _, output = part.partition("\n")
            yield Typed(command, output)


class Player:
    """A machine with the example cooperative on it, at which pages are played."""

    def __init__(
        self, folder: Path, url: str, variables: dict[str, str], typist: subprocess.Popen[str]
    ) -> None:
        self.url = url
        self._folder = folder
        self._variables = variables
        self._typist = typist
        self._dev = DevChain(connect(url, NodeOptions().chain_id))
        for command in FOUNDING:
            self.type(command)

    def type(self, command: str) -> str:
        """Run a command line and return what a terminal would show."""
        order = {"folder": str(self._folder), "variables": self._variables, "command": command}
        assert self._typist.stdin is not None
        assert self._typist.stdout is not None
        self._typist.stdin.write(json.dumps(order) + "\n")
        self._typist.stdin.flush()
        return str(json.loads(self._typist.stdout.readline()))

    @contextmanager
    def fresh(self) -> Iterator[None]:
        """Bring the chain and the folder back after a page."""
        snapshot = self._dev.snapshot()
        before = set(self._folder.iterdir())
        deployments = {path: path.read_bytes() for path in self._folder.glob("deployments/*")}
        try:
            yield
        finally:
            self._dev.revert(snapshot)
            for path, content in deployments.items():
                path.write_bytes(content)
            for left in set(self._folder.iterdir()) - before:
                shutil.rmtree(left) if left.is_dir() else left.unlink()

    def play(self, page: str) -> list[Typed]:
        """Type a page's commands; return them with what they really print."""
        with self.fresh():
            return [Typed(each.command, self.type(each.command)) for each in typed_in(page)]


@contextmanager
def player() -> Iterator[Player]:
    """Start a machine for the length of the block."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="coopledger-guide-")))
        node = stack.enter_context(LocalNode(NodeOptions(timestamp=to_timestamp(MONDAY))))
        state = folder / ".coopledger"
        state.mkdir()
        stack.enter_context(EmbeddedServer(state / "postgresql", durable=False)).start()
        shutil.copytree(ROOT / "examples", folder / "examples")
        clean = {name: value for name, value in os.environ.items() if "COOPLEDGER" not in name}
        commands = Path(sys.executable).parent
        variables = {
            **clean,
            "PATH": f"{commands}{os.pathsep}{os.environ['PATH']}",
            "COOPLEDGER_RPC_URL": node.url,
        }
        typist = stack.enter_context(
            subprocess.Popen(
                [sys.executable, "-m", "tests.guides.typist"],
                cwd=ROOT,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
            )
        )
        yield Player(folder, node.url, variables, typist)


def rewritten(page: str, played: Sequence[Typed]) -> str:
    """Return a page with what its commands really print, where that differs in more than ids."""
    answers = iter(played)

    def block(match: re.Match[str]) -> str:
        shown = []
        for shown_before in typed_in(match[0]):
            real = next(answers)
            same = plain(real.output) == plain(shown_before.output)
            output = shown_before.output if same else f"{tidy(real.output)}\n"
            shown.append(f"$ {real.command}\n{output.lstrip(chr(10)) if output.strip() else ''}")
        return match[1] + "".join(shown) + match[3]

    return _BLOCK.sub(block, page)


def tidy(text: str) -> str:
    """Return output without trailing blanks and outer empty lines."""
    return "\n".join(line.rstrip() for line in text.strip("\n").splitlines())


def main() -> None:
    """Write into each page what its commands print."""
    with player() as machine:
        for english in sorted((GUIDE / "en").glob("*.md")):
            played = machine.play(english.read_text("utf-8"))
            for path in (english, GUIDE / "id" / english.name):
                path.write_text(rewritten(path.read_text("utf-8"), played), "utf-8")
                print(path.relative_to(ROOT))


if __name__ == "__main__":
    main()
