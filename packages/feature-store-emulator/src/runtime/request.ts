// Decides: what an operation of the runtime is given and what it returns.
// Leaves to others: bytes, headers and routes (http/).
import type { Emulator } from "../emulator.ts";
import type { JsonObject } from "../rules/shape.ts";

export interface RuntimeRequest {
  /** The {FeatureGroupName} segment of the path, decoded; "" for the batch operations. */
  readonly groupName: string;
  readonly query: Query;
  /** The parsed body; empty for GET and DELETE. */
  readonly body: JsonObject;
}

/** Decoded query parameters; one that repeats is a list. */
export type Query = Readonly<Record<string, string | readonly string[] | undefined>>;

/** Returns the JSON text of the reply, or undefined for an empty one: of a write, once it is kept. @throws AwsError for every refusal. */
export type RuntimeOperation = (
  emulator: Emulator,
  request: RuntimeRequest,
) => string | undefined | Promise<string | undefined>;

/** All values of a query parameter, in order; undefined when it is not there. */
export function queryList(query: Query, name: string): readonly string[] | undefined {
  const value = query[name];
  return typeof value === "string" ? [value] : value;
}

/** The value of a query parameter that must not repeat: of several, the first. */
export function queryValue(query: Query, name: string): string | undefined {
  return queryList(query, name)?.[0];
}
