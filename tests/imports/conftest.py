"""Files for the import tests: the real exports, and small ones made from their headers."""

import csv
import io
import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
EXAMPLES = ROOT / "examples"
HERE = Path(__file__).parent / "data"


class Samples:
    """Real exports by name, and writers of small ones."""

    indonesian = EXAMPLES / "kinarya-positions.csv"
    english = HERE / "kinarya-positions.en.csv"
    order_sheet = HERE / "kinarya-orders.csv"
    order_sheet_english = HERE / "kinarya-orders.en.csv"
    jsons = tuple(EXAMPLES / f"{event}-orders.json" for event in ("turah", "siti", "ziarah"))
    map = EXAMPLES / "kinarya-map.toml"
    plain_csv_page = ROOT / "docs" / "plain-csv.md"

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def write(self, content: str | bytes, name: str = "orders.csv") -> Path:
        """Write a file and return its path."""
        path = self.folder / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    def records(self, path: Path, count: int | None = None) -> list[list[str]]:
        """Return a CSV's header and its first rows."""
        with path.open(newline="", encoding="utf-8") as stream:
            return list(csv.reader(stream))[: None if count is None else count + 1]

    def csv(
        self, records: Sequence[Sequence[str]], name: str = "orders.csv", delimiter: str = ","
    ) -> Path:
        """Write records as CSV."""
        stream = io.StringIO()
        csv.writer(stream, delimiter=delimiter).writerows(records)
        return self.write(stream.getvalue(), name)

    def pretix(self, *changes: dict[str, str], header: Sequence[str] = ()) -> Path:
        """Write an English positions sheet: one row a change, made from a real paid row."""
        names, row = self.records(self.english, 1)
        extra = [name for name in header if name not in names]
        rows = [
            dict(zip([*names, *extra], [*row, *[""] * len(extra)], strict=True)) | change
            for change in changes
        ]
        return self.csv(
            [[*names, *extra], *([each[name] for name in [*names, *extra]] for each in rows)]
        )

    def json(self, change: Callable[[dict[str, Any]], object] = lambda _: None) -> Path:
        """Write the first two orders of a real JSON export, changed in place by ``change``.

        The first order is paid and has two positions.
        """
        whole: dict[str, Any] = json.loads(self.jsons[1].read_text(encoding="utf-8"))
        event = whole["event"]
        event["orders"] = event["orders"][:2]
        change(event)
        return self.write(json.dumps(whole), "orders.json")


@pytest.fixture(scope="session")
def samples(tmp_path_factory: pytest.TempPathFactory) -> Samples:
    """The sample files, with a folder of the session's own to write into."""
    return Samples(tmp_path_factory.mktemp("imports"))
