// Decides how a function finds the clusters of the hot store, and proves to them who it is.

import { parseRedisAddress, RedisConnection } from "@steward/adapters";
import { createSecretsClient, elastiCacheTokens } from "@steward/adapters/aws";
import { InvalidInputError } from "@steward/core";
import { z } from "zod";
import { jsonVariable } from "./environment.ts";

const place = z.strictObject({
  /** `rediss://host:6379?cluster=true`; with a user and its password where IAM lets nobody in. */
  url: z.string(),
  /** The replication group and the user whom IAM lets in. */
  iam: z.strictObject({ cache: z.string(), user: z.string() }).optional(),
});
type Place = z.infer<typeof place>;

/** `STEWARD_HOT`. */
export const hotPlaces = z.strictObject({
  pacer: place,
  /** By owner, its writer. */
  owners: z.record(z.string(), place),
});
export type HotPlaces = z.infer<typeof hotPlaces>;

export async function readPlaces(): Promise<HotPlaces> {
  const parsed = hotPlaces.safeParse(jsonVariable("HOT"));
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  // Never the value: a URL may hold a password.
  throw new InvalidInputError(`STEWARD_HOT: ${issue?.path.join(".") || "value"} is not as it must be`);
}

export function placeIn(owners: HotPlaces["owners"], owner: string): Place {
  const found = owners[owner];
  if (found === undefined) throw new InvalidInputError(`STEWARD_HOT names no owner "${owner}"`);
  return found;
}

/** The credentials and the Region of the function's own role sign its tokens. */
export async function connector(): Promise<(place: Place) => RedisConnection> {
  const { config } = createSecretsClient();
  const region = await config.region();
  return ({ url, iam }) =>
    new RedisConnection(
      parseRedisAddress(url),
      iam === undefined
        ? {}
        : {
            tokens: elastiCacheTokens({
              cacheName: iam.cache,
              userName: iam.user,
              region,
              credentials: config.credentials,
            }),
          },
    );
}
