"""What ``docs/python.md`` shows of the Python library is what Python prints."""

from __future__ import annotations

import doctest
import re

import pytest

from tests.guides.player import ROOT, Player, plain

PAGE = ROOT / "docs" / "python.md"
NODE = "http://127.0.0.1:8545"
_TIME = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\+00:00")


class Checker(doctest.OutputChecker):
    """Compares what is said without what changes from run to run."""

    def check_output(self, want: str, got: str, optionflags: int) -> bool:
        """Say whether two outputs are the same but for accounts, hashes and seconds."""
        want, got = (_TIME.sub("…", plain(text)) for text in (want, got))
        return super().check_output(want, got, optionflags)


def examples() -> list[doctest.Example]:
    """Return the examples of the page's blocks, in order."""
    blocks = re.findall(r"```pycon\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)
    return [each for block in blocks for each in doctest.DocTestParser().get_examples(block)]


def test_the_page_shows_what_python_prints(
    machine: Player, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Whoever types the page's examples in order, at the README's Monday file, sees what it shows."""
    shown = examples()
    assert len(shown) > 30
    for example in shown:
        example.source = example.source.replace(NODE, machine.url)
    page = doctest.DocTest(shown, {}, PAGE.name, str(PAGE), 0, None)
    monkeypatch.chdir(ROOT)
    with machine.fresh():
        done = doctest.DocTestRunner(Checker()).run(page)
    assert done.attempted == len(shown)
    assert not done.failed, capsys.readouterr().out


def test_no_example_hides_outside_a_block_that_is_typed() -> None:
    """Every prompt of the page stands in a block that the test types."""
    prompts = re.findall(r"^(?:>>>|\.\.\.) ", PAGE.read_text("utf-8"), re.MULTILINE)
    lines = sum(len(example.source.strip().splitlines()) for example in examples())
    assert len(prompts) == lines
