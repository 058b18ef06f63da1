"""The commands for the box offices' contracts."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from coopledger.settings import load

if TYPE_CHECKING:
    from tests.cli.conftest import CommandLine

WEEK_S = 7 * 86_400


@pytest.fixture
def office(cli: CommandLine) -> CommandLine:
    """The command line with a deployments folder that a test may change; the key is the admin's."""
    folder = cli.folder / "deployments"
    shutil.copytree(load().deployments_folder, folder)
    cli.set(deployments_folder=str(folder), development_key="8")
    return cli


def test_a_box_office_is_replaced_and_retired(office: CommandLine) -> None:
    """The same command three times; then the old one sells on, and is retired at the end."""
    old = office.done("box-office", "list", "-f", "json").facts[0]["box_office"]
    begun = office.done("box-office", "replace")
    assert "MINTER for the new box office" in begun.out
    assert "waiting" in begun.out
    assert "Run the same command again from 2026-" in begun.err
    assert "coopledger pending cancel" in begun.err
    office.dev.increase_time(WEEK_S - 86_400)
    assert "waiting" in office.done("box-office", "replace").out
    office.dev.increase_time(86_400)
    done = office.done("box-office", "replace")
    assert f"{old} is a former one." in done.out
    assert "coopledger box-office retire" in done.err

    present, former = office.done("box-office", "list", "-f", "json").facts
    assert (present["state"], present["sells"], present["running"]) == ("present", True, [])
    assert (former["box_office"], former["state"], former["sells"]) == (old, "former", True)
    assert office("film", "add", "Siti", "--year", "2014", "--minutes", "88").code == 6
    office.set(development_key="0")
    assert (
        "Film 1: Siti"
        in office.done("film", "add", "Siti", "--year", "2014", "--minutes", "88").out
    )
    assert office("box-office", "retire", present["box_office"]).code == 4


def test_a_running_screening_keeps_its_box_office(office: CommandLine) -> None:
    """While a screening of it is not over, a former box office is not retired."""
    office.done("box-office", "replace")
    office.set(development_key="0")
    office.done("screening", "postpone", "1", "--starts", "2027-01-05 19:00")
    office.set(development_key="8")
    office.dev.increase_time(WEEK_S)
    office.done("box-office", "replace")
    _, former = office.done("box-office", "list", "-f", "json").facts
    assert former["running"] == [1]
    early = office("box-office", "retire", former["box_office"])
    assert (early.code, "still sells screenings: 1" in early.err) == (5, True)
    office.set(development_key="0")
    office.done("sell", "1", "--tier", "Tiket pelajar", "--receipt", "R1")
    office.done("screening", "cancel", "1")
    office.set(development_key="8")
    words = ("box-office", "retire", former["box_office"])
    assert "Scheduled." in office.done(*words).out
    office.dev.increase_time(WEEK_S)
    assert "can no longer open screenings" in office.done(*words).out


def test_who_is_no_admin_gets_the_calls_to_make(office: CommandLine) -> None:
    """The operator's run creates the contract and says what an admin must schedule."""
    office.set(development_key="0")
    told = office.done("box-office", "replace", "-f", "json")
    assert {row["state"] for row in told.facts} == {"to schedule"}
    assert all(row["data"].startswith("0x") for row in told.facts)
    assert "is no ADMIN" in told.err
    assert Path(load().deployments_folder).is_relative_to(office.folder)
