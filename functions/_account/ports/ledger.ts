// Opens the ledger.

import { createDynamoDbClient, DynamoDbLedger } from "@steward/adapters/aws";
import { variable } from "../environment.ts";
import { once } from "../once.ts";

export const open = once(
  async () => new DynamoDbLedger({ client: createDynamoDbClient(), tableName: variable("LEDGER_TABLE") }),
);
