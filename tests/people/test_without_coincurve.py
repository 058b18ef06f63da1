"""Python 3.14 has no coincurve: what it speeds up comes out the same without it."""

import json
import subprocess
import sys

SCRIPT = """
import json, sys
if sys.argv[1] == "without":
    sys.modules["coincurve"] = None  # an import of it fails
from coopledger.people import derivation
from coopledger.people.derivation import address_of_key, private_key
from eth_account import Account
from eth_account.messages import encode_defunct

ends = [(1).to_bytes(32, "big"), (derivation._GROUP_ORDER - 1).to_bytes(32, "big")]
keys = ends + [private_key(b"secret" * 6, bytes([i]) * 32, b"binding") for i in range(20)]
message = encode_defunct(text="consent")
transaction = {"chainId": 1, "nonce": 7, "to": "0x" + "11" * 20, "value": 1, "gas": 21000,
               "maxFeePerGas": 9, "maxPriorityFeePerGas": 1}
print(json.dumps({
    "coincurve": derivation.PublicKey is not None,
    "addresses": [address_of_key(key) for key in keys],
    "own": [Account.from_key(key).address for key in keys],
    "messages": [Account.sign_message(message, key).signature.hex() for key in keys],
    "transactions": [Account.sign_transaction(transaction, key).raw_transaction.hex() for key in keys],
    "signers": [
        Account.recover_message(message, signature=Account.sign_message(message, key).signature)
        for key in keys
    ],
}))
"""


def test_accounts_and_signatures_are_the_same_without_coincurve() -> None:
    """Keys give the same addresses, signatures and signers, byte for byte, whether coincurve is there."""
    said = {
        way: json.loads(
            subprocess.run(
                [sys.executable, "-P", "-c", SCRIPT, way],
                stdout=subprocess.PIPE,
                text=True,
                check=True,
            ).stdout
        )
        for way in ("with", "without")
    }
    assert said["without"].pop("coincurve") is False
    # On Python 3.14 both are without; that the accounts are right is then said by eth-account alone.
    assert said["with"].pop("coincurve") is (sys.version_info < (3, 14))
    assert said["with"] == said["without"]
    assert said["with"]["addresses"] == said["with"]["own"] == said["with"]["signers"]
