// What a person signs (EIP-712), as docs/clients.md publishes it.

export const TYPES = {
  Join: [
    { name: "account", type: "address" },
    { name: "ticketId", type: "uint256" },
    { name: "bylaws", type: "uint32" },
    { name: "previous", type: "uint32" },
    { name: "consentedAt", type: "uint40" },
    { name: "deadline", type: "uint256" },
  ],
  Give: [
    { name: "ticketId", type: "uint256" },
    { name: "to", type: "address" },
    { name: "deadline", type: "uint256" },
  ],
  Leave: [
    { name: "number", type: "uint32" },
    { name: "deadline", type: "uint256" },
  ],
  VetoMove: [
    { name: "number", type: "uint32" },
    { name: "to", type: "address" },
    { name: "readyAt", type: "uint40" },
    { name: "deadline", type: "uint256" },
  ],
  AcceptMove: [
    { name: "number", type: "uint32" },
    { name: "readyAt", type: "uint40" },
    { name: "ticketIds", type: "uint256[]" },
    { name: "deadline", type: "uint256" },
  ],
  MoveNow: [
    { name: "number", type: "uint32" },
    { name: "to", type: "address" },
    { name: "ticketIds", type: "uint256[]" },
    { name: "deadline", type: "uint256" },
  ],
  // The box office verifies this one, the ledger those above.
  Refund: [
    { name: "ticketIds", type: "uint256[]" },
    { name: "deadline", type: "uint256" },
  ],
  // The currency's own (ERC-2612).
  Permit: [
    { name: "owner", type: "address" },
    { name: "spender", type: "address" },
    { name: "value", type: "uint256" },
    { name: "nonce", type: "uint256" },
    { name: "deadline", type: "uint256" },
  ],
};

/** The domain of the ledger and of the box office: each verifies its own. */
export function domainOf(contract, chainId) {
  return { name: "coopledger", version: "1", chainId, verifyingContract: contract.address };
}

/** A message as a wallet takes it. */
export function typed(domain, primaryType, message) {
  return { domain, types: { [primaryType]: TYPES[primaryType] }, primaryType, message };
}

/** The signature with its lowest bit of s turned over: well formed, and nobody's. */
export function tampered(signature) {
  const at = 2 + 2 * 64 - 1;
  const digit = (Number.parseInt(signature[at], 16) ^ 1).toString(16);
  return signature.slice(0, at) + digit + signature.slice(at + 1);
}
