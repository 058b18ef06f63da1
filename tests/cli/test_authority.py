"""The commands for roles: listing, giving, taking."""

from __future__ import annotations

from typing import TYPE_CHECKING

from coopledger.chain.development import development_signer

if TYPE_CHECKING:
    from tests.cli.conftest import CommandLine

ADMIN = "8"
WEEK_S = 7 * 86_400


def account(cli: CommandLine, index: int) -> str:
    """Return a development key's account."""
    return str(development_signer(cli.chain, index).address)


def test_the_roles_are_listed(cli: CommandLine) -> None:
    """Every role stands there with its holder, delay and powers; nothing is unusual."""
    shown = cli.done("role", "list").out
    assert "Nothing is unusual." in shown
    assert "withdraw takings" in shown
    facts = cli.done("role", "list", "-f", "json").facts
    assert facts["unusual"] == []
    (closing,) = (row for row in facts["holders"] if row["role"] == "CLOSING")
    assert (closing["account"], closing["delay"]) == (account(cli, 0), "3 days")
    assert (closing["in_force"], closing["delay_changes"]) == ("now", None)
    (minter,) = (row for row in facts["holders"] if row["role"] == "MINTER")
    assert minter["which_is"] == "the box office"


def test_a_role_is_given_by_the_same_command_twice(cli: CommandLine) -> None:
    """The first time says when and how; a week later it is done, and taken back likewise."""
    cli.set(development_key=ADMIN)
    ani = account(cli, 2)
    words: tuple[str, ...] = ("role", "grant", "treasurer", ani, "--delay-days", "2")
    said = cli.done(*words)
    assert "coopledger pending execute 0x" in said.out
    assert "only after the difference" in said.err
    cli.dev.increase_time(WEEK_S)
    assert cli.done(*words).out == f"{ani} holds TREASURER, delay 2 days.\n"
    words = ("role", "revoke", "TREASURER", ani)
    assert "Scheduled." in cli.done(*words).out
    cli.dev.increase_time(WEEK_S)
    assert cli.done(*words).out == f"{ani} no longer holds TREASURER.\n"


def test_misuse_is_refused(cli: CommandLine) -> None:
    """A role or account that there is not, a hasty admin, the last admin, no admin's key."""
    ani = account(cli, 2)
    assert cli("role", "grant", "GATE", ani).code == 6
    cli.set(development_key=ADMIN)
    assert cli("role", "grant", "KING", ani).code == 3
    mistyped = ani[:-1] + ("a" if ani[-1] != "a" else "b")
    assert cli("role", "grant", "GATE", mistyped).code == 3
    assert cli("role", "grant", "ADMIN", ani).code == 3
    assert cli("role", "grant", "MINTER", ani).code == 3
    last = cli("role", "revoke", "ADMIN", account(cli, 8))
    assert (last.code, "last ADMIN" in last.err) == (5, True)
