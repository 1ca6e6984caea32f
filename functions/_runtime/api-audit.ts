// Decides how requests are written down for an auditor: who asked what by which route and how it ended, linked by hashes like
// the evidence, in objects that are put where there is none. Holds names, ids and counts: never a token, never an identifier.

import { ConflictError, canonicalBytes, type Ports, sha256Hex, toEpochMs, toIso } from "@steward/core";
import { z } from "zod";

const hash = z.string().regex(/^[0-9a-f]{64}$/);
const auditEntry = z.strictObject({
  /** Real time. */
  at: z.string(),
  requestId: z.string(),
  /** The id of a token, or of a role; null: nobody whom the host knew. */
  principal: z.string().nullable(),
  /** `POST /erasures`; null: no route of the API. */
  route: z.string().nullable(),
  status: z.number().int(),
  /** The error's name. */
  error: z.string().nullable(),
  /** The run or request that the answer was about, once it was found. */
  about: z.string().nullable(),
});
export type AuditEntry = Readonly<z.infer<typeof auditEntry>>;

const auditObject = z.strictObject({
  number: z.number().int().positive(),
  /** SHA-256 of the bytes of the object before; zeros for the first. */
  previous: hash,
  entries: z.array(auditEntry),
});

export const AUDIT_PREFIX = "audit/";
const NO_OBJECT = { number: 0, sha256: "0".repeat(64) };
const MAX_TRIES = 100;

type AuditPorts = Pick<Ports, "objects" | "timer">;

const keyOf = (number: number): string => `${AUDIT_PREFIX}${String(number).padStart(9, "0")}.json`;

/** Appends from one process; another on the same objects links after it. */
export class AuditTrail {
  readonly #ports: AuditPorts;
  #head: typeof NO_OBJECT | undefined;
  #waiting: AuditEntry[] = [];
  #flush: Promise<void> | undefined;

  constructor(ports: AuditPorts) {
    this.#ports = ports;
  }

  /** Durable once it returns; what is asked meanwhile goes together into the next object. */
  async record(entry: Omit<AuditEntry, "at">): Promise<void> {
    const at = toIso(toEpochMs(Math.floor(this.#ports.timer.nowMs())));
    this.#waiting.push({ at, ...entry });
    const before = this.#flush;
    if (before !== undefined) await before.catch(() => undefined);
    if (this.#flush === undefined || this.#flush === before) {
      const entries = this.#waiting;
      this.#waiting = [];
      this.#flush = this.#append(entries);
    }
    await this.#flush;
  }

  async #append(entries: readonly AuditEntry[]): Promise<void> {
    this.#head ??= await findHead(this.#ports.objects);
    for (let tries = 0; tries < MAX_TRIES; tries += 1) {
      const number: number = this.#head.number + 1;
      const bytes = canonicalBytes({ number, previous: this.#head.sha256, entries });
      const outcome = await this.#ports.objects.put(keyOf(number), bytes, "absent");
      const stored = outcome.kind === "stored" ? bytes : await this.#ports.objects.get(keyOf(number));
      this.#head = { number, sha256: await sha256Hex(stored) };
      if (outcome.kind === "stored") return;
    }
    throw new ConflictError(`others appended to the audit ${MAX_TRIES} times in a row`);
  }
}

/** All requests, first to last. @throws ConflictError at an object that was changed, or that is missing before another. */
export async function readAudit(objects: Ports["objects"]): Promise<readonly AuditEntry[]> {
  const entries: AuditEntry[] = [];
  let head = NO_OBJECT;
  for (const { key } of await objects.list(AUDIT_PREFIX)) {
    const bytes = await objects.get(key);
    const parsed = auditObject.safeParse(toJson(bytes));
    if (!parsed.success || parsed.data.number !== head.number + 1 || parsed.data.previous !== head.sha256)
      throw new ConflictError(`${key} does not name the object before it: one of the two was changed`);
    entries.push(...parsed.data.entries);
    head = { number: parsed.data.number, sha256: await sha256Hex(bytes) };
  }
  return entries;
}

async function findHead(objects: Ports["objects"]): Promise<typeof NO_OBJECT> {
  const last = (await objects.list(AUDIT_PREFIX)).at(-1);
  if (last === undefined) return NO_OBJECT;
  const number = Number(last.key.slice(AUDIT_PREFIX.length, -".json".length));
  return { number, sha256: await sha256Hex(await objects.get(last.key)) };
}

function toJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(bytes));
  } catch {
    return undefined;
  }
}
