// Decides what an entity is: the kind of thing (a customer, a product) that records and suppressions are about.

import { z } from "zod";
import { DefinitionError } from "../errors/steward-error.ts";

export interface Entity {
  /** `[a-z0-9-]`; the entity type that a pseudonym is computed with. */
  readonly name: string;
  /** The source column that usually names one: the record identifier where a group does not say another. */
  readonly key: string;
  readonly description: string;
}

export const NAME = /^[a-z0-9]([a-z0-9-]{0,62}[a-z0-9])?$/;
export const NAME_RULE = "1 to 64 of a-z, 0-9 and -, beginning and ending with a letter or digit";

const options = z.strictObject({ key: z.string().min(1), description: z.string().max(128).default("") });

/** Declares an entity. @throws DefinitionError naming the field and the rule. */
export function entity(name: string, given: z.input<typeof options>): Entity {
  if (!NAME.test(name)) throw new DefinitionError(`entity "${name}": name must be ${NAME_RULE}`);
  const parsed = options.safeParse(given);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    throw new DefinitionError(`entity "${name}": ${issue?.path.join(".") || "options"}: ${issue?.message}`);
  }
  return Object.freeze({ name, ...parsed.data });
}
