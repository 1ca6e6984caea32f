// Decides how small JSON documents (indexes, manifests, plans) stand in the object store.

import type { z } from "zod";
import { NotFoundError } from "../errors/steward-error.ts";
import type { ObjectStore, PutCondition, PutOutcome } from "../ports/object-store.ts";

export interface JsonObject<T> {
  readonly value: T;
  readonly etag: string;
}

export async function putJson(
  objects: ObjectStore,
  key: string,
  value: unknown,
  condition?: PutCondition,
): Promise<PutOutcome> {
  return objects.put(key, new TextEncoder().encode(`${JSON.stringify(value, undefined, 1)}\n`), condition);
}

export async function findJson<S extends z.ZodType>(
  objects: ObjectStore,
  key: string,
  schema: S,
): Promise<JsonObject<z.infer<S>> | undefined> {
  const found = await objects.find(key);
  if (found === undefined) return undefined;
  const bytes = await objects.get(key, { versionId: found.versionId });
  return { value: schema.parse(JSON.parse(new TextDecoder().decode(bytes))), etag: found.etag };
}

/** @throws NotFoundError when there is none. */
export async function getJson<S extends z.ZodType>(
  objects: ObjectStore,
  key: string,
  schema: S,
): Promise<z.infer<S>> {
  const found = await findJson(objects, key, schema);
  if (found === undefined) throw new NotFoundError(`the object ${key} is not there`);
  return found.value;
}

/** Removes every version of every object whose key begins with the prefix, but those that `keep` names. */
export async function purgePrefix(
  objects: ObjectStore,
  prefix: string,
  keep: ReadonlySet<string> = new Set(),
): Promise<void> {
  const versions = await objects.listVersions(prefix);
  await objects.removeVersions(versions.filter(({ key }) => !keep.has(key)));
}

/** Removes every version of exactly this key. */
export async function purgeKey(objects: ObjectStore, key: string): Promise<void> {
  const versions = await objects.listVersions(key);
  await objects.removeVersions(versions.filter((version) => version.key === key));
}
