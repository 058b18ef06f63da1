// The Python build and Hardhat's must give the same code: what is tested in Solidity is then what is
// deployed. Reads Hardhat's build, which `hardhat test solidity` has just made.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

const root = new URL("../../", import.meta.url);
const read = (path) => JSON.parse(readFileSync(new URL(path, root)));

const BUILT = {
  TicketLedger: "contracts/TicketLedger.sol",
  TicketLens: "contracts/TicketLens.sol",
  BoxOffice: "contracts/BoxOffice.sol",
  LocalRupiah: "contracts/local/LocalRupiah.sol",
};

for (const [name, source] of Object.entries(BUILT)) {
  test(`${name} has the same bytecode from both builds`, () => {
    const committed = read(`src/coopledger/artifacts/${name}.json`);
    const built = read(`hardhat-artifacts/${source}/${name}.json`);
    assert.equal(built.bytecode, `0x${committed.bytecode}`);
    assert.equal(built.deployedBytecode, `0x${committed.deployed_bytecode}`);
  });
}
