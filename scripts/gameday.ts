// Plays the faults of docs/gameday.md against the whole platform on a fast clock, and says whether each got what it must.

import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Verdict } from "./gameday/judge.ts";
import { plotGameday } from "./gameday/plot.ts";
import { toDocument, toMarkdown } from "./gameday/report.ts";
import { runScenario } from "./gameday/run-scenario.ts";
import { SCENARIOS } from "./gameday/scenarios.ts";

const OUTPUT = ".gameday";
const MINUTE_MS = 60_000;

const names = process.argv.slice(2);
const unknown = names.find((name) => !SCENARIOS.some((scenario) => scenario.name === name));
if (names.includes("--help") || unknown !== undefined) {
  const said = `Usage: npm run gameday -- [fault...]\nFaults (all of them): ${SCENARIOS.map(({ name }) => name).join(", ")}.\nReport and plot go to ${OUTPUT}/.`;
  if (names.includes("--help")) console.log(said);
  else console.error(`There is no fault "${unknown}".\n${said}`);
  process.exit(names.includes("--help") ? 0 : 2);
}

const chosen = SCENARIOS.filter(({ name }) => names.length === 0 || names.includes(name));
const verdicts: Verdict[] = [];
for (const [index, scenario] of chosen.entries()) {
  console.log(`${index + 1} of ${chosen.length}: ${scenario.title}`);
  const verdict = await runScenario(scenario);
  verdicts.push(verdict);
  const paged = verdict.pages.length === 0 ? "nobody paged" : `paged "${verdict.pages[0]?.split("\n")[0]}"`;
  console.log(
    `   ${verdict.alarm ?? "no alarm"} after ${verdict.periods ?? "-"} periods, found ${verdict.diagnoses.join(", ") || "nothing"}, remedies ${verdict.remedies.join(", ") || "none"}, ${paged}`,
  );
  for (const fault of verdict.faults) console.log(`   NOT AS IT MUST BE: ${fault}`);
}

const limits = new Map(
  chosen.map(({ name, groups }) => [
    name,
    new Map(groups.map((group) => [group.name, (group.freshnessMs ?? 0) / MINUTE_MS])),
  ]),
);
mkdirSync(OUTPUT, { recursive: true });
writeFileSync(join(OUTPUT, "report.json"), `${JSON.stringify(toDocument(verdicts), undefined, 2)}\n`);
writeFileSync(join(OUTPUT, "report.md"), toMarkdown(verdicts));
writeFileSync(join(OUTPUT, "lag.svg"), plotGameday(verdicts, limits));
const failed = verdicts.filter(({ faults }) => faults.length > 0).length;
console.log(
  `${verdicts.length - failed} of ${verdicts.length} faults got what they must. The report is ${OUTPUT}/report.md.`,
);
process.exitCode = failed === 0 ? 0 : 1;
