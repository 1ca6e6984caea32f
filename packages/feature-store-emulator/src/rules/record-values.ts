// Decides: whether a Record fits its feature group, and turns it into the stored form.
// Leaves to others: where it is written, and whether it is newer (runtime/, store/).
import { validationError } from "../aws-error.ts";
import type { FeatureGroup, FeatureSlot } from "../store/feature-group.ts";
import type { FeatureValues } from "../store/records-table.ts";
import { type EventTime, type EventTimeType, toEventTime } from "./event-time.ts";
import { FEATURE_VALUE_CHARS_MAX, RECORD_BYTES_MAX, RECORD_ID_BYTES_MAX } from "./limits.ts";
import { isAbsent, readObject, readString, readStringList } from "./shape.ts";

/** A record that fits its group, one value a feature in the order of the definition. */
export interface CheckedRecord {
  readonly recordId: string;
  readonly eventTime: EventTime;
  readonly values: FeatureValues;
}

type FeatureValue = string | readonly string[];

const INTEGRAL = /^[+-]?\d{1,40}$/;
const FRACTIONAL = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/;
const INT64_MIN = -(2n ** 63n);
const INT64_MAX = 2n ** 63n - 1n;
/** Numbers of so many digits fit in 64 bits whatever they are. */
const SAFE_INTEGRAL_CHARS = 18;
/** UTF-8 takes at most three bytes for each UTF-16 unit: below this no byte needs counting. */
const UTF8_BYTES_PER_UNIT_MAX = 3;

/**
 * Checks a Record against its group: known features, each once, typed, with identifier and event time, within size.
 * Features that it leaves out are null: a record always replaces the whole record before it.
 * @throws ValidationError that names the feature and the rule, never the value.
 */
export function toCheckedRecord(group: FeatureGroup, record: readonly unknown[]): CheckedRecord {
  return checkWhole(group, readValues(group, record, "record"));
}

/**
 * The record that a stored one becomes when some of its features get new values; the others stay.
 * @throws ValidationError as for a whole record, and for another identifier.
 */
export function toUpdatedRecord(
  group: FeatureGroup,
  stored: FeatureValues,
  changes: FeatureValues,
): CheckedRecord {
  const { name, ordinal } = group.recordIdSlot;
  if ((changes[ordinal] ?? stored[ordinal]) !== stored[ordinal])
    throw validationError(`Feature ${name} is the RecordIdentifier and must not change`);
  return checkWhole(
    group,
    changes.map((value, place) => value ?? stored[place] ?? null),
  );
}

/** The values that a request names, one a feature in the order of the definition, null for the others. */
export function readValues(group: FeatureGroup, items: readonly unknown[], member: string): FeatureValues {
  const values = new Array<FeatureValue | null>(group.slots.size).fill(null);
  const memberOfList = `${member}.member`;
  for (const [place, item] of items.entries()) {
    const feature = readObject(item, memberOfList);
    const slot = findSlot(group, feature.FeatureName, place);
    if (values[slot.ordinal] !== null)
      throw validationError(`FeatureName ${slot.name} appears more than once in the Record`);
    values[slot.ordinal] = readFeatureValue(slot, feature.ValueAsString, feature.ValueAsStringList);
  }
  return values;
}

function checkWhole(group: FeatureGroup, values: FeatureValues): CheckedRecord {
  let unitCount = 0;
  for (const slot of group.slotList) {
    const value = values[slot.ordinal] ?? null;
    if (value !== null) unitCount += slot.name.length + countUnits(value);
  }
  if (
    unitCount * UTF8_BYTES_PER_UNIT_MAX > RECORD_BYTES_MAX &&
    countRecordBytes(group, values) > RECORD_BYTES_MAX
  )
    throw validationError(`The Record must be at most ${RECORD_BYTES_MAX} bytes`);
  const recordId = readScalar(values, group.recordIdSlot, "RecordIdentifier");
  checkRecordId(recordId);
  const eventTime = toEventTime(readScalar(values, group.eventTimeSlot, "EventTime"), eventTimeType(group));
  return { recordId, eventTime, values };
}

/** @throws ValidationError for an identifier that no record can have. */
export function checkRecordId(recordId: string): void {
  if (recordId === "") throw validationError("The RecordIdentifier must not be empty");
  if (!recordId.isWellFormed()) throw validationError("The RecordIdentifier must be valid Unicode");
  if (recordId.length * UTF8_BYTES_PER_UNIT_MAX <= RECORD_ID_BYTES_MAX) return;
  if (Buffer.byteLength(recordId) > RECORD_ID_BYTES_MAX) {
    throw validationError(`The RecordIdentifier must be at most ${RECORD_ID_BYTES_MAX} bytes`);
  }
}

/** The slot of a feature, most probably the one at `place`. @throws ValidationError when the group has no feature of this name. */
export function findSlot(group: FeatureGroup, name: unknown, place = 0): FeatureSlot {
  const probable = group.slotList[place];
  if (probable !== undefined && probable.name === name) return probable;
  const featureName = readString(name, "featureName");
  const slot = group.slots.get(featureName);
  if (slot === undefined) {
    throw validationError(`The FeatureGroup ${group.name} does not define every FeatureName of the request`);
  }
  return slot;
}

/** How the group spells its event time. */
export function eventTimeType(group: FeatureGroup): EventTimeType {
  return group.eventTimeSlot.type === "Fractional" ? "Fractional" : "String";
}

function readFeatureValue(slot: FeatureSlot, single: unknown, list: unknown): FeatureValue {
  if (isAbsent(single) === isAbsent(list)) {
    throw validationError(
      `Feature ${slot.name} must have exactly one of ValueAsString and ValueAsStringList`,
    );
  }
  if (slot.collection === undefined) {
    if (isAbsent(single))
      throw validationError(`Feature ${slot.name} is no collection and must have ValueAsString`);
    return checkScalar(slot, readString(single, "valueAsString"));
  }
  if (isAbsent(list))
    throw validationError(`Feature ${slot.name} is a collection and must have ValueAsStringList`);
  const items = readStringList(list, "valueAsStringList", { minCount: 0, maxCount: FEATURE_VALUE_CHARS_MAX });
  if (slot.vectorDimension !== undefined && items.length !== slot.vectorDimension) {
    throw validationError(`Feature ${slot.name} must have ${slot.vectorDimension} elements`);
  }
  for (const item of items) checkScalar(slot, item);
  return items;
}

function checkScalar(slot: FeatureSlot, value: string): string {
  if (value.length > FEATURE_VALUE_CHARS_MAX) {
    throw validationError(`Feature ${slot.name} must have at most ${FEATURE_VALUE_CHARS_MAX} characters`);
  }
  if (slot.type === "Integral" && !isInt64(value))
    throw validationError(`Feature ${slot.name} must be Integral`);
  if (slot.type === "Fractional" && !(FRACTIONAL.test(value) && Number.isFinite(Number(value)))) {
    throw validationError(`Feature ${slot.name} must be Fractional`);
  }
  return value;
}

function isInt64(text: string): boolean {
  if (!INTEGRAL.test(text)) return false;
  if (text.length <= SAFE_INTEGRAL_CHARS) return true;
  const number = BigInt(text.startsWith("+") ? text.slice(1) : text);
  return number >= INT64_MIN && number <= INT64_MAX;
}

function readScalar(values: FeatureValues, slot: FeatureSlot, role: string): string {
  const value = values[slot.ordinal];
  if (typeof value !== "string")
    throw validationError(`The Record must have the ${role} feature ${slot.name}`);
  return value;
}

function countUnits(value: FeatureValue): number {
  return typeof value === "string" ? value.length : value.reduce((sum, item) => sum + item.length, 0);
}

/** Of names and values in UTF-8: what AWS's units count, as near as its pages say. */
export function countRecordBytes(group: FeatureGroup, values: FeatureValues): number {
  let bytes = 0;
  for (const slot of group.slots.values()) {
    const value = values[slot.ordinal] ?? null;
    if (value === null) continue;
    const items = typeof value === "string" ? [value] : value;
    bytes += Buffer.byteLength(slot.name) + items.reduce((sum, item) => sum + Buffer.byteLength(item), 0);
  }
  return bytes;
}
