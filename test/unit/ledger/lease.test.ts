// Who may work on a group: one holder, a token that only rises, a watermark that only a holder moves, forward.

import {
  acquireLease,
  commitWatermark,
  findHolder,
  findWatermark,
  type Holders,
  InvalidInputError,
  LeaseHeldError,
  LeaseLostError,
  type Ledger,
  releaseLease,
  renewLease,
  revokeLease,
  toEpochMs,
  type Watermark,
} from "@steward/core";
import { describe, expect, it } from "vitest";
import { aLedger, DrivenTimer } from "../../support/durable-stores.ts";

const SCOPE = { workflow: "refresh", group: "customer-orders" };
const LEASE_MS = 60_000;
const NOW = toEpochMs(10_000);

/** The ports as one process sees them; the others are alive unless they are named as dead. */
function aProcess(name: string, ledger: Ledger, timer = new DrivenTimer(), dead: readonly string[] = []) {
  const holders: Holders = { current: () => name, isGone: (holder) => dead.includes(holder) };
  return { ledger, timer, holders };
}

function aWatermark(overrides: Partial<Watermark> = {}): Watermark {
  return {
    asOfMs: toEpochMs(5_000),
    definition: "d1",
    events: "e1",
    runId: "run-1",
    greatestEventTimeMs: 4_000,
    ...overrides,
  };
}

describe("acquireLease", () => {
  it("gives the first holder a token above 0", async () => {
    const ledger = aLedger();

    expect(await acquireLease(aProcess("p1", ledger), SCOPE, "run-1", LEASE_MS)).toBe(1);
    expect(await findHolder(ledger, SCOPE)).toEqual({ runId: "run-1", process: "p1" });
  });

  it("refuses another run while it is held, naming the run that has it", async () => {
    const ledger = aLedger();
    await acquireLease(aProcess("p1", ledger), SCOPE, "run-1", LEASE_MS);

    const second = acquireLease(aProcess("p2", ledger), SCOPE, "run-2", LEASE_MS);

    await expect(second).rejects.toThrow(LeaseHeldError);
    await expect(second).rejects.toThrow(/run run-1 is at work on group "customer-orders"/);
    expect(await findHolder(ledger, SCOPE)).toEqual({ runId: "run-1", process: "p1" });
  });

  it("refuses another run of the same process as well", async () => {
    const ports = aProcess("p1", aLedger());
    await acquireLease(ports, SCOPE, "run-1", LEASE_MS);

    await expect(acquireLease(ports, SCOPE, "run-2", LEASE_MS)).rejects.toThrow(LeaseHeldError);
  });

  it("refuses the same run from another process that lives", async () => {
    const ledger = aLedger();
    await acquireLease(aProcess("p1", ledger), SCOPE, "run-1", LEASE_MS);

    await expect(acquireLease(aProcess("p2", ledger), SCOPE, "run-1", LEASE_MS)).rejects.toThrow(
      LeaseHeldError,
    );
  });

  it("leaves the token of a run that takes it again, and lengthens it", async () => {
    const ledger = aLedger();
    const timer = new DrivenTimer();
    const ports = aProcess("p1", ledger, timer);
    await acquireLease(ports, SCOPE, "run-1", LEASE_MS);
    timer.advance(LEASE_MS - 1);

    expect(await acquireLease(ports, SCOPE, "run-1", LEASE_MS)).toBe(1);
    timer.advance(LEASE_MS - 1);
    await expect(acquireLease(aProcess("p2", ledger, timer), SCOPE, "run-2", LEASE_MS)).rejects.toThrow(
      LeaseHeldError,
    );
  });

  it("gives a lease that lapsed to the next, under a greater token, at the very moment and no sooner", async () => {
    const ledger = aLedger();
    const timer = new DrivenTimer();
    await acquireLease(aProcess("p1", ledger, timer), SCOPE, "run-1", LEASE_MS);
    timer.advance(LEASE_MS - 1);
    await expect(acquireLease(aProcess("p2", ledger, timer), SCOPE, "run-2", LEASE_MS)).rejects.toThrow(
      LeaseHeldError,
    );
    timer.advance(1);

    expect(await acquireLease(aProcess("p2", ledger, timer), SCOPE, "run-2", LEASE_MS)).toBe(2);
  });

  it("takes a lease from a process that is known to be dead, without waiting", async () => {
    const ledger = aLedger();
    await acquireLease(aProcess("p1", ledger), SCOPE, "run-1", LEASE_MS);

    const resumed = aProcess("p2", ledger, new DrivenTimer(), ["p1"]);

    expect(await acquireLease(resumed, SCOPE, "run-1", LEASE_MS)).toBe(2);
  });

  it("keeps leases of other groups and workflows apart", async () => {
    const ledger = aLedger();
    const ports = aProcess("p1", ledger);
    await acquireLease(ports, SCOPE, "run-1", LEASE_MS);

    expect(await acquireLease(ports, { ...SCOPE, workflow: "rebuild" }, "run-2", LEASE_MS)).toBe(1);
    expect(await acquireLease(ports, { ...SCOPE, group: "other" }, "run-3", LEASE_MS)).toBe(1);
  });

  it("lets one of several who race for it win, and gives the others its run", async () => {
    const ledger = aLedger();
    const names = ["1", "2", "3", "4", "5"];

    const outcomes = await Promise.allSettled(
      names.map((name) => acquireLease(aProcess(`p${name}`, ledger), SCOPE, `run-${name}`, LEASE_MS)),
    );

    expect(outcomes.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
    const lost = outcomes.flatMap((outcome) => (outcome.status === "rejected" ? [outcome.reason] : []));
    expect(lost.every((error) => error instanceof LeaseHeldError)).toBe(true);
    expect(new Set(lost.map(({ details }) => details.runId))).toEqual(
      new Set([(await findHolder(ledger, SCOPE))?.runId]),
    );
  });

  it("raises the token with every new holder, after a release, a revocation and a lapse", async () => {
    const ledger = aLedger();
    const timer = new DrivenTimer();
    const ports = aProcess("p1", ledger, timer);
    const tokens = [await acquireLease(ports, SCOPE, "run-1", LEASE_MS)];
    await releaseLease(ledger, SCOPE, tokens[0] ?? 0);
    tokens.push(await acquireLease(ports, SCOPE, "run-1", LEASE_MS));
    await revokeLease(ledger, SCOPE, "run-1");
    tokens.push(await acquireLease(ports, SCOPE, "run-2", LEASE_MS));
    timer.advance(LEASE_MS);
    tokens.push(await acquireLease(ports, SCOPE, "run-3", LEASE_MS));

    expect(tokens).toEqual([...new Set(tokens)].sort((left, right) => left - right));
  });
});

describe("renewLease", () => {
  it("lengthens the lease of its token, lapsed or not, while no other took it", async () => {
    const ledger = aLedger();
    const timer = new DrivenTimer();
    const ports = aProcess("p1", ledger, timer);
    const token = await acquireLease(ports, SCOPE, "run-1", LEASE_MS);
    timer.advance(LEASE_MS + 1);

    await renewLease(ports, SCOPE, token, LEASE_MS);

    await expect(acquireLease(aProcess("p2", ledger, timer), SCOPE, "run-2", LEASE_MS)).rejects.toThrow(
      LeaseHeldError,
    );
  });

  it("refuses the token of a holder whom another followed", async () => {
    const ledger = aLedger();
    const timer = new DrivenTimer();
    const ports = aProcess("p1", ledger, timer);
    const token = await acquireLease(ports, SCOPE, "run-1", LEASE_MS);
    timer.advance(LEASE_MS);
    await acquireLease(aProcess("p2", ledger, timer), SCOPE, "run-2", LEASE_MS);

    await expect(renewLease(ports, SCOPE, token, LEASE_MS)).rejects.toThrow(LeaseLostError);
  });

  it("refuses where nobody holds the lease", async () => {
    await expect(renewLease(aProcess("p1", aLedger()), SCOPE, 0, LEASE_MS)).rejects.toThrow(LeaseLostError);
  });
});

describe("releaseLease", () => {
  it("leaves the lease of another alone", async () => {
    const ledger = aLedger();
    const timer = new DrivenTimer();
    const stale = await acquireLease(aProcess("p1", ledger, timer), SCOPE, "run-1", LEASE_MS);
    timer.advance(LEASE_MS);
    await acquireLease(aProcess("p2", ledger, timer), SCOPE, "run-2", LEASE_MS);

    await releaseLease(ledger, SCOPE, stale);

    expect(await findHolder(ledger, SCOPE)).toEqual({ runId: "run-2", process: "p2" });
  });
});

describe("revokeLease", () => {
  it("takes the lease away, so that all that the holder still tries is refused", async () => {
    const ledger = aLedger();
    const ports = aProcess("p1", ledger);
    const token = await acquireLease(ports, SCOPE, "run-1", LEASE_MS);

    await revokeLease(ledger, SCOPE, "run-1");

    expect(await findHolder(ledger, SCOPE)).toBeUndefined();
    await expect(renewLease(ports, SCOPE, token, LEASE_MS)).rejects.toThrow(LeaseLostError);
    await expect(commitWatermark(ledger, SCOPE.group, token, aWatermark(), NOW)).rejects.toThrow(
      LeaseLostError,
    );
  });

  it("leaves the lease of another run alone", async () => {
    const ledger = aLedger();
    await acquireLease(aProcess("p1", ledger), SCOPE, "run-1", LEASE_MS);

    await revokeLease(ledger, SCOPE, "run-2");

    expect((await findHolder(ledger, SCOPE))?.runId).toBe("run-1");
  });
});

describe("commitWatermark", () => {
  it("keeps the watermark through the release and the next holder", async () => {
    const ledger = aLedger();
    const ports = aProcess("p1", ledger);
    const token = await acquireLease(ports, SCOPE, "run-1", LEASE_MS);
    await commitWatermark(ledger, SCOPE.group, token, aWatermark(), NOW);
    await releaseLease(ledger, SCOPE, token);
    await acquireLease(ports, SCOPE, "run-2", LEASE_MS);
    await revokeLease(ledger, SCOPE, "run-2");

    expect(await findWatermark(ledger, SCOPE.group)).toEqual(aWatermark());
  });

  it("changes nothing when it is done again", async () => {
    const ledger = aLedger();
    const token = await acquireLease(aProcess("p1", ledger), SCOPE, "run-1", LEASE_MS);

    await commitWatermark(ledger, SCOPE.group, token, aWatermark(), NOW);
    await commitWatermark(ledger, SCOPE.group, token, aWatermark(), NOW);

    expect(await findWatermark(ledger, SCOPE.group)).toEqual(aWatermark());
  });

  it("refuses to go back by a millisecond", async () => {
    const ledger = aLedger();
    const token = await acquireLease(aProcess("p1", ledger), SCOPE, "run-1", LEASE_MS);
    await commitWatermark(ledger, SCOPE.group, token, aWatermark(), NOW);

    const back = commitWatermark(ledger, SCOPE.group, token, aWatermark({ asOfMs: toEpochMs(4_999) }), NOW);

    await expect(back).rejects.toThrow(InvalidInputError);
    await expect(back).rejects.toThrow("cannot go back to 1970-01-01T00:00:04.999Z");
    expect(await findWatermark(ledger, SCOPE.group)).toEqual(aWatermark());
  });

  it("takes the present and refuses the future, by a millisecond", async () => {
    const ledger = aLedger();
    const token = await acquireLease(aProcess("p1", ledger), SCOPE, "run-1", LEASE_MS);
    const future = aWatermark({ asOfMs: toEpochMs(NOW + 1) });

    await expect(commitWatermark(ledger, SCOPE.group, token, future, NOW)).rejects.toThrow(InvalidInputError);
    await commitWatermark(ledger, SCOPE.group, token, aWatermark({ asOfMs: NOW }), NOW);

    expect((await findWatermark(ledger, SCOPE.group))?.asOfMs).toBe(NOW);
  });

  it("refuses a stale token and leaves the watermark of the new holder", async () => {
    const ledger = aLedger();
    const timer = new DrivenTimer();
    const stale = await acquireLease(aProcess("p1", ledger, timer), SCOPE, "run-1", LEASE_MS);
    timer.advance(LEASE_MS);
    const token = await acquireLease(aProcess("p2", ledger, timer), SCOPE, "run-2", LEASE_MS);
    await commitWatermark(ledger, SCOPE.group, token, aWatermark({ runId: "run-2" }), NOW);

    const late = commitWatermark(ledger, SCOPE.group, stale, aWatermark({ asOfMs: NOW }), NOW);

    await expect(late).rejects.toThrow(LeaseLostError);
    expect((await findWatermark(ledger, SCOPE.group))?.runId).toBe("run-2");
  });
});
