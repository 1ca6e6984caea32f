// Which declarations are entities, and what is said of those that are not.

import { DefinitionError, entity } from "@steward/core";
import { describe, expect, it } from "vitest";

describe("entity", () => {
  it("is a frozen value of name, key and description", () => {
    const customer = entity("customer", { key: "customer_id", description: "A person who bought something" });

    expect(customer).toEqual({
      name: "customer",
      key: "customer_id",
      description: "A person who bought something",
    });
    expect(Object.isFrozen(customer)).toBe(true);
  });

  it("has an empty description unless one is given", () => {
    expect(entity("customer", { key: "customer_id" }).description).toBe("");
  });

  it.each(["a", "0", "a1", "a-b", "a--b", "x".repeat(64)])("takes the name %s", (name) => {
    expect(entity(name, { key: "id" }).name).toBe(name);
  });

  it.each(["", "A", "a_b", "-a", "a-", "a b", "a.b", "a:b", "é", "a\n", "x".repeat(65)])(
    "refuses the name %j and says the rule",
    (name) => {
      expect(() => entity(name, { key: "id" })).toThrow(DefinitionError);
      expect(() => entity(name, { key: "id" })).toThrow("name must be 1 to 64 of a-z, 0-9 and -");
    },
  );

  it.each([
    ["an empty key", { key: "" }, /entity "customer": key: .*1 character/],
    ["a missing key", {}, /entity "customer": key: .*string/],
    ["a key that is no text", { key: 7 }, /entity "customer": key: .*string/],
    [
      "a description beyond 128 characters",
      { key: "id", description: "x".repeat(129) },
      /description: .*128/,
    ],
    ["an unknown option", { key: "id", colour: "red" }, /entity "customer": options: .*"colour"/],
    ["no options", undefined, /entity "customer": options: .*object/],
  ])("refuses %s, naming field and rule", (_, options, message) => {
    const declare = () => entity("customer", options as unknown as { key: string });

    expect(declare).toThrow(DefinitionError);
    expect(declare).toThrow(message);
  });
});
