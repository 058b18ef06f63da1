"""Values of which there are millions behave as frozen dataclasses do, but for the guard at run time."""

from coopledger.domain.events import MoveCancelled, MoveVetoed, Place
from coopledger.domain.types import BlockNumber, MemberNumber

PLACE = Place(BlockNumber(7), b"\x01" * 32, b"\x02" * 32, 3)


def test_values_are_told_apart_by_their_class_and_their_fields() -> None:
    """Two values are equal, and one key, where class and fields are the same; and only there."""
    veto = MoveVetoed(PLACE, MemberNumber(1))
    others = {MoveCancelled(PLACE, MemberNumber(1)), MoveVetoed(PLACE, MemberNumber(2))}
    assert {veto, MoveVetoed(PLACE, MemberNumber(1))} == {veto}
    assert veto not in others


def test_values_take_no_fields_of_their_own() -> None:
    """A value has its fields and nothing else: it holds no dictionary."""
    assert not hasattr(PLACE, "__dict__")
