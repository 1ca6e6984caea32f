// Decides what a function's environment holds: the variables of its own ports, by the table that its code reads them by
// (functions/_account/environment.ts), and no others.

import { PORT_VARIABLES, type PortName, type VariableName } from "@steward/functions/_account/environment.ts";
import type { FunctionNeeds } from "./permissions.ts";

export type Variables = Readonly<Record<Exclude<VariableName, "HOT">, $util.Input<string>>> & {
  /** Where the hot store is read, and where it is written too. */
  readonly HOT: { readonly reading: $util.Input<string>; readonly writing: $util.Input<string> };
};

/** `settings`: in place of core's own. */
export function environmentOf(
  needs: FunctionNeeds,
  variables: Variables,
  settings: $util.Input<string>,
): Readonly<Record<string, $util.Input<string>>> {
  const names = new Set(
    (Object.keys(needs) as PortName[]).flatMap((port): readonly VariableName[] => PORT_VARIABLES[port]),
  );
  const textOf = (name: VariableName) => {
    if (name !== "HOT") return variables[name];
    return isReader(needs) ? variables.HOT.reading : variables.HOT.writing;
  };
  return Object.fromEntries([
    ["STEWARD_SETTINGS", settings],
    ...[...names].sort().map((name) => [`STEWARD_${name}`, textOf(name)] as const),
  ]);
}

/** Whether a function does nothing with the hot store but read values. */
function isReader({ hotStore = [], pacer }: FunctionNeeds): boolean {
  return pacer === undefined && hotStore.every((method) => method === "read");
}
