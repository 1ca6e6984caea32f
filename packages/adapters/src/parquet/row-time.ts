// Decides which instant a value that dates a row says: ISO-8601 text, a double of epoch seconds, or a Parquet timestamp.

const DATE = /^\d{4}-\d{2}-\d{2}$/;
const INSTANT =
  /^(\d{4}-\d{2}-\d{2})T((?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d)(\.\d{1,9})?(?:Z|([+-])([01]\d|2[0-3]):([0-5]\d))$/;

/** Epoch milliseconds, what is finer cut off; undefined for what says no instant. */
export function toTimeMs(value: unknown): number | undefined {
  if (typeof value === "string") return textTimeMs(value);
  const timeMs =
    value instanceof Date
      ? value.getTime()
      : typeof value === "number"
        ? Math.floor(value * 1000)
        : Number.NaN;
  return Number.isFinite(timeMs) ? timeMs : undefined;
}

function textTimeMs(text: string): number | undefined {
  if (DATE.test(text)) return dayMs(text);
  const [, date = "", time = "", fraction = "", sign, hours, minutes] = INSTANT.exec(text) ?? [];
  if (date === "") return undefined;
  const day = dayMs(date);
  if (day === undefined) return undefined;
  const [hour = 0, minute = 0, second = 0] = time.split(":").map(Number);
  const offset = sign === undefined ? 0 : (Number(hours) * 60 + Number(minutes)) * (sign === "-" ? -1 : 1);
  const millis = Number(fraction.slice(1, 4).padEnd(3, "0"));
  return day + ((hour * 60 + minute - offset) * 60 + second) * 1000 + millis;
}

/** Undefined for a day that no month has. */
function dayMs(date: string): number | undefined {
  const timeMs = Date.parse(`${date}T00:00:00.000Z`);
  if (Number.isNaN(timeMs)) return undefined;
  return new Date(timeMs).toISOString().startsWith(date) ? timeMs : undefined;
}
