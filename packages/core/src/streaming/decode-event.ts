// Decides whether an event of a stream is one of its source, and which record a group has of it: the columns' values,
// dated by the event. Leaves to others where bad events go.

import type { FeatureGroup } from "../definitions/feature-group.ts";
import { valueProblem } from "../definitions/measure-type.ts";
import { findColumn } from "../definitions/source.ts";
import type { FeatureRecord, FeatureValue, ValueType } from "../definitions/value.ts";
import type { SetAsideRule } from "../ports/batch-engine.ts";
import type { StreamRecord } from "../ports/stream.ts";
import { parseInstant, toIso } from "../time/epoch-ms.ts";

/** Why an event is not taken; never its value. `column`: undefined where the event as a whole breaks the rule. */
export interface EventFault {
  readonly column: string | undefined;
  readonly rule: SetAsideRule;
}

export type DecodedEvent =
  /** `partition`: the text of the source's partition column, empty where it has no value; absent: none is declared. */
  | { readonly kind: "record"; readonly record: FeatureRecord; readonly partition?: string }
  | { readonly kind: "fault"; readonly fault: EventFault };

/** The most that Feature Store takes of one value and of an identifier (developer guide, quotas; read 2026-11-23). */
const MAX_VALUE_BYTES = 358_400;
const MAX_IDENTIFIER_BYTES = 2_048;

const utf8 = new TextEncoder();
type Values = ReadonlyMap<string, FeatureValue>;

/**
 * One event, a JSON object of the source's columns: `{"customer_id": "00042", "seen_at": "2026-01-31T08:00:00Z"}`.
 * Null, empty text or no member: no value. Numbers are JSON numbers, instants and dates text.
 */
export function decodeEvent(group: FeatureGroup, { data, arrivedAtMs }: StreamRecord): DecodedEvent {
  const values = readValues(group, data);
  if ("rule" in values) return { kind: "fault", fault: values };
  const { eventTime, partition } = group.source;
  const eventTimeMs = parseInstant(String(values.get(eventTime)));
  if (eventTimeMs === undefined) return fault("type", eventTime);
  if (eventTimeMs > arrivedAtMs) return fault("after-arrival", eventTime);
  const features: Record<string, FeatureValue> = {};
  for (const { name, aggregation } of group.features) {
    if (aggregation.measure.kind !== "latest") continue; // the definition allows no other
    const value = values.get(aggregation.measure.column);
    if (value !== undefined) features[name] = value;
  }
  return {
    kind: "record",
    record: { recordId: String(values.get(group.recordIdentifier)), eventTimeMs, features },
    ...(partition === undefined ? {} : { partition: String(values.get(partition) ?? "") }),
  };
}

/** The text of the column that names the record, where the event can be read: events of one record keep their order by it. */
export function findRecordId(group: FeatureGroup, data: Uint8Array): string | undefined {
  const id = parseObject(data)?.[group.recordIdentifier];
  return typeof id === "string" && id !== "" ? id : undefined;
}

function readValues(group: FeatureGroup, data: Uint8Array): Values | EventFault {
  const { source } = group;
  const event = parseObject(data);
  if (event === undefined) return { column: undefined, rule: "encoding" };
  if (Object.keys(event).some((name) => findColumn(source.columns, name) === undefined))
    return { column: undefined, rule: "columns" };
  const identifiers = new Set([group.recordIdentifier, ...Object.values(group.subjectColumns)]);
  const values = new Map<string, FeatureValue>();
  for (const [column, { type, optional }] of Object.entries(source.columns)) {
    const given = Object.hasOwn(event, column) ? event[column] : undefined;
    const isIdentifier = identifiers.has(column);
    if (given === undefined || given === null || given === "") {
      if (!optional || isIdentifier) return { column, rule: "required" };
      continue;
    }
    const read = readValue(given, type, isIdentifier ? MAX_IDENTIFIER_BYTES : MAX_VALUE_BYTES);
    if (typeof read === "object") return { column, rule: read.rule };
    values.set(column, read);
  }
  return values;
}

function readValue(
  given: unknown,
  type: ValueType,
  maxBytes: number,
): FeatureValue | Pick<EventFault, "rule"> {
  const value = type.kind === "instant" && typeof given === "string" ? canonicalInstant(given) : given;
  if (typeof value !== "string" && typeof value !== "number" && typeof value !== "boolean")
    return { rule: "type" };
  if (typeof value === "string" && !value.isWellFormed()) return { rule: "encoding" };
  if (valueProblem(value, type) !== undefined) return { rule: "type" };
  if (typeof value === "string" && utf8.encode(value).length > maxBytes) return { rule: "range" };
  return Object.is(value, -0) ? 0 : value;
}

function canonicalInstant(text: string): string {
  const instant = parseInstant(text);
  return instant === undefined ? text : toIso(instant);
}

function parseObject(data: Uint8Array): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(data));
    return typeof value === "object" && value !== null && !Array.isArray(value)
      ? (value as Readonly<Record<string, unknown>>)
      : undefined;
  } catch {
    return undefined; // the parser's message would quote the event
  }
}

function fault(rule: SetAsideRule, column: string): DecodedEvent {
  return { kind: "fault", fault: { column, rule } };
}
