// The register, read without its makers' help: records from packed words, and the hash chain from events.

import { encodeAbiParameters, getAddress, keccak256, numberToHex, parseAbiParameters, zeroAddress } from "viem";

const GENESIS = parseAbiParameters("string, uint256, address");
const LINK = parseAbiParameters("bytes32, uint8, uint32, address, uint256, uint256, uint256");
const KINDS = { Joined: 1, Left: 2, StandingSet: 3, Moved: 4, BylawsSet: 5 };
const PAGE = 2;

/** The argument that the hash chain covers, packed from the lowest bit: pairs of a shift and a value. */
const ARGUMENTS = {
  Joined: (e) => pack([0, e.consent], [8, e.bylaws], [40, e.consentedAt], [80, e.previous], [128, e.attestation]),
  Left: (e) => pack([0, e.cause], [128, e.document]),
  StandingSet: (e) => pack([0, e.standing], [128, e.document]),
  Moved: (e) => pack([0, e.oldNumber], [32, e.kind]),
  BylawsSet: (e) => BigInt(e.hash),
};

const pack = (...fields) => fields.reduce((word, [shift, value]) => word | (BigInt(value) << BigInt(shift)), 0n);

/** Reads all records by `members`, in pages small enough that there are several. */
export async function readRecords(chain, ledger) {
  const records = [];
  for (;;) {
    const words = await chain.read(ledger, "members", records.length + 1, PAGE);
    records.push(...words.map(unpackRecord));
    if (words.length < PAGE) return records;
  }
}

/** account 160 | joinedAt 40 | leftAt 40 | standing 8 | consent 4 | cause 4, from the lowest bit. */
export function unpackRecord(word) {
  let rest = word;
  const take = (bits) => {
    const value = rest & ((1n << BigInt(bits)) - 1n);
    rest >>= BigInt(bits);
    return value;
  };
  return {
    account: getAddress(numberToHex(take(160), { size: 20 })),
    joinedAt: Number(take(40)),
    leftAt: Number(take(40)),
    standing: Number(take(8)),
    consent: Number(take(4)),
    cause: Number(take(4)),
  };
}

/** Replays the hash chain from its genesis; throws where an event names another head than it leads to. */
export async function replayRegister(chain, ledger) {
  const events = ledger.abi.filter(({ type, name }) => type === "event" && name in KINDS);
  const logs = await chain.reader.getLogs({ address: ledger.address, events, fromBlock: 0n, strict: true });
  const chainId = await chain.reader.getChainId();
  let head = keccak256(encodeAbiParameters(GENESIS, ["coopledger/register/1", BigInt(chainId), ledger.address]));
  for (const { eventName, args } of logs) {
    const { number = args.version, account = zeroAddress, ticketId = 0n, timestamp } = args;
    const argument = ARGUMENTS[eventName](args);
    head = keccak256(
      encodeAbiParameters(LINK, [head, KINDS[eventName], number, account, ticketId, argument, BigInt(timestamp)]),
    );
    if (head !== args.head) throw new Error(`${eventName} ${number} names the head ${args.head}, not ${head}`);
  }
  return { head, count: logs.length, kinds: [...new Set(logs.map(({ eventName }) => eventName))].sort() };
}

/** The tickets that came to an account, by the token's own events. */
export async function ticketsTo(chain, ledger, account) {
  const event = ledger.abi.find(({ type, name }) => type === "event" && name === "Transfer");
  const logs = await chain.reader.getLogs({ address: ledger.address, event, args: { to: account }, fromBlock: 0n });
  return logs.map(({ args }) => args.id);
}
