// Opens the pace that all workers keep together.

import { RedisPacer } from "@steward/adapters";
import { connector, readPlaces } from "../hot-places.ts";
import { once } from "../once.ts";

export const open = once(async () => {
  const { pacer } = await readPlaces();
  const connect = await connector();
  return new RedisPacer(connect(pacer));
});
