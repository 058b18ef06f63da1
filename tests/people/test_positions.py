"""Finding a ticket's reference by what the guest shows."""

import pytest

from coopledger.people.desk import People
from coopledger.people.positions import (
    IssuedPosition,
    PositionAmbiguous,
    PositionUnknown,
    TicketSecretUnknown,
)


def test_a_ticket_is_found_by_secret_and_by_label(people: People) -> None:
    """The seller's QR code and ORDER-POSITION, in capitals or not, lead to the reference."""
    one, two = (people.order_reference("pretix", "ABCDE", position) for position in "12")
    people.remember_positions(
        [IssuedPosition(one, "ABCDE-1", "s3cretOne"), IssuedPosition(two, "ABCDE-2", "s3cretTwo")]
    )
    assert people.reference_of_secret("s3cretTwo") == two
    assert people.reference_of_label(" abcde-1") == one


def test_noting_again_updates_and_never_forgets_a_secret(people: People) -> None:
    """A second export may bring a secret, and one without secrets takes none away."""
    reference = people.order_reference("pretix", "ABCDE", "1")
    people.remember_positions([])
    people.remember_positions([IssuedPosition(reference, "ABCDE-1")])
    people.remember_positions([IssuedPosition(reference, "ABCDE-1", "s3cret")])
    people.remember_positions([IssuedPosition(reference, "ABCDE-1")])
    assert people.reference_of_secret("s3cret") == reference
    assert people.reference_of_label("ABCDE-1") == reference


def test_what_was_not_issued_is_not_found(people: People) -> None:
    """Unknown codes raise, positions without a secret do not answer to an empty one."""
    people.remember_positions([IssuedPosition(people.order_reference("p", "A", "1"), "A-1")])
    with pytest.raises(TicketSecretUnknown) as caught:
        people.reference_of_secret("geheim")
    assert "geheim" not in str(caught.value)
    with pytest.raises(TicketSecretUnknown):
        people.reference_of_secret("")
    with pytest.raises(PositionUnknown) as unknown:
        people.reference_of_label("A-2")
    assert unknown.value.label == "A-2"


def test_a_label_of_two_sellers_is_not_guessed(people: People) -> None:
    """Where two sellers use the same label, neither ticket is taken."""
    people.remember_positions(
        IssuedPosition(people.order_reference(source, "A", "1"), "A-1") for source in ("x", "y")
    )
    with pytest.raises(PositionAmbiguous) as caught:
        people.reference_of_label("A-1")
    assert caught.value.count == 2
