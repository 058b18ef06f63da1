// Shows that the Solidity tests can fail: builds each broken copy of mutations.mjs, runs the one test
// that must notice, and exits non-zero if a copy survives. Before that, the same tests must pass on
// whole contracts that are built in the same way.
//
// The copies go through a cheaper optimizer than the real build, two at a time, and reach the tests as
// bytecode in .work/broken/ (see support/Base.sol). `run.mjs WORD` runs those whose text has the word.

import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { stripVTControlCharacters } from "node:util";
import { isMainThread, parentPort, Worker } from "node:worker_threads";

import { mutations } from "./mutations.mjs";

const root = fileURLToPath(new URL("../../..", import.meta.url));
const folder = path.join(".work", "broken");
const hardhat = path.join(root, "node_modules/hardhat/dist/src/cli.js");
const WORKERS = 2;
// Invariants are tried in random games, and a rare fault does not show in each.
const GAMES = 5;

const { settings } = JSON.parse(readFileSync(path.join(root, "contracts/compiler.json"), "utf8"));
// Few steps: enough that nothing is too deep in the stack, and little more.
const cheap = {
  enabled: true,
  runs: 1,
  details: { yul: true, yulDetails: { optimizerSteps: "dhfoDgvulfnTUtnIf:fDnTOcmu" } },
};

/** A contract's sources, by the names that its imports use. */
function sourcesOf(entry, read) {
  const sources = {};
  const open = [entry];
  while (open.length > 0) {
    const name = open.pop();
    if (name in sources) continue;
    const content = read(name);
    sources[name] = { content };
    for (const [, imported] of content.matchAll(/^import[^;]*?"([^"]+)";/gms)) {
      open.push(imported.startsWith(".") ? path.posix.join(path.posix.dirname(name), imported) : imported);
    }
  }
  return sources;
}

function readWhole(name) {
  const own = path.join(root, name);
  return readFileSync(existsSync(own) ? own : path.join(root, "node_modules", name), "utf8");
}

function readBroken(mutation) {
  return (name) => {
    const text = readWhole(name);
    if (name !== mutation.file) return text;
    const parts = text.split(mutation.find);
    if (parts.length !== 2) {
      throw new Error(`${mutation.file} has ${parts.length - 1} times: ${mutation.find}`);
    }
    return parts.join(mutation.put);
  };
}

function compile(solc, contract, read) {
  const entry = `contracts/${contract}.sol`;
  const input = {
    language: "Solidity",
    sources: sourcesOf(entry, read),
    settings: {
      ...settings,
      optimizer: cheap,
      outputSelection: { [entry]: { [contract]: ["evm.bytecode.object"] } },
    },
  };
  const output = JSON.parse(solc.compile(JSON.stringify(input)));
  const error = (output.errors ?? []).find(({ severity }) => severity === "error");
  if (error !== undefined) throw new Error(error.formattedMessage);
  return output.contracts[entry][contract].evm.bytecode.object;
}

/** The tests that match, and what Hardhat printed, with these contracts in place of the whole ones. */
function runTests(pattern, bytecode, label, profile) {
  const environment = { ...process.env, NO_COLOR: "1" };
  for (const [contract, code] of Object.entries(bytecode)) {
    const file = path.join(folder, `${label}-${contract}.hex`);
    writeFileSync(path.join(root, file), `0x${code}`);
    environment[`BROKEN_${contract}`] = file;
  }
  const options = ["test", "solidity", "--no-compile", "--test-profile", profile, "--grep", pattern];
  const run = spawnSync(process.execPath, [hardhat, ...options], {
    cwd: root,
    env: environment,
    encoding: "utf8",
    maxBuffer: 1 << 28,
  });
  return { status: run.status, output: stripVTControlCharacters(run.stdout + run.stderr) };
}

/** How a mutation ended: what the test said when it noticed, or what went wrong. */
function examine(solc, mutation, label) {
  const bytecode = {};
  for (const contract of mutation.contracts) {
    bytecode[contract] = compile(solc, contract, readBroken(mutation));
  }
  const noticing = new RegExp(`\\d+\\) \\w+#${mutation.test}\\(.*\\n\\s*Error: (.*)`);
  for (let game = 0; game < GAMES; ++game) {
    const { output } = runTests(`${mutation.test}\\(`, bytecode, label, "thorough");
    const failed = noticing.exec(output);
    if (failed !== null) return { noticed: failed[1] };
    if (!output.includes(`✔ ${mutation.test}(`)) return { problem: `NOT RUN\n${output}` };
  }
  return { problem: "SURVIVED" };
}

function work() {
  const solc = createRequire(import.meta.url)("solc");
  parentPort.on("message", (index) => {
    const started = Date.now();
    let result = {};
    try {
      if (index === "whole") {
        const bytecode = {};
        for (const contract of ["TicketLedger", "TicketLens", "BoxOffice"]) {
          bytecode[contract] = compile(solc, contract, readWhole);
        }
        const names = [...new Set(mutations.map(({ test }) => test))];
        const { status, output } = runTests(`(${names.join("|")})\\(`, bytecode, "whole", "default");
        result = status === 0 ? { noticed: "all pass" } : { problem: `FAIL\n${output}` };
      } else {
        result = examine(solc, mutations[index], String(index));
      }
    } catch (error) {
      result = { problem: `NOT BUILT: ${error.message}` };
    }
    parentPort.postMessage({ index, ...result, seconds: Math.round((Date.now() - started) / 1000) });
  });
}

function main() {
  rmSync(path.join(root, folder), { recursive: true, force: true });
  mkdirSync(path.join(root, folder), { recursive: true });
  const built = spawnSync(process.execPath, [hardhat, "build"], { cwd: root, encoding: "utf8" });
  if (built.status !== 0) throw new Error(built.stdout + built.stderr);

  const word = process.argv[2] ?? "";
  const chosen = mutations.flatMap((m, i) => (JSON.stringify(m).includes(word) ? [i] : []));
  const queue = ["whole", ...chosen];
  let problems = 0;
  for (let i = 0; i < WORKERS; ++i) {
    const worker = new Worker(new URL(import.meta.url));
    const next = () => (queue.length > 0 ? worker.postMessage(queue.shift()) : worker.terminate());
    worker.on("message", ({ index, noticed, problem, seconds }) => {
      const { breaks, test } = mutations[index] ?? { breaks: "whole contracts", test: "all of these tests" };
      console.log(`${breaks}: ${problem ?? `${test} says: ${noticed}`} (${seconds} s)`);
      if (problem !== undefined) ++problems;
      next();
    });
    worker.on("error", (error) => {
      console.error(error);
      ++problems;
    });
    next();
  }
  process.on("exit", () => {
    rmSync(path.join(root, folder), { recursive: true, force: true });
    console.log(`${chosen.length} broken copies, ${problems} problems`);
    if (problems > 0) process.exitCode = 1;
  });
}

if (isMainThread) main();
else work();
