// Sets a clock forward by chance, so many times; prints "set" with each instant that it set and "read" with each that it
// read. Arguments: file, times.

import { InvalidInputError, toEpochMs } from "@steward/core";
import { DrivenClock } from "../../../../packages/adapters/src/time/driven-clock.ts";
import { SystemTimer } from "../../../../packages/adapters/src/time/system-timer.ts";
import { startTogether } from "../start-together.ts";

const [file = "", times = "0"] = process.argv.slice(2);
await startTogether();
const clock = new DrivenClock({ file, timer: new SystemTimer() });

let lastMs = Number.NEGATIVE_INFINITY;
for (let round = 0; round < Number(times); round += 1) {
  const target = toEpochMs(clock.now() + Math.floor(Math.random() * 1_000) - 200);
  try {
    clock.set(target);
    console.log(`set ${target}`);
  } catch (error) {
    if (!(error instanceof InvalidInputError)) throw error;
  }
  const nowMs = clock.now();
  if (nowMs < lastMs) throw new Error("the clock went back");
  lastMs = nowMs;
  console.log(`read ${nowMs}`);
}
