// Decides what a platform that is left running looks after by itself: one watch a concern, so that one that stands still
// holds up no other. In an account schedules call the same handlers.

import type { ControlPorts } from "@steward/core";
import { type Scope, withScope } from "@steward/functions/_runtime/scope.ts";
import type { UpkeepHandler } from "@steward/functions/_runtime/upkeep.ts";
import { handler as attendAlarms } from "@steward/functions/upkeep/attend-alarms.ts";
import { handler as checkFreshness } from "@steward/functions/upkeep/check-freshness.ts";
import { handler as continueFinishes } from "@steward/functions/upkeep/continue-finishes.ts";
import { handler as expireHistory } from "@steward/functions/upkeep/expire-history.ts";
import { handler as guardHot } from "@steward/functions/upkeep/guard-hot.ts";
import { handler as runDueSlots } from "@steward/functions/upkeep/run-due-slots.ts";
import { CONCERNS, type Concern, UPKEEP } from "@steward/workflows/inventory.ts";
import { startWatch, type Watch } from "./watch.ts";

export type { Concern };

const HANDLERS: Readonly<Record<Concern, UpkeepHandler>> = {
  finishes: continueFinishes,
  history: expireHistory,
  schedules: runDueSlots,
  freshness: checkFreshness,
  alarms: attendAlarms,
  hot: guardHot,
};

type Handle = (event: object) => Promise<void>;
/** What a machine's own clock asks for: a look, or none. */
type Look = () => Promise<void>;

export class Upkeep {
  readonly #scope: Scope;
  readonly #ports: ControlPorts;
  readonly #everyMs: number | undefined;
  readonly #watches = new Map<Concern, Watch>();

  /** `everyMs`: real time between two looks, where each concern's own is too long for a clock that is driven fast. */
  constructor(scope: Scope, ports: ControlPorts, everyMs?: number) {
    this.#scope = scope;
    this.#ports = ports;
    this.#everyMs = everyMs;
  }

  /** Begins every concern that is not looked after. */
  start(concerns: readonly Concern[] = CONCERNS): void {
    for (const concern of concerns) {
      if (this.#watches.has(concern)) continue;
      const { everyMs, failure } = UPKEEP[concern];
      const handle: Handle = (event) => withScope(this.#scope, () => HANDLERS[concern](event, {}));
      const watch = startWatch({
        everyMs: this.#everyMs ?? everyMs,
        failure,
        log: this.#scope.log,
        look: lookOf(concern, this.#ports, handle),
      });
      this.#watches.set(concern, watch);
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

function lookOf(concern: Concern, ports: ControlPorts, handle: Handle): Look {
  if (concern === "freshness") return oncePerPeriod(ports, handle);
  return concern === "alarms" ? withoutBreak(ports, handle) : () => handle({});
}

/** One check in each period of the platform's clock; none while it stands still. */
function oncePerPeriod({ clock, settings }: ControlPorts, handle: Handle): Look {
  let checked: number | undefined;
  return async () => {
    const period = Math.floor(clock.now() / settings.checkPeriodMs);
    if (period === checked) return;
    await handle({});
    checked = period;
  };
}

/** What is missing counts only where nobody looked away: after a pause, or a leap of a driven clock, watching begins anew. */
function withoutBreak({ clock, settings }: ControlPorts, handle: Handle): Look {
  let sinceMs = clock.now();
  let lookedAtMs = sinceMs;
  return async () => {
    const nowMs = clock.now();
    if (nowMs - lookedAtMs > settings.checkPeriodMs) sinceMs = nowMs;
    lookedAtMs = nowMs;
    await handle({ sinceMs });
  };
}
