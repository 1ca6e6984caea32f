// How the demo looks into the three stores: by the commands that read them.

import { createHash } from "node:crypto";
import { check, indent, say } from "./say.ts";
import { steward, typed } from "./steward.ts";

export const GROUP = "customer-purchases";
export const SESSIONS = "customer-sessions";
export const CUSTOMER = "00008";
const STORES = ["offline", "online", "hot"] as const;
const SHOWN_DIGITS = 16;
const NOT_FOUND = 3;

/** What serving reads of a customer, from each store. */
export async function readCustomer(): Promise<void> {
  const answers: string[] = [];
  for (const store of STORES) {
    const answer = await typed(["get", GROUP, CUSTOMER, "--store", store, "--json"]);
    if (answers.length === 0) say(indent(answer));
    answers.push(answer);
  }
  check(new Set(answers).size === 1, "the three stores say the same of this customer, to the byte");
}

/** Every record, from all the stores or some, as rows of text that are equal between them. */
export async function exportAll(
  records: number,
  stores: readonly (typeof STORES)[number][] = STORES,
): Promise<readonly string[]> {
  const texts = await Promise.all(
    stores.map(async (store) => (await steward(["export", GROUP, "--store", store])).stdout),
  );
  const rows = rowsOf(texts[0] ?? "");
  for (const [index, store] of stores.entries()) {
    const digest = createHash("sha256")
      .update(texts[index] ?? "")
      .digest("hex");
    say(`$ steward export ${GROUP} --store ${store} | sha256sum`);
    say(`  ${digest.slice(0, SHOWN_DIGITS)}…`);
  }
  if (stores.length > 1) check(new Set(texts).size === 1, "the exports are equal to the byte");
  check(rows.length === records, `it has ${records.toLocaleString("en")} records`);
  return rows;
}

/** By what each of the three stores answers. */
export async function checkNowhere(group: string, id: string): Promise<void> {
  const codes = await Promise.all(
    STORES.map(async (store) => (await steward(["get", group, id, "--store", store])).code),
  );
  for (const store of STORES) say(`$ steward get ${group} ${id} --store ${store}`);
  check(
    codes.every((code) => code === NOT_FOUND),
    "none of the three stores has such a record (exit 3)",
  );
}

/** One JSON document a line. */
const rowsOf = (text: string): readonly string[] => text.split("\n").filter((line) => line !== "");
