"""The contracts' ABIs and the ledger's code, from the JSON files of the package."""

import json
from functools import cache
from importlib import resources
from typing import Any

from eth_typing import ABI

LEDGER, BOX_OFFICE, MANAGER, CURRENCY = "TicketLedger", "BoxOffice", "AccessManager", "LocalRupiah"
NAMES = (LEDGER, BOX_OFFICE, MANAGER, CURRENCY)


def abi_of(name: str) -> ABI:
    """Return a contract's ABI. The currency's also describes any other ERC-20 with permits."""
    abi: ABI = _artifact(name)["abi"]
    return abi


def is_code_of(name: str, code: bytes) -> bool:
    """Say whether deployed code is a contract's, but for the places that its deployment filled in."""
    artifact = _artifact(name)
    places = [place for each in artifact["immutables"].values() for place in each]

    def blank(code: bytes) -> bytes:
        masked = bytearray(code)
        for start, length in places:
            masked[start : start + length] = bytes(length)
        return bytes(masked)

    return blank(code) == blank(bytes.fromhex(artifact["deployed_bytecode"]))


@cache
def _artifact(name: str) -> dict[str, Any]:
    file = resources.files("coopledger").joinpath("artifacts", f"{name}.json")
    artifact: dict[str, Any] = json.loads(file.read_text("utf-8"))
    return artifact
