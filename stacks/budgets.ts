// Decides at what cost somebody is told. A budget tells; it stops nothing.

import { named } from "./names.ts";
import type { Pages } from "./pages.ts";

export interface BudgetSettings {
  readonly monthlyUsd: number;
}

/**
 * The whole account's month: a budget of the stage's own tag would stay at 0, and silent, until the tag `sst:stage` is
 * activated for cost allocation. AWS renews the figures up to three times a day. Source: AWS Budgets user guide, "Best practices",
 * read 2026-11-25.
 */
export function createBudgets({ monthlyUsd }: BudgetSettings, { pages, notices }: Pages) {
  const tell = (notificationType: "ACTUAL" | "FORECASTED", threshold: number, topic: aws.sns.Topic) => ({
    comparisonOperator: "GREATER_THAN",
    notificationType,
    threshold,
    thresholdType: "PERCENTAGE",
    subscriberSnsTopicArns: [topic.arn],
  });
  const monthly = new aws.budgets.Budget("MonthlyBudget", {
    name: named("monthly"),
    budgetType: "COST",
    timeUnit: "MONTHLY",
    limitAmount: String(monthlyUsd),
    limitUnit: "USD",
    notifications: [
      tell("ACTUAL", 80, notices),
      tell("FORECASTED", 100, notices),
      tell("ACTUAL", 100, pages),
    ],
  });
  return { monthly };
}
