import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { InterpreterStateMachines, SqliteLedger } from "@steward/adapters";
import { describeStateMachines } from "../ports/state-machines.ts";

describeStateMachines("InterpreterStateMachines", async (setup) => {
  const folder = mkdtempSync(join(tmpdir(), "interpreter-"));
  const ledger = new SqliteLedger({ file: join(folder, "ledger.sqlite") });
  const machines = new InterpreterStateMachines({ ledger, closeGraceMs: 1_000, ...setup });
  return {
    machines,
    close: async () => {
      await machines.close();
      ledger.close();
      rmSync(folder, { recursive: true });
    },
  };
});
