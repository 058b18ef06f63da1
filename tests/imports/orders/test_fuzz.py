"""Whatever bytes a file holds, reading it ends in positions, problems or a named failure."""

import json
import tomllib
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from coopledger.domain.orders import PositionStatus
from coopledger.errors import BadInput
from coopledger.imports.map.mapping import OrderMap
from coopledger.imports.orders.files import read_positions

if TYPE_CHECKING:
    from pathlib import Path

    from tests.imports.conftest import Samples

fuzz = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])

SPLICES = st.one_of(
    st.binary(max_size=8),
    st.sampled_from(
        [b'"', b",", b";", b"\n", b"\r", b"\0", b"\xff", b"'=", b"{", b"[", b"\\u0000"]
    ),
)


def read(path: "Path") -> None:
    """Read a file; anything but a named failure escapes."""
    try:
        read_file = read_positions(path)
    except BadInput as failure:
        assert str(failure)
        assert len(str(failure)) < 2_000
        assert failure.advice
        return
    assert len({position.key for position in read_file.positions}) == len(read_file.positions)
    for problem in read_file.problems:
        assert str(problem)
    for position in read_file.positions:
        if position.status is PositionStatus.PAID and position.ordered_at is not None:
            assert position.ordered_at.utcoffset() is not None


@given(content=st.one_of(st.binary(), st.text().map(str.encode)))
@example(b"\x1c")
@fuzz
def test_random_bytes(samples: "Samples", content: bytes) -> None:
    """Random bytes never raise anything but our own failures."""
    read(samples.write(content))


@pytest.mark.parametrize("kind", ["indonesian", "english", "json"])
@given(data=st.data())
@fuzz
def test_mutated_exports(samples: "Samples", kind: str, data: st.DataObject) -> None:
    """A real export with bytes cut out, put in or overwritten never raises anything else."""
    if kind == "json":
        content = samples.json().read_bytes()
    else:
        content = b"".join(getattr(samples, kind).read_bytes().splitlines(keepends=True)[:6])
    for _ in range(data.draw(st.integers(1, 4))):
        start = data.draw(st.integers(0, len(content)))
        length = data.draw(st.sampled_from([0, 0, 1, 2, 50, 10_000]))
        content = content[:start] + data.draw(SPLICES) + content[start + length :]
    read(samples.write(content))


JSON_VALUES = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(-(2**63), 2**64 - 1),
        st.floats(allow_nan=False, allow_infinity=False),
        st.text(),
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=2), st.dictionaries(st.text(), inner, max_size=2)
    ),
    max_leaves=4,
)


def places_in(value: Any) -> list[tuple[Any, Any]]:
    """Return every container and key within a JSON value."""
    keys = (
        value.keys()
        if isinstance(value, dict)
        else range(len(value) if isinstance(value, list) else 0)
    )
    return [place for key in keys for place in [(value, key), *places_in(value[key])]]


@given(data=st.data())
@fuzz
def test_json_with_other_values(samples: "Samples", data: st.DataObject) -> None:
    """A value of any type in any place of the JSON never raises anything else."""
    whole = json.loads(samples.json().read_bytes())
    whole["event"]["questions"] = [{"id": 1, "question": "Anggota?"}]
    whole["event"]["subevents"] = [{"id": 1, "date_from": "2026-12-05T12:00:00Z"}]
    whole["event"]["orders"][0]["positions"][0]["answers"] = [{"question": 1, "answer": "True"}]
    for _ in range(data.draw(st.integers(1, 3))):
        container, key = data.draw(st.sampled_from(places_in(whole)))
        container[key] = data.draw(JSON_VALUES)
    read(samples.write(json.dumps(whole), "orders.json"))


def test_json_nested_too_deep(samples: "Samples") -> None:
    """Nesting that no parser follows is a failure of the file."""
    read(samples.write("[" * 100_000))
    deep = "[" * 900 + "]" * 900
    read(samples.json(lambda event: event["orders"][0].update(email=json.loads(deep))))


@given(
    content=st.one_of(
        st.text(),
        st.lists(
            st.sampled_from(
                [
                    "[events]",
                    "[products]",
                    "[seats]",
                    "[events.a]",
                    "a = 1",
                    'b = "x"',
                    '"" = 0',
                    "c = []",
                    "d = {}",
                    "e = 1979-05-27",
                    '"2026-12-05 19:00" = 3',
                    "f = nan",
                    "[",
                ]
            )
        ).map("\n".join),
    )
)
@fuzz
def test_random_maps(samples: "Samples", content: str) -> None:
    """A map of any content is read or refused by name."""
    path = samples.write(content, "map.toml")
    try:
        OrderMap.load(path)
    except BadInput as failure:
        assert str(failure)
        return
    assert set(tomllib.loads(content.lstrip("\ufeff"))) <= {"events", "products", "seats"}
