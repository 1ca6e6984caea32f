// Opens what starts and looks after executions.

import { createSfnClient, SfnStateMachines } from "@steward/adapters";
import { InvalidInputError } from "@steward/core";
import { z } from "zod";
import { jsonVariable } from "../environment.ts";
import { once } from "../once.ts";

export const open = once(async () => {
  const arns = z.record(z.string(), z.string()).safeParse(jsonVariable("STATE_MACHINES"));
  if (!arns.success) throw new InvalidInputError("STEWARD_STATE_MACHINES must name an ARN for each workflow");
  return new SfnStateMachines({ client: createSfnClient(), stateMachineArns: arns.data });
});
