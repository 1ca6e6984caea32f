import { parseRedisAddress } from "@steward/adapters";
import { describe, expect, it } from "vitest";

describe("parseRedisAddress", () => {
  it("reads one address as a server", () => {
    expect(parseRedisAddress("redis://127.0.0.1:6379/2")).toEqual({
      kind: "server",
      url: "redis://127.0.0.1:6379/2",
    });
  });

  it("reads several as nodes of a cluster", () => {
    expect(parseRedisAddress("redis://a:7001, redis://b:7002")).toEqual({
      kind: "cluster",
      urls: ["redis://a:7001", "redis://b:7002"],
    });
  });

  it("reads one as a cluster's configuration endpoint where it says so", () => {
    expect(parseRedisAddress("rediss://cfg.example:6379?cluster=true")).toEqual({
      kind: "cluster",
      urls: ["rediss://cfg.example:6379?cluster=true"],
    });
  });

  it.each(["", "localhost:6379", "http://a:6379", "redis://a:6379/x", "redis://:secret@", "redis://a:1,"])(
    "refuses %j with the rule, without quoting it",
    (text) => {
      let failure: unknown;
      try {
        parseRedisAddress(text);
      } catch (error) {
        failure = error;
      }

      expect(failure).toMatchObject({ name: "InvalidInputError" });
      expect(String(failure)).toContain("must be redis://host:port");
      expect(String(failure)).not.toContain("secret");
    },
  );
});
