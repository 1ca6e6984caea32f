// Decides: how a flushed file gets into a bucket behind an S3 endpoint: one signed PUT, so that it is there whole or not at all.
// Leaves to others: which files there are, and trying again (offline-flush.ts).
import { createHash, createHmac } from "node:crypto";
import type { SignatureV4 } from "@smithy/signature-v4";
import type { OfflineSink } from "./sink.ts";

export interface S3Place {
  /** `http://127.0.0.1:4566`; buckets are the first part of the path. */
  readonly endpoint: string;
  readonly region: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

const PUT_MS = 30_000;

/** The buckets that groups name must be there. The same file put again has the same bytes. */
export function s3Sink(place: S3Place): OfflineSink {
  let signer: Promise<SignatureV4> | undefined;
  return {
    async put(uri, bytes) {
      const url = new URL(toPath(uri), place.endpoint);
      signer ??= makeSigner(place);
      const { headers } = await (await signer).sign({
        ...{ method: "PUT", protocol: url.protocol, hostname: url.hostname, path: url.pathname, query: {} },
        ...(url.port !== "" && { port: Number(url.port) }),
        headers: {
          host: url.host,
          "x-amz-content-sha256": createHash("sha256").update(bytes).digest("hex"),
        },
        body: bytes,
      });
      const reply = await fetch(url, {
        ...{ method: "PUT", headers, body: Uint8Array.from(bytes) },
        signal: AbortSignal.timeout(PUT_MS),
      });
      await reply.arrayBuffer();
      if (!reply.ok) throw new S3PutError(reply.status);
    },
  };
}

/** Loaded for the first file: most emulators never need it. */
async function makeSigner({ region, accessKeyId, secretAccessKey }: S3Place): Promise<SignatureV4> {
  const { SignatureV4 } = await import("@smithy/signature-v4");
  const credentials = { accessKeyId, secretAccessKey };
  return new SignatureV4({ service: "s3", region, credentials, sha256: Sha256, uriEscapePath: false });
}

/** Its name is what is printed. */
class S3PutError extends Error {
  override readonly name: string;

  constructor(status: number) {
    super(`the S3 endpoint answered ${status}`);
    this.name = `S3PutError ${status}`;
  }
}

/** `s3://bucket/key` as `/bucket/key`, each part escaped as S3 signs it. */
function toPath(uri: string): string {
  const parts = uri.replace(/^[a-z0-9]+:\/\//, "").split("/");
  return `/${parts.map((part) => encodeURIComponent(part).replace(/[!'()*]/g, toHex)).join("/")}`;
}

const toHex = (character: string): string => `%${character.charCodeAt(0).toString(16).toUpperCase()}`;

/** What the signer asks for. */
class Sha256 {
  #hash: ReturnType<typeof createHash> | ReturnType<typeof createHmac>;

  constructor(secret?: string | ArrayBuffer | ArrayBufferView) {
    this.#hash = secret === undefined ? createHash("sha256") : createHmac("sha256", toBytes(secret));
  }

  update(data: string | ArrayBuffer | ArrayBufferView): void {
    this.#hash.update(toBytes(data));
  }

  digest(): Promise<Uint8Array> {
    return Promise.resolve(new Uint8Array(this.#hash.digest()));
  }

  reset(): void {
    this.#hash = createHash("sha256");
  }
}

function toBytes(data: string | ArrayBuffer | ArrayBufferView): Uint8Array {
  if (typeof data === "string") return Buffer.from(data);
  return data instanceof ArrayBuffer
    ? new Uint8Array(data)
    : new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
}
