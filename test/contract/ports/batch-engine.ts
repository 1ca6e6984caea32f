// The rules of the port BatchEngine, for every adapter.

import { describe } from "vitest";
import type { OpenBatchEngine } from "../support/batch-engine-harness.ts";
import { describeCells } from "./batch-engine-cells.ts";
import { describeCompute } from "./batch-engine-compute.ts";
import { describeInspect } from "./batch-engine-inspect.ts";
import { describeRows } from "./batch-engine-rows.ts";
import { describeSetAside } from "./batch-engine-set-aside.ts";
import { describeSnapshot } from "./batch-engine-snapshot.ts";

export function describeBatchEngine(name: string, open: OpenBatchEngine): void {
  describe(name, () => {
    describeInspect(open);
    describeCells(open);
    describeRows(open);
    describeSetAside(open);
    describeCompute(open);
    describeSnapshot(open);
  });
}
