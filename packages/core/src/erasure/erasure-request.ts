// Decides how an erasure request is kept: whose erasure, what became of it, and the identifiers, sealed until it has ended.
// Identifiers stand nowhere else: everything that a step hands to another is found by the request's id.

import { z } from "zod";
import { NotFoundError } from "../errors/steward-error.ts";
import { updateItem } from "../ledger/update-item.ts";
import type { Ledger, LedgerBody, LedgerItem, LedgerKey } from "../ports/ledger.ts";
import type { Ports } from "../ports/ports.ts";
import type { Pseudonym } from "../ports/pseudonymiser.ts";
import type { EpochMs } from "../time/epoch-ms.ts";

const epochMs = z.number().transform((value) => value as EpochMs);

const requestBody = z.object({
  requestId: z.string(),
  entity: z.string(),
  subjectCount: z.number(),
  /** The platform's time. */
  requestedAtMs: epochMs,
  /** The evidence entry that is the certificate; null: not signed yet. */
  certificate: z
    .object({
      number: z.number(),
      key: z.string(),
      sha256: z.string(),
      certifiedAtMs: epochMs,
      finishAfterMs: epochMs,
    })
    .nullable(),
  /** The run that does, or did, the finish; null: none yet. */
  finishRunId: z.string().nullable(),
  finishedAtMs: epochMs.nullable(),
});
export type ErasureRequest = Readonly<z.infer<typeof requestBody>>;

/** Of one subject, known in clear only while a step works. */
export interface ErasureSubject {
  readonly identifier: string;
  readonly pseudonym: Pseudonym;
}

const REQUESTS = "erasure-requests";
const requestKey = (requestId: string): LedgerKey => ({ partition: REQUESTS, sort: requestId });

export async function createRequest(ledger: Ledger, request: ErasureRequest): Promise<void> {
  await ledger.put(requestKey(request.requestId), toBody(request), "absent");
}

export async function findRequest(ledger: Ledger, requestId: string): Promise<ErasureRequest | undefined> {
  const item = await ledger.find(requestKey(requestId));
  return item === undefined ? undefined : fromItem(item);
}

/** @throws NotFoundError when there is no such request. */
export async function getRequest(ledger: Ledger, requestId: string): Promise<ErasureRequest> {
  const request = await findRequest(ledger, requestId);
  if (request !== undefined) return request;
  throw new NotFoundError(`there is no erasure "${requestId}"; \`steward erasures\` lists them`);
}

/** All requests, oldest first. */
export async function listRequests(ledger: Ledger): Promise<readonly ErasureRequest[]> {
  return (await ledger.list(REQUESTS)).map(fromItem);
}

/** Takes back a request that another answers; it was never begun. */
export async function removeRequest(ledger: Ledger, requestId: string): Promise<void> {
  const items = await ledger.list(subjectsPartition(requestId));
  const request = await ledger.find(requestKey(requestId));
  for (const item of request === undefined ? items : [...items, request])
    await ledger.remove(item, { version: item.version });
}

export async function updateRequest(
  ledger: Ledger,
  requestId: string,
  change: (request: ErasureRequest) => ErasureRequest | undefined,
): Promise<ErasureRequest> {
  const item = await updateItem(ledger, requestKey(requestId), (present) => {
    if (present === undefined) throw new NotFoundError(`there is no erasure "${requestId}"`);
    const after = change(fromItem(present));
    return after === undefined ? undefined : toBody(after);
  });
  return fromItem(item as LedgerItem);
}

const subjectsBody = z.object({
  pseudonyms: z.array(z.string()),
  /** JSON of the identifiers in the order of the pseudonyms, sealed; null once the request has ended. */
  sealed: z.string().nullable(),
});

/** Of one item: 1,000 pseudonyms are 67 KB, and an item may have 400 KB with the sealed text. */
const SUBJECTS_A_BATCH = 1_000;
const IDENTIFIER_BYTES_A_BATCH = 150_000;

const subjectsPartition = (requestId: string): string => `erasure-subjects#${requestId}`;

/** Keeps the subjects, in batches. The same again changes nothing. */
export async function saveSubjects(
  ports: Pick<Ports, "ledger" | "sealer">,
  requestId: string,
  subjects: readonly ErasureSubject[],
): Promise<void> {
  for (const [number, batch] of toBatches(subjects).entries()) {
    const body = {
      pseudonyms: batch.map(({ pseudonym }) => pseudonym),
      sealed: ports.sealer.seal(JSON.stringify(batch.map(({ identifier }) => identifier))),
    };
    const key = { partition: subjectsPartition(requestId), sort: String(number).padStart(6, "0") };
    await ports.ledger.put(key, body, "absent");
  }
}

/** Their pseudonyms, in the order of the request. */
export async function listPseudonyms(ledger: Ledger, requestId: string): Promise<readonly Pseudonym[]> {
  const items = await ledger.list(subjectsPartition(requestId));
  return items.flatMap(({ body }) => subjectsBody.parse(body).pseudonyms);
}

/** The subjects with their identifiers. @throws NotFoundError once the request has ended and they are gone. */
export async function openSubjects(
  ports: Pick<Ports, "ledger" | "sealer">,
  requestId: string,
): Promise<readonly ErasureSubject[]> {
  const items = await ports.ledger.list(subjectsPartition(requestId));
  return items.flatMap(({ body }) => {
    const { pseudonyms, sealed } = subjectsBody.parse(body);
    if (sealed === null)
      throw new NotFoundError(`the identifiers of erasure ${requestId} are gone: it has ended`);
    const identifiers = z.array(z.string()).parse(JSON.parse(ports.sealer.open(sealed)));
    return identifiers.map((identifier, index) => ({ identifier, pseudonym: pseudonyms[index] ?? "" }));
  });
}

/** Forgets the identifiers; the pseudonyms stay. */
export async function forgetIdentifiers(ledger: Ledger, requestId: string): Promise<void> {
  for (const { partition, sort } of await ledger.list(subjectsPartition(requestId))) {
    await updateItem(ledger, { partition, sort }, (item) =>
      item === undefined || item.body.sealed === null ? undefined : { ...item.body, sealed: null },
    );
  }
}

function toBatches(subjects: readonly ErasureSubject[]): readonly (readonly ErasureSubject[])[] {
  const batches: ErasureSubject[][] = [];
  let bytes = 0;
  for (const subject of subjects) {
    const size = new TextEncoder().encode(subject.identifier).length;
    const last = batches.at(-1);
    if (last === undefined || last.length === SUBJECTS_A_BATCH || bytes + size > IDENTIFIER_BYTES_A_BATCH) {
      batches.push([subject]);
      bytes = size;
    } else {
      last.push(subject);
      bytes += size;
    }
  }
  return batches;
}

const toBody = (request: ErasureRequest): LedgerBody => request as unknown as LedgerBody; // JSON by its schema
const fromItem = (item: LedgerItem): ErasureRequest => requestBody.parse(item.body);
