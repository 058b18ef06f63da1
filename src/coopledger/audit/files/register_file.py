"""A list of members in a file, as ``coopledger members --format csv|json`` or an export writes it.

The file is what is doubted. What does not make it a list at all is refused; a row or a cell that cannot
be read is handed on as it stands, for the comparison to name.
"""

import csv
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from hashlib import file_digest
from pathlib import Path
from typing import Any

import orjson

from coopledger.domain.safe_csv import plain_cell
from coopledger.domain.types import BlockNumber
from coopledger.errors import BadInput

NUMBER = "number"


class NotARegisterFile(BadInput):
    """The file is no list of members."""

    file: Path
    reason: str

    says = "{file} is no list of members: {reason}"
    advice = (
        "Give a file as 'coopledger members --closed --count 0 --format csv' (or json) writes it."
    )


@dataclass(frozen=True)
class ListedRecord:
    """One row: where it stands, and its cells by column, as text; None for an empty one."""

    where: str
    cells: Mapping[str, str | None]


@dataclass(frozen=True)
class RegisterFile:
    """A file that lists members. A JSON file may say as of which block."""

    path: Path
    columns: tuple[str, ...]
    sha256: str
    block: BlockNumber | None = None
    block_hash: str | None = None
    stated: Mapping[str, Any] = field(default_factory=dict)
    """What a JSON file says beside its members and their moment."""

    def rows(self) -> Iterator[ListedRecord]:
        """Yield the rows as the file has them.

        Raises:
            NotARegisterFile: it cannot be read to its end.
        """
        return _json_rows(self.path) if _is_json(self.path) else _csv_rows(self.path)


def open_register_file(path: Path) -> RegisterFile:
    """Look at a file and say what it lists.

    Raises:
        NotARegisterFile: there is no such file, or it is something else.
    """
    try:
        with path.open("rb") as file:
            sha256 = file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise NotARegisterFile(path, error.strerror or "unreadable") from None
    block = block_hash = None
    stated: dict[str, Any] = {}
    if _is_json(path):
        content = _json(path)
        if isinstance(content, dict):
            as_of = content["as_of"] if isinstance(content.get("as_of"), dict) else content
            block, block_hash = as_of.get("block"), as_of.get("hash")
            stated = {name: value for name, value in content.items() if name != "members"}
        columns: Iterable[str] = dict.fromkeys(
            name for row in _members_in(path, content) if isinstance(row, dict) for name in row
        )
    else:
        columns = _header(path)
    if NUMBER not in columns:
        raise NotARegisterFile(path, f"it has no column '{NUMBER}'")
    return RegisterFile(
        path,
        tuple(columns),
        sha256,
        BlockNumber(block) if isinstance(block, int) else None,
        block_hash if isinstance(block_hash, str) else None,
        stated,
    )


def _is_json(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(100).removeprefix(b"\xef\xbb\xbf").lstrip()[:1] in {b"[", b"{"}


def _json(path: Path) -> Any:
    try:
        return orjson.loads(path.read_bytes())
    except orjson.JSONDecodeError as error:
        raise NotARegisterFile(path, f"its JSON is broken ({error})") from None


def _members_in(path: Path, content: Any) -> list[Any]:
    members = content.get("members") if isinstance(content, dict) else content
    if not isinstance(members, list):
        raise NotARegisterFile(path, "it has no list of 'members'")
    return members


def _json_rows(path: Path) -> Iterator[ListedRecord]:
    for index, row in enumerate(_members_in(path, _json(path)), start=1):
        cells = row if isinstance(row, dict) else {}
        texts = {name: None if value is None else str(value) for name, value in cells.items()}
        yield ListedRecord(f"entry {index}", texts)


def _header(path: Path) -> list[str]:
    with path.open(encoding="utf-8-sig", newline="") as stream:
        try:
            names = [plain_cell(cell).strip() for cell in next(csv.reader(stream), [])]
        except (UnicodeDecodeError, csv.Error) as error:
            raise NotARegisterFile(path, f"it is neither CSV nor JSON ({error})") from None
    repeated = sorted({name for name in names if names.count(name) > 1})
    if repeated:
        raise NotARegisterFile(path, f"it has two columns '{repeated[0]}'")
    return names


def _csv_rows(path: Path) -> Iterator[ListedRecord]:
    names = _header(path)
    with path.open(encoding="utf-8-sig", newline="") as stream:
        reader = csv.reader(stream)
        try:
            next(reader)
            for row in reader:
                cells = [plain_cell(cell) or None for cell in row]
                cells += [None] * (len(names) - len(cells))
                yield ListedRecord(f"line {reader.line_num}", dict(zip(names, cells, strict=False)))
        except (UnicodeDecodeError, csv.Error) as error:
            reason = f"line {reader.line_num + 1} cannot be read ({error})"
            raise NotARegisterFile(path, reason) from None
