import { onchainTable } from "ponder";

export const happened = onchainTable("happened", (t) => ({
  id: t.text().primaryKey(),
  name: t.text().notNull(),
  block: t.bigint().notNull(),
  time: t.bigint().notNull(),
  args: t.text().notNull(),
}));
