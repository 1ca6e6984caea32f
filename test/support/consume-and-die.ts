// A process that consumes the sample stream and kills itself before or after a position is saved, or while one is at work
// on its writes. Arguments: state folder, "before" | "after" | "writing", how many positions are saved first.

import { type ControlPorts, closeStream, consumePage, type Ledger, openStream } from "@steward/core";
import { customerActivity } from "@steward/features";
import { openPlatform } from "@steward/local";
import { methodsOf } from "./methods-of.ts";

const [stateDir = "", when = "", first = "0"] = process.argv.slice(2);

const platform = await openPlatform({ stateDir, groups: [customerActivity], offlineDelayMs: 900_000 });
let savedCount = 0;
const isDue = (): boolean => savedCount === Number(first);

const ledger: Ledger = {
  find: (key) => platform.ports.ledger.find(key),
  list: (partition, prefix) => platform.ports.ledger.list(partition, prefix),
  remove: (key, expected) => platform.ports.ledger.remove(key, expected),
  async put(key, body, expected) {
    const isSave = key.partition === "streams#customer-activity" && body.position !== null;
    if (isSave && when === "before" && isDue()) die();
    const outcome = await platform.ports.ledger.put(key, body, expected);
    if (isSave && when === "after" && isDue()) die();
    if (isSave) savedCount += 1;
    return outcome;
  },
};
const ports: ControlPorts = {
  ...platform.ports,
  ledger,
  hotStore: {
    ...methodsOf(platform.ports.hotStore),
    async write(group, records, nowMs) {
      const half = records.slice(0, Math.ceil(records.length / 2));
      if (when !== "writing" || !isDue()) return platform.ports.hotStore.write(group, records, nowMs);
      await platform.ports.hotStore.write(group, half, nowMs);
      return die();
    },
  },
};

const hold = await openStream(ports, customerActivity, "consumer-to-die");
let number = 0;
for (const shard of await ports.streams.get("activity").listShards()) {
  for (;;) {
    number += 1;
    if ((await consumePage(ports, hold, shard, number)).kind === "idle") break;
  }
}
await closeStream(ports, hold);
await platform.close();

function die(): never {
  process.kill(process.pid, "SIGKILL");
  throw new Error("unreachable");
}
