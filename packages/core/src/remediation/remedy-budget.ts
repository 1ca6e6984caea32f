// Decides what is remembered of a group's remedies: when each began, for as long as the budget counts them.

import { z } from "zod";
import { updateItem } from "../ledger/update-item.ts";
import type { Ledger, LedgerKey } from "../ports/ledger.ts";
import type { EpochMs } from "../time/epoch-ms.ts";
import { scopeOf } from "./remediation-run.ts";

const budgetBody = z.object({
  spent: z.array(z.object({ key: z.string(), atMs: z.number().transform((value) => value as EpochMs) })),
});

const budgetKey = (group: string | null): LedgerKey => ({
  partition: "remedy-budgets",
  sort: scopeOf(group),
});

/** When remedies of the group began, oldest first. */
export async function listSpent(ledger: Ledger, group: string | null): Promise<readonly EpochMs[]> {
  const item = await ledger.find(budgetKey(group));
  return item === undefined ? [] : budgetBody.parse(item.body).spent.map(({ atMs }) => atMs);
}

/** Notes that a remedy begins; the same key again changes nothing. What is older than the window is forgotten. */
export async function spend(
  ledger: Ledger,
  group: string | null,
  remedy: { readonly key: string; readonly atMs: EpochMs; readonly windowMs: number },
): Promise<void> {
  const { key, atMs, windowMs } = remedy;
  await updateItem(ledger, budgetKey(group), (present) => {
    const spent = present === undefined ? [] : budgetBody.parse(present.body).spent;
    if (spent.some((one) => one.key === key)) return undefined;
    return { spent: [...spent.filter((one) => one.atMs > atMs - windowMs), { key, atMs }] };
  });
}
