// Decides how a command asks a platform that is up: by its HTTP API, requests and answers typed by the API's own schemas.

import type {
  ErasureAnswer,
  erasureBody,
  ProgressEvent,
  RunAnswer,
  rebuildBody,
  refreshBody,
} from "@steward/functions/_runtime/api-schemas.ts";
import type { z } from "zod";

export type RefreshBody = z.input<typeof refreshBody>;
export type RebuildBody = z.input<typeof rebuildBody>;
export type ErasureBody = z.input<typeof erasureBody>;

/** What the API refused, under the names that the command line knows. */
export class ApiError extends Error {
  override readonly name: string;
  readonly retryable = false;

  constructor(name: string, message: string) {
    super(message);
    this.name = name;
  }
}

interface Asked {
  readonly body?: unknown;
  readonly key?: string | undefined;
  readonly signal?: AbortSignal;
}

/** To take up a connection on this machine and have it answered; runs are not waited for so. */
const ANSWER_MS = 30_000;

export class ApiClient {
  readonly #url: string;
  readonly #token: string;

  constructor(url: string, token: string) {
    this.#url = url;
    this.#token = token;
  }

  async fingerprints(): Promise<ReadonlyMap<string, string>> {
    const { groupsAnswer } = await schemas();
    const { groups } = groupsAnswer.parse(await this.#json("GET", "/groups"));
    return new Map(groups.map(({ group, fingerprint }) => [group, fingerprint]));
  }

  async startRefresh(body: RefreshBody): Promise<RunAnswer> {
    return (await schemas()).runAnswer.parse(await this.#json("POST", "/refreshes", { body }));
  }

  async startRebuild(body: RebuildBody): Promise<RunAnswer> {
    return (await schemas()).runAnswer.parse(await this.#json("POST", "/rebuilds", { body }));
  }

  /** The same key, or the same subjects while their erasure is under way: the same answer. */
  async startErasure(body: ErasureBody, key?: string): Promise<ErasureAnswer> {
    return (await schemas()).erasureAnswer.parse(await this.#json("POST", "/erasures", { body, key }));
  }

  /** As it stands now, where the same key gives what was answered first. */
  async erasure(requestId: string): Promise<ErasureAnswer> {
    const path = `/erasures/${encodeURIComponent(requestId)}`;
    return (await schemas()).erasureAnswer.parse(await this.#json("GET", path));
  }

  async cancel(runId: string): Promise<RunAnswer> {
    const path = `/runs/${encodeURIComponent(runId)}/cancel`;
    return (await schemas()).runAnswer.parse(await this.#json("POST", path));
  }

  /** How the run advances, until it ends or the platform does. */
  async *progress(runId: string, signal: AbortSignal): AsyncGenerator<ProgressEvent> {
    const { progressEvent } = await schemas();
    const response = await this.#ask("GET", `/runs/${encodeURIComponent(runId)}/events`, { signal });
    let rest = "";
    for await (const text of response.body?.pipeThrough(new TextDecoderStream()) ?? []) {
      const events = (rest + text).split("\n\n");
      rest = events.pop() ?? "";
      for (const event of events) {
        const data = /^event: progress\ndata: (.*)$/.exec(event)?.[1];
        if (data !== undefined) yield progressEvent.parse(JSON.parse(data));
      }
    }
  }

  async #json(method: string, path: string, asked: Asked = {}): Promise<unknown> {
    return (await this.#ask(method, path, { ...asked, signal: AbortSignal.timeout(ANSWER_MS) })).json();
  }

  async #ask(method: string, path: string, { body, key, signal }: Asked): Promise<Response> {
    const response = await fetch(`${this.#url}${path}`, {
      method,
      headers: {
        authorization: `Bearer ${this.#token}`,
        ...(body === undefined ? {} : { "content-type": "application/json" }),
        ...(key === undefined ? {} : { "idempotency-key": key }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      ...(signal === undefined ? {} : { signal }),
    });
    if (!response.ok) throw await toApiError(response);
    return response;
  }
}

async function toApiError(response: Response): Promise<ApiError> {
  const { problemAnswer } = await schemas();
  const parsed = problemAnswer.safeParse(await response.json().catch(() => undefined));
  if (!parsed.success)
    return new ApiError("UnavailableError", `the platform that is up answered ${response.status}`);
  const { name, message, field } = parsed.data.error;
  // On the command line a key that was given before is wrong input, with a platform that is up or without.
  return new ApiError(field === "Idempotency-Key" ? "InvalidInputError" : name, message);
}

function schemas() {
  return import("@steward/functions/_runtime/api-schemas.ts");
}
