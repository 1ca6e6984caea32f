// Decides which exit code a command ends with: the one map from an error's name, or a run's end, to a number.

export const EXIT = { done: 0, failed: 1, usage: 2, notFound: 3, interrupted: 130 } as const;
export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** Any other name is a failure: the request was in order, and doing it did not succeed. */
const BY_ERROR_NAME: Readonly<Record<string, ExitCode>> = {
  UsageError: EXIT.usage,
  InvalidInputError: EXIT.usage,
  DefinitionError: EXIT.usage,
  NotFoundError: EXIT.notFound,
};

export function exitCodeOfError(name: string): ExitCode {
  return BY_ERROR_NAME[name] ?? EXIT.failed;
}

/** Of a run that this command was to bring to its end; one that is still running got stuck. */
export function exitCodeOfRun(run: {
  readonly status: string;
  readonly error: { readonly name: string } | null;
}): ExitCode {
  if (run.status === "succeeded") return EXIT.done;
  return run.error?.name === "InvalidInputError" ? EXIT.usage : EXIT.failed;
}
