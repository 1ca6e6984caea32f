// Decides: whether one member of a runtime request has its modelled type and size.
// Leaves to others: which members an operation has, and every rule that needs to know the feature group.
import { serializationException, validationError } from "../aws-error.ts";

export type JsonObject = Readonly<Record<string, unknown>>;

/** Bounds of a list, both inclusive. */
export interface ListBounds {
  readonly minCount: number;
  readonly maxCount: number;
}

/** Deeper than any member of the model; what is deeper would end the writer of a reply that echoes it. */
const DEPTH_MAX = 100;

/** The value itself, to be echoed or walked through. @throws SerializationException when it is nested too deeply. */
export function checkDepth(value: JsonObject): JsonObject {
  let level: readonly object[] = [value];
  for (let depth = 0; level.length > 0; depth += 1) {
    if (depth === DEPTH_MAX)
      throw serializationException(`The body must be nested at most ${DEPTH_MAX} deep`);
    level = level.flatMap((item) => Object.values(item).filter(isNested));
  }
  return value;
}

function isNested(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}

/** The value as an object. @throws SerializationException for another type, ValidationError when absent. */
export function readObject(value: unknown, member: string): JsonObject {
  if (isAbsent(value)) throw mustNotBeNull(member);
  if (typeof value !== "object" || Array.isArray(value)) throw wrongType(member, "an object");
  return value as JsonObject;
}

export function readString(value: unknown, member: string): string {
  if (typeof value === "string") return value;
  throw isAbsent(value) ? mustNotBeNull(member) : wrongType(member, "a string");
}

export function readList(value: unknown, member: string, bounds: ListBounds): readonly unknown[] {
  if (isAbsent(value)) throw mustNotBeNull(member);
  if (!Array.isArray(value)) throw wrongType(member, "a list");
  if (value.length < bounds.minCount)
    throw breaks(member, `length greater than or equal to ${bounds.minCount}`);
  if (value.length > bounds.maxCount) throw breaks(member, `length less than or equal to ${bounds.maxCount}`);
  return value;
}

export function readStringList(value: unknown, member: string, bounds: ListBounds): readonly string[] {
  const list = readList(value, member, bounds);
  return list.map((item) => readString(item, `${member}.member`));
}

/** A whole number between the bounds, both inclusive. */
export function readInteger(value: unknown, member: string, min: number, max: number): number {
  if (isAbsent(value)) throw mustNotBeNull(member);
  if (typeof value !== "number" || !Number.isInteger(value)) throw wrongType(member, "an integer");
  if (value < min) throw breaks(member, `value greater than or equal to ${min}`);
  if (value > max) throw breaks(member, `value less than or equal to ${max}`);
  return value;
}

export function readChoice<T extends string>(value: unknown, member: string, choices: readonly T[]): T {
  const text = readString(value, member);
  const found = choices.find((choice) => choice === text);
  if (found === undefined)
    throw validationError(constraint(member, `satisfy enum value set: [${choices.join(", ")}]`));
  return found;
}

/** null counts as absent, as it does in AWS's JSON protocols. */
export function isAbsent(value: unknown): value is null | undefined {
  return value === undefined || value === null;
}

function mustNotBeNull(member: string): Error {
  return validationError(constraint(member, "not be null"));
}

function breaks(member: string, rule: string): Error {
  return validationError(constraint(member, `have ${rule}`));
}

/** AWS quotes the refused value here. It may be personal data, so this message leaves it out. */
function constraint(member: string, rule: string): string {
  return `1 validation error detected: Value at '${member}' failed to satisfy constraint: Member must ${rule}`;
}

function wrongType(member: string, wanted: string): Error {
  return serializationException(`'${member}' must be ${wanted}`);
}
