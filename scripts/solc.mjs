// npm's solc module behind the part of native solc's command line that tools use: `--version`,
// or standard JSON from stdin to stdout. Every other option is ignored: sources come inside the
// JSON, so there are no paths to allow and nothing to look up.
//
// The module's own `solcjs` command cannot stand in: it reads a pipe badly and prints a line
// before the JSON.

import { createRequire } from "node:module";
import { text } from "node:stream/consumers";

const solc = createRequire(import.meta.url)("solc");

if (process.argv.includes("--version")) {
  console.log("solc, the solidity compiler (npm)");
  console.log(`Version: ${solc.version()}`);
} else {
  process.stdout.write(solc.compile(await text(process.stdin)) + "\n");
}
