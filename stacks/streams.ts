// Decides which sources have a stream in Kinesis, and how long it keeps an event.

import { streamName } from "./names.ts";
import { GROUPS } from "./owners.ts";

export function createStreams(retentionHours: number, isProd: boolean, key: aws.kms.Key) {
  const sources = [
    ...new Set(GROUPS.filter(({ path }) => path === "stream").map(({ source }) => source.name)),
  ].sort();
  const streams = new Map(
    sources.map((source) => [
      source,
      new aws.kinesis.Stream(
        `Stream-${source}`,
        {
          name: streamName(source),
          streamModeDetails: { streamMode: "ON_DEMAND" },
          retentionPeriod: retentionHours,
          encryptionType: "KMS",
          kmsKeyId: key.arn,
          enforceConsumerDeletion: !isProd,
        },
        { protect: isProd, retainOnDelete: isProd },
      ),
    ]),
  );
  return {
    sources,
    all: [...streams.values()],
    /** @throws Error for a source that no group of features/ streams from. */
    get(source: string): aws.kinesis.Stream {
      const stream = streams.get(source);
      if (stream === undefined) throw new Error(`no group in features/ streams from "${source}"`);
      return stream;
    },
  };
}
export type StageStreams = ReturnType<typeof createStreams>;
