// Decides what functions are told of the hot store: on which cluster each owner lies, and as which user they come there.

import type { Hot } from "./hot.ts";
import { OWNERS } from "./owners.ts";

/** Lambda keeps 4 KB of variables for a function (Lambda quotas, from memory); an owner takes up to 190 bytes of them, and what else a function
 * is told some 1,500. */
const MAX_OWNERS = 12;

/** The text of `STEWARD_HOT` (functions/_account/hot-places.ts). @throws Error for more owners than fit. */
export function hotPlaces(hot: Hot, part: "reader" | "writer") {
  if (OWNERS.length > MAX_OWNERS)
    throw new Error(
      `${OWNERS.length} owners in features/ are more than ${MAX_OWNERS}: their names do not fit Lambda's environment`,
    );
  const place = (
    endpoint: $util.Input<string>,
    cluster: aws.elasticache.ReplicationGroup,
    user: aws.elasticache.User,
  ) => ({
    url: $interpolate`rediss://${endpoint}?cluster=true`,
    iam: { cache: cluster.replicationGroupId, user: user.userId },
  });
  return $jsonStringify({
    pacer: place(hot.endpoint, hot.cluster, hot.pacer),
    owners: Object.fromEntries(
      OWNERS.map((owner) => [
        owner,
        place(hot.endpointOf(owner), hot.clusterOf(owner), hot.users(owner)[part]),
      ]),
    ),
  });
}

/** ARNs that whoever connects as such a user must be allowed: those of the clusters, and of the users. */
export function hotArns(hot: Hot) {
  const of = (part: "reader" | "writer") =>
    OWNERS.flatMap((owner) => [hot.clusterOf(owner).arn, hot.users(owner)[part].arn]);
  return {
    hotReaders: [...new Set(of("reader"))],
    hotWriters: [...new Set(of("writer"))],
    hotPacer: [hot.cluster.arn, hot.pacer.arn],
  };
}
