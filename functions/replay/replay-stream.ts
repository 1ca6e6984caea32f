// The state "Replay stream" of the replay.

import { replayStream } from "@steward/core";
import { runRef, task } from "../_runtime/task.ts";

export const handler = task("replay-stream", runRef, (ports, ref) => replayStream(ports, ref));
