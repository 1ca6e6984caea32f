// The hot store over TLS, as the users of an ACL file, one server and a cluster; and connections whose passwords end, as IAM's
// do: a real server whose password for the user is, at any moment, the one token that the test says is good.

import { OwnerConnections, RedisConnection, RedisHotStore } from "@steward/adapters";
import { elastiCacheTokens } from "@steward/adapters/aws";
import { tenantUsers, toEpochMs } from "@steward/core";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { aFeatureGroup } from "../../support/builders.ts";
import { dumpRedis } from "../../support/redis.ts";
import { callOn } from "../../support/redis-replicas.ts";
import { hashOf, startTlsRedis, type TlsRedis } from "../../support/redis-tls.ts";
import { describeHotStore, guard, keyed, pseudonymOf } from "../ports/hot-store.ts";

const { writer } = tenantUsers("growth");
const OWNERS = ["growth", "risk"];
const group = aFeatureGroup();
const NOW_MS = toEpochMs(1_000_000);

const KINDS = [
  ["by password on one server", { isCluster: false, byToken: false }],
  ["by password on a cluster", { isCluster: true, byToken: false }],
  ["by token on a cluster", { isCluster: true, byToken: true }],
] as const;
for (const [kind, { isCluster, byToken }] of KINDS) {
  describeHotStore(`RedisHotStore over TLS ${kind}`, async () => {
    const users = OWNERS.map((owner) => tenantUsers(owner).writer);
    const redis = await startTlsRedis(users, { isCluster });
    const open = (owner: string) => {
      const user = tenantUsers(owner).writer;
      if (!byToken) return redis.connectAs(user);
      const tokens = { username: user.name, token: async () => redis.password };
      return new RedisConnection(redis.address, { ca: redis.ca, tokens });
    };
    const connections = new OwnerConnections({ owners: OWNERS, open });
    return {
      open: (earlierVersions = []) => new RedisHotStore(connections, { earlierVersions }),
      flush: async () => {
        for (const node of redis.nodes) await callOn(node, "FLUSHALL");
      },
      dump: () => dumpRedis(redis.nodes.map(({ url }) => url)),
      close: async () => {
        connections.close();
        await redis.stop();
      },
    };
  });
}

describe.each([false, true])("a RedisConnection over TLS (cluster: %s)", (isCluster) => {
  const closing: (() => unknown)[] = [];
  afterEach(async () => {
    for (const close of closing.splice(0)) await close();
  });
  const start = async (options: { readonly host?: string } = {}) => {
    const redis = await startTlsRedis([writer], { isCluster, ...options });
    closing.push(redis.stop);
    return redis;
  };
  /** A cluster's client keeps to itself what was wrong with a node's certificate. */
  const refusal = (why: RegExp) =>
    isCluster
      ? /^UnavailableError: Redis cannot be used: None of startup nodes is available/
      : new RegExp(`^UnavailableError: .*${why.source}`);
  const failureOf = (connection: RedisConnection) =>
    connection.masters().then(
      () => "none",
      (error: Error) => `${error.name}: ${error.message}`,
    );

  it("trusts a server by the CA that it is given, and no other", async () => {
    const redis = await start();

    expect(await failureOf(redis.connectAs(writer))).toBe("none");
    expect(await failureOf(redis.connectAs(writer, {}))).toMatch(refusal(/CERT/));
  });

  it("refuses a server whose certificate names another host", async () => {
    const redis = await start({ host: "DNS:elsewhere.example" });

    expect(await failureOf(redis.connectAs(writer))).toMatch(refusal(/ALTNAME/));
  });

  it("says that user or password are wrong, not that there is no server, and repeats neither", async () => {
    const redis = await start();

    const failure = await failureOf(redis.connectAs({ name: "stranger", accessString: "" }));

    expect(failure).toContain("WRONGPASS");
    expect(failure).not.toContain("a-password");
  });
});

describe.each([false, true])("a RedisConnection by tokens (cluster: %s)", (isCluster) => {
  const minuteMs = 60_000;
  const hourMs = 60 * minuteMs;
  const ada = pseudonymOf("ada", "0a1");
  let redis: TlsRedis;
  let connection: RedisConnection;
  let nowMs: number;
  /** What the next token is; each is another. */
  let issued: string[];
  let isIssuing: boolean;

  beforeAll(async () => {
    redis = await startTlsRedis([writer], { isCluster });
  });
  afterAll(() => redis.stop());
  beforeEach(() => {
    nowMs = 0;
    issued = [];
    isIssuing = true;
    connection = new RedisConnection(redis.address, {
      ca: redis.ca,
      nowMs: () => nowMs,
      tokens: {
        username: writer.name,
        token: async () => {
          if (!isIssuing) throw new Error("no credentials");
          const token = `token-${issued.length}`;
          issued.push(token);
          await accept(token);
          return token;
        },
      },
    });
  });
  afterEach(() => connection.close());

  /** From now on the server lets the user in by this alone. */
  async function accept(token: string): Promise<void> {
    for (const node of redis.nodes)
      await callOn(node, "ACL", "SETUSER", writer.name, "resetpass", `#${hashOf(token)}`);
  }
  const write = async () => {
    const store = new RedisHotStore(connection);
    await guard(store, [ada]);
    return store.write(group, [keyed(ada, 1_000)], NOW_MS);
  };
  const dropAll = async () => {
    for (const node of redis.nodes) await callOn(node, "CLIENT", "KILL", "USER", writer.name);
  };
  const clients = async () => {
    const lists = await Promise.all(redis.nodes.map((node) => callOn<string>(node, "CLIENT", "LIST")));
    return lists
      .join("\n")
      .split("\n")
      .filter((line) => line.includes(`user=${writer.name}`) && !line.includes("refresher"))
      .map((line) => /addr=(\S+)/.exec(line)?.[1]);
  };
  /** How often the servers were asked to let somebody in over a connection that stood. */
  const reauthentications = async () => {
    const infos = await Promise.all(redis.nodes.map((node) => callOn<string>(node, "INFO", "commandstats")));
    const counts = infos.map((info) => Number(/cmdstat_auth:calls=(\d+)/.exec(info)?.[1] ?? 0));
    return counts.reduce((sum, count) => sum + count, 0);
  };

  it("asks for one token, however many calls begin at once", async () => {
    expect(await Promise.all([write(), write(), write()])).toEqual([["written"], ["written"], ["written"]]);
    expect(issued).toHaveLength(1);
  });

  it("opens a connection with a token that is good at that moment, hours after the first", async () => {
    await write();
    nowMs = 5 * hourMs;
    await dropAll();

    expect(await write()).toEqual(["written"]);
    expect(issued).toHaveLength(2);
  });

  it("keeps a token for ten minutes, a third less than it is good for", async () => {
    await write();
    nowMs = 10 * minuteMs - 1;
    await write();
    expect(issued).toHaveLength(1);

    nowMs = 10 * minuteMs;
    await write();
    expect(issued).toHaveLength(2);
  });

  it("shows every connection that stands the newest token within seven hours, and drops none", async () => {
    await write();
    const before = { clients: await clients(), auths: await reauthentications() };
    nowMs = 6 * hourMs - 1;
    await write();
    const early = await reauthentications();
    nowMs = 7 * hourMs;
    await write();

    expect(early).toBe(before.auths);
    expect((await reauthentications()) - before.auths).toBeGreaterThanOrEqual(1);
    expect(await clients()).toEqual(before.clients);
  });

  it("goes on by a token that is still good while no other is to be had, then says why not", async () => {
    await write();
    isIssuing = false;
    nowMs = 14 * minuteMs;
    expect(await write()).toEqual(["written"]);

    nowMs = 15 * minuteMs;
    await expect(write()).rejects.toMatchObject({ name: "UnavailableError" });
    isIssuing = true;
    expect(await write()).toEqual(["written"]);
  });
});

describe("elastiCacheTokens", () => {
  const credentials = {
    accessKeyId: "AKIDEXAMPLE",
    secretAccessKey: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
  };
  const nowMs = () => Date.UTC(2026, 10, 25, 15);
  const partsOf = (token: string) => {
    const url = new URL(`http://${token}`);
    return { host: url.host, path: url.pathname, query: Object.fromEntries(url.searchParams) };
  };

  // The signatures were computed by botocore 1.43.106 (RequestSigner.generate_presigned_url).
  it("are presigned requests to connect, without their scheme, as another signer makes them", async () => {
    const token = await elastiCacheTokens({
      cacheName: "Steward-Prod",
      userName: "growth-writer",
      region: "eu-central-1",
      credentials: { ...credentials, sessionToken: "a/session+token==" },
      nowMs,
    }).token();

    expect(token).toMatch(/^steward-prod\/\?Action=connect&User=growth-writer&/);
    expect(token).toContain("&X-Amz-Security-Token=a%2Fsession%2Btoken%3D%3D&");
    expect(partsOf(token)).toEqual({
      host: "steward-prod",
      path: "/",
      query: {
        Action: "connect",
        User: "growth-writer",
        "X-Amz-Algorithm": "AWS4-HMAC-SHA256",
        "X-Amz-Credential": "AKIDEXAMPLE/20261125/eu-central-1/elasticache/aws4_request",
        "X-Amz-Date": "20261125T150000Z",
        "X-Amz-Expires": "900",
        "X-Amz-Security-Token": "a/session+token==",
        "X-Amz-SignedHeaders": "host",
        "X-Amz-Signature": "eea0b746dbae0a48c0395e96b153da22ee59a286aed86a30fccea4c13c0e380f",
      },
    });
  });

  it("name a serverless cache as such", async () => {
    const tokens = elastiCacheTokens({
      cacheName: "cache",
      userName: "u",
      region: "us-east-1",
      credentials,
      isServerless: true,
      nowMs,
    });

    const { query } = partsOf(await tokens.token());

    expect(tokens.username).toBe("u");
    expect(query.ResourceType).toBe("ServerlessCache");
    expect(query["X-Amz-Signature"]).toBe("1a89ec10b0a7c589fd4a9fc07f63a19d3a51801806abf1d2a018ebd2af79dc86");
  });
});
