// The API of a platform of the tests: served as `steward up` serves it, asked as curl would.

import { readFileSync } from "node:fs";
import { request as ask } from "node:http";
import { join } from "node:path";
import { type ProblemAnswer, problemAnswer } from "@steward/functions/_runtime/api-schemas.ts";
import type { Platform } from "@steward/local";

export interface Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
}

export interface Asked {
  readonly method?: string;
  readonly body?: unknown;
  /** Sent as it is, in place of a body. */
  readonly text?: string | Buffer;
  readonly headers?: Readonly<Record<string, string>>;
  /** Default: the platform's. Null: none. */
  readonly token?: string | null;
}

export class TestApi {
  readonly url: string;
  readonly token: string;

  constructor(url: string, stateDir: string) {
    this.url = url;
    this.token = readFileSync(join(stateDir, "api-token"), "utf8").trim();
  }

  async ask(path: string, asked: Asked = {}): Promise<Reply> {
    const { body, text = body === undefined ? undefined : JSON.stringify(body), token = this.token } = asked;
    const method = asked.method ?? (text === undefined ? "GET" : "POST");
    const headers = {
      ...(token === null ? {} : { authorization: `Bearer ${token}` }),
      ...(text === undefined ? {} : { "content-type": "application/json" }),
      ...asked.headers,
    };
    return new Promise((done, failed) => {
      const request = ask(`${this.url}${path}`, { method, headers }, (response) => {
        let received = "";
        response.setEncoding("utf8").on("data", (part: string) => {
          received += part;
        });
        response.on("end", () =>
          done({ status: response.statusCode ?? 0, headers: response.headers, text: received }),
        );
      });
      request.on("error", failed);
      request.end(text);
    });
  }

  /** The JSON of an answer that must have that status. */
  async json<T>(path: string, status: number, asked: Asked = {}): Promise<T> {
    const reply = await this.ask(path, asked);
    if (reply.status !== status) throw new Error(`${path} answered ${reply.status}: ${reply.text}`);
    return JSON.parse(reply.text) as T;
  }

  /** Status, field and rule of a refusal. */
  async problem(
    path: string,
    asked: Asked = {},
  ): Promise<ProblemAnswer["error"] & { readonly status: number }> {
    const { status, text } = await this.ask(path, asked);
    return { status, ...problemAnswer.parse(JSON.parse(text)).error };
  }
}

export async function serveApi(platform: Platform): Promise<TestApi> {
  return new TestApi(await platform.startApi(), platform.folder.root);
}

/** The data of each event of a stream, with the event's name. */
export function toEvents(text: string): readonly { readonly event: string; readonly data: unknown }[] {
  return [...text.matchAll(/^event: (\w+)\ndata: (.*)$/gm)].map(([, event = "", data = ""]) => ({
    event,
    data: JSON.parse(data) as unknown,
  }));
}
