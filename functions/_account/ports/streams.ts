// Opens the streams of the sources.

import { SystemTimer } from "@steward/adapters";
import { createKinesisClient, KinesisStreams } from "@steward/adapters/aws";
import { variable } from "../environment.ts";
import { once } from "../once.ts";

export const open = once(async () => {
  const prefix = variable("STREAM_PREFIX");
  return new KinesisStreams({
    client: createKinesisClient(),
    streamName: (source) => prefix + source,
    timer: new SystemTimer(),
  });
});
