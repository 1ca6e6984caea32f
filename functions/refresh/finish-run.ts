// The states "Finish run" and "Finish unchanged run" of the refresh.

import { finishRefresh } from "@steward/core";
import { z } from "zod";
import { runRef, task } from "../_runtime/task.ts";

const input = runRef.extend({ outcome: z.enum(["succeeded", "unchanged"]) });

export const handler = task("finish-run", input, (ports, { outcome, ...ref }) =>
  finishRefresh(ports, ref, outcome),
);
