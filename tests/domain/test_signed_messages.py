"""What people sign is what the contracts check, to the letter."""

import re
from pathlib import Path

import pytest

from coopledger.domain.signed_messages import MEMBERS, MessageKind, type_string

CONTRACTS = Path(__file__).parents[2] / "contracts"


def type_strings_of_the_contracts() -> set[str]:
    """Return every EIP-712 type that a contract hashes."""
    hashed = re.compile(r'_TYPEHASH\s*=\s*keccak256\(\s*"([^"]*)"')
    return {
        found for path in CONTRACTS.rglob("*.sol") for found in hashed.findall(path.read_text())
    }


@pytest.mark.parametrize("kind", [kind for kind in MessageKind if kind is not MessageKind.PERMIT])
def test_a_message_has_the_type_that_its_contract_hashes(kind: MessageKind) -> None:
    """The members of a message stand in the order, with the types, of the contract's type hash."""
    assert type_string(kind) in type_strings_of_the_contracts()


def test_no_message_of_the_contracts_is_missing() -> None:
    """Everything that the contracts take signed can be written as a message."""
    ours = {type_string(kind) for kind in MessageKind}
    assert type_strings_of_the_contracts() <= ours
    assert set(MEMBERS) == {kind.value for kind in MessageKind}


def test_a_permit_has_the_type_of_its_standard() -> None:
    """A permit is typed as ERC-2612 defines it."""
    assert type_string(MessageKind.PERMIT) == (
        "Permit(address owner,address spender,uint256 value,uint256 nonce,uint256 deadline)"
    )
