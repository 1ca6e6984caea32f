// Incidents on the real ledger: one open at a time for a group, taken up again by news, closed once.

import {
  attendIncidents,
  type ControlPorts,
  closeRecovered,
  DEFAULT_SETTINGS,
  findRun,
  getIncident,
  INCIDENT_TRANSITIONS,
  type Incident,
  listIncidents,
  listOpenIncidents,
  openIncident,
  REMEDIATION,
  updateRun,
} from "@steward/core";
import { describe, expect, it } from "vitest";
import { updateIncident } from "../../../packages/core/src/remediation/incident.ts";
import { aLedger, anObjectStore, DrivenTimer } from "../../support/durable-stores.ts";
import { FACTS_NOW } from "../../support/facts.ts";

const LATE = { name: "freshness-customer-orders-offline", group: "customer-orders" };
const DIFFERENT = { name: "difference-customer-orders-hot", group: "customer-orders" };

interface Bench {
  readonly ports: ControlPorts;
  readonly started: readonly string[];
  /** Says of an alarm what the alarm watch would. */
  set(name: string, state: "alarm" | "ok"): Promise<void>;
}

function aBench(ledger = aLedger()): Bench {
  const started: string[] = [];
  let ids = 0;
  const ports = {
    ledger,
    objects: anObjectStore(),
    settings: DEFAULT_SETTINGS,
    definitions: { list: () => [{ name: "customer-orders" }, { name: "product-views" }] },
    timer: new DrivenTimer(),
    clock: { now: () => FACTS_NOW },
    ids: { runId: () => `i${++ids}` },
    holders: { current: () => "p1", isGone: () => false },
    stateMachines: { start: async (_: string, name: string) => void started.push(name) },
  } as unknown as ControlPorts;
  return {
    ports,
    started,
    async set(name, state) {
      const key = { partition: "alarms", sort: name };
      const item = await ledger.find(key);
      await ledger.put(key, { state, sinceMs: FACTS_NOW, reason: "r" }, item === undefined ? "absent" : item);
    },
  };
}

const page = ({ ledger }: ControlPorts, { incidentId }: Incident) =>
  updateIncident(ledger, incidentId, (incident) => ({ ...incident, status: "paged" }));

describe("openIncident", () => {
  it("opens one incident for two alarms of a group, and one remediation", async () => {
    const { ports, started } = aBench();

    const first = await openIncident(ports, LATE);
    const second = await openIncident(ports, DIFFERENT);

    expect(second.incidentId).toBe(first.incidentId);
    expect(second.alarms).toEqual([LATE.name, DIFFERENT.name]);
    expect(started).toEqual([`${first.incidentId}-1`]);
    expect(await findRun(ports.ledger, first.incidentId)).toMatchObject({
      workflow: REMEDIATION,
      group: "customer-orders",
      inputs: [first.incidentId],
    });
  });

  it("changes nothing for an alarm that it has", async () => {
    const { ports } = aBench();

    const first = await openIncident(ports, LATE);
    const again = await openIncident(ports, LATE);

    expect(again).toEqual(first);
    expect(await listIncidents(ports.ledger)).toHaveLength(1);
  });

  it("opens one incident where many look at once", async () => {
    const { ports } = aBench();

    const incidents = await Promise.all(Array.from({ length: 20 }, () => openIncident(ports, LATE)));

    expect(new Set(incidents.map(({ incidentId }) => incidentId)).size).toBe(1);
    expect(await listIncidents(ports.ledger)).toHaveLength(1);
  });

  it("keeps groups, and the platform, apart", async () => {
    const { ports } = aBench();

    const one = await openIncident(ports, LATE);
    const other = await openIncident(ports, { name: "freshness-product-views-hot", group: "product-views" });
    const platform = await openIncident(ports, { name: "freshness-checker" });

    expect(new Set([one.incidentId, other.incidentId, platform.incidentId]).size).toBe(3);
    expect(platform.group).toBeNull();
  });

  it("takes a paged incident up again for an alarm that is new, by a run of its own", async () => {
    const { ports, started } = aBench();
    const incident = await openIncident(ports, LATE);
    await page(ports, incident);

    const known = await openIncident(ports, LATE);
    const news = await openIncident(ports, DIFFERENT);

    expect(known.status).toBe("paged");
    expect(news).toMatchObject({ status: "open", executionRun: `${incident.incidentId}-2` });
    expect(started.at(-1)).toBe(`${incident.incidentId}-2-1`);
  });

  it("takes a paged incident up again for an alarm that had cleared", async () => {
    const { ports, set } = aBench();
    const incident = await openIncident(ports, LATE);
    await openIncident(ports, DIFFERENT);
    await page(ports, incident);
    await set(LATE.name, "alarm");
    await set(DIFFERENT.name, "ok");
    await closeRecovered(ports);

    const still = await openIncident(ports, LATE);
    const again = await openIncident(ports, DIFFERENT);

    expect(still.status).toBe("paged");
    expect(again).toMatchObject({ status: "open", cleared: [] });
  });
});

describe("closeRecovered", () => {
  it("closes a paged incident once all its alarms have cleared, and the next alarm opens another", async () => {
    const { ports, set } = aBench();
    const incident = await openIncident(ports, LATE);
    await openIncident(ports, DIFFERENT);
    await page(ports, incident);
    await set(LATE.name, "alarm");

    expect(await closeRecovered(ports)).toEqual([]);
    await set(LATE.name, "ok");
    const closed = await closeRecovered(ports);

    expect(closed).toMatchObject([
      { incidentId: incident.incidentId, status: "closed", closedAtMs: FACTS_NOW },
    ]);
    expect(await listOpenIncidents(ports.ledger)).toEqual([]);
    expect((await openIncident(ports, LATE)).incidentId).not.toBe(incident.incidentId);
  });

  it("closes the incident of a group that is declared no more", async () => {
    const { ports, set } = aBench();
    const gone = { name: "freshness-gone-hot", group: "gone" };
    await page(ports, await openIncident(ports, gone));
    await set(gone.name, "alarm");

    expect(await closeRecovered(ports)).toMatchObject([{ group: "gone", status: "closed" }]);
  });

  it("leaves an incident to the remediation that is at work on it", async () => {
    const { ports } = aBench();
    const incident = await openIncident(ports, LATE);

    expect(await closeRecovered(ports)).toEqual([]);
    expect((await getIncident(ports.ledger, incident.incidentId)).status).toBe("open");
  });
});

describe("attendIncidents", () => {
  it("says what was opened, once", async () => {
    const { ports, set } = aBench();
    await set(LATE.name, "alarm");
    await set(DIFFERENT.name, "alarm");

    const first = await attendIncidents(ports, [LATE, DIFFERENT]);
    const second = await attendIncidents(ports, [LATE, DIFFERENT]);

    expect(first.opened).toHaveLength(1);
    expect(second).toEqual({ opened: [], closed: [] });
  });

  it("begins a remediation again that met the one before it", async () => {
    const { ports, started } = aBench();
    const { incidentId } = await openIncident(ports, LATE);
    await updateRun(ports.ledger, incidentId, (run) => ({
      ...run,
      status: "failed",
      error: { name: "LeaseHeldError", message: "run i0 is at work" },
    }));

    await attendIncidents(ports, [LATE]);

    expect(started.at(-1)).toBe(`${incidentId}-2`);
  });
});

describe("INCIDENT_TRANSITIONS", () => {
  it("lets a closed incident rest, and refuses what is not in the table", async () => {
    const { ports } = aBench();
    const { incidentId } = await openIncident(ports, LATE);
    const become = (status: Incident["status"]) =>
      updateIncident(ports.ledger, incidentId, (incident) => ({ ...incident, status }));
    await become("closed");

    expect(INCIDENT_TRANSITIONS.closed).toEqual([]);
    await expect(become("open")).rejects.toMatchObject({ name: "ConflictError" });
  });
});
