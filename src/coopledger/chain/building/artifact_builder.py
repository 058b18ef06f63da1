"""Turns what the compiler gives into the artifacts that are committed.

The bytes must depend on the contracts alone. The compiler numbers the nodes of its syntax tree, and those
numbers leak into immutable references and storage types; names stand in for them here, so that a new
import changes no other contract's artifact.
"""

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from eth_typing import ABIElement
from eth_utils.abi import (
    abi_to_signature,
    event_signature_to_log_topic,
    function_signature_to_4byte_selector,
)

from coopledger.chain.building.compiler import (
    Compilation,
    compile_sources,
    npm_package_of,
    project_sources,
)
from coopledger.errors import NotFound

CONTRACTS = ("AccessManager", "BoxOffice", "LocalRupiah", "TicketLedger", "TicketLens")
"""The contracts whose artifacts are committed."""

IMPORTED_CONTRACTS = ("@openzeppelin/contracts/access/manager/AccessManager.sol",)
"""Sources of npm packages that hold some of them."""

ROLE_TABLE = Path("contracts", "access", "roles.json")
"""Which role each restricted function asks for; the Solidity tests hold the contracts to it."""

ARTIFACT_FOLDER = Path(__file__).resolve().parents[2] / "artifacts"

_NODE_NUMBER = re.compile(r"(?<=\))\d+")


class ContractMissing(NotFound):
    """No source, or more than one, defines a contract that an artifact is wanted of."""

    contract: str
    sources: tuple[str, ...]

    advice = "Define the contract in exactly one file below contracts/."

    def __str__(self) -> str:
        return f"{self.contract} is defined in {', '.join(self.sources) or 'no source'}"


def build(project_root: Path, contracts: tuple[str, ...] = CONTRACTS) -> dict[str, str]:
    """Compile the project and return each artifact's JSON text by contract name.

    Raises:
        ContractMissing: a contract is defined nowhere, or twice.
        CompilationFailed, CompilerMissing, SourceMissing: see :mod:`coopledger.chain.building.compiler`.
    """
    compilation = compile_sources(
        project_sources(project_root), project_root, generate=IMPORTED_CONTRACTS
    )
    roles = json.loads((project_root / ROLE_TABLE).read_text("utf-8"))
    return {
        name: describe(compilation, name, project_root, roles.get(name, {})) for name in contracts
    }


def write(built: Mapping[str, str], folder: Path = ARTIFACT_FOLDER) -> tuple[str, ...]:
    """Write the artifacts, remove those no longer built; return the names that changed."""
    changed = check(built, folder)
    folder.mkdir(exist_ok=True)
    for name in changed:
        if name in built:
            (folder / f"{name}.json").write_text(built[name], "utf-8")
        else:
            (folder / f"{name}.json").unlink()
    return changed


def check(built: Mapping[str, str], folder: Path = ARTIFACT_FOLDER) -> tuple[str, ...]:
    """Return the names of artifacts in ``folder`` that differ from what was built, sorted."""
    present = {file.stem: file.read_text("utf-8") for file in folder.glob("*.json")}
    return tuple(sorted(n for n in {*present, *built} if present.get(n) != built.get(n)))


def describe(
    compilation: Compilation, name: str, project_root: Path, roles: Mapping[str, str]
) -> str:
    """Return the artifact of one compiled contract as JSON with sorted keys.

    ``roles`` says which role each of its restricted functions asks for.
    """
    source = _source_of(compilation, name)
    output = compilation.contracts[source][name]
    metadata = json.loads(output["metadata"])
    used = sorted(metadata["sources"])
    own = [used_source for used_source in used if used_source.startswith("contracts/")]
    code = output["evm"]["bytecode"]["object"]
    artifact = {
        "contract": name,
        "source": source,
        "abi": [*output["abi"], *_of_libraries(compilation, used, output["abi"], code)],
        "bytecode": code,
        "deployed_bytecode": output["evm"]["deployedBytecode"]["object"],
        "immutables": _immutables(compilation, output),
        "roles": roles,
        "method_identifiers": output["evm"]["methodIdentifiers"],
        "storage_layout": _without_node_numbers(output["storageLayout"]),
        "sources": {
            file: hashlib.sha256(compilation.sources[file].encode()).hexdigest() for file in own
        },
        "packages": dict(npm_package_of(f, project_root) for f in used if f not in own),
        "compiler": {
            "version": metadata["compiler"]["version"],
            "settings": compilation.config.settings,
        },
    }
    return json.dumps(artifact, sort_keys=True, indent=1) + "\n"


def _source_of(compilation: Compilation, name: str) -> str:
    sources = tuple(s for s, found in compilation.contracts.items() if name in found)
    coded = tuple(s for s in sources if "metadata" in compilation.contracts[s][name])
    if len(coded) != 1:
        raise ContractMissing(name, sources)
    return coded[0]


def _of_libraries(
    compilation: Compilation, used: list[str], known: list[dict[str, Any]], code: str
) -> Iterator[dict[str, Any]]:
    """Yield the errors and events of libraries whose selector or topic is in the code.

    The compiler lists those raised in Solidity, but not those that assembly raises.
    """
    seen = {json.dumps(entry, sort_keys=True) for entry in known}
    for source in used:
        for node in compilation.asts[source]["nodes"]:
            if node.get("contractKind") != "library":
                continue
            for entry in compilation.contracts[source][node["name"]]["abi"]:
                text = json.dumps(entry, sort_keys=True)
                if (
                    entry["type"] in {"error", "event"}
                    and text not in seen
                    and _identifier(entry) in code
                ):
                    seen.add(text)
                    yield entry


def _identifier(entry: ABIElement) -> str:
    """Return what stands in code that raises or emits this, in hex; never empty."""
    signature = abi_to_signature(entry)
    if entry["type"] == "event":
        word = event_signature_to_log_topic(signature)
    else:
        word = function_signature_to_4byte_selector(signature)
    # The compiler leaves out a constant's leading zero bytes.
    return word.lstrip(b"\0").hex()


def _immutables(compilation: Compilation, output: dict[str, Any]) -> dict[str, list[list[int]]]:
    references = output["evm"]["deployedBytecode"]["immutableReferences"]
    names = dict(_variables(list(compilation.asts.values())))
    return {
        names[int(number)]: sorted([place["start"], place["length"]] for place in places)
        for number, places in references.items()
    }


def _variables(nodes: list[Any]) -> Iterator[tuple[int, str]]:
    for node in nodes:
        if node["nodeType"] == "VariableDeclaration":
            yield node["id"], node["name"]
        yield from _variables(node.get("nodes", []))


def _without_node_numbers(value: Any) -> Any:
    if isinstance(value, str):
        return _NODE_NUMBER.sub("", value)
    if isinstance(value, list):
        return [_without_node_numbers(item) for item in value]
    if isinstance(value, dict):
        return {
            _without_node_numbers(key): _without_node_numbers(item)
            for key, item in value.items()
            if key != "astId"
        }
    return value
