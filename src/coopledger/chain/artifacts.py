"""The committed artifacts: what each contract is made of, and the code that must be at its address.

Immutables are written into the code at deployment, so deployed code is compared with those places masked;
everything else must be the same to the byte.

``python -m coopledger.chain.artifacts [--check]`` writes the artifacts, or says which are stale.
"""

import argparse
import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

from eth_abi.abi import encode
from eth_typing import ABIElement
from eth_utils.abi import get_abi_input_types

from coopledger import settings
from coopledger.errors import BadInput, CoopledgerError, NotFound


class ArtifactMissing(NotFound):
    """No artifact of that name is in the package."""

    contract: str

    says = "there is no artifact of a contract {contract}"
    advice = "Run scripts/compile, which writes the artifacts."


class ArtifactsStale(BadInput):
    """The committed artifacts are not what the sources compile to."""

    contracts: tuple[str, ...]

    advice = "Run scripts/compile and commit what it writes."

    def __str__(self) -> str:
        return f"the artifacts do not match the sources: {', '.join(self.contracts)}"


class ImmutableUnknown(BadInput):
    """An immutable was left out, or is none of the contract's."""

    contract: str
    immutables: tuple[str, ...]

    advice = "Give exactly the immutables that the contract's artifact lists."

    def __str__(self) -> str:
        return f"{self.contract}: missing or unknown immutables: {', '.join(self.immutables)}"


@dataclass(frozen=True)
class Artifact:
    """One contract as compiled.

    ``abi`` also lists the errors and events of libraries that the code can raise or emit.
    ``immutables`` holds, by variable name, the (start, length) in bytes of each place in
    ``deployed_bytecode``. ``sources`` holds SHA-256 sums of files below ``contracts/``;
    ``packages`` the versions of the npm packages that other sources come from. ``roles`` says
    which role each restricted function asks for.
    """

    name: str
    source: str
    abi: Sequence[ABIElement]
    bytecode: bytes
    deployed_bytecode: bytes
    immutables: Mapping[str, tuple[tuple[int, int], ...]]
    method_identifiers: Mapping[str, str]
    roles: Mapping[str, str]
    storage_layout: Mapping[str, Any]
    sources: Mapping[str, str]
    packages: Mapping[str, str]
    compiler_version: str
    compiler_settings: Mapping[str, Any]

    @property
    def runtime_size(self) -> int:
        """Bytes of code that the chain keeps (EIP-170 allows 24,576)."""
        return len(self.deployed_bytecode)

    def creation_code(self, *arguments: Any) -> bytes:
        """Return the code that creates the contract, constructor arguments appended."""
        constructors = [entry for entry in self.abi if entry["type"] == "constructor"]
        types = [kind for entry in constructors for kind in get_abi_input_types(entry)]
        return self.bytecode + encode(types, arguments)


@cache
def load(name: str) -> Artifact:
    """Return the committed artifact of a contract.

    Raises:
        ArtifactMissing: there is none.
    """
    file = resources.files("coopledger").joinpath("artifacts", f"{name}.json")
    if not file.is_file():
        raise ArtifactMissing(name)
    return parse(file.read_text("utf-8"))


@cache
def available() -> tuple[str, ...]:
    """Return the names of all committed artifacts, sorted."""
    folder = resources.files("coopledger").joinpath("artifacts")
    return tuple(
        sorted(f.name.removesuffix(".json") for f in folder.iterdir() if f.name.endswith(".json"))
    )


def parse(text: str) -> Artifact:
    """Return the artifact that a JSON text describes (written by ``artifact_builder``)."""
    raw = json.loads(text)
    return Artifact(
        name=raw["contract"],
        source=raw["source"],
        abi=raw["abi"],
        bytecode=bytes.fromhex(raw["bytecode"]),
        deployed_bytecode=bytes.fromhex(raw["deployed_bytecode"]),
        immutables={
            name: tuple((start, length) for start, length in places)
            for name, places in raw["immutables"].items()
        },
        method_identifiers=raw["method_identifiers"],
        roles=raw["roles"],
        storage_layout=raw["storage_layout"],
        sources=raw["sources"],
        packages=raw["packages"],
        compiler_version=raw["compiler"]["version"],
        compiler_settings=raw["compiler"]["settings"],
    )


def expected_code(artifact: Artifact, immutables: Mapping[str, bytes]) -> bytes:
    """Return the exact code of a deployment whose immutables hold these 32-byte words.

    Raises:
        ImmutableUnknown: an immutable is missing, or none of the contract's.
    """
    wrong = immutables.keys() ^ artifact.immutables.keys()
    if wrong:
        raise ImmutableUnknown(artifact.name, tuple(sorted(wrong)))
    return _fill(artifact.deployed_bytecode, artifact, immutables)


def matches_code(artifact: Artifact, code: bytes) -> bool:
    """Say whether deployed code is the artifact's, whatever its immutables hold."""
    blank = dict.fromkeys(artifact.immutables, bytes(32))
    return _fill(code, artifact, blank) == _fill(artifact.deployed_bytecode, artifact, blank)


def immutables_in(artifact: Artifact, code: bytes) -> dict[str, bytes]:
    """Return the words that the immutables hold in deployed code (check it first)."""
    return {
        name: code[places[0][0] : sum(places[0])] for name, places in artifact.immutables.items()
    }


def _fill(code: bytes, artifact: Artifact, words: Mapping[str, bytes]) -> bytes:
    filled = bytearray(code)
    for name, places in artifact.immutables.items():
        for start, length in places:
            if start + length <= len(filled):
                filled[start : start + length] = words[name].rjust(length, b"\0")
    return bytes(filled)


def main(arguments: Sequence[str] | None = None) -> int:
    """Write the artifacts, or with ``--check`` compare; return the exit code."""
    # The compiler is needed here alone, not by those who only load artifacts.
    from coopledger.chain.building import artifact_builder
    from coopledger.errors import handling_of

    parser = argparse.ArgumentParser(prog="compile", description="Compile the contracts.")
    parser.add_argument("--check", action="store_true", help="compare only, write nothing")
    check: bool = parser.parse_args(arguments).check
    root = settings.load().project_root
    try:
        built = artifact_builder.build(root)
        changed = artifact_builder.check(built) if check else artifact_builder.write(built)
        if check and changed:
            raise ArtifactsStale(changed)
    except CoopledgerError as error:
        print(f"{error}\n{error.advice}", file=sys.stderr)
        return handling_of(type(error)).exit_code
    for name, text in built.items():
        note = "changed" if name in changed else "unchanged"
        print(f"{name}: {parse(text).runtime_size:,} bytes, {note}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
