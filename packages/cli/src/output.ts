// Decides what goes where: results to stdout (text, or one JSON document), progress and warnings to stderr.

import { once } from "node:events";
import { inspect } from "node:util";
import type { PlainError } from "./plain-error.ts";

export interface OutputOptions {
  readonly json: boolean;
  readonly quiet: boolean;
}

export class Output {
  readonly isJson: boolean;
  readonly isQuiet: boolean;
  #live = "";
  #isMute = false;

  constructor(options: OutputOptions) {
    this.isJson = options.json;
    this.isQuiet = options.quiet;
  }

  /** The result: `document` where JSON was asked for, else the text, which is not made in vain. */
  result(document: unknown, toText: () => string): void {
    this.line(this.isJson ? JSON.stringify(document) : toText());
  }

  /** A line of the result. */
  line(text: string): void {
    if (this.#isMute) return;
    this.#clearLive();
    process.stdout.write(`${text}\n`);
  }

  /** Text of the result that ends with a line's end; resolves when stdout takes more. */
  async write(text: string): Promise<void> {
    if (this.#isMute) return;
    this.#clearLive();
    if (!process.stdout.write(text)) await once(process.stdout, "drain");
  }

  /** A line of progress. */
  progress(text: string): void {
    if (this.isQuiet || this.#isMute) return;
    this.#clearLive();
    process.stderr.write(`${text}\n`);
  }

  /** Whether `live` shows anything. */
  get isLive(): boolean {
    return process.stderr.isTTY === true && !this.isQuiet;
  }

  /** The one line that changes in place, on a terminal; elsewhere nothing. */
  live(text: string): void {
    if (!this.isLive || this.#isMute) return;
    const width = process.stderr.columns || 80; // 0 on a terminal that does not know
    this.#clearLive();
    this.#live = text.length < width ? text : `${text.slice(0, width - 2)}…`;
    process.stderr.write(this.#live);
  }

  /** Something that a person should know, quiet or not. */
  warning(text: string): void {
    if (this.#isMute) return;
    this.#clearLive();
    process.stderr.write(`steward: ${text}\n`);
  }

  /** One plain line, and in JSON the document too unless the result already holds the error. */
  error(error: PlainError, cause?: unknown, isInResult = false): void {
    this.warning(error.message);
    if (process.env.STEWARD_DEBUG === "1" && cause !== undefined) process.stderr.write(`${inspect(cause)}\n`);
    if (this.isJson && !isInResult) this.line(JSON.stringify({ error }));
  }

  /** From now on nothing is said: the last word is spoken, and what still runs is only brought to its end. */
  mute(): void {
    this.#clearLive();
    this.#isMute = true;
  }

  #clearLive(): void {
    if (this.#live === "") return;
    this.#live = "";
    process.stderr.write("\r\u001b[K");
  }
}
