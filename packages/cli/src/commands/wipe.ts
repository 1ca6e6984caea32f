// `steward wipe`: a drill that loses a store, so that a rebuild can be tried.

import type { Target } from "@steward/core";
import { Option } from "commander";
import { type CommandDefinition, defineCommand } from "../command.ts";
import { isConfirmed } from "../confirm.ts";
import { EXIT } from "../exit-code.ts";
import { toCountOf } from "../words.ts";

interface Input {
  readonly store: Target;
  readonly yes?: boolean;
}

const REMOVED: Readonly<Record<Target, string>> = { hot: "key", online: "record" };

const definition: CommandDefinition<Input> = {
  name: "wipe",
  summary: "lose a store on purpose, as a drill",
  description:
    "Removes all that the groups have in the hot store (values, fences and guards) or in the online store.\n" +
    "Nothing else is touched; `steward rebuild` brings it back.",
  options: [
    new Option("--store <store>", "which store to empty").choices(["hot", "online"]).makeOptionMandatory(),
    new Option("--yes", "do not ask"),
  ],
  examples: [["wipe --store hot --yes", "then: steward rebuild customer-purchases"]],
  async run(context, { store, yes }) {
    const question = `Remove all that the groups have in the ${store} store?`;
    if (yes !== true && !(await isConfirmed(question, `this removes all that is in the ${store} store`))) {
      context.output.result({ store, removed: 0 }, () => "Nothing was removed.");
      return EXIT.done;
    }
    const platform = await context.openPlatform();
    const removed = await platform.wipe(store);
    context.output.result(
      { store, removed },
      () => `Removed ${toCountOf(removed, REMOVED[store])} from the ${store} store.`,
    );
    return EXIT.done;
  },
};

export const wipe = () => defineCommand(definition);
