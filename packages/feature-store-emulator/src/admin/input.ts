// Decides: how an admin operation reads its input: strictly, for a mistyped member would be silently without effect.
// Leaves to others: the schemas.
import type { z } from "zod";
import { validationException } from "../aws-error.ts";

/** @throws ValidationException that names the member and the rule. */
export function parseAdminInput<T>(schema: z.ZodType<T>, input: unknown): T {
  const parsed = schema.safeParse(input);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw validationException(`${issue?.path.join(".") || "input"}: ${issue?.message ?? "invalid"}`);
}
