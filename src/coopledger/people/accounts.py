"""Accounts of people without a wallet, derived from the master secret and the person's own salt.

Erasing the salt makes an account underivable for ever (``docs/decisions/custody-by-salt.md``).
Deriving one takes longer than all else that is done for a new person, so fresh ones
may be derived ahead (``ahead``); they are random, and depend on nobody.
"""

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, cast

from coopledger.domain.types import Address, ChainId
from coopledger.people.derivation import (
    FreshAccount,
    address_of_key,
    binding_of,
    fresh_account,
    private_key,
)
from coopledger.people.master import MasterSecret

if TYPE_CHECKING:
    from eth_account.signers.local import LocalAccount

MakeAccount = Callable[[], FreshAccount]
"""Gives another account each time."""


def account_maker(secret: MasterSecret, chain: ChainId, ledger: Address) -> MakeAccount:
    """Return what makes fresh accounts for one ledger of one chain."""
    return partial(fresh_account, secret.material, binding_of(chain, bytes.fromhex(ledger[2:])))


def account_address(secret: MasterSecret, salt: bytes, chain: ChainId, ledger: Address) -> Address:
    """Return the address of a person's account on one ledger of one chain."""
    return address_of_key(_private_key(secret, salt, chain, ledger))


def signer_of(secret: MasterSecret, salt: bytes, chain: ChainId, ledger: Address) -> "LocalAccount":
    """Return what signs for a person's account. The one way in which its key leaves here."""
    from eth_account import Account  # loads much that only signing needs

    return cast("LocalAccount", Account.from_key(_private_key(secret, salt, chain, ledger)))


def _private_key(secret: MasterSecret, salt: bytes, chain: ChainId, ledger: Address) -> bytes:
    binding = binding_of(chain, bytes.fromhex(ledger[2:]))
    return private_key(secret.material, salt, binding)
