// Decides which objects of a bucket are files handed in, and gives each to an engine as a copy on this machine.
// S3 shows an object whole or not at all; but it dates objects to the second, so one is listed only after its second:
// whatever replaces it then has another time.

import { createHash, randomBytes } from "node:crypto";
import { createWriteStream } from "node:fs";
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { join } from "node:path";
import { Readable, Transform } from "node:stream";
import { pipeline } from "node:stream/promises";
import { type _Object, GetObjectCommand, ListObjectsV2Command, type S3Client } from "@aws-sdk/client-s3";
import {
  type Incoming,
  type IncomingFile,
  type InputFile,
  type InspectedFile,
  InvalidInputError,
  type Timer,
  UnavailableError,
} from "@steward/core";
import { describeFailure, toCallError } from "../aws/call-failure.ts";
import type { InputFiles } from "../input-files.ts";

export interface S3IncomingOptions {
  readonly client: S3Client;
  readonly bucket: string;
  /** Before the folder of a source, such as `incoming/`; default none. */
  readonly prefix?: string;
  /** A folder of this machine for the copies that engines read. */
  readonly scratch: string;
  readonly timer: Timer;
  /** An object is listed when it was not changed for so long. Default: 2,000, a second for S3's and one for the clocks. */
  readonly settleMs?: number;
}

const DEFAULT_SETTLE_MS = 2_000;
const SUFFIX = ".csv";
/** What begins with it is a beginning, as in a folder: tools that copy folders bring such names along. */
const HIDDEN = ".";

export class S3Incoming implements Incoming, InputFiles {
  readonly #options: S3IncomingOptions;
  /** `s3://bucket/prefix`, as Spark names the files that it reads. */
  readonly #place: string;

  constructor(options: S3IncomingOptions) {
    this.#options = options;
    this.#place = `s3://${options.bucket}/${options.prefix ?? ""}`;
  }

  /** Objects named `s3://bucket/prefix<source>/*.csv` alone; folders in the folder are not looked into. */
  async list(source: string): Promise<readonly IncomingFile[]> {
    const files: IncomingFile[] = [];
    let token: string | undefined;
    do {
      const page = await this.#page(source, token);
      files.push(...(page.Contents ?? []).flatMap((object) => this.#toFile(source, object)));
      token = page.NextContinuationToken;
    } while (token !== undefined);
    return files.sort(
      (left, right) => left.modifiedAtMs - right.modifiedAtMs || (left.name < right.name ? -1 : 1),
    );
  }

  async use<T>(file: InputFile | InspectedFile, work: (path: string) => Promise<T>): Promise<T> {
    const Key = this.#keyOf(file);
    await mkdir(this.#options.scratch, { recursive: true, mode: 0o700 });
    const folder = await mkdtemp(join(this.#options.scratch, "incoming-"));
    try {
      // The name is of others' choosing: none of it gets into a path.
      const path = join(folder, randomBytes(8).toString("hex"));
      const contentId = await this.#download(file, Key, path);
      if ("contentId" in file && file.contentId !== contentId)
        throw invalid(file, "was replaced since it was inspected: the next refresh takes in what it is now");
      return await work(path);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }

  #page(source: string, token: string | undefined) {
    const { client, bucket, prefix = "" } = this.#options;
    const command = new ListObjectsV2Command({
      Bucket: bucket,
      Prefix: `${prefix}${source}/`,
      Delimiter: "/",
      ...(token === undefined ? {} : { ContinuationToken: token }),
    });
    return client.send(command).catch(fail("the files handed in could not be listed"));
  }

  #toFile(source: string, { Key = "", Size = 0, LastModified }: _Object): readonly IncomingFile[] {
    const { prefix = "", timer, settleMs = DEFAULT_SETTLE_MS } = this.#options;
    const base = Key.slice(`${prefix}${source}/`.length);
    if (!base.endsWith(SUFFIX) || base.startsWith(HIDDEN) || Size === 0) return [];
    const modifiedAtMs = LastModified?.getTime() ?? 0;
    // As in a folder: a time far ahead is of a clock of this machine that was put back.
    if (Math.abs(timer.nowMs() - modifiedAtMs) < settleMs) return [];
    return [{ name: `${this.#place}${source}/${base}`, sizeBytes: Size, modifiedAtMs }];
  }

  #keyOf(file: InputFile): string {
    if (!file.name.startsWith(this.#place)) throw invalid(file, `does not lie under ${this.#place}`);
    return file.name.slice(`s3://${this.#options.bucket}/`.length);
  }

  /** SHA-256 of the bytes, in hex. The client checks the checksum that S3 keeps; a body cut short is short of its length. */
  async #download(file: InputFile, Key: string, path: string): Promise<string> {
    const { Body, ContentLength } = await this.#get(file, Key);
    if (!(Body instanceof Readable)) throw new UnavailableError("S3 gave no bytes of a file handed in");
    const hash = createHash("sha256");
    let sizeBytes = 0;
    const measure = new Transform({
      transform(bytes: Buffer, _encoding, done) {
        hash.update(bytes);
        sizeBytes += bytes.length;
        done(null, bytes);
      },
    });
    await pipeline(Body, measure, createWriteStream(path, { flags: "wx", mode: 0o600 })).catch(
      fail("a file handed in could not be copied"),
    );
    if (sizeBytes !== ContentLength) throw new UnavailableError("a file handed in arrived cut short");
    return hash.digest("hex");
  }

  async #get(file: InputFile, Key: string) {
    const { client, bucket } = this.#options;
    try {
      return await client.send(new GetObjectCommand({ Bucket: bucket, Key }));
    } catch (error) {
      if (describeFailure(error).name === "NoSuchKey") throw invalid(file, "does not exist");
      return fail("a file handed in could not be read")(error);
    }
  }
}

function fail(what: string): (error: unknown) => never {
  const notFound = new Set(["NoSuchBucket"]);
  return (error) => {
    throw toCallError(what, error, { notFound });
  };
}

function invalid(file: InputFile, rule: string): InvalidInputError {
  return new InvalidInputError(`input file "${file.name}" ${rule}`);
}
