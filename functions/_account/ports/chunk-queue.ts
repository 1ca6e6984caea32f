// Opens the queue of chunks, with its dead letters.

import { SystemTimer } from "@steward/adapters";
import { createSqsClient, SqsQueue } from "@steward/adapters/aws";
import { variable } from "../environment.ts";
import { once } from "../once.ts";

export const open = once(
  async () =>
    new SqsQueue({
      client: createSqsClient(),
      queueUrl: variable("CHUNK_QUEUE_URL"),
      deadLetterUrl: variable("CHUNK_DEAD_LETTERS_URL"),
      timer: new SystemTimer(),
    }),
);
