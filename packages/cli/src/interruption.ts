// Decides what ends a command in the middle: the first Ctrl-C in good order, the second at once; nobody reading on.

import { EXIT } from "./exit-code.ts";

const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/** A signal, or the reader of stdout went away (`steward export … | head`). */
export type Interrupt = "signal" | "reader-left";

export class Interruption {
  /** Resolves at the first. */
  readonly happened: Promise<Interrupt>;
  #isHere = false;

  constructor() {
    const { promise, resolve } = Promise.withResolvers<Interrupt>();
    this.happened = promise;
    for (const signal of SIGNALS) {
      process.on(signal, () => {
        if (this.#isHere) process.exit(EXIT.interrupted);
        this.#isHere = true;
        resolve("signal");
      });
    }
    process.stdout.on("error", (error: NodeJS.ErrnoException) => {
      if (error.code !== "EPIPE") throw error;
      resolve("reader-left");
    });
  }
}
