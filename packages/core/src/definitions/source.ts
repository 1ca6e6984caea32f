// Decides what a source is: typed columns, which of them dates the event, which identifies it.

import { z } from "zod";
import { DefinitionError } from "../errors/steward-error.ts";
import { parseDurationMs } from "../time/duration.ts";
import type { Column } from "./column.ts";
import { NAME, NAME_RULE } from "./entity.ts";

export type Columns = Readonly<Record<string, Column>>;

export interface Source<C extends Columns = Columns> {
  readonly name: string;
  /** In the order in which a file has them. */
  readonly columns: C;
  /** The column (instant or date) that dates an event. */
  readonly eventTime: string;
  /** The column that identifies an event; undefined: each row is an event of its own, even if equal to another. */
  readonly eventId: string | undefined;
  /** The column whose values are watched for silence one by one; undefined: the source is one partition. */
  readonly partition: string | undefined;
  /** How old an event may grow in the event table, by its own date; undefined: any age. */
  readonly historyMs: number | undefined;
}

/** Column names that would collide with what the event table and the stores add. */
export const RESERVED_NAMES: ReadonlySet<string> = new Set([
  "event_time",
  "write_time",
  "api_invocation_time",
  "is_deleted",
  "year",
  "month",
  "day",
  "hour",
  "temp_event_time_col",
]);
export const COLUMN_NAME = /^[a-zA-Z0-9]([_]*[a-zA-Z0-9]){0,63}$/;
export const MAX_DECIMAL_DIGITS = 18;

const shape = z.strictObject({
  columns: z.record(
    z.string(),
    z.custom<Column>((value) => typeof value === "object" && value !== null && "type" in value, {
      error: "must be a column such as text()",
    }),
  ),
  eventTime: z.string(),
  eventId: z.string().optional(),
  partition: z.string().optional(),
  history: z
    .string()
    .refine((text) => parseDurationMs(text) !== undefined, {
      error: 'must be a whole number and a unit from second to week, such as "1825 days"',
    })
    .optional(),
});

export interface SourceOptions<C extends Columns> {
  readonly columns: C;
  readonly eventTime: keyof C & string;
  readonly eventId?: keyof C & string;
  readonly partition?: keyof C & string;
  /** A file of events goes once its youngest event is older. Default: never. */
  readonly history?: string;
}

/** Declares a source. @throws DefinitionError naming the field and the rule. */
export function source<const C extends Columns>(name: string, options: SourceOptions<C>): Source<C> {
  const fail = (problem: string): never => {
    throw new DefinitionError(`source "${name}": ${problem}`);
  };
  if (!NAME.test(name)) fail(`name must be ${NAME_RULE}`);
  const parsed = shape.safeParse(options);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    return fail(`${issue?.path.join(".") || "options"}: ${issue?.message}`);
  }
  const seen = new Set<string>();
  for (const [column, declared] of Object.entries(options.columns)) {
    checkColumn(column, declared, fail);
    if (seen.has(column.toLowerCase()))
      fail(`column "${column}": the name stands twice (case does not count)`);
    seen.add(column.toLowerCase());
  }
  const { eventTime, eventId, partition, history } = options;
  const dated = findColumn(options.columns, eventTime);
  if (dated === undefined) return fail(`eventTime names "${eventTime}", which is not among its columns`);
  if (dated.type.kind !== "instant" && dated.type.kind !== "date")
    fail(`eventTime "${eventTime}" must be an instant or a date`);
  if (dated.optional) fail(`eventTime "${eventTime}" must not be optional`);
  for (const [field, column] of Object.entries({ eventId, partition })) {
    if (column !== undefined && findColumn(options.columns, column) === undefined) {
      fail(`${field} names "${column}", which is not among its columns`);
    }
  }
  return Object.freeze({
    name,
    columns: Object.freeze({ ...options.columns }),
    eventTime,
    eventId,
    partition,
    historyMs: history === undefined ? undefined : parseDurationMs(history),
  });
}

/** The column of that name; names that every object has, such as `constructor`, are none. */
export function findColumn(columns: Columns, name: string): Column | undefined {
  return Object.hasOwn(columns, name) ? columns[name] : undefined;
}

function checkColumn(name: string, declared: Column, fail: (problem: string) => never): void {
  if (!COLUMN_NAME.test(name))
    fail(`column "${name}": a name is 1 to 64 letters, digits and inner underscores`);
  if (RESERVED_NAMES.has(name.toLowerCase()))
    fail(`column "${name}": the name is reserved by Feature Store or its offline layout`);
  if (declared.type.kind !== "decimal") return;
  const { precision, scale } = declared.type;
  if (!Number.isInteger(precision) || precision < 1 || precision > MAX_DECIMAL_DIGITS) {
    fail(`column "${name}": a decimal has 1 to ${MAX_DECIMAL_DIGITS} digits, not ${precision}`);
  }
  if (!Number.isInteger(scale) || scale < 0 || scale > precision) {
    fail(`column "${name}": a decimal's scale is 0 to its precision, not ${scale}`);
  }
}
