// Decides in which order the concerns of a stage are built, and what a deployment prints.

import { setDefaults } from "./defaults.ts";
import { createKeys } from "./keys.ts";

export function build() {
  setDefaults();
  const keys = createKeys();
  return { dataKey: keys.data.arn };
}
