"""Every failure of the package belongs to one family, and says what happened and what to do."""

import importlib
import pickle
import pkgutil
from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass
from datetime import UTC, datetime
from enum import Enum
from pathlib import Path
from types import NoneType, UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints

import pytest

import coopledger
from coopledger.chain.contracts.reverts import all_exceptions
from coopledger.database.dsn import Dsn
from coopledger.errors import FAMILIES, CoopledgerError, Differs, handling_of

VALUES: dict[Any, Any] = {
    int: 7,
    float: 1.5,
    bool: True,
    str: "something",
    bytes: b"\x01" * 32,
    Path: Path("a-file"),
    Dsn: Dsn("postgresql://somebody:secret@localhost/people"),
    datetime: datetime(2026, 12, 5, 19, tzinfo=UTC),
    Exception: ValueError("a cause"),
    Any: 7,
}


def sample(kind: Any) -> Any:
    """Return some value of a type that a failure's facts may have."""
    while hasattr(kind, "__supertype__"):
        kind = kind.__supertype__
    if kind in VALUES:
        return VALUES[kind]
    origin, inner = get_origin(kind), get_args(kind)
    if origin in (Union, UnionType):
        return sample(next(choice for choice in inner if choice is not NoneType))
    if origin is Mapping:
        return {}
    if origin is tuple:
        whole = inner[:1] if inner[-1] is Ellipsis else inner
        return tuple(sample(each) for each in whole)
    if origin in (list, frozenset, set):
        return origin([sample(inner[0])])
    if isinstance(kind, type) and issubclass(kind, Enum):
        return next(iter(kind))
    if isinstance(kind, type) and issubclass(kind, int | str):
        return kind(VALUES[int])
    if is_dataclass(kind):
        return made(kind)
    if isinstance(kind, type) and issubclass(kind, Exception):
        return VALUES[Exception]
    raise LookupError(f"the test has no sample of {kind}")


def made(kind: Any) -> Any:
    """Return a dataclass of sample facts."""
    hints = get_type_hints(kind)
    return kind(**{each.name: sample(hints[each.name]) for each in fields(kind) if each.init})


def descendants(kind: type[CoopledgerError]) -> Iterator[type[CoopledgerError]]:
    """Yield every class below a class."""
    for below in kind.__subclasses__():
        yield below
        yield from descendants(below)


def every_failure() -> list[type[CoopledgerError]]:
    """Import every module of the package, and return the failures that they define."""
    for module in pkgutil.walk_packages(coopledger.__path__, "coopledger."):
        # Alembic alone can run what stands in there.
        if ".migrations." not in module.name and not module.name.endswith("__main__"):
            importlib.import_module(module.name)
    all_exceptions()  # made when they are first asked for
    found = {kind for kind in descendants(CoopledgerError) if kind.__module__.startswith("coop")}
    return sorted(found - set(FAMILIES), key=lambda kind: (kind.__module__, kind.__name__))


FAILURES = every_failure()
WRITTEN = [kind for kind in FAILURES if kind not in set[type](all_exceptions())]


def test_the_failures_are_found() -> None:
    """The package's failures are really looked at: those of each of its parts, and the contracts'."""
    parts = {kind.__module__.split(".")[1] for kind in FAILURES}
    assert parts >= {"chain", "cli", "imports", "people", "services", "settings"}
    assert len(WRITTEN) > 60
    assert set[type](all_exceptions()) <= set[type](FAILURES)


@pytest.mark.parametrize("kind", FAILURES, ids=lambda kind: kind.__name__)
def test_a_failure_belongs_to_one_family(kind: type[CoopledgerError]) -> None:
    """Each failure has one family, which alone gives its exit code and HTTP status."""
    assert handling_of(kind) in FAMILIES.values()


@pytest.mark.parametrize("kind", WRITTEN, ids=lambda kind: kind.__name__)
def test_a_failure_says_what_happened_and_what_to_do(kind: type[CoopledgerError]) -> None:
    """Each failure turns into a sentence of its own and advice, is pickled, and says no secret."""
    failure = made(kind)
    sentence, advice = str(failure), failure.advice
    assert len(sentence) > 10
    assert sentence != str(failure.args)
    assert len(advice) > 10
    assert "secret@" not in sentence
    assert "None" not in sentence
    assert "object at 0x" not in sentence
    again = pickle.loads(pickle.dumps(failure))  # noqa: S301  our own bytes
    assert (type(again), str(again)) == (kind, sentence)


def test_the_families_are_told_apart() -> None:
    """Each family has an exit code of its own, none of them a shell's, and a failing HTTP status.

    Only a comparison that finds differences ends with 1, as diff does.
    """
    codes = [handling.exit_code for handling in FAMILIES.values()]
    assert len(set(codes)) == len(codes)
    assert not set(codes) & {0, 2}
    assert [family for family, handling in FAMILIES.items() if handling.exit_code == 1] == [Differs]
    assert all(code < 126 for code in codes)
    assert all(200 < handling.http_status < 600 for handling in FAMILIES.values())


def test_no_family_is_left_out() -> None:
    """Each direct subclass of the base is a family, and a failure of none is an error."""
    direct = {
        kind for kind in CoopledgerError.__subclasses__() if kind.__module__ == "coopledger.errors"
    }
    assert direct == set(FAMILIES)

    with pytest.raises(LookupError):
        handling_of(CoopledgerError)
    with pytest.raises(LookupError):
        handling_of(ValueError)
