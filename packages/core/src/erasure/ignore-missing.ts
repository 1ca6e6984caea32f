// Decides what it means to an erasure that something is not there: nobody is in it.

import { NotFoundError } from "../errors/steward-error.ts";

/** A group, or a version of an object, that is lost holds nobody; what brings it back leaves the suppressed out. */
export async function ignoringMissing<T>(work: Promise<T>): Promise<T | undefined> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof NotFoundError) return undefined;
    throw error;
  }
}
