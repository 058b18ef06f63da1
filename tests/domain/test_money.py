"""Amounts as people read them, below zero too: a shortfall must not look like another number."""

import pytest

from coopledger.domain.money import show_money


@pytest.mark.parametrize(
    ("amount", "decimals", "shown"),
    [
        (0, 0, "0 USDC"),
        (1_234_567, 0, "1.234.567 USDC"),
        (150, 2, "1,5 USDC"),
        (-150, 2, "-1,5 USDC"),
        (-8_000, 0, "-8.000 USDC"),
    ],
)
def test_an_amount_is_shown_with_its_sign(amount: int, decimals: int, shown: str) -> None:
    """The sign stands before the whole and does not change its digits."""
    assert show_money(amount, "USDC", decimals) == shown
