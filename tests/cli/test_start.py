"""What a command imports: only what it uses, so that it starts at once. Speed itself is in ``scripts/bench start``."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
import sys
from importlib import import_module
from itertools import groupby
from typing import TYPE_CHECKING

from typer import Typer
from typer.main import get_group

from coopledger.cli import overview
from coopledger.domain.types import Timestamp

if TYPE_CHECKING:
    from tests.cli.conftest import CommandLine

_TELL = """
import sys
from coopledger.cli.main import run
code = run(sys.argv[2:])
print(*(name for name in sys.argv[1].split() if name in sys.modules), file=sys.stderr)
sys.exit(code)
"""


def imported(heavy: str, variables: dict[str, str], *words: str) -> list[str]:
    """Run a command that must succeed, in a process of its own; return which modules it imported."""
    done = subprocess.run(
        [sys.executable, "-c", _TELL, heavy, *words],
        env={"PATH": "/usr/bin:/bin", **variables},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stderr.splitlines()[-1].split()


def test_the_list_of_commands_says_what_each_says_of_itself() -> None:
    """Every command of a listed module is in the list, with the first lines of its own help."""
    for name, listed in groupby(overview.all_commands(), lambda each: each.module):
        room = Typer()
        import_module(name).add_to(room)
        own = {
            each: (command.help or "").partition("\n\n")[0].replace("\n", " ")
            for each, command in get_group(room).commands.items()
        }
        assert {each.name: each.help for each in listed} == own, name


def test_the_help_of_all_commands_imports_none_of_them() -> None:
    """What only commands need is not imported to list them."""
    heavy = (
        "coopledger.bootstrap eth_utils fpdf psycopg pydantic sqlalchemy urllib3 web3 xlsxwriter"
    )
    assert imported(heavy, {}, "--help") == []


def test_a_sale_and_a_scan_import_no_more_than_they_use(
    cli: CommandLine, machine_variables: dict[str, str]
) -> None:
    """What signs messages, reads keystores, migrates, exports or serves is not imported to sell or redeem."""
    heavy = "alembic eth_account eth_keyfile fastapi fpdf py_ecc trie uvicorn web3 xlsxwriter"
    buyer = ("--email", "budi@example.org", "--name", "Budi", "--consent", "Formulir 12")
    sale = ("sell", "1", "--tier", "Tiket reguler", *buyer, "--receipt")
    cli.done(*sale, "1")  # the first makes the database's tables
    assert imported(heavy, machine_variables, *sale, "2") == []
    cli.dev.set_time(Timestamp(1_796_473_800))
    assert imported(heavy, machine_variables, "redeem", "1") == []


def test_the_package_runs_as_the_command(cli: CommandLine) -> None:
    """``python -m coopledger`` does what the command does, and ends with its code."""
    command = [sys.executable, "-m", "coopledger"]
    listed = subprocess.run(
        [*command, "film", "list", "-f", "json"], capture_output=True, check=True
    )
    assert json.loads(listed.stdout) == cli.done("film", "list", "-f", "json").facts
    assert subprocess.run([*command, "nonsense"], capture_output=True, check=False).returncode == 2


def test_ctrl_c_says_that_it_ends_here(bare: CommandLine) -> None:
    """A command that is interrupted from the keyboard ends with 130 and a line, without a traceback."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        bare.set(rpc_url=f"http://127.0.0.1:{silent.getsockname()[1]}")
        command = [sys.executable, "-m", "coopledger", "members"]
        with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as run:
            asking, _ = silent.accept()
            run.send_signal(signal.SIGINT)
            _, said = run.communicate()
            asking.close()
    assert (run.returncode, said) == (
        130,
        "Interrupted: nothing more is sent; what was sent before stays.\n",
    )
