// A client that somebody else could have written: it knows the contracts by their ABI and by what
// docs/clients.md publishes, makes its own keys, and tells none of them.
//
//   node client.mjs RPC_URL LEDGER LENS BOX_OFFICE SCREENING
//
// It prints the account that is to get three tickets and the account that a membership is to move to.
// It waits for a line on standard input, does what a member does, and prints the facts as one JSON object.

import { createInterface } from "node:readline/promises";

import { hashTypedData, parseEther, parseSignature } from "viem";
import { generatePrivateKey, mnemonicToAccount, privateKeyToAccount } from "viem/accounts";

import { Chain, contractAt } from "./contracts.mjs";
import { readRecords, replayRegister, ticketsTo } from "./register.mjs";
import { domainOf, tampered, typed } from "./signing.mjs";

const [url, ledgerAddress, lensAddress, officeAddress, screeningText] = process.argv.slice(2);
const screening = Number(screeningText);
const chain = new Chain(url);
const ledger = contractAt("TicketLedger", ledgerAddress);
const lens = contractAt("TicketLens", lensAddress);
const office = contractAt("BoxOffice", officeAddress);
// What the ledger refuses comes through the box office as it is.
office.abi.push(...ledger.abi.filter(({ type }) => type === "error"));
const chainId = await chain.reader.getChainId();

// Keys that local chains publish and fund: who pays for the gas of others, and the cooperative's officer.
const published = (addressIndex) => mnemonicToAccount(`${"test ".repeat(11)}junk`, { addressIndex });
const [officer, relayer] = [published(0), published(6)];
const fresh = () => privateKeyToAccount(generatePrivateKey());
const [holder, friend, buyer, heir, newKey] = [fresh(), fresh(), fresh(), fresh(), fresh()];

console.log(JSON.stringify({ holder: holder.address, heir: heir.address }));
const input = createInterface({ input: process.stdin });
await new Promise((resolve) => input.once("line", resolve).once("close", resolve));
input.close();

const [card, gift, secondCard] = await ticketsTo(chain, ledger, holder.address);
const bylaws = await chain.read(ledger, "bylawsVersion");
const domain = domainOf(ledger, chainId);
const relay = (functionName, args) => chain.send(relayer, ledger, functionName, args);
const refused = (functionName, args) => chain.refusal(relayer, ledger, functionName, args);
const inAnHour = async () => (await chain.now()) + 3_600n;

async function join() {
  const consentedAt = Number(await chain.now());
  const late = (await chain.now()) - 1n;
  const deadline = await inAnHour();
  const signed = async (changed) => {
    const previous = await chain.read(ledger, "latestMemberOf", holder.address);
    const message = { account: holder.address, ticketId: card, bylaws, previous, consentedAt, deadline };
    return holder.signTypedData(typed(domain, "Join", { ...message, ...changed }));
  };
  const args = (ticketId, until, signature) => [holder.address, ticketId, bylaws, consentedAt, until, signature];

  const first = args(card, deadline, await signed({}));
  const refusals = {
    forAnotherTicket: await refused("joinBySig", args(card, deadline, await signed({ ticketId: gift }))),
    tampered: await refused("joinBySig", args(card, deadline, tampered(first.at(-1)))),
    expired: await refused("joinBySig", args(card, late, await signed({ deadline: late }))),
  };
  const number = await relay("joinBySig", first);
  refusals.again = await refused("joinBySig", first);
  const rejoin = async () => {
    refusals.afterLeaving = await refused("joinBySig", first);
    return relay("joinBySig", args(secondCard, deadline, await signed({ ticketId: secondCard })));
  };
  return { number, consentedAt, late, refusals, rejoin };
}

async function give() {
  const deadline = await inAnHour();
  const signed = async (from, to, until) => {
    const data = typed(domain, "Give", { ticketId: gift, to: to.address, deadline: until });
    return { args: [gift, to.address, until, await from.signTypedData(data)], digest: hashTypedData(data) };
  };

  const there = await signed(holder, friend, deadline);
  await relay("giveBySig", there.args);
  const again = await refused("giveBySig", there.args);
  await relay("giveBySig", (await signed(friend, holder, deadline)).args);
  const cameRound = await refused("giveBySig", there.args);
  await relay("giveBySig", (await signed(holder, friend, deadline + 1n)).args);
  const theCard = typed(domain, "Give", { ticketId: card, to: friend.address, deadline });
  const bound = await refused("giveBySig", [card, friend.address, deadline, await holder.signTypedData(theCard)]);
  return { digest: there.digest, refusals: { again, cameRound, bound } };
}

async function leave(number) {
  const deadline = await inAnHour();
  const args = [number, deadline, await holder.signTypedData(typed(domain, "Leave", { number, deadline }))];
  await relay("leaveBySig", args);
  return { refusals: { again: await refused("leaveBySig", args) } };
}

async function move(number) {
  const deadline = await inAnHour();
  const to = newKey.address;
  await chain.send(officer, ledger, "proposeMove", [number, to]);
  const { readyAt } = await chain.read(ledger, "moveOf", number);
  const veto = typed(domain, "VetoMove", { number, to, readyAt, deadline });
  const early = typed(domain, "AcceptMove", { number, readyAt, ticketIds: [], deadline });
  const accept = [number, [], deadline, await newKey.signTypedData(early)];
  const refusals = { early: await refused("acceptMoveBySig", accept) };
  const vetoArgs = [number, deadline, await holder.signTypedData(veto)];
  await relay("vetoMoveBySig", vetoArgs);
  refusals.vetoAgain = await refused("vetoMoveBySig", vetoArgs);

  // Both keys agree after all: the registrar moves at once.
  const agreed = typed(domain, "MoveNow", { number, to, ticketIds: [], deadline });
  const both = [await holder.signTypedData(agreed), await newKey.signTypedData(agreed)];
  const now = [number, to, [], deadline, ...both];
  refusals.swapped = await chain.refusal(officer, ledger, "moveNow", [...now.slice(0, 4), both[1], both[0]]);
  const moved = await chain.send(officer, ledger, "moveNow", now);
  refusals.nowAgain = await chain.refusal(officer, ledger, "moveNow", now);
  return { number: moved, readyAt, refusals };
}

/** Takes over the membership whose move to the heir was proposed a week ago, with its other tickets. */
async function inherit() {
  const event = ledger.abi.find(({ type, name }) => type === "event" && name === "MoveProposed");
  const query = { address: ledger.address, event, args: { to: heir.address }, fromBlock: 0n };
  const [{ args: proposed }] = await chain.reader.getLogs(query);
  const { account } = await chain.read(lens, "member", proposed.number);
  const ticketIds = await ticketsTo(chain, ledger, account);
  const deadline = await inAnHour();
  const message = { number: proposed.number, readyAt: proposed.readyAt, ticketIds, deadline };
  const signature = await heir.signTypedData(typed(domain, "AcceptMove", message));
  const number = await relay("acceptMoveBySig", [proposed.number, ticketIds, deadline, signature]);
  const args = [proposed.number, ticketIds, deadline, signature];
  return { number, from: account, ticketIds, refusals: { again: await refused("acceptMoveBySig", args) } };
}

async function buy() {
  const rupiah = contractAt("LocalRupiah", await chain.read(office, "currency"));
  const [{ price, deposit }] = await chain.read(office, "tiers", screening);
  await chain.fund(relayer, buyer.address, parseEther("1"));
  await chain.send(relayer, rupiah, "mint", [buyer.address, 2n * price]);

  const deadline = await inAnHour();
  const [, name, version, , verifyingContract] = await chain.read(rupiah, "eip712Domain");
  const nonce = await chain.read(rupiah, "nonces", buyer.address);
  const message = { owner: buyer.address, spender: office.address, value: 2n * price, nonce, deadline };
  const permit = typed({ name, version, chainId, verifyingContract }, "Permit", message);
  const { r, s, v } = parseSignature(await buyer.signTypedData(permit));
  const purchase = { screening, seat: 0, tier: 0, holder: buyer.address, maxPrice: price, bylaws };
  const args = [purchase, { value: 2n * price, deadline, v: Number(v), r, s }];
  const tooDear = [{ ...purchase, maxPrice: price - 1n }, args[1]];
  const refusals = { tooDear: await chain.refusal(buyer, office, "buyWithPermit", tooDear) };
  const ticket = await chain.send(buyer, office, "buyWithPermit", args);
  const left = await chain.read(rupiah, "balanceOf", buyer.address);
  // The permit is spent, but what it allowed is not: so it is the ledger that refuses.
  refusals.again = await chain.refusal(buyer, office, "buyWithPermit", args);

  // Handed back by a signature: the takings come back, the deposit of a card is withheld.
  const refund = typed(domainOf(office, chainId), "Refund", { ticketIds: [ticket], deadline });
  const refundArgs = [buyer.address, [ticket], deadline, await buyer.signTypedData(refund)];
  await chain.send(relayer, office, "refundBySig", refundArgs);
  refusals.refundAgain = await chain.refusal(relayer, office, "refundBySig", refundArgs);
  const refunded = (await chain.read(rupiah, "balanceOf", buyer.address)) - left;
  return { ticket, price, deposit, paid: 2n * price - left, refunded, refusals };
}

const [, name, version, , verifyingContract] = await chain.read(ledger, "eip712Domain");
const { rejoin, ...joined } = await join();
const given = await give();
const left = await leave(joined.number);
const rejoined = { number: await rejoin() };
const moved = await move(rejoined.number);
const inherited = await inherit();
const bought = await buy();
const records = await readRecords(chain, ledger);
const unpacked = await chain.read(lens, "members", 1, records.length + 1);

const facts = {
  accounts: {
    holder: holder.address,
    friend: friend.address,
    buyer: buyer.address,
    heir: heir.address,
    newKey: newKey.address,
  },
  tickets: { card, gift, secondCard },
  domain: { name, version, verifyingContract },
  joined,
  given,
  left,
  rejoined,
  moved,
  inherited,
  bought,
  records,
  sameAsLens: JSON.stringify(unpacked) === JSON.stringify(records),
  register: await replayRegister(chain, ledger),
};
const plain = (_, value) => (typeof value === "bigint" ? Number(value) : value);
console.log(JSON.stringify(facts, plain));
