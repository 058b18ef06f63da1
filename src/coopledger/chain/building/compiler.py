"""Compiles the contracts: a pinned compiler, settings shared with Hardhat, every source embedded.

The compiler is handed all sources inside the JSON and never opens a file. So an installed native compiler
and npm's module (``scripts/solc``) see the same bytes under the same names and give the same bytecode,
and the sources that count are known for checksums.
"""

import contextlib
import json
import posixpath
import re
import shutil
import subprocess
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import solcx
import solcx.exceptions
import solcx.install
import solcx.wrapper

from coopledger.errors import BadInput, Unavailable

_COMMENT = re.compile(r"//[^\n]*|/\*.*?\*/", re.DOTALL)
_IMPORT = re.compile(r"""\bimport\b[^"';]*["']([^"']+)["']\s*(?:as\s+\w+\s*)?;""")

_DESCRIBED = ["abi"]
_GENERATED = [
    *_DESCRIBED,
    "metadata",
    "storageLayout",
    "evm.bytecode.object",
    "evm.deployedBytecode.object",
    "evm.deployedBytecode.immutableReferences",
    "evm.methodIdentifiers",
]


class CompilerMissing(Unavailable):
    """Neither an installed compiler of the pinned version nor npm's was found."""

    version: str

    says = "no Solidity compiler {version} was found"
    advice = "Run scripts/setup, which installs npm's compiler."


class CompilationFailed(BadInput):
    """The compiler refused the sources."""

    messages: str

    says = "the contracts do not compile:\n{messages}"
    advice = "Correct the contract where the compiler points."


class SourceMissing(BadInput):
    """A source that is imported is not there."""

    name: str
    imported_by: str

    says = "{imported_by} imports {name}, which does not exist"
    advice = "Correct the import, or run scripts/setup to install the npm packages."


@dataclass(frozen=True)
class CompilerConfig:
    """The pinned version and the settings of ``contracts/compiler.json``."""

    version: str
    settings: Mapping[str, Any]


@dataclass(frozen=True)
class Compilation:
    """What one run of the compiler took and gave.

    ``contracts`` and ``asts`` are the compiler's own JSON: by source name, then (for contracts)
    by contract name.
    """

    config: CompilerConfig
    sources: Mapping[str, str]
    contracts: Mapping[str, Mapping[str, Any]]
    asts: Mapping[str, Any]


def read_config(project_root: Path) -> CompilerConfig:
    """Return the compiler version and settings that Hardhat's build shares."""
    raw = json.loads((project_root / "contracts" / "compiler.json").read_text("utf-8"))
    return CompilerConfig(raw["version"], raw["settings"])


def find_compiler(version: str, project_root: Path) -> Path:
    """Return a compiler of exactly ``version``: native where there is one, else npm's.

    Raises:
        CompilerMissing: there is neither.
    """
    native = shutil.which("solc")
    candidates = [Path(native)] if native else []
    with contextlib.suppress(solcx.exceptions.SolcNotInstalled):
        candidates.append(solcx.install.get_executable(version))
    candidates.append(project_root / "scripts" / "solc")
    for candidate in candidates:
        try:
            if str(solcx.wrapper.get_solc_version(candidate)) == version:
                return candidate
        except (OSError, subprocess.CalledProcessError, solcx.exceptions.SolcError):
            continue
    raise CompilerMissing(version)


def project_sources(project_root: Path) -> dict[str, str]:
    """Return every contract of the project by source name, Solidity tests left out."""
    folder = project_root / "contracts"
    return {
        path.relative_to(project_root).as_posix(): path.read_text("utf-8")
        for path in sorted(folder.rglob("*.sol"))
        if path.relative_to(folder).parts[0] != "test"
    }


def compile_sources(
    entries: Mapping[str, str], project_root: Path, *, generate: Collection[str] = ()
) -> Compilation:
    """Compile sources and all that they import.

    Args:
        entries: Solidity text by source name; imports are found beside the importing source,
            below the project root, or in ``node_modules``.
        generate: names of imported sources to make code for, too. The others are only
            described, which takes a third of the time.
        project_root: holds ``contracts/compiler.json``, ``node_modules`` and ``scripts/solc``.

    Raises:
        SourceMissing: an import leads nowhere.
        CompilerMissing: no compiler of the pinned version.
        CompilationFailed: the compiler found errors.
    """
    config = read_config(project_root)
    sources = _with_imports(entries, project_root)
    coded = {*entries, *generate}
    request = {
        "language": "Solidity",
        "sources": {name: {"content": text} for name, text in sorted(sources.items())},
        "settings": {
            **config.settings,
            "outputSelection": {
                name: {"": ["ast"], "*": _GENERATED if name in coded else _DESCRIBED}
                for name in sorted(sources)
            },
        },
    }
    try:
        output = cast(
            "dict[str, Any]",
            solcx.compile_standard(
                request, solc_binary=find_compiler(config.version, project_root)
            ),
        )
    except solcx.exceptions.SolcError as error:
        raise CompilationFailed(error.message) from None
    asts = {name: source["ast"] for name, source in output["sources"].items()}
    return Compilation(config, sources, output["contracts"], asts)


def npm_package_of(source_name: str, project_root: Path) -> tuple[str, str]:
    """Return name and installed version of the npm package that holds a source."""
    parts = source_name.split("/")
    name = "/".join(parts[:2] if source_name.startswith("@") else parts[:1])
    manifest = project_root / "node_modules" / name / "package.json"
    return name, json.loads(manifest.read_text("utf-8"))["version"]


def _with_imports(entries: Mapping[str, str], project_root: Path) -> dict[str, str]:
    sources = dict(entries)
    waiting = list(entries)
    while waiting:
        importer = waiting.pop()
        for name in _imports_of(importer, sources[importer]):
            if name not in sources:
                sources[name] = _read_source(name, importer, project_root)
                waiting.append(name)
    return sources


def _imports_of(importer: str, text: str) -> Iterator[str]:
    for match in _IMPORT.finditer(_COMMENT.sub(" ", text)):
        target = match.group(1)
        if target.startswith("."):
            target = posixpath.normpath(posixpath.join(posixpath.dirname(importer), target))
        yield target


def _read_source(name: str, importer: str, project_root: Path) -> str:
    for folder in (project_root, project_root / "node_modules"):
        if (folder / name).is_file():
            return (folder / name).read_text("utf-8")
    raise SourceMissing(name, importer)
