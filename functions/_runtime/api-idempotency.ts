// Decides what a second request with the same Idempotency-Key gets: the answer of the first where it asks the same, else a
// refusal. The ledger keeps pseudonyms of key and request, never their text: both may name a person.

import { InvalidInputError, type LedgerKey, NotFoundError, type Ports } from "@steward/core";
import { z } from "zod";
import type { Answer } from "./api.ts";
import { RequestError } from "./api-problem.ts";

type OncePorts = Pick<Ports, "ledger" | "pseudonymiser"> & { readonly ids: { runId(): string } };

interface Keyed {
  readonly key: string;
  /** All that must be the same. */
  readonly request: readonly string[];
}

const keyBody = z.object({
  request: z.string(),
  /** Of the run that the request begins: who takes up after a kill begins no second one. */
  runId: z.string(),
  answer: z
    .object({ body: z.json(), location: z.string().nullable(), about: z.string().nullable() })
    .nullable(),
});

const PARTITION = "api-keys";

/** @throws RequestError (409) when the key was given before, with another request. */
export async function answerOnce(
  ports: OncePorts,
  { key, request }: Keyed,
  run: (runId: string) => Promise<Answer>,
): Promise<Answer> {
  const item: LedgerKey = { partition: PARTITION, sort: ports.pseudonymiser.pseudonym("api-key", key) };
  const asked = ports.pseudonymiser.pseudonym("api-request", JSON.stringify(request));
  await ports.ledger.put(item, { request: asked, runId: ports.ids.runId(), answer: null }, "absent");
  const held = await find(ports, item);
  if (held.body.request !== asked) {
    const place = { field: "Idempotency-Key", rule: "is of one request alone" };
    throw new RequestError(
      "ConflictError",
      "this Idempotency-Key was given before, with another request",
      place,
    );
  }
  if (held.body.answer !== null) return toAnswer(held.body.answer);
  const answer = await forgetIfRefused(ports, item, () => run(held.body.runId));
  const { body, location = null, about = null } = answer;
  const kept = {
    ...held.body,
    answer: { body: body as z.infer<ReturnType<typeof z.json>>, location, about },
  };
  const outcome = await ports.ledger.put(item, kept, { version: held.version });
  if (outcome.kind === "applied") return answer;
  return toAnswer((await find(ports, item)).body.answer ?? kept.answer);
}

async function find({ ledger }: OncePorts, item: LedgerKey) {
  const found = await ledger.find(item);
  // A moment ago a request with this key was refused, and the key is free again.
  if (found === undefined)
    throw new RequestError("UnavailableError", "ask again", {}, { "retry-after": "1" });
  return { version: found.version, body: keyBody.parse(found.body) };
}

/** A refused request began nothing: its key may be given again, corrected. */
async function forgetIfRefused<T>(ports: OncePorts, item: LedgerKey, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const isRefused =
      error instanceof InvalidInputError || error instanceof NotFoundError || isClientFault(error);
    const found = isRefused ? await ports.ledger.find(item) : undefined;
    if (found !== undefined && keyBody.parse(found.body).answer === null)
      await ports.ledger.remove(item, { version: found.version });
    throw error;
  }
}

function isClientFault(error: unknown): boolean {
  return (
    error instanceof RequestError && (error.name === "InvalidInputError" || error.name === "NotFoundError")
  );
}

function toAnswer({ body, location, about }: NonNullable<z.infer<typeof keyBody>["answer"]>): Answer {
  return {
    body,
    ...(location === null ? {} : { location }),
    ...(about === null ? {} : { about }),
  };
}
