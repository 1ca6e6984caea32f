// GET /runs.

import { describeRunState, listRuns, type Run } from "@steward/core";
import { route } from "../_runtime/api.ts";
import { runsAnswer, runsQuery } from "../_runtime/api-schemas.ts";
import { toRunAnswer } from "../_runtime/api-views.ts";

export const getRuns = route({
  routeKey: "GET /runs",
  summary: "the runs, newest first",
  query: runsQuery,
  answer: runsAnswer,
  async run({ ports, query: { group, state, limit } }) {
    const found: Run[] = [];
    for (const run of (await listRuns(ports.ledger)).toReversed()) {
      if (found.length === limit) break;
      if (group !== undefined && run.group !== group) continue;
      if (state === undefined || (await describeRunState(ports, run)) === state) found.push(run);
    }
    return { body: { runs: await Promise.all(found.map((run) => toRunAnswer(ports, run))) } };
  },
});
