// Decides: how an operation of the control plane reads its input and what it returns.
// Leaves to others: headers and bytes (http/).
import type { z } from "zod";
import { AwsError, validationException } from "../aws-error.ts";
import type { Emulator } from "../emulator.ts";
import { checkDepth, type JsonObject } from "../rules/shape.ts";
import type { FeatureGroup } from "../store/feature-group.ts";

/** Returns the reply's members. @throws AwsError for every refusal. */
export type ControlOperation = (emulator: Emulator, input: JsonObject) => object;

/** The input by its schema; members it does not know are ignored, as AWS does. @throws ValidationException, SerializationException */
export function parseInput<T>(schema: z.ZodType<T>, input: JsonObject): T {
  const parsed = schema.safeParse(withoutNulls(checkDepth(input)));
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const member = issue?.path.join(".") || "input";
  throw validationException(
    `1 validation error detected: Value at '${member}' failed to satisfy constraint: ${issue?.message ?? "invalid"}`,
  );
}

/** The group, whatever its status. @throws ResourceNotFound, with the control plane's 400. */
export function getGroup(emulator: Emulator, nameOrArn: string): FeatureGroup {
  const group = emulator.groups.find(nameOrArn);
  if (group !== undefined) return group;
  const message = `Resource Not Found: Amazon SageMaker can't find a FeatureGroup with name ${nameOrArn}`;
  throw new AwsError("ResourceNotFound", 400, message);
}

/** Timestamps travel as seconds since 1970, with decimals. */
export function toTimestamp(epochMs: number): number {
  return epochMs / 1_000;
}

/** null means absent in AWS's JSON, at any depth. */
function withoutNulls(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutNulls);
  if (typeof value !== "object" || value === null) return value;
  const kept = Object.entries(value).filter(([, member]) => member !== null);
  return Object.fromEntries(kept.map(([name, member]) => [name, withoutNulls(member)]));
}
