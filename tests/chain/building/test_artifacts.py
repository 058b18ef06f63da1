"""Artifacts: what is committed is what the sources compile to, and what is deployed is checked."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from coopledger.chain import artifacts
from coopledger.chain.building import artifact_builder, compiler
from coopledger.chain.development import development_signer
from coopledger.chain.sending.sender import Sender
from coopledger.chain.wire.transactions import Creation

if TYPE_CHECKING:
    from coopledger.chain.artifacts import Artifact
    from coopledger.chain.wire.client import Chain
    from coopledger.settings import Settings


def test_the_committed_artifacts_are_what_the_sources_compile_to(project_root: Path) -> None:
    """Compiling again gives the committed files to the byte."""
    assert artifact_builder.check(artifact_builder.build(project_root)) == ()


def test_scripts_solc_serves_like_a_native_compiler(project_root: Path) -> None:
    """It tells the pinned version, and ignores the options of paths."""
    solc = str(project_root / "scripts" / "solc")
    version = compiler.read_config(project_root).version
    told = subprocess.run([solc, "--version"], capture_output=True, text=True, check=True)
    assert f"Version: {version}+commit." in told.stdout
    request = {
        "language": "Solidity",
        "sources": {"A.sol": {"content": "contract A { uint public a; }"}},
        "settings": {"outputSelection": {"*": {"*": ["abi"]}}},
    }
    command = [solc, "--standard-json", "--allow-paths", "/", "--base-path", "."]
    compiled = subprocess.run(
        command, input=json.dumps(request), capture_output=True, text=True, check=True
    )
    assert json.loads(compiled.stdout)["contracts"]["A.sol"]["A"]["abi"][0]["name"] == "a"


def test_artifacts_do_not_depend_on_what_else_is_compiled(
    project_root: Path, probe: Artifact, probe_source: str
) -> None:
    """An unrelated contract in the same run changes no byte of an artifact."""
    other = "// SPDX-License-Identifier: UNLICENSED\npragma solidity 0.8.37;\nlibrary AA { struct S { uint a; } }"
    compilation = compiler.compile_sources(
        {"contracts/AA.sol": other, "contracts/Probe.sol": probe_source}, project_root
    )
    text = artifact_builder.describe(compilation, "Probe", project_root, {})
    assert artifacts.parse(text) == probe


def test_changed_new_and_removed_artifacts_are_written(tmp_path: Path) -> None:
    """Writing names what changed, and a contract that is gone loses its artifact."""
    assert artifact_builder.write({"A": "1", "B": "2"}, tmp_path) == ("A", "B")
    assert artifact_builder.check({"A": "1", "C": "3"}, tmp_path) == ("B", "C")
    assert artifact_builder.write({"A": "1", "C": "3"}, tmp_path) == ("B", "C")
    assert sorted(file.name for file in tmp_path.iterdir()) == ["A.json", "C.json"]
    assert artifact_builder.write({"A": "1", "C": "3"}, tmp_path) == ()


def test_deployed_code_is_recognised_whatever_its_immutables_hold(
    either_chain: Chain, settings: Settings, probe: Artifact
) -> None:
    """Code at an address matches its artifact; one changed byte elsewhere, or none, does not."""
    signer = development_signer(either_chain)
    created = Sender(either_chain, signer, settings).send(Creation(probe.creation_code(5))).created
    assert created is not None
    code = either_chain.code_at(created)
    assert artifacts.matches_code(probe, code)
    held = {"start": (5).to_bytes(32), "maker": bytes(12) + bytes.fromhex(signer.address[2:])}
    assert artifacts.immutables_in(probe, code) == held
    assert artifacts.expected_code(probe, held) == code
    assert code != probe.deployed_bytecode
    places = {
        at
        for spans in probe.immutables.values()
        for start, length in spans
        for at in range(start, start + length)
    }
    for at in (0, len(code) // 2, len(code) - 1):
        assert at not in places
        changed = bytes([*code[:at], code[at] ^ 1, *code[at + 1 :]])
        assert not artifacts.matches_code(probe, changed)
    for foreign in (b"", code[:-1], code + b"\0"):
        assert not artifacts.matches_code(probe, foreign)


def test_immutables_must_be_given_exactly(probe: Artifact) -> None:
    """A missing or unknown immutable is named."""
    with pytest.raises(artifacts.ImmutableUnknown, match="maker") as failure:
        artifacts.expected_code(probe, {"start": b"\5", "other": b""})
    assert failure.value.immutables == ("maker", "other")


def test_errors_that_assembly_in_a_library_raises_are_listed(project_root: Path) -> None:
    """A library's error that the code can raise is in the ABI, and one that it cannot is not."""
    source = """
    // SPDX-License-Identifier: UNLICENSED
    pragma solidity 0.8.37;
    import {SafeTransferLib} from "solady/src/utils/SafeTransferLib.sol";
    contract Payer {
        function pay(address to) external { SafeTransferLib.safeTransferETH(to, 1); }
    }
    """
    compilation = compiler.compile_sources({"contracts/Payer.sol": source}, project_root)
    payer = artifacts.parse(artifact_builder.describe(compilation, "Payer", project_root, {}))
    errors = {entry["name"] for entry in payer.abi if entry["type"] == "error"}
    assert errors == {"ETHTransferFailed"}
    assert payer.packages["solady"]


def test_sources_that_do_not_compile_are_named(project_root: Path, tmp_path: Path) -> None:
    """A fault in a source, an import that leads nowhere and a missing compiler are told apart."""
    with pytest.raises(compiler.CompilationFailed, match=r"A\.sol"):
        compiler.compile_sources({"A.sol": "contract A { nonsense }"}, project_root)
    with pytest.raises(compiler.SourceMissing) as missing:
        compiler.compile_sources({"a/A.sol": 'import {B} from "../B.sol";'}, project_root)
    assert (missing.value.name, missing.value.imported_by) == ("B.sol", "a/A.sol")
    with pytest.raises(compiler.CompilerMissing):
        compiler.find_compiler("0.8.37", tmp_path)
    with pytest.raises(artifacts.ArtifactMissing):
        artifacts.load("NoSuchContract")


@pytest.mark.parametrize("name", ["TicketLedger", "BoxOffice", "TicketLens"])
def test_every_contract_leaves_room_below_the_limit(name: str) -> None:
    """No contract of ours is larger than 23 KB; a chain takes 24 (EIP-170)."""
    assert artifacts.load(name).runtime_size <= 23 * 1024
