"""What each of our own figures is about, what was promised, and who stands beside it.

A promise is judged by the worst run, not by the median that is shown for it.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from bench.metering.meter import Runs, median, number


@dataclass(frozen=True)
class Promise:
    """The most gas that a piece of work may take, and the peers that do something like it."""

    limit: int
    peers: tuple[str, ...] = ()


PROMISES: Mapping[str, Promise] = {
    "batch_new": Promise(
        82_000, ("unlock_grant", "naive_pair", "openzeppelin_mint", "erc721a_mint")
    ),
    "batch_existing": Promise(34_000, ("openzeppelin_mint_again", "erc721a_mint_again")),
    "purchase_native": Promise(160_000, ("unlock_purchase", "unlock_purchase_v15")),
    "purchase_erc20": Promise(190_000, ("unlock_purchase_erc20",)),
    "purchase_permit": Promise(215_000),
    "redeem_each": Promise(7_500),
}

ABOUT: Mapping[str, str] = {
    "batch_new": "sold in a batch of 100, each founds a membership",
    "batch_existing": "sold in a batch of 100 to members",
    "purchase_native": "bought and joined with, native coin",
    "purchase_erc20": "bought and joined with, ERC-20 with an allowance",
    "purchase_permit": "bought and joined with, ERC-20 with a first permit of the price",
    "redeem_each": "redeemed, each of 100 that were not locked",
    "batch_new_first": "the first batch of a screening, each of 100 founds a membership",
    "batch_new_one": "sold alone, founds a membership",
    "batch_existing_consenting": "sold in a batch of 100 to members whose line says again that "
    "they join",
    "batch_guests": "sold in a batch of 100 to accounts without a ticket, nobody joins",
    "purchase_native_first": "the first purchase of its screening and seat word, joins, native coin",
    "purchase_native_again": "a member's next purchase, native coin",
    "purchase_erc20_first": "the first purchase of its screening and seat word, joins, allowance",
    "purchase_erc20_again": "a member's next purchase, allowance",
    "purchase_permit_first": "the first purchase of its screening and seat word, joins, permit",
    "purchase_permit_larger": "bought and joined with, a first permit of more than the price "
    "(an allowance remains)",
    "redeem_each_30": "redeemed, each of 30 that were not locked",
    "redeem_one": "redeemed alone, not locked before",
    "redeem_each_card": "redeemed, each of 100 membership cards",
    "join": "a holder joins with a ticket",
    "rejoin": "a former member joins again",
    "leave": "a member with a vote leaves",
    "give": "a ticket given to an account that holds none",
    "set_standing": "an associate is made full",
    "propose_move": "a move is proposed",
    "accept_move": "a move of a full member is accepted, one more ticket moves along",
    "void_each": "a ticket sold outside the chain is voided, each of 100",
    "refund_native": "a ticket is refunded, native coin",
    "refund_native_card": "a membership card is refunded, its deposit withheld",
    "refund_erc20": "a ticket is refunded, ERC-20",
    "return_deposit": "a deposit returned after leaving, native coin",
    "withdraw": "a screening's takings paid out, native coin",
    "add_screening": "a screening announced with two tiers",
    "set_bylaws": "a version of the by-laws recorded",
}
"""Every figure of :class:`bench.metering.own.OwnWork`, in the order in which it is shown."""


def judged(runs: Runs) -> dict[str, dict[str, int | float | bool]]:
    """Return each promise, its worst run, and whether the promise is met."""
    return {
        name: {
            "limit": promise.limit,
            "worst": number(max(runs[name])),
            "met": max(runs[name]) <= promise.limit,
        }
        for name, promise in PROMISES.items()
    }


def medians(runs: Runs) -> dict[str, int | float]:
    """Return each figure: the middle one of its runs."""
    return {name: number(median(gas)) for name, gas in runs.items()}
