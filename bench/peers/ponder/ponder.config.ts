// What is indexed stands in followed.json, which the measurement writes: the node, the database, the contracts.
import { readFileSync } from "node:fs";
import { createConfig } from "ponder";

const followed = JSON.parse(readFileSync("followed.json", "utf8"));

export default createConfig({
  database: { kind: "postgres", connectionString: followed.database },
  chains: { local: { id: followed.chainId, rpc: followed.url, ethGetLogsBlockRange: 1000 } },
  contracts: Object.fromEntries(
    followed.contracts.map(({ name, abi, address }: any) => [
      name,
      { chain: "local", abi, address, startBlock: followed.first, endBlock: followed.last },
    ]),
  ),
});
