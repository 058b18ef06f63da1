"""The audit's commands: what a member or an auditor types, with and without the cooperative's files."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pytest

    from tests.cli.conftest import CommandLine

SALE = ("sell", "1", "--tier", "Tiket reguler", "--email", "ayu@example.org")


def sold(cli: CommandLine) -> None:
    """Enrol Ayu as member 1."""
    cli.done(*SALE, "--receipt", "a1", "--consent", "form")


def block_hash(cli: CommandLine) -> str:
    """Return the newest block's hash, as an auditor has it from elsewhere."""
    return "0x" + cli.chain.block("latest").hash.hex()


def proof_of(cli: CommandLine, who: str) -> tuple[str, ...]:
    """Write a proof and return what verifies it."""
    cli.done("audit", "prove", who, "a.proof")
    return "a.proof", "--block-hash", block_hash(cli)


def test_a_bundle_is_verified_where_there_is_nothing(
    cli: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The file and the hash are enough: no node answers, no deployment, no database is there."""
    sold(cli)
    said = cli.done("audit", "bundle", "register.bundle", "--member", "1")
    assert "audit verify register.bundle --block-hash " + block_hash(cli) in said.err
    for name in ("RPC_URL", "DATABASE_DSN", "MASTER_SECRET", "DEPLOYMENTS_FOLDER", "STATE_FOLDER"):
        monkeypatch.delenv(f"COOPLEDGER_{name}", raising=False)
    monkeypatch.setenv("COOPLEDGER_RPC_URL", "http://127.0.0.1:1")
    verify = ("audit", "verify", "register.bundle", "--block-hash")
    facts = cli.done(*verify, block_hash(cli), "--format", "json").facts
    assert facts["verdict"] == "proven"
    assert (facts["members"], facts["members_open"], facts["register_events"]) == (1, 1, 2)
    assert facts["whole_register"] is True
    assert facts["proven_members"][0].startswith("1: 0x")
    refused = cli(*verify, "0x" + "00" * 32)
    assert refused.code == 8
    assert "the proof is broken at the block" in refused.err
    assert cli(*verify, "0x12").code == 3


def test_any_node_and_an_address_are_enough(
    cli: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With --rpc and --ledger no file of the cooperative is read, and a foreign ledger is refused."""
    sold(cli)
    member = cli.done("member", "1", "--format", "json").facts
    facts = cli.done("audit", "verify", *proof_of(cli, "1"), "--format", "json").facts
    monkeypatch.setenv("COOPLEDGER_DEPLOYMENTS_FOLDER", "nowhere")
    target = ("--rpc", cli.url, "--ledger", facts["ledger"])
    cli.done("audit", "prove", member["account"], "ayu.proof", *target)
    verify = ("audit", "verify", "ayu.proof", "--block-hash", block_hash(cli))
    facts = cli.done(*verify, "--format", "json").facts
    assert facts["whole_register"] is False
    assert member["account"] in facts["proven_members"][0]
    foreign = cli("audit", "prove", "1", "x", "--rpc", cli.url, "--ledger", member["account"])
    assert foreign.code == 8
    assert cli("audit", "prove", "7", "x", *target).code == 4


def test_an_audit_needs_a_node_and_an_address(
    bare: CommandLine, machine_variables: dict[str, str]
) -> None:
    """In an empty folder, without any file, database or key, the verdict is the cooperative's own."""
    bare.set(DEPLOYMENTS_FOLDER=machine_variables["COOPLEDGER_DEPLOYMENTS_FOLDER"])
    own = bare.done("audit", "--rpc", bare.url, "--format", "json").facts
    bare.patch.delenv("COOPLEDGER_DEPLOYMENTS_FOLDER")
    bare.set(DATABASE_DSN="postgresql://nobody@127.0.0.1:1/nothing")
    target = ("--rpc", bare.url, "--ledger", own["ledger"])
    said = bare.done("audit", *target, "--format", "json")
    assert said.facts == own
    assert own["verdict"] == "agrees"
    assert own["register"]["events"] == 1
    assert not list(bare.folder.iterdir())
    shown = bare.done("audit", *target).out
    assert "agrees" in shown
    assert "Nothing is unusual about the roles." in shown
    assert bare("audit", "--rpc", bare.url, "bundle", "x").code == 2


def test_a_list_is_compared_with_the_chain(cli: CommandLine) -> None:
    """What 'members' wrote agrees, also later; one changed cell is named, with exit code 1."""
    sold(cli)
    written = cli.done("members", "--count", "0", "--format", "csv").out
    block = str(cli.chain.head())
    cli.dev.increase_time(60)
    cli.done("standing", "1", "full", "--reference", "KTP")
    cli.file("old.csv", written)
    facts = cli.done("audit", "compare", "old.csv", "--at", block, "--format", "json").facts
    assert (facts["verdict"], facts["file"]["rows"], facts["findings"]) == ("agrees", 1, [])
    cli.file("old.csv", written.replace("associate", "full"))
    differs = cli("audit", "compare", "old.csv", "--at", block)
    assert differs.code == 1
    assert "member 1, standing" in differs.out
    assert "the audit found 1 difference" in differs.err
    assert cli("audit", "compare", "nowhere.csv").code == 3
    rows = cli("audit", "compare", "old.csv", "--at", block, "--format", "csv").out.splitlines()
    assert rows[1].startswith("the list and the chain,")
