// Decides how the adapters tell one failure of the system from another: by its code.
// Leaves what to do about it to the place that knows.

/** Whether the error is one of Node's with such a code, as `ENOENT`. */
export function isErrorCode(error: unknown, ...codes: readonly string[]): boolean {
  return error instanceof Error && "code" in error && codes.includes(String(error.code));
}
