// Decides which request answers a call for erasure: the one of the same key, the one that these subjects wait for
// already, or a new one; and writes down the run that will do it.

import { z } from "zod";
import { ConflictError, InvalidInputError } from "../errors/steward-error.ts";
import { executeRun, newRun } from "../ledger/attempt.ts";
import { sha256Hex } from "../ledger/canonical-json.ts";
import { createRun, findRun, getRun, type Run } from "../ledger/run.ts";
import { updateItem } from "../ledger/update-item.ts";
import type { Definitions } from "../ports/definitions.ts";
import type { Ledger, LedgerKey } from "../ports/ledger.ts";
import type { ControlPorts, Ports } from "../ports/ports.ts";
import type { Pseudonym } from "../ports/pseudonymiser.ts";
import {
  createRequest,
  type ErasureSubject,
  findRequest,
  getRequest,
  listPseudonyms,
  removeRequest,
  saveSubjects,
} from "./erasure-request.ts";
import { erasureScope } from "./erasure-scope.ts";

/** The state machine that does it. */
export const ERASURE = "erasure";
/** What the run stands for in place of a group: its lease is the entity's. */
export const erasureGroup = (entity: string): string => `entity:${entity}`;

export interface ErasureCall {
  readonly entity: string;
  /** In clear; each counts once. */
  readonly identifiers: readonly string[];
  /** Two calls with one key are one request. */
  readonly key?: string | undefined;
}

export interface Acceptance {
  readonly run: Run;
  /** False where the request was there already. */
  readonly isNew: boolean;
}

/** Feature Store's longest record identifier (quotas page, 2026-11-22). */
const MAX_IDENTIFIER_BYTES = 2_048;
const MAX_KEY_CHARACTERS = 256;
const MAX_TRIES = 50;

/** The identifiers, each once. @throws InvalidInputError naming the rule, never the value. */
export function checkErasure(
  definitions: Definitions,
  { entity, identifiers, key }: ErasureCall,
): readonly string[] {
  erasureScope(definitions, entity);
  if (key !== undefined && (key === "" || key.length > MAX_KEY_CHARACTERS))
    throw new InvalidInputError(`the idempotency key must have 1 to ${MAX_KEY_CHARACTERS} characters`);
  if (identifiers.length === 0) throw new InvalidInputError(`name at least one ${entity} to erase`);
  for (const [index, identifier] of identifiers.entries()) {
    const fault = identifierFault(identifier);
    if (fault !== undefined)
      throw new InvalidInputError(`identifier ${index + 1} of ${identifiers.length} ${fault}`);
  }
  return [...new Set(identifiers)];
}

/** The subjects, each once. @throws InvalidInputError as `checkErasure` does. */
export function toSubjects(
  ports: Pick<Ports, "definitions" | "pseudonymiser">,
  call: ErasureCall,
): readonly ErasureSubject[] {
  return checkErasure(ports.definitions, call).map((identifier) => ({
    identifier,
    pseudonym: ports.pseudonymiser.pseudonym(call.entity, identifier),
  }));
}

/**
 * Accepts the call: nothing is suppressed or erased yet, that is for the run. The same key, or no key while the erasure
 * of all these subjects awaits its certificate, gives the request that is there; it is not started again.
 */
export async function acceptErasure(ports: ControlPorts, call: ErasureCall): Promise<Acceptance> {
  const subjects = toSubjects(ports, call);
  const pseudonyms = subjects.map(({ pseudonym }) => pseudonym);
  const claimed = await findByKey(ports, call, pseudonyms);
  if (claimed !== undefined && (await findRun(ports.ledger, claimed)) !== undefined)
    return { run: await getRun(ports.ledger, claimed), isNew: false };
  const requestId = claimed ?? ports.ids.runId();
  await saveSubjects(ports, requestId, subjects);
  await createRequest(ports.ledger, {
    requestId,
    entity: call.entity,
    subjectCount: subjects.length,
    requestedAtMs: ports.clock.now(),
    certificate: null,
    finishRunId: null,
    finishedAtMs: null,
  });
  const answering =
    (await claimKey(ports, call, pseudonyms, requestId)) ??
    (await claimGate(ports.ledger, call, requestId, pseudonyms));
  if (answering !== undefined) await removeRequest(ports.ledger, requestId);
  return { run: await ensureRun(ports, answering ?? requestId), isNew: answering === undefined };
}

/** The run of a request, written down and started where a kill came between. */
async function ensureRun(ports: ControlPorts, requestId: string): Promise<Run> {
  const found = await findRun(ports.ledger, requestId);
  if (found !== undefined) return found;
  const { entity, requestedAtMs } = await getRequest(ports.ledger, requestId);
  const run = newErasureRun(ports, { runId: requestId, entity, asOfMs: requestedAtMs, inputs: [] });
  try {
    await createRun(ports.ledger, run);
  } catch (error) {
    if (!(error instanceof ConflictError)) throw error;
    return getRun(ports.ledger, requestId); // another call wrote it down a moment ago
  }
  await executeRun(ports, run, "plan");
  return run;
}

/** A run of the erasure's machine; the finish of a request is one too and has the request as its input. */
export function newErasureRun(
  ports: Pick<Ports, "timer">,
  given: Pick<Run, "runId" | "asOfMs" | "inputs"> & { readonly entity: string },
): Run {
  const { entity, ...rest } = given;
  return newRun(ports, { ...rest, workflow: ERASURE, group: erasureGroup(entity) });
}

const keyBody = z.object({ requestId: z.string(), subjects: z.string() });

/** A key may be made of an identifier: the ledger gets its pseudonym. */
function keyItem(ports: Pick<Ports, "pseudonymiser">, key: string): LedgerKey {
  return { partition: "erasure-keys", sort: ports.pseudonymiser.pseudonym("erasure-key", key) };
}

async function findByKey(
  ports: Pick<Ports, "ledger" | "pseudonymiser">,
  { key, entity }: ErasureCall,
  pseudonyms: readonly Pseudonym[],
): Promise<string | undefined> {
  const item = key === undefined ? undefined : await ports.ledger.find(keyItem(ports, key));
  if (item === undefined) return undefined;
  const { requestId, subjects } = keyBody.parse(item.body);
  if (subjects !== (await describeSubjects(entity, pseudonyms)))
    throw new InvalidInputError(
      `the idempotency key was given before, for other subjects (erasure ${requestId})`,
      { details: { field: "key" } },
    );
  return requestId;
}

/** The request that has the key, where that is another; undefined: this one, or there is no key. */
async function claimKey(
  ports: Pick<Ports, "ledger" | "pseudonymiser">,
  call: ErasureCall,
  pseudonyms: readonly Pseudonym[],
  requestId: string,
): Promise<string | undefined> {
  if (call.key === undefined) return undefined;
  const subjects = await describeSubjects(call.entity, pseudonyms);
  await ports.ledger.put(keyItem(ports, call.key), { requestId, subjects }, "absent");
  const holder = await findByKey(ports, call, pseudonyms);
  return holder === requestId ? undefined : holder;
}

async function describeSubjects(entity: string, pseudonyms: readonly Pseudonym[]): Promise<string> {
  return sha256Hex(new TextEncoder().encode([entity, ...[...pseudonyms].sort()].join("\n")));
}

const gateBody = z.object({ open: z.array(z.string()) });
const gateKey = (entity: string): LedgerKey => ({ partition: "erasures-open", sort: entity });

/**
 * Enters the request among those of the entity that await their certificate, unless one of them has all these subjects
 * already and no key asks for another: then that one. One conditional write, so that of two calls at once one wins.
 */
async function claimGate(
  ledger: Ledger,
  { entity, key }: ErasureCall,
  requestId: string,
  pseudonyms: readonly Pseudonym[],
): Promise<string | undefined> {
  for (let tries = 0; tries < MAX_TRIES; tries += 1) {
    const item = await ledger.find(gateKey(entity));
    const open = item === undefined ? [] : gateBody.parse(item.body).open;
    if (open.includes(requestId)) return undefined;
    const same = key === undefined ? await findCovering(ledger, open, pseudonyms) : undefined;
    if (same !== undefined) return same;
    const body = { open: [...open, requestId] };
    const outcome = await ledger.put(
      gateKey(entity),
      body,
      item === undefined ? "absent" : { version: item.version },
    );
    if (outcome.kind === "applied") return undefined;
  }
  throw new ConflictError(`requests to erase a ${entity} came too fast: ask again`);
}

async function findCovering(
  ledger: Ledger,
  open: readonly string[],
  pseudonyms: readonly Pseudonym[],
): Promise<string | undefined> {
  for (const requestId of open) {
    if ((await findRequest(ledger, requestId))?.certificate !== null) continue; // certified, or taken back
    const held = new Set(await listPseudonyms(ledger, requestId));
    if (pseudonyms.every((pseudonym) => held.has(pseudonym))) return requestId;
  }
  return undefined;
}

/** The request has its certificate: the same subjects asked for again are a new request. */
export async function leaveGate(ledger: Ledger, entity: string, requestId: string): Promise<void> {
  await updateItem(ledger, gateKey(entity), (item) => {
    const open = item === undefined ? [] : gateBody.parse(item.body).open;
    return open.includes(requestId) ? { open: open.filter((one) => one !== requestId) } : undefined;
  });
}

/** What is wrong with an identifier, without naming it; undefined: nothing. */
export function identifierFault(identifier: string): string | undefined {
  if (identifier === "") return "is empty";
  if (!identifier.isWellFormed()) return "is not well-formed text";
  if (new TextEncoder().encode(identifier).length > MAX_IDENTIFIER_BYTES)
    return `is longer than ${MAX_IDENTIFIER_BYTES} bytes`;
  if (/\p{Cc}/u.test(identifier)) return "holds a control character";
  return undefined;
}
