// Decides what a person reads of an error: its own plain sentence where the project wrote it, else only what kind it was,
// because the message of a foreign error may quote a value.

export interface PlainError {
  readonly name: string;
  readonly message: string;
}

/** The command line itself is wrong: a flag, an argument, a value that no state could make right. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

export function toPlainError(error: unknown): PlainError {
  if (!(error instanceof Error)) return unexpected("Error");
  if (error instanceof UsageError || "retryable" in error) {
    return { name: error.name, message: error.message.replaceAll(/\s*\n\s*/g, " ") };
  }
  const code = "code" in error ? String(error.code) : undefined;
  return unexpected(error.name, code);
}

function unexpected(name: string, code?: string): PlainError {
  const kind = code === undefined ? name : `${name}, ${code}`;
  return { name, message: `something unexpected went wrong (${kind}): STEWARD_DEBUG=1 shows all of it` };
}
