"""What goes wrong: its exit code, two sentences on standard error, and never a secret."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from coopledger.domain.types import ChainId
from coopledger.local.chain.node import LocalNode, NodeOptions

if TYPE_CHECKING:
    from tests.cli.conftest import CommandLine

ROOT = Path(__file__).parents[2]
MAP = ("--map", str(ROOT / "examples" / "kinarya-map.toml"))
TURAH = str(ROOT / "examples" / "turah-orders.json")


@pytest.mark.parametrize(
    "words",
    [
        ("nonsense",),
        ("film", "add", "Turah"),
        ("members", "--count", "many"),
        ("members", "--format", "xml"),
        ("close", "1", "--cause", "moved", "--reference", "x"),
        ("import-orders", TURAH),
        ("sell", "1", "--tier", "x", "--receipt", "R", "--seat", "70000"),
    ],
)
def test_misused_options_end_with_2(cli: CommandLine, words: tuple[str, ...]) -> None:
    """A command that does not exist, or options that are misused, end with 2."""
    said = cli(*words)
    assert (said.code, said.out) == (2, "")
    assert said.err


@pytest.mark.parametrize(
    ("code", "words"),
    [
        (3, ("members", "--at", "yesterday")),
        (3, ("members", "--at", "2999-01-01")),
        (3, ("member", "0x1234")),
        (3, ("member", "ani@")),
        (3, ("member", "99999999999")),
        (3, ("close", "99999999999", "--cause", "expelled", "--reference", "x")),
        (3, ("members", "--start", "99999999999")),
        (3, ("sell", "99999999999", "--tier", "x", "--receipt", "R")),
        (3, ("screening", "cancel", "99999999999")),
        (3, ("bylaws", "missing.md")),
        (3, ("deploy", "--roles", "missing.toml")),
        (3, ("import-orders", "missing.csv", *MAP)),
        (3, ("import-orders", TURAH, "--map", "missing.toml")),
        (
            3,
            (
                *("screening", "add", "--film", "1", "--starts", "2026-12-12 19:00"),
                *("--capacity", "3", "--tier", "Umum", "--venue", "x"),
            ),
        ),
        (4, ("member", "1")),
        (4, ("member", "ani@example.org")),
        (4, ("member", "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266")),
        (4, ("ticket", "1")),
        (4, ("ticket", "ABCDE-1")),
        (4, ("members", "--at", "99999")),
        (4, ("down",)),
        (4, ("screening", "cancel", "9")),
        (5, ("deploy",)),
        (3, ("sell", "1", "--tier", "Tiket reguler", "--receipt", "R", "--seat", "5")),
    ],
)
def test_each_failure_has_its_family_s_code(
    cli: CommandLine, code: int, words: tuple[str, ...]
) -> None:
    """A failure ends with its family's code, and says what happened and what to do, nothing else."""
    said = cli(*words)
    assert (said.code, said.out) == (code, ""), said.err
    assert said.err.startswith("Error: ")
    assert "\nWhat to do: " in said.err
    assert "Traceback" not in said.err


def test_a_role_that_is_missing_ends_with_6(
    cli: CommandLine, public_key_of: Callable[[int], str]
) -> None:
    """Whoever lacks the role for a command is told so, with 6."""
    cli.set(operator_key=public_key_of(5))
    said = cli("film", "add", "Siti", "--year", "2014", "--minutes", "88")
    assert (said.code, said.out) == (6, "")


def test_what_does_not_answer_ends_with_7(cli: CommandLine) -> None:
    """A chain or a database that does not answer ends a command with 7."""
    cli.set(database_dsn="postgresql://nobody:hunter2@127.0.0.1:9/none")
    no_database = cli("member", "ani@example.org")
    assert no_database.code == 7
    assert "hunter2" not in no_database.err
    cli.set(rpc_url="http://user:hunter2@127.0.0.1:9")
    no_chain = cli("members")
    assert (no_chain.code, no_chain.out) == (7, "")
    assert "hunter2" not in no_chain.err


def test_what_is_not_what_it_claims_ends_with_8(cli: CommandLine) -> None:
    """Another chain, and other code at the ledger's address, end a command with 8."""
    ledger = cli("deploy").err.split("at ")[1].split()[0]
    cli.chain.rpc.request("anvil_setCode", ledger, "0x6001")
    foreign = cli("members")
    assert (foreign.code, foreign.out) == (8, "")
    cli.set(chain_id="1")
    assert cli("members").code == 8


def test_a_setting_that_cannot_be_used_ends_with_3(cli: CommandLine) -> None:
    """A bad variable is named, without what it holds."""
    cli.set(transaction_gas_cap="hunter2")
    said = cli("members")
    assert said.code == 3
    assert "COOPLEDGER_TRANSACTION_GAS_CAP" in said.err
    assert "hunter2" not in said.err


def test_a_public_chain_gets_no_key_and_no_roles(
    bare: CommandLine, public_key_of: Callable[[int], str]
) -> None:
    """On a chain that is not local a command needs a key, and deploying needs named roles."""
    with LocalNode(NodeOptions(chain_id=ChainId(4242))) as node:
        bare.set(rpc_url=node.url, chain_id="4242")
        assert bare("deploy").code == 3
        roles = bare.file("roles.toml", "")
        keyless = bare("deploy", "--roles", roles, "--currency", "native")
        assert keyless.code == 6
        assert "COOPLEDGER_KEYSTORE" in keyless.err
        bare.set(operator_key=public_key_of(9))
        assert "nobody holds ADMIN" in bare("deploy", "--roles", roles).err
        whole = "".join(
            f'[[holder]]\nrole = "{role}"\naccount = "0x{index:040x}"\ndelay_days = 7\n'
            for index, role in enumerate(
                [
                    "ADMIN",
                    "BOARD",
                    "BOX_OFFICE",
                    "GATE",
                    "REGISTRAR",
                    "CLOSING",
                    "TREASURER",
                    "RECOVERY",
                    "GUARDIAN",
                ],
                start=1,
            )
        )
        roles = bare.file("roles.toml", whole)
        assert bare("deploy", "--roles", roles).code == 3  # whose money?
        said = bare.done("deploy", "--roles", roles, "--currency", "native", "-f", "json")
        assert said.facts["currency"] == "0x" + "0" * 40
        assert bare("film", "add", "Siti", "--year", "2014", "--minutes", "88").code == 6


KEY_COMMANDS = (
    ("members",),
    ("film", "add", "Siti", "--year", "2014", "--minutes", "88"),
    ("film", "add", "", "--year", "2014", "--minutes", "88"),
    ("import-orders", TURAH, *MAP, "--consent", "buyers", "-f", "json"),
    ("import-orders", TURAH, *MAP, "--consent", "buyers"),
    ("member", "widya.mulyani@example.org"),
    ("member", "nobody@example.org"),
    ("redeem", "1"),
    ("sell", "1", "--tier", "Tiket reguler", "--receipt", "R1", "--consent", "x"),
    ("close", "1", "--cause", "expelled", "--reference", "x"),
    ("deploy",),
    ("--help",),
    ("nonsense",),
)


def test_no_secret_is_ever_said(
    cli: CommandLine, public_key_of: Callable[[int], str], machine_secrets: tuple[str, ...]
) -> None:
    """Neither the operator's key, nor the master secret, nor the database's password is said."""
    key = public_key_of(0)
    cli.set(operator_key=key)
    codes = []
    for words in KEY_COMMANDS:
        said = cli(*words)
        codes.append(said.code)
        for secret in (key, *machine_secrets):
            assert secret not in (said.out + said.err).lower(), words
    assert {0, 2, 4, 5} <= set(codes)
    for bad in (key[:-2], key + "zz", "x" + key):
        cli.set(operator_key=bad)
        said = cli("film", "add", "Siti", "--year", "2014", "--minutes", "88")
        assert said.code == 3
        assert key[:-2] not in said.err
    cli.set(operator_key=key, master_secret="1:abcdef0123")
    said = cli("import-orders", TURAH, *MAP)
    assert said.code == 3
    assert "abcdef0123" not in said.err
    cli.set(master_secret="1:" + "ab" * 32)
    said = cli("import-orders", TURAH, *MAP)
    assert said.code == 8
    assert "ab" * 32 not in said.err


def test_a_pipe_gets_no_progress_bar(cli: CommandLine, machine_variables: dict[str, str]) -> None:
    """In a pipe a command says its answer and nothing that moves a cursor or colours a word."""
    for words in (("import-orders", TURAH, *MAP, "-f", "json"), ("members", "--count", "1")):
        done = subprocess.run(
            [sys.executable, "-m", "coopledger.cli.main", *words],
            env={"PATH": "/usr/bin:/bin", **machine_variables},
            capture_output=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        assert b"\x1b" not in done.stdout + done.stderr
        assert b"\r" not in done.stdout + done.stderr
        assert done.stderr == b""
        assert done.stdout


@pytest.mark.parametrize("how", ["table", "json", "csv"])
def test_an_answer_that_nobody_reads_to_its_end_ends_with_7(cli: CommandLine, how: str) -> None:
    """A pipe whose reader is gone ends a command with 7 and two sentences, not with a comparison's 1."""
    command = [sys.executable, "-m", "coopledger.cli.main", "screening", "list", "--format", how]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as run:
        assert run.stdout is not None and run.stderr is not None
        run.stdout.close()
        said = run.stderr.read()
    assert (run.returncode, said.splitlines()) == (
        7,
        [
            "Error: the answer was cut off: what it was piped into stopped reading",
            "What to do: Write the answer to a file (> FILE) and read it there, whole.",
        ],
    )
