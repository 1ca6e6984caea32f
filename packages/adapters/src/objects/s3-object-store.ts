// Decides how objects lie in a versioned S3 bucket, and what S3's answers to conditional writes mean.
// Leaves large files to s3-upload.ts, and the local copies that engines read to located-copies.ts.
//
// The client tries a write again whose answer was lost, and S3 then refuses the second try because of the first. So each
// write carries an id of its own as metadata: a refused write that finds its own id on a version was stored.

import { randomUUID } from "node:crypto";
import { lstat, readFile, rm } from "node:fs/promises";
import { Readable } from "node:stream";
import {
  CopyObjectCommand,
  DeleteObjectCommand,
  DeleteObjectsCommand,
  GetObjectCommand,
  HeadObjectCommand,
  PutObjectCommand,
  S3Client,
} from "@aws-sdk/client-s3";
import {
  InvalidInputError,
  NotFoundError,
  type ObjectStore,
  type ObjectVersion,
  type PutCondition,
  type PutOutcome,
  type StoredObject,
  UnavailableError,
} from "@steward/core";
import { describeFailure, isThrottleName } from "../aws/call-failure.ts";
import { type AwsClientOptions, clientSettings, OBJECT_CALLS } from "../aws/client-settings.ts";
import { isErrorCode } from "../error-code.ts";
import { LocatedCopies } from "./located-copies.ts";
import { checkKey, type VersionName } from "./object-key.ts";
import { failS3, isMissing, toStored } from "./s3-answers.ts";
import { COPY_PART_BYTES, copyByParts, PART_BYTES, uploadByParts } from "./s3-upload.ts";
import { listAllVersions } from "./s3-versions.ts";

export interface S3ObjectStoreOptions {
  readonly client: S3Client;
  /** Versioned. */
  readonly bucket: string;
  /** Buckets of their own, by what their keys begin with: `{ "evidence/": … }`; a listing looks into that of its prefix alone. */
  readonly buckets?: Readonly<Record<string, string>>;
  /** Before every key, such as `offline/`; default none. */
  readonly prefix?: string;
  /** A folder of this machine for the copies that `locate` makes. */
  readonly scratch: string;
  /** What they may take together. Default 4 GiB, of the 10 that a function may have. */
  readonly scratchBytes?: number;
}

const SCRATCH_BYTES = 4 * 1024 ** 3;
/** https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteObjects.html, read 2026-11-25. */
const MAX_DELETIONS = 1_000;
/** A 409 says that another write was under way and nothing was decided yet. */
const TRIES_OF_409 = 4;
const PUT_ID = "steward-put-id";

/** How a write is sent, under a condition and with the id that tells it from every other. */
interface WriteInput {
  readonly Bucket: string;
  readonly Key: string;
  readonly Metadata: Record<string, string>;
  readonly IfNoneMatch?: string;
  readonly IfMatch?: string;
}
type Sent = { readonly VersionId?: string | undefined; readonly ETag?: string | undefined };

export function createS3Client(options: AwsClientOptions = {}): S3Client {
  return new S3Client(clientSettings(options, OBJECT_CALLS));
}

export class S3ObjectStore implements ObjectStore {
  readonly #client: S3Client;
  readonly #bucketOf: (key: string) => string;
  readonly #prefix: string;
  readonly #copies: LocatedCopies;

  constructor(options: S3ObjectStoreOptions) {
    const { client, bucket, buckets = {}, prefix = "", scratch, scratchBytes = SCRATCH_BYTES } = options;
    const places = Object.entries(buckets);
    this.#client = client;
    this.#bucketOf = (key) => places.find(([start]) => key.startsWith(start))?.[1] ?? bucket;
    this.#prefix = prefix;
    this.#copies = new LocatedCopies(scratch, scratchBytes);
  }

  async put(key: string, bytes: Uint8Array, condition?: PutCondition): Promise<PutOutcome> {
    checkKey(key);
    return this.#write(key, bytes.length, condition, (input) =>
      this.#client.send(new PutObjectCommand({ ...input, Body: bytes })),
    );
  }

  /** In parts of 16 MiB above one part; the condition is then that of the last call. */
  async putFile(key: string, path: string, condition?: PutCondition): Promise<PutOutcome> {
    checkKey(key);
    const sizeBytes = await sizeOfFile(path);
    const outcome =
      sizeBytes <= PART_BYTES
        ? await this.put(key, await readFile(path), condition)
        : await this.#write(key, sizeBytes, condition, (input) =>
            uploadByParts(this.#client, input, path, sizeBytes),
          );
    if (outcome.kind === "stored") await rm(path, { force: true });
    return outcome;
  }

  /** A copy of that version in the scratch folder, whole; it stays for some minutes at least, and while the budget lasts. */
  async locate(key: string, { versionId }: { readonly versionId?: string } = {}): Promise<string> {
    const { versionId: id, sizeBytes } = await this.#getHead(key, versionId);
    return this.#copies.locate({ key, versionId: id }, sizeBytes, () => this.#read(key, id));
  }

  /** Whether it is there: S3 checks and repairs its bytes itself. */
  async isIntact(key: string): Promise<boolean> {
    await this.#getHead(key);
    return true;
  }

  /** In one call, or by parts where there is a condition or more than a part: the condition is then that of the last call,
   * as that of an upload is, and the entity tag is no MD5. */
  async copy(from: string, to: string, condition?: PutCondition): Promise<PutOutcome> {
    checkKey(to);
    const source = await this.#getHead(from);
    const path = `${this.#bucketOf(from)}/${this.#prefix}${from}`
      .split("/")
      .map(encodeURIComponent)
      .join("/");
    const CopySource = `${path}?versionId=${encodeURIComponent(source.versionId)}`;
    const isOneCall = condition === undefined && source.sizeBytes <= COPY_PART_BYTES;
    return this.#write(to, source.sizeBytes, condition, async (input) => {
      if (!isOneCall) return copyByParts(this.#client, input, CopySource, source.sizeBytes);
      const answer = await this.#client.send(
        new CopyObjectCommand({ ...input, CopySource, MetadataDirective: "REPLACE" }),
      );
      return { VersionId: answer.VersionId, ETag: answer.CopyObjectResult?.ETag };
    });
  }

  async find(key: string): Promise<StoredObject | undefined> {
    checkKey(key);
    return this.#findHead(key);
  }

  async get(key: string, { versionId }: { readonly versionId?: string } = {}): Promise<Uint8Array> {
    checkKey(key);
    const body = await this.#read(key, versionId);
    const chunks = await body.toArray().catch(failS3("an object could not be read"));
    return new Uint8Array(Buffer.concat(chunks));
  }

  async list(prefix: string): Promise<readonly StoredObject[]> {
    const versions = await this.#versions(prefix);
    return versions
      .filter(({ isLatest, isDeleteMarker }) => isLatest && !isDeleteMarker)
      .map(({ key, versionId, etag, sizeBytes }) => ({ key, versionId, etag, sizeBytes }));
  }

  /** Versions of one key that S3 dates to the same second, one of them a marker, are told apart by which is current. */
  async listVersions(prefix: string): Promise<readonly ObjectVersion[]> {
    return (await this.#versions(prefix)).map(({ etag: _, ...version }) => version);
  }

  async remove(key: string): Promise<void> {
    checkKey(key);
    const command = new DeleteObjectCommand(this.#name(key));
    await this.#client.send(command).catch(failS3("an object could not be removed"));
  }

  /** Removes the local copies of this store too. @throws UnavailableError when S3 refused any of them. */
  async removeVersions(versions: readonly VersionName[]): Promise<void> {
    for (const { key } of versions) checkKey(key);
    for (const [bucket, those] of Map.groupBy(versions, ({ key }) => this.#bucketOf(key)))
      for (let index = 0; index < those.length; index += MAX_DELETIONS)
        await this.#removeSlice(bucket, those.slice(index, index + MAX_DELETIONS));
  }

  async #removeSlice(bucket: string, versions: readonly VersionName[]): Promise<void> {
    const Objects = versions.map(({ key, versionId }) => ({
      Key: this.#prefix + key,
      VersionId: versionId,
    }));
    const command = new DeleteObjectsCommand({ Bucket: bucket, Delete: { Objects, Quiet: true } });
    const answer = await this.#client.send(command).catch(failS3("versions could not be removed"));
    for (const version of versions) await this.#copies.drop(version);
    checkDeletions(answer.Errors ?? []);
  }

  /** Removes the local copies. */
  async close(): Promise<void> {
    await this.#copies.close();
  }

  async #write(
    key: string,
    sizeBytes: number,
    condition: PutCondition | undefined,
    send: (input: WriteInput) => Promise<Sent>,
  ): Promise<PutOutcome> {
    const putId = randomUUID();
    const input = { ...this.#name(key), Metadata: { [PUT_ID]: putId } };
    for (let tries = 1; ; tries += 1) {
      try {
        const { VersionId = "null", ETag } = await send({ ...input, ...toHeaders(condition) });
        return { kind: "stored", object: toStored(key, VersionId, ETag, sizeBytes) };
      } catch (error) {
        if (condition === undefined) return failS3("an object could not be put")(error);
        const { status, attempts } = describeFailure(error);
        if (status === 409 && tries < TRIES_OF_409) continue;
        if (status !== 412 && status !== 409 && !isMissing(error))
          return failS3("an object could not be put")(error);
        const own = attempts > 1 || tries > 1 ? await this.#findOwn(key, putId) : undefined;
        return own === undefined ? { kind: "conflict" } : { kind: "stored", object: own };
      }
    }
  }

  /** The version that a try of this write left, whatever has been put on it since. */
  async #findOwn(key: string, putId: string): Promise<StoredObject | undefined> {
    for (const version of await this.#versions(key)) {
      if (version.key !== key || version.isDeleteMarker) continue;
      const head = await this.#client
        .send(new HeadObjectCommand(this.#name(key, version.versionId)))
        .catch(failS3("an object could not be looked at"));
      if (head.Metadata?.[PUT_ID] === putId)
        return toStored(key, version.versionId, version.etag, version.sizeBytes);
    }
    return undefined;
  }

  async #getHead(key: string, versionId?: string): Promise<StoredObject> {
    checkKey(key);
    const found = await this.#findHead(key, versionId);
    if (found === undefined) throw new NotFoundError("there is no such object, or none of that version");
    return found;
  }

  async #findHead(key: string, versionId?: string): Promise<StoredObject | undefined> {
    try {
      const head = await this.#client.send(new HeadObjectCommand(this.#name(key, versionId)));
      return toStored(key, head.VersionId ?? "null", head.ETag, head.ContentLength ?? 0);
    } catch (error) {
      if (isMissing(error, versionId)) return undefined;
      return failS3("an object could not be looked at")(error);
    }
  }

  async #read(key: string, versionId?: string): Promise<Readable> {
    try {
      const { Body } = await this.#client.send(new GetObjectCommand(this.#name(key, versionId)));
      if (!(Body instanceof Readable)) throw new UnavailableError("S3 gave no bytes of an object");
      return Body;
    } catch (error) {
      if (isMissing(error, versionId))
        throw new NotFoundError("there is no such object, or none of that version");
      return failS3("an object could not be read")(error);
    }
  }

  #name(key: string, versionId?: string) {
    const VersionId = versionId === undefined ? {} : { VersionId: versionId };
    return { Bucket: this.#bucketOf(key), Key: this.#prefix + key, ...VersionId };
  }

  #versions(prefix: string) {
    return listAllVersions(this.#client, this.#bucketOf(prefix), this.#prefix, prefix);
  }
}

function toHeaders(condition: PutCondition | undefined): { IfNoneMatch?: string; IfMatch?: string } {
  if (condition === undefined) return {};
  return condition === "absent" ? { IfNoneMatch: "*" } : { IfMatch: `"${condition.etag}"` };
}

function checkDeletions(errors: readonly { readonly Code?: string | undefined }[]): void {
  const codes = errors.map(({ Code = "Error" }) => Code).filter((code) => code !== "NoSuchVersion");
  const [first] = codes;
  if (first === undefined) return;
  const message = `S3 did not remove ${codes.length} of the versions: ${first}`;
  throw codes.some(isThrottleName) ? new UnavailableError(message) : new Error(message);
}

async function sizeOfFile(path: string): Promise<number> {
  const stats = await lstat(path).catch((error: unknown) => {
    if (isErrorCode(error, "ENOENT")) throw new NotFoundError(`there is no file at ${path} to put`);
    throw error;
  });
  if (!stats.isFile()) throw new InvalidInputError(`${path} must be a regular file to be put`);
  return stats.size;
}
