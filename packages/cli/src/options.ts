// Decides the arguments and options that several commands share.

import { Argument, Option } from "commander";
import { toCount, toFraction, toPace } from "./option-values.ts";

export const groupArgument = (): Argument => new Argument("<group>", "name of a feature group");
export const runArgument = (): Argument => new Argument("<run>", "id of a run, as `steward runs` lists them");

/** As core's STORES, which is not imported here so that help is there at once. */
const STORES = ["hot", "online", "offline"] as const;
export const storeOption = (): Option => new Option("--store <store>", "which store to read").choices(STORES);

export const asOfOption = (description: string): Option => new Option("--as-of <instant>", description);

/** They work before and after the command. */
export const commonOptions = (): readonly Option[] => [
  new Option("--state <dir>", "folder that keeps everything").env("STEWARD_STATE").default(".steward"),
  new Option("--features <dir>", "folder of feature group definitions, instead of the built-in ones").env(
    "STEWARD_FEATURES",
  ),
  new Option("--clock <instant>", "drive the platform's clock to this instant; it never goes back"),
  new Option("--json", "one JSON document on stdout (one a line from export)"),
  new Option("--quiet", "no progress on stderr"),
  new Option("--pace <records>", "write at most so many records a second").argParser(toPace),
  new Option(
    "--set-aside-threshold <share>",
    "share of malformed rows above which a run fails (1%)",
  ).argParser(toFraction),
  new Option(
    "--offline-delay <ms>",
    "how long the emulator, once started, holds streamed rows before they are in the offline store (1000)",
  )
    .env("STEWARD_OFFLINE_DELAY")
    .argParser(toCount),
];
