"""The README's commands, typed as a newcomer would, must do what the README shows.

Accounts, hashes and seconds differ from run to run, so each is replaced by a placeholder on both sides;
everything else must be the same to the letter.
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
_COMMANDS = Path(sys.executable).parent

_CHANGING = (
    (re.compile(r"0x[0-9a-fA-F]{8,}"), "0x…"),
    (re.compile(r"\b[0-9a-f]{64}\b"), "…"),
    (re.compile(r"127\.0\.0\.1:\d+"), "127.0.0.1:…"),
    (re.compile(r"(\d\d:\d\d):\d\d WIB"), r"\1:… WIB"),
    (re.compile(r"(block|--at)( +)\d+"), r"\1\2…"),
    (re.compile(r"(gas +)\d+"), r"\1…"),
)


def plain(text: str) -> str:
    """Return output without what changes from run to run, and without trailing blanks."""
    for pattern, placeholder in _CHANGING:
        text = pattern.sub(placeholder, text)
    return "\n".join(line.rstrip() for line in text.strip().splitlines())


def told_in_readme() -> Iterator[tuple[str, str]]:
    """Yield each command of the README's console blocks, and what it is said to print."""
    text = (ROOT / "README.md").read_text("utf-8")
    for block in re.findall(r"```console\n(.*?)```", text, re.DOTALL):
        for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
            command, _, output = part.partition("\n")
            yield command, output


@pytest.fixture
def folder() -> Iterator[Path]:
    """A newcomer's folder with the examples in it; a chain that is left over is stopped."""
    with tempfile.TemporaryDirectory(prefix="coopledger-readme-") as name:
        shutil.copytree(ROOT / "examples", Path(name) / "examples")
        yield Path(name)
        type_command("coopledger down", Path(name))


def type_command(command: str, folder: Path) -> str:
    """Run a command line and return what a terminal would show."""
    clean = {name: value for name, value in os.environ.items() if "COOPLEDGER" not in name}
    environment = {**clean, "PATH": f"{_COMMANDS}{os.pathsep}{os.environ['PATH']}"}
    done = subprocess.run(
        ["bash", "-c", f"{command} 2>&1"],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    return done.stdout


def test_every_command_of_the_readme_prints_what_it_shows(folder: Path) -> None:
    """What the README shows of each command is what the command prints."""
    shown = list(told_in_readme())
    assert len(shown) > 10
    for command, output in shown:
        assert plain(type_command(command, folder)) == plain(output), command


def test_the_readme_names_no_script_that_is_missing() -> None:
    """Every script that the README and CONTRIBUTING name can be run."""
    for page in ("README.md", "CONTRIBUTING.md"):
        named = re.findall(r"`?(scripts/[a-z]+)", (ROOT / page).read_text("utf-8"))
        assert named
        for script in named:
            assert os.access(ROOT / script, os.X_OK), script


def test_every_link_of_the_documents_leads_somewhere() -> None:
    """A relative link in a document names a file that is there."""
    pages = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "examples").glob("*.md")]
    for page in pages:
        for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", page.read_text("utf-8")):
            assert (page.parent / target).exists(), f"{page.name} links to {target}"
