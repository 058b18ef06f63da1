// What the Solidity tests cannot see for themselves: that the role table has a row for every function
// that changes state and equals the table of the deployment, and that every custom error is expected
// by some test. Reads Hardhat's build.

import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";

const read = (path) => readFileSync(new URL(path, import.meta.url), "utf8");
const json = (path) => JSON.parse(read(path));
const artifacts = "../../hardhat-artifacts/contracts";

const typeOf = ({ type, components }) =>
  type.startsWith("tuple") ? `(${components.map(typeOf).join(",")})${type.slice(5)}` : type;
const signatureOf = ({ name, inputs }) => `${name}(${inputs.map(typeOf).join(",")})`;

/** The rows of one contract in support/RoleTable.sol, as [signature, role]. */
function tableOf(functionName) {
  const source = read("support/RoleTable.sol");
  const body = source.split(`function ${functionName}()`)[1].split("\n    }\n")[0];
  return [...body.matchAll(/Row\(\s*"([^"]+)",\s*([\w.]+)\s*\)/g)].map(([, signature, role]) => [
    signature,
    role.replace("Roles.", ""),
  ]);
}

const contracts = { TicketLedger: "ticketLedger", BoxOffice: "boxOffice" };

for (const [contract, functionName] of Object.entries(contracts)) {
  const rows = tableOf(functionName);

  test(`every function of ${contract} that changes state has its row, and no other`, () => {
    const { abi } = json(`${artifacts}/${contract}.sol/${contract}.json`);
    const changing = abi
      .filter(({ type, stateMutability }) => type === "function" && !["view", "pure"].includes(stateMutability))
      .map(signatureOf);
    assert.deepEqual(rows.map(([signature]) => signature).sort(), changing.sort());
  });

  test(`the deployment maps the roles of ${contract} as the table says`, () => {
    const restricted = rows.filter(([, role]) => !["ANYBODY", "AUTHORITY"].includes(role));
    const expected = Object.fromEntries(restricted.map(([signature, role]) => [signature.split("(")[0], role]));
    assert.equal(Object.keys(expected).length, restricted.length, "restricted functions have names of their own");
    assert.deepEqual(json("../access/roles.json")[contract], expected);
  });
}

test("every custom error is expected by a test, with its name", () => {
  const tests = readdirSync(new URL(".", import.meta.url))
    .filter((name) => name.endsWith(".t.sol"))
    .map(read)
    .join("\n");
  for (const face of ["ITicketLedger", "IBoxOffice", "ITicketLens", "ISignatures"]) {
    const { abi } = json(`${artifacts}/interfaces/${face}.sol/${face}.json`);
    const inherited = face === "ISignatures" ? [] : json(`${artifacts}/interfaces/ISignatures.sol/ISignatures.json`).abi;
    const names = abi.filter(({ type }) => type === "error").map(({ name }) => name);
    for (const name of names) {
      if (inherited.some((item) => item.name === name)) continue;
      assert.ok(tests.includes(`${face}.${name}.selector`), `${face}.${name}`);
    }
  }
});
