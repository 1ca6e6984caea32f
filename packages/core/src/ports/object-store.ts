// A versioned object store as S3 offers it: conditional puts, every older version kept until removed by its id.

import type { EpochMs } from "../time/epoch-ms.ts";

export interface ObjectVersion {
  readonly key: string;
  readonly versionId: string;
  readonly isLatest: boolean;
  /** A marker hides the key and holds no bytes. */
  readonly isDeleteMarker: boolean;
  readonly sizeBytes: number;
  readonly modifiedAtMs: EpochMs;
}

export interface StoredObject {
  readonly key: string;
  readonly versionId: string;
  readonly etag: string;
  readonly sizeBytes: number;
}

/** What must be so for a put to apply: no current object under the key, or one with this etag. */
export type PutCondition = "absent" | { readonly etag: string };

export type PutOutcome =
  | { readonly kind: "stored"; readonly object: StoredObject }
  | { readonly kind: "conflict" };

export interface ObjectStore {
  /** Stores the bytes whole or not at all; `conflict` when the condition does not hold. Durable once it returns. */
  put(key: string, bytes: Uint8Array, condition?: PutCondition): Promise<PutOutcome>;
  /** Moves a local file in, whole or not at all; the file is gone from its path afterwards when it was stored. */
  putFile(key: string, path: string, condition?: PutCondition): Promise<PutOutcome>;
  /** Where an engine reads the current object, or one version: a local path, or an `s3://` URL. @throws NotFoundError. */
  locate(key: string, options?: { readonly versionId?: string }): Promise<string>;
  /** Whether the current object still has the bytes that were put: a disk may lose some, or a person change them. Reads all
   * of it; S3 checks this itself whenever it reads. @throws NotFoundError when there is none. */
  isIntact(key: string): Promise<boolean>;
  /** Copies the current object (of a key in this store) to another key, byte for byte, without passing through the caller. */
  copy(from: string, to: string, condition?: PutCondition): Promise<PutOutcome>;
  find(key: string): Promise<StoredObject | undefined>;
  /** The bytes of the current object, or of one version. @throws NotFoundError when there is none. */
  get(key: string, options?: { readonly versionId?: string }): Promise<Uint8Array>;
  /** Current objects whose key begins with the prefix, ascending by key. */
  list(prefix: string): Promise<readonly StoredObject[]>;
  /** Every version and marker whose key begins with the prefix, ascending by key, newest first within a key. */
  listVersions(prefix: string): Promise<readonly ObjectVersion[]>;
  /** Hides the key behind a delete marker; its versions stay. */
  remove(key: string): Promise<void>;
  /** Removes these versions for good; those already gone are no error. */
  removeVersions(versions: readonly { readonly key: string; readonly versionId: string }[]): Promise<void>;
}
