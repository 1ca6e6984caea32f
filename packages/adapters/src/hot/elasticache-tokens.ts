// Decides the tokens by which IAM lets a user of ElastiCache in: a presigned request "connect", signed here, without a call.
// Leaves when another is needed to redis-tokens.ts, and who may connect to IAM (elasticache:Connect on cache and user).

import { Hash } from "@smithy/core/serde";
import { SignatureV4 } from "@smithy/signature-v4";
import type { RedisTokens } from "./redis-tokens.ts";

export interface ElastiCacheTokenOptions {
  /** Id of the replication group, or name of the serverless cache. In lower case, as ElastiCache keeps it. */
  readonly cacheName: string;
  /** Id of the ElastiCache user, which is its name too. */
  readonly userName: string;
  readonly region: string;
  /** Any client of AWS has its own as `config.credentials`. */
  readonly credentials: ConstructorParameters<typeof SignatureV4>[0]["credentials"];
  readonly isServerless?: boolean;
  /** Default: the machine's clock. */
  readonly nowMs?: () => number;
}

/** The longest that ElastiCache takes. https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/auth-iam.html, read 2026-11-25. */
const TOKEN_SECONDS = 900;

export function elastiCacheTokens(options: ElastiCacheTokenOptions): RedisTokens {
  const { userName, region, credentials, isServerless = false, nowMs = Date.now } = options;
  const cacheName = options.cacheName.toLowerCase();
  const signer = new SignatureV4({
    service: "elasticache",
    region,
    credentials,
    sha256: Hash.bind(null, "sha256"),
  });
  const request = {
    method: "GET",
    protocol: "http:",
    hostname: cacheName,
    path: "/",
    headers: { host: cacheName },
    query: {
      Action: "connect",
      ...(isServerless ? { ResourceType: "ServerlessCache" } : {}),
      User: userName,
    },
  };
  return {
    username: userName,
    async token() {
      const signingDate = new Date(nowMs());
      const { query = {} } = await signer.presign(request, { expiresIn: TOKEN_SECONDS, signingDate });
      const words = Object.entries(query).map(
        ([name, value]) => `${name}=${encodeURIComponent(String(value))}`,
      );
      return `${cacheName}/?${words.join("&")}`;
    },
  };
}
