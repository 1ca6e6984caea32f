import { PACER_USER, tenantUsers } from "@steward/core";
import { describe, expect, it } from "vitest";

describe("tenantUsers", () => {
  it("gives the reader its owner's values, to read", () => {
    expect(tenantUsers("growth").reader).toEqual({
      name: "growth-reader",
      accessString:
        "on %R~growth:f:* -@all +client|setname +cluster|info +cluster|shards +cluster|slots +command +get +mget +ping +readonly +readwrite",
    });
  });

  it("gives the writer all that its owner has, with the commands that Steward sends", () => {
    expect(tenantUsers("growth").writer).toEqual({
      name: "growth-writer",
      accessString:
        "on ~growth:* -@all +client|setname +cluster|info +cluster|slots +eval +evalsha +get +hexists +hget +hgetall +hlen +hset +info +mget +mset +ping +readonly +readwrite +scan +set +unlink +wait",
    });
  });

  it.each(["", "*", "a:f:*", "growth ~*", "Growth", "gr_owth", "-growth", "a".repeat(65)])(
    "refuses %j, which is no owner's name and could widen a pattern",
    (owner) => {
      expect(() => tenantUsers(owner)).toThrow("owner: must be 1 to 64 of a-z, 0-9 and -");
    },
  );
});

describe("PACER_USER", () => {
  it("has the pace's schedules, which no owner's name reaches", () => {
    expect(PACER_USER).toEqual({
      name: "steward-pacer",
      accessString:
        "on ~_pace:* -@all +client|setname +cluster|info +cluster|slots +eval +evalsha +info +lindex +lpush +lrange +lset +pexpire +readonly +readwrite +rpop +time",
    });
  });
});
