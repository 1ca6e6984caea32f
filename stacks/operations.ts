// Decides how a stage is operated: who is told of what, what is attended to, written down, shown and paid for.

import { createAlarms } from "./alarms.ts";
import { type AuditedResources, createAudit } from "./audit.ts";
import { createBudgets } from "./budgets.ts";
import { createDashboards } from "./dashboards.ts";
import type { OperationsSettings } from "./operations-settings.ts";
import type { Pages } from "./pages.ts";
import { type Attendant, createRemediation } from "./remediation.ts";
import { createRuleLetters } from "./rule-letters.ts";
import type { Watched } from "./watched.ts";

/** The last concern of a stage: it looks at all others. */
export function createOperations(
  settings: OperationsSettings,
  pages: Pages,
  watched: Watched,
  audited: AuditedResources,
  attendAlarms: Attendant,
) {
  const letters = createRuleLetters();
  const alarms = createAlarms(settings.alarms, pages, { ...watched, ruleLetters: letters.name });
  const { trail } = createAudit(settings.audit, audited, pages, letters);
  createRemediation(attendAlarms, letters);
  createDashboards(alarms);
  createBudgets(settings.budget, pages);
  const { pages: subscribed } = settings.paging;
  return {
    trail: trail.arn,
    pagesGoTo:
      subscribed.length === 0 ? "nobody: set paging in stacks/operations-settings.ts" : pages.pages.arn,
  };
}
