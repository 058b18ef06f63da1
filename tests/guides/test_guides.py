"""The guide's commands, typed as its readers would, print what the guide shows."""

from __future__ import annotations

import re

import pytest

from tests.guides.player import GUIDE, Player, plain, typed_in

ROLES = ("auditor", "board", "box-office", "registrar", "treasurer", "viewer")


@pytest.mark.parametrize("role", ROLES)
def test_a_page_shows_what_its_commands_print(machine: Player, role: str) -> None:
    """Whoever types a page's commands in order sees what it shows, in either language."""
    english, indonesian = (
        list(typed_in((GUIDE / language / f"{role}.md").read_text("utf-8")))
        for language in ("en", "id")
    )
    assert [each.command for each in english] == [each.command for each in indonesian]
    played = machine.play((GUIDE / "en" / f"{role}.md").read_text("utf-8"))
    assert len(played) > 4
    for shown in (english, indonesian):
        for expected, real in zip(shown, played, strict=True):
            assert plain(real.output) == plain(expected.output), expected.command


def test_each_role_has_its_page_in_both_languages() -> None:
    """Indonesian and English have the same pages."""
    for language in ("id", "en"):
        assert {path.stem for path in (GUIDE / language).glob("*.md")} == set(ROLES)


def test_no_command_hides_outside_a_block_that_is_played() -> None:
    """Every line that begins with a prompt stands in a block that the tests type."""
    for page in GUIDE.glob("*/*.md"):
        text = page.read_text("utf-8")
        prompts = re.findall(r"^\$ (.*)$", text, re.MULTILINE)
        assert prompts == [each.command for each in typed_in(text)], page
