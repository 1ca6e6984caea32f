// Visits of the sample stream for tests, and what the stores must hold of them: decided here by sorting, not by the code
// under test.

import { type ControlPorts, describeStream, putEvents, type RecordRow } from "@steward/core";
import { customerActivity } from "@steward/features";
import type { Platform } from "@steward/local";
import { until } from "./until.ts";

export interface Visit {
  readonly customer_id: string;
  readonly seen_at: string;
  readonly page: string;
  readonly product_id?: string;
}

const PAGES = ["home", "search", "basket"];

/** `count` visits of `customers` customers, a second apart, from `fromMs` on. */
export function someVisits(count: number, customers: number, fromMs: number, prefix = "c"): readonly Visit[] {
  return Array.from({ length: count }, (_, index) => ({
    customer_id: `${prefix}-${(index * 7) % customers}`,
    seen_at: new Date(fromMs + index * 1_000).toISOString(),
    page: PAGES[index % PAGES.length] ?? "home",
    ...(index % 2 === 0 ? { product_id: `p-${index}` } : {}),
  }));
}

/** Another order, the same at every call. */
export function shuffled<T>(items: readonly T[]): readonly T[] {
  return items
    .map((item, index) => ({ item, key: (index * 7_919) % 10_007 }))
    .sort((left, right) => left.key - right.key)
    .map(({ item }) => item);
}

export async function put(ports: ControlPorts, visits: readonly (Visit | string)[]): Promise<void> {
  const encoder = new TextEncoder();
  await putEvents(
    ports,
    customerActivity,
    visits.map((visit) => encoder.encode(typeof visit === "string" ? visit : JSON.stringify(visit))),
  );
}

/** Until the consumers have taken in all that is on the stream. */
export async function takenIn(platform: Platform) {
  await until(
    "the stream is taken in",
    async () => (await describeStream(platform.ports, customerActivity)).atTip,
  );
  return describeStream(platform.ports, customerActivity);
}

/** Makes offline files of all rows that wait in the emulator. */
export async function flushOffline(platform: Platform): Promise<void> {
  await fetch(new URL("/_steward/offline-buffer/flush", platform.services.featureStore.url), {
    method: "POST",
  });
}

/** The rows that `export` must give: each customer's last visit, by identifier. */
export function rowsOf(visits: readonly Visit[]): readonly RecordRow[] {
  const newest = new Map<string, Visit>();
  for (const visit of visits) {
    const known = newest.get(visit.customer_id);
    if (known === undefined || known.seen_at < visit.seen_at) newest.set(visit.customer_id, visit);
  }
  return [...newest.values()]
    .sort((left, right) => (left.customer_id < right.customer_id ? -1 : 1))
    .map((visit) => ({
      group: "customer-activity",
      recordId: visit.customer_id,
      eventTime: visit.seen_at,
      features: {
        last_page: visit.page,
        last_product_id: visit.product_id ?? null,
        last_seen_at: visit.seen_at,
      },
    }));
}
