// Decides whether a declaration is a feature group, and says where and why not. The one constructor of FeatureGroup.
// Leaves all that is derived from a group (SQL, schemas, requests) to the modules beside it.

import { z } from "zod";
import { DefinitionError } from "../errors/steward-error.ts";
import { parseDurationMs, parseRateMs } from "../time/duration.ts";
import type { Aggregation, Measure } from "./aggregation.ts";
import { type Entity, NAME, NAME_RULE } from "./entity.ts";
import type { Feature, FeatureGroup, WritePath } from "./feature-group.ts";
import { defaultRule, filterRule, measureType } from "./measure-type.ts";
import type { MeasureValue } from "./record-type.ts";
import { COLUMN_NAME, type Columns, findColumn, RESERVED_NAMES, type Source } from "./source.ts";
import type { FeatureValue } from "./value.ts";

/** Feature Store's limit of 2,500 definitions a group, less record identifier and event time (quotas page, 2026-11-22). */
export const MAX_FEATURES = 2_498;

export type Features = Readonly<Record<string, Aggregation<Measure, FeatureValue | undefined>>>;

export interface FeatureGroupOptions<C extends Columns, F extends Features> {
  readonly entity: Entity;
  readonly source: Source<C>;
  readonly features: F;
  readonly owner: string;
  /** What writes the group. Default: batch. */
  readonly path?: WritePath;
  /** Default: the entity's key. */
  readonly recordIdentifier?: keyof C & string;
  readonly pii?: boolean;
  readonly schedule?: `rate(${string})`;
  readonly freshness?: string;
  readonly ttl?: string;
  /** Records of the offline store go, with all versions, once they are older. At least the ttl. Default: never. */
  readonly history?: string;
  /** Entity name → column, where a row names a subject that is not its record. */
  readonly subjectColumns?: Readonly<Record<string, keyof C & string>>;
  readonly description?: string;
}

declare const recordType: unique symbol;

/** A feature group that remembers the TypeScript type of its records. */
export interface DeclaredFeatureGroup<R> extends FeatureGroup {
  readonly [recordType]?: R;
}

/** The features of a record as a reader sees them: a number or a string, null only where no default is declared. */
export type RecordOf<G> = G extends DeclaredFeatureGroup<infer R> ? R : never;

type ReaderView<C extends Columns, F extends Features> = {
  readonly [K in keyof F]: MeasureValue<C, F[K]["measure"]> | Absent<F[K]>;
};
type Absent<A extends Aggregation> = A["measure"]["kind"] extends "count" | "distinctCount"
  ? never
  : undefined extends A["defaultValue"]
    ? null
    : never;

const durationText = z.string().refine((text) => parseDurationMs(text) !== undefined, {
  error: 'must be a whole number and a unit from second to week, such as "30 days" or "1 hour"',
});
const shape = z.strictObject({
  entity: z.custom<Entity>((value) => isDeclared(value, "key"), { error: "must be an entity(…)" }),
  source: z.custom<Source>((value) => isDeclared(value, "columns"), { error: "must be a source(…)" }),
  features: z.record(
    z.string(),
    z.custom<Aggregation>((value) => isDeclared(value, "measure"), {
      error: "must be an aggregation such as count()",
    }),
  ),
  owner: z.string().regex(NAME, { error: `must be ${NAME_RULE}` }),
  path: z.enum(["batch", "stream"], { error: 'must be "batch" or "stream"' }).default("batch"),
  recordIdentifier: z.string().optional(),
  pii: z.boolean().default(false),
  schedule: z
    .string()
    .refine((text) => parseRateMs(text) !== undefined, { error: 'must be a rate such as "rate(1 hour)"' })
    .optional(),
  freshness: durationText.optional(),
  ttl: durationText.optional(),
  history: durationText.optional(),
  subjectColumns: z.record(z.string(), z.string()).default({}),
  description: z.string().max(128, { error: "must have at most 128 characters" }).default(""),
});

/**
 * Declares a feature group.
 *
 * @example
 * const orders = featureGroup("customer-orders", {
 *   entity: customer, source: purchases, owner: "growth",
 *   features: { orders_30d: count().over("30 days") },
 * });
 * @throws DefinitionError naming the field and the rule.
 */
export function featureGroup<const C extends Columns, const F extends Features>(
  name: string,
  options: FeatureGroupOptions<C, F>,
): DeclaredFeatureGroup<ReaderView<C, F>> {
  const fail: Fail = (field, rule) => {
    throw new DefinitionError(`feature group "${name}": ${field}: ${rule}`);
  };
  if (!NAME.test(name)) fail("name", `must be ${NAME_RULE}`);
  const parsed = shape.safeParse(options);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    return fail(issue?.path.join(".") || "options", unknownKey(issue) ?? issue?.message ?? "is not valid");
  }
  const given = parsed.data;
  const recordIdentifier = given.recordIdentifier ?? given.entity.key;
  checkIdentifier("recordIdentifier", recordIdentifier, given.source, fail);
  for (const entityName of Object.keys(given.subjectColumns))
    checkSubjectColumn(entityName, given, recordIdentifier, fail);
  checkPartition(given.source, [recordIdentifier, ...Object.values(given.subjectColumns)], fail);
  const features = checkFeatures(given.features, recordIdentifier, given.source, fail);
  if (given.path === "stream") checkStreamFeatures(given.features, fail);
  const ttlMs = given.ttl === undefined ? undefined : parseDurationMs(given.ttl);
  const historyMs = given.history === undefined ? undefined : parseDurationMs(given.history);
  if (historyMs !== undefined && ttlMs !== undefined && historyMs < ttlMs)
    fail("history", "must be at least the ttl: what can be read online is rebuilt from it");
  return Object.freeze({
    name,
    entity: given.entity,
    source: given.source,
    path: given.path,
    recordIdentifier,
    owner: given.owner,
    pii: given.pii,
    features,
    subjectColumns: Object.freeze({ ...given.subjectColumns }),
    ttlMs,
    scheduleMs: given.schedule === undefined ? undefined : parseRateMs(given.schedule),
    freshnessMs: given.freshness === undefined ? undefined : parseDurationMs(given.freshness),
    historyMs,
    description: given.description,
  });
}

type Fail = (field: string, rule: string) => never;

function checkIdentifier(field: string, column: string, source: Source, fail: Fail): void {
  const declared = findColumn(source.columns, column);
  if (declared === undefined) {
    fail(field, `names "${column}", which is not a column of source "${source.name}"`);
    return;
  }
  if (declared.type.kind !== "text")
    fail(field, `names "${column}": an identifier must be a text column, so that 00042 stays 00042`);
  if (declared.optional) fail(field, `names "${column}", which must not be optional`);
}

/** Partitions are named in metrics, alarms and pages, where nobody may be. */
function checkPartition({ name, partition }: Source, subjects: readonly string[], fail: Fail): void {
  if (partition !== undefined && subjects.includes(partition))
    fail(
      "source",
      `"${name}" is partitioned by "${partition}", which names a subject: partitions are told to people`,
    );
}

/**
 * A stored row must say whom it names: so the column is a feature too, of the same name and as it is. Its default would be
 * a subject that nobody named, its window or filter would hide one that a row was computed from.
 */
function checkSubjectColumn(
  entityName: string,
  { source, features, subjectColumns }: z.infer<typeof shape>,
  recordIdentifier: string,
  fail: Fail,
): void {
  const field = `subjectColumns.${entityName}`;
  const column = subjectColumns[entityName] ?? "";
  if (!NAME.test(entityName)) fail(field, `an entity's name must be ${NAME_RULE}`);
  checkIdentifier(field, column, source, fail);
  const other = Object.keys(subjectColumns).find(
    (name) => name !== entityName && subjectColumns[name] === column,
  );
  if (other !== undefined)
    fail(field, `names "${column}", as subjectColumns.${other} does: one value is of one entity`);
  if (column === recordIdentifier)
    fail(field, `names "${column}", the record identifier: then the record's entity is the subject`);
  const declared = Object.hasOwn(features, column) ? features[column] : undefined;
  const isPlain =
    declared?.measure.kind === "latest" &&
    declared.measure.column === column &&
    declared.windowMs === undefined &&
    declared.filters.length === 0 &&
    declared.defaultValue === undefined;
  if (!isPlain)
    fail(
      field,
      `names "${column}", so the group needs a feature ${column}: latest("${column}"), without window, filter or default, ` +
        "that says whom a stored row names",
    );
}

function checkFeatures(
  given: Features,
  recordIdentifier: string,
  source: Source,
  fail: Fail,
): readonly Feature[] {
  const names = Object.keys(given).sort();
  if (names.length === 0) fail("features", "must hold at least one feature");
  if (names.length > MAX_FEATURES)
    fail("features", `must hold at most ${MAX_FEATURES} features, not ${names.length}`);
  const seen = new Set([recordIdentifier.toLowerCase()]);
  return Object.freeze(
    names.map((name) => {
      const field = `features.${name}`;
      if (!COLUMN_NAME.test(name)) fail(field, "a name is 1 to 64 letters, digits and inner underscores");
      if (RESERVED_NAMES.has(name.toLowerCase()))
        fail(field, "the name is reserved by Feature Store or its offline layout");
      if (seen.has(name.toLowerCase()))
        fail(field, "the name stands twice, or is that of the record identifier (case does not count)");
      seen.add(name.toLowerCase());
      return checkFeature(name, given[name] as Aggregation, source, (rule) => fail(field, rule));
    }),
  );
}

function checkFeature(
  name: string,
  aggregation: Aggregation,
  source: Source,
  fail: (rule: string) => never,
): Feature {
  const { measure, windowMs, filters, defaultValue } = aggregation;
  const type = measureType(measure, source);
  if ("problem" in type) return fail(type.problem);
  for (const filter of filters) {
    const problem = filterRule(filter, source);
    if (problem !== undefined) fail(problem);
  }
  const problem = defaultRule(defaultValue, type);
  if (problem !== undefined) fail(problem);
  return Object.freeze({
    name,
    aggregation: Object.freeze({ measure, windowMs, filters, defaultValue }),
    type: Object.freeze(type),
    defaultValue,
  });
}

/** The consumer makes one record of one event: what looks at several events, or skips some, is for the batch path. */
function checkStreamFeatures(features: Features, fail: Fail): void {
  for (const [name, { measure, windowMs, filters }] of Object.entries(features)) {
    if (measure.kind !== "latest" || windowMs !== undefined || filters.length > 0) {
      fail(
        `features.${name}`,
        "a group that a stream feeds takes latest(column) alone, without window or filter",
      );
    }
  }
}

function isDeclared(value: unknown, key: string): boolean {
  return typeof value === "object" && value !== null && key in value;
}

function unknownKey(issue: z.core.$ZodIssue | undefined): string | undefined {
  return issue?.code === "unrecognized_keys"
    ? `unknown option ${issue.keys.map((key) => `"${key}"`).join(", ")}`
    : undefined;
}
