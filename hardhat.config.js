// Hardhat: the Solidity tests, and a second local chain beside anvil. The compiler's version and
// settings are shared with the Python build, so that both give the same bytecode. The tests know the
// contracts by their interfaces alone; they are compiled without the optimizer, in seconds.

import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

import { defineConfig } from "hardhat/config";

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const { version, settings } = JSON.parse(readFileSync(here("contracts/compiler.json"), "utf8"));
// npm's compiler: nothing is downloaded.
const compiler = { version, path: here("node_modules/solc/soljson.js") };

const testSettings = { evmVersion: settings.evmVersion, optimizer: { enabled: false } };
const tests = readdirSync(here("contracts/test"), { recursive: true })
  .filter((name) => name.endsWith(".sol"))
  .map((name) => [`contracts/test/${name}`, { ...compiler, settings: testSettings }]);

const testRules = {
  // Broken copies are read from here (contracts/test/broken).
  fsPermissions: { readDirectory: [".work"] },
  fuzz: { runs: 64 },
};

export default defineConfig({
  solidity: {
    compilers: [{ ...compiler, settings }],
    overrides: Object.fromEntries(tests),
  },
  paths: {
    sources: "contracts",
    tests: { solidity: "contracts/test" },
    // Slither reads a whole folder of artifacts, and is to see the contracts alone.
    artifacts: process.env.COOPLEDGER_ARTIFACTS ?? "hardhat-artifacts",
    cache: process.env.COOPLEDGER_ARTIFACTS ? `${process.env.COOPLEDGER_ARTIFACTS}/cache` : "cache",
  },
  test: {
    solidity: {
      profiles: {
        default: { ...testRules, invariant: { runs: 6, depth: 80, failOnRevert: true } },
        // Longer games: for broken copies, and whenever there is time.
        thorough: {
          ...testRules,
          invariant: { runs: 8, depth: 600, failOnRevert: true, shrinkRunLimit: 10 },
        },
      },
    },
  },
});
