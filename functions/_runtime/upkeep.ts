// Decides what every look at what is due now and then has in common: it works with the adapters of its scope, and no foreign
// words leave it. One that finds nothing says nothing.

import middy from "@middy/core";
import type { ControlPorts } from "@steward/core";
import { currentControl, currentScope, type Scope } from "./scope.ts";
import { withoutForeignWords } from "./task.ts";

export type UpkeepHandler = (event: unknown, context: object) => Promise<void>;

export interface Look {
  readonly ports: ControlPorts;
  readonly log: Scope["log"];
  /** What started it: a schedule, an alarm, or a machine's own watch. */
  readonly event: unknown;
}

export function upkeep(look: (given: Look) => Promise<void>): UpkeepHandler {
  const handler = middy()
    .use({
      onError: (request) => {
        request.error = withoutForeignWords(request.error);
      },
    })
    .handler(async (event) => look({ ports: currentControl(), log: currentScope().log, event }));
  return handler as unknown as UpkeepHandler; // middy's own type names AWS's event and context types
}
