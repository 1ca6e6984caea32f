// How a function comes to its adapters in an account, on MiniStack and Redis: what it reads of its environment, what it is given.

import type { Pseudonym } from "@steward/core";
import * as features from "@steward/features";
import type { PortName } from "@steward/functions/_account/environment.ts";
import type { AccountParts } from "@steward/functions/_account/in-account.ts";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { accountEnvironment } from "../../support/account-environment.ts";
import { type MiniStack, startMiniStack } from "../../support/ministack.ts";
import { startRedis, type TestRedis } from "../../support/redis.ts";

const OWNER = features.customerPurchases.owner;
const definitions = {
  get: () => features.customerPurchases,
  list: () => [features.customerPurchases],
};

let ministack: MiniStack;
let redis: TestRedis;
let environment: Record<string, string>;
beforeAll(async () => {
  ministack = await startMiniStack();
  redis = await startRedis();
  environment = await accountEnvironment({ ministack: ministack.url, redis: redis.url, owners: [OWNER] });
}, 300_000);
afterAll(async () => {
  await redis.stop();
  await ministack.stop();
});

let read: Set<string>;
const own = process.env;
beforeEach(() => {
  vi.resetModules(); // what a process opened once
  read = new Set();
  process.env = new Proxy(
    { ...own, ...environment },
    {
      get(target, name) {
        if (typeof name === "string" && name.startsWith("STEWARD_")) read.add(name);
        return Reflect.get(target, name);
      },
    },
  );
});
afterEach(() => {
  process.env = own;
});

/** Of a process that has opened nothing yet. */
async function freshly() {
  const { PORT_VARIABLES } = await import("@steward/functions/_account/environment.ts");
  const { OPENERS } = await import("@steward/functions/_account/openers.ts");
  const { inAccount } = await import("@steward/functions/_account/in-account.ts");
  const { currentControl, currentScope } = await import("@steward/functions/_runtime/scope.ts");
  const ports = Object.keys(OPENERS) as readonly PortName[];
  return { PORT_VARIABLES, OPENERS, inAccount, currentControl, currentScope, ports };
}

describe("a function in an account", () => {
  it("reads for each port exactly the variables that the table gives it", async () => {
    const { ports } = await freshly();
    for (const port of ports) {
      vi.resetModules();
      read.clear();
      const { OPENERS, PORT_VARIABLES } = await freshly();
      await OPENERS[port]();
      const wanted = PORT_VARIABLES[port].map((name) => `STEWARD_${name}`);
      expect([port, [...read].sort()]).toEqual([port, wanted.toSorted()]);
    }
  });

  it("names the variable that is missing, and works once it is there", async () => {
    const { OPENERS, inAccount } = await freshly();
    const handler = inAccount(async () => "done", { definitions, openers: { ledger: OPENERS.ledger } });
    process.env = { ...own, ...environment, STEWARD_LEDGER_TABLE: "" };
    await expect(handler({}, {})).rejects.toThrow("the environment has no STEWARD_LEDGER_TABLE");
    process.env = { ...own, ...environment };
    expect(await handler({}, {})).toBe("done");
  });

  it("is not given a port that it did not ask for", async () => {
    const { OPENERS, inAccount, currentScope } = await freshly();
    const parts: AccountParts = { definitions, openers: { ledger: OPENERS.ledger } };
    const handler = inAccount(async () => currentScope().ports.objects.list(""), parts);
    await expect(handler({}, {})).rejects.toThrow('this function was not given the port "objects"');
  });

  it("keeps data, evidence, ledger, queue and hot values where its environment says", async () => {
    const { OPENERS, inAccount, currentControl } = await freshly();
    const { objects, ledger, chunkQueue, hotStore, pacer, pseudonymiser, sealer, signer } = OPENERS;
    const openers = { objects, ledger, chunkQueue, hotStore, pacer, pseudonymiser, sealer, signer };
    const handler = inAccount(
      async () => {
        const ports = currentControl();
        const bytes = new TextEncoder().encode("x");
        await ports.objects.put("offline/a", bytes);
        await ports.objects.put("evidence/a", bytes);
        await ports.objects.put("staging/a", bytes);
        await ports.ledger.put({ partition: "p", sort: "s" }, { a: 1 }, "absent");
        await ports.chunkQueue.send(["one"]);
        const { waitMs } = await ports.pacer.reserve("group:purchases", 1, 10);
        const found = await ports.hotStore.read(features.customerPurchases, ["0".repeat(64) as Pseudonym]);
        const sealed = ports.sealer.open(ports.sealer.seal("text"));
        const signature = await ports.signer.sign(bytes);
        const [message] = await ports.chunkQueue.receive(1, 1_000);
        return {
          buckets: await Promise.all(
            ["offline/", "evidence/", "staging/"].map(
              async (prefix) => (await ports.objects.list(prefix)).length,
            ),
          ),
          item: (await ports.ledger.find({ partition: "p", sort: "s" }))?.body,
          message: message?.body,
          waitMs,
          found,
          sealed,
          isSigned: signature.length > 60,
          pseudonym: ports.pseudonymiser.pseudonym("customer", "1").length,
        };
      },
      { definitions, openers },
    );

    expect(await handler({}, {})).toEqual({
      buckets: [1, 1, 1],
      item: { a: 1 },
      message: "one",
      waitMs: 0,
      found: [undefined],
      sealed: "text",
      isSigned: true,
      pseudonym: 64,
    });
  });
});
