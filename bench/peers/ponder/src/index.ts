// Each event becomes one row, as the simplest index would have it.
import { readFileSync } from "node:fs";
import { ponder } from "ponder:registry";
import { happened } from "ponder:schema";

const followed = JSON.parse(readFileSync("followed.json", "utf8"));
const asText = (_: string, value: unknown) => (typeof value === "bigint" ? value.toString() : value);

for (const { name: contract, events } of followed.contracts) {
  for (const name of events) {
    (ponder as any).on(`${contract}:${name}`, async ({ event, context }: any) => {
      await context.db.insert(happened).values({
        id: event.id,
        name,
        block: event.block.number,
        time: event.block.timestamp,
        args: JSON.stringify(event.args, asText),
      });
    });
  }
}
