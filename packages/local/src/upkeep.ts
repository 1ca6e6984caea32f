// Decides what a platform that is left running looks after by itself: one watch a concern, so that one that stands still
// holds up no other.

import type { ControlPorts } from "@steward/core";
import type { Scope } from "@steward/functions/_runtime/scope.ts";
import { startFinishWatch } from "./finish-watch.ts";
import { startAlarmWatch, startFreshnessWatch } from "./freshness-watch.ts";
import { startScheduleWatch } from "./schedule-watch.ts";
import type { Watch } from "./watch.ts";

const WATCHES = {
  finishes: startFinishWatch,
  schedules: startScheduleWatch,
  freshness: startFreshnessWatch,
  alarms: startAlarmWatch,
} as const;
export type Concern = keyof typeof WATCHES;
const CONCERNS = Object.keys(WATCHES) as readonly Concern[];

export class Upkeep {
  readonly #ports: ControlPorts;
  readonly #log: Scope["log"];
  readonly #everyMs: number | undefined;
  readonly #watches = new Map<Concern, Watch>();

  /** `everyMs`: real time between two looks, where each concern's own is too long for a clock that is driven fast. */
  constructor(ports: ControlPorts, log: Scope["log"], everyMs?: number) {
    this.#ports = ports;
    this.#log = log;
    this.#everyMs = everyMs;
  }

  /** Begins every concern that is not looked after. */
  start(): void {
    for (const concern of CONCERNS) {
      if (this.#watches.has(concern)) continue;
      this.#watches.set(concern, WATCHES[concern](this.#ports, this.#log, this.#everyMs));
    }
  }

  /** Ends the concerns, each after the look under way. */
  async stop(concerns: readonly Concern[] = CONCERNS): Promise<void> {
    await Promise.all(
      concerns.map(async (concern) => {
        await this.#watches.get(concern)?.stop();
        this.#watches.delete(concern);
      }),
    );
  }
}
