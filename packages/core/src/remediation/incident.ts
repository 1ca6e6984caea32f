// Decides what an incident is, which lives it may lead, and how it is kept. Leaves to others what opens and ends one.

import { z } from "zod";
import { ConflictError, NotFoundError } from "../errors/steward-error.ts";
import { updateItem } from "../ledger/update-item.ts";
import type { Ledger, LedgerBody, LedgerItem, LedgerKey } from "../ports/ledger.ts";
import type { EpochMs } from "../time/epoch-ms.ts";
import type { Remedy } from "./remedy.ts";

export const INCIDENT_STATUSES = ["open", "remedying", "confirming", "paged", "closed"] as const;
export type IncidentStatus = (typeof INCIDENT_STATUSES)[number];

/** From → to. A remedy that did not help is followed by the next; a paged incident is taken up again when more goes wrong. */
export const INCIDENT_TRANSITIONS: Readonly<Record<IncidentStatus, readonly IncidentStatus[]>> = {
  open: ["remedying", "confirming", "paged", "closed"],
  remedying: ["confirming", "paged", "closed"],
  confirming: ["remedying", "paged", "closed"],
  paged: ["open", "closed"],
  closed: [],
};

const epochMs = z.number().transform((value) => value as EpochMs);

const decision = z.object({
  atMs: epochMs,
  /** A kind of diagnosis; null: something happened. */
  diagnosis: z.string().nullable(),
  /** A kind of remedy, or what happened: `failed`, `cancelled`, `closed`. */
  kind: z.string(),
  /** The same in a few words. */
  what: z.string(),
  reason: z.string(),
});
export type Decision = Readonly<z.infer<typeof decision>>;

const course = z.object({
  remedy: z.custom<Remedy>((given) => typeof given === "object" && given !== null && "kind" in given),
  /** Of its decision in the list. */
  number: z.number(),
  isApplied: z.boolean(),
  /** What it started, or waits for. */
  runs: z.array(z.string()),
  /** Real time, as runs are dated. */
  chosenRealMs: z.number(),
  /** From then on the alarm is waited for; null: it is under way. */
  endedAtMs: epochMs.nullable(),
});
export type Course = Readonly<z.infer<typeof course>>;

const incidentBody = z.object({
  incidentId: z.string(),
  /** Null: the platform itself. */
  group: z.string().nullable(),
  /** The names of all alarms that came while it was open, first come first. */
  alarms: z.array(z.string()),
  /** Those of them that have cleared since a person was paged: one that comes again is news. */
  cleared: z.array(z.string()),
  status: z.enum(INCIDENT_STATUSES),
  /** When it was last looked at whether something can be done although a person was paged. */
  lookedAtMs: epochMs,
  /** The ids of the pages that were sent. */
  pages: z.array(z.string()),
  /** The last one; null: none yet. */
  diagnosis: z.object({ kind: z.string(), reason: z.string() }).nullable(),
  /** All that was decided, oldest first: what was found, what follows from it, and why. */
  decisions: z.array(decision),
  /** The remedy that is under way or was the last; null: none yet. */
  course: course.nullable(),
  /** Runs that remedies started or waited for, first come first. */
  runs: z.array(z.string()),
  openedAtMs: epochMs,
  closedAtMs: epochMs.nullable(),
  /** The run of the remediation that is at work on it, or was the last. */
  executionRun: z.string(),
});

/** Instants are the platform's. */
export type Incident = Readonly<z.infer<typeof incidentBody>>;

const INCIDENTS = "incidents";
const incidentKey = (incidentId: string): LedgerKey => ({ partition: INCIDENTS, sort: incidentId });

/** All incidents, oldest first. */
export async function listIncidents(ledger: Ledger): Promise<readonly Incident[]> {
  return (await ledger.list(INCIDENTS)).map(fromItem);
}

export async function findIncident(ledger: Ledger, incidentId: string): Promise<Incident | undefined> {
  const item = await ledger.find(incidentKey(incidentId));
  return item === undefined ? undefined : fromItem(item);
}

/** @throws NotFoundError when there is no such incident. */
export async function getIncident(ledger: Ledger, incidentId: string): Promise<Incident> {
  const incident = await findIncident(ledger, incidentId);
  if (incident === undefined)
    throw new NotFoundError(`there is no incident "${incidentId}"; \`steward incidents --all\` lists them`);
  return incident;
}

/** Writes the incident down; one that is there already stays as it is. */
export async function createIncident(ledger: Ledger, incident: Incident): Promise<void> {
  await ledger.put(incidentKey(incident.incidentId), toBody(incident), "absent");
}

/** Changes an incident; a change of status must be in the transition table. Returns the incident as it then is. */
export async function updateIncident(
  ledger: Ledger,
  incidentId: string,
  change: (incident: Incident) => Incident | undefined,
): Promise<Incident> {
  const item = await updateItem(ledger, incidentKey(incidentId), (present) => {
    if (present === undefined) throw new NotFoundError(`there is no incident "${incidentId}"`);
    const before = fromItem(present);
    const after = change(before);
    if (after === undefined) return undefined;
    if (after.status !== before.status && !INCIDENT_TRANSITIONS[before.status].includes(after.status))
      throw new ConflictError(`incident ${incidentId} is ${before.status} and cannot become ${after.status}`);
    return toBody(after);
  });
  return fromItem(item as LedgerItem);
}

const toBody = (incident: Incident): LedgerBody => incident as unknown as LedgerBody; // JSON by its schema
const fromItem = (item: LedgerItem): Incident => incidentBody.parse(item.body);
