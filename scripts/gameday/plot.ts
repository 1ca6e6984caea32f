// Draws a scenario: the age of each group's sides over the platform's time, its limit, and what was seen when.

import type { Point, Verdict } from "./judge.ts";

const WIDTH = 860;
const HEIGHT = 240;
const LEFT = 56;
const RIGHT = 150;
const TOP = 34;
const BOTTOM = 30;
const COLOURS: Readonly<Record<string, string>> = { offline: "#4477aa", online: "#228833", hot: "#cc3311" };
const DASHES: Readonly<Record<string, string>> = { offline: "", online: "6 3", hot: "2 3" };
const MINUTE_MS = 60_000;

interface Marked {
  readonly atMs: number;
  readonly text: string;
}

/** One SVG with a panel a scenario and group, one under the other. `limits`: group → objective in minutes. */
export function plotGameday(
  verdicts: readonly Verdict[],
  limits: ReadonlyMap<string, ReadonlyMap<string, number>>,
): string {
  const panels = verdicts.flatMap((verdict) =>
    [...new Set(verdict.points.flatMap(({ group }) => group ?? []))].map((group) =>
      panelOf(verdict, group, limits.get(verdict.name)?.get(group) ?? 0),
    ),
  );
  const placed = panels.map((panel, index) => `<g transform="translate(0 ${index * HEIGHT})">${panel}</g>`);
  const height = panels.length * HEIGHT;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" font-family="sans-serif" font-size="11">
<rect width="100%" height="100%" fill="white"/>
${placed.join("\n")}
</svg>
`;
}

function panelOf(verdict: Verdict, group: string, limitMinutes: number): string {
  const ages = verdict.points.filter((point) => point.name === "FreshnessAge" && point.group === group);
  const fromMs = Math.min(...verdict.points.map(({ atMs }) => atMs));
  const toMs = Math.max(
    ...verdict.points.map(({ atMs }) => atMs),
    verdict.recoveredAtMs ?? 0,
    fromMs + MINUTE_MS,
  );
  const topMinutes = 1.15 * Math.max(limitMinutes, ...ages.map(({ value }) => value / 60));
  const x = (atMs: number): number => LEFT + ((WIDTH - LEFT - RIGHT) * (atMs - fromMs)) / (toMs - fromMs);
  const y = (minutes: number): number => HEIGHT - BOTTOM - ((HEIGHT - TOP - BOTTOM) * minutes) / topMinutes;
  const sides = Object.keys(COLOURS).map((side) => lineOf(side, ages, x, y));
  const marks = marksOf(verdict, group).map(({ atMs, text }, index) => markOf(x(atMs), text, index));
  const limit = y(limitMinutes).toFixed(1);
  return [
    `<text x="${LEFT}" y="16" font-size="13" font-weight="bold">${toXmlText(`${verdict.title}: ${group}`)}</text>`,
    `<path d="M${LEFT} ${TOP}V${HEIGHT - BOTTOM}H${WIDTH - RIGHT}" fill="none" stroke="#333"/>`,
    `<path d="M${LEFT} ${limit}H${WIDTH - RIGHT}" stroke="#999" stroke-dasharray="1 3"/>`,
    `<text x="${LEFT - 4}" y="${Number(limit) + 4}" text-anchor="end" fill="#666">${limitMinutes} min</text>`,
    `<text x="${LEFT - 4}" y="${HEIGHT - BOTTOM}" text-anchor="end" fill="#666">0</text>`,
    `<text x="${WIDTH - RIGHT}" y="${HEIGHT - 12}" text-anchor="end" fill="#666">${Math.round((toMs - fromMs) / MINUTE_MS)} minutes</text>`,
    ...sides,
    ...marks,
    legend(),
  ].join("\n");
}

/** A line that breaks where a check had no age to tell. */
function lineOf(
  side: string,
  ages: readonly Point[],
  x: (atMs: number) => number,
  y: (minutes: number) => number,
): string {
  let lastMs = Number.NEGATIVE_INFINITY;
  const steps = ages
    .filter((point) => point.side === side)
    .map(({ atMs, value }) => {
      const step = atMs - lastMs > 1.5 * MINUTE_MS ? "M" : "L";
      lastMs = atMs;
      return `${step}${x(atMs).toFixed(1)} ${y(value / 60).toFixed(1)}`;
    });
  return `<path d="${steps.join("")}" fill="none" stroke="${COLOURS[side]}" stroke-width="1.6" stroke-dasharray="${DASHES[side]}"/>`;
}

function marksOf({ faultAtMs, alarmAtMs, recoveredAtMs, seen }: Verdict, group: string): readonly Marked[] {
  const page = seen.find((one) => one.what === "page" && (one.group === group || one.group === null));
  const remedy = seen.find(
    (one) => one.what === "incident" && one.group === group && one.state.startsWith("remedying"),
  );
  return [
    { atMs: faultAtMs, text: "fault" },
    ...(alarmAtMs === undefined ? [] : [{ atMs: alarmAtMs, text: "alarm" }]),
    ...(remedy === undefined ? [] : [{ atMs: remedy.atMs, text: "remedy" }]),
    ...(page === undefined ? [] : [{ atMs: page.atMs, text: "page" }]),
    ...(recoveredAtMs === undefined ? [] : [{ atMs: recoveredAtMs, text: "closed" }]),
  ];
}

function markOf(x: number, text: string, index: number): string {
  const y = TOP + 10 + 12 * index;
  const isNearEnd = x > WIDTH - RIGHT - 60;
  const [at, anchor] = isNearEnd ? [x - 3, "end"] : [x + 3, "start"];
  return (
    `<path d="M${x.toFixed(1)} ${TOP}V${HEIGHT - BOTTOM}" stroke="#bbb"/>` +
    `<text x="${at.toFixed(1)}" y="${y}" text-anchor="${anchor}" fill="#333" stroke="white" stroke-width="3" paint-order="stroke">${text}</text>`
  );
}

function legend(): string {
  return Object.entries(COLOURS)
    .map(([side, colour], index) => {
      const y = TOP + 14 + 16 * index;
      const from = WIDTH - RIGHT + 16;
      return `<path d="M${from} ${y}h28" stroke="${colour}" stroke-width="1.6" stroke-dasharray="${DASHES[side]}"/><text x="${from + 34}" y="${y + 4}">age, ${side}</text>`;
    })
    .join("");
}

const toXmlText = (text: string): string =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll('"', "&quot;");
