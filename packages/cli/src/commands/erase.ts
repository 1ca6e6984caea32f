// `steward erase`: one subject or many, gone from every copy, with a certificate.

import type { ErasureCall, Run } from "@steward/core";
import { Argument, Option } from "commander";
import { type CommandDefinition, defineCommand } from "../command.ts";
import { concludeErasure, finishDueErasures, joinRun } from "../conclude-erasure.ts";
import { followRun } from "../conclude-run.ts";
import { isConfirmed } from "../confirm.ts";
import type { Context } from "../context.ts";
import { toErasurePreviewText } from "../erasure-text.ts";
import { EXIT, type ExitCode } from "../exit-code.ts";
import { UsageError } from "../plain-error.ts";
import { Progress } from "../progress.ts";
import { findPlatformUp, followRunThere, isCarried } from "../run-there.ts";
import { readSubjectLines } from "../subject-lines.ts";
import { toCountText } from "../words.ts";

interface Input {
  readonly entity: string;
  readonly ids: readonly string[];
  readonly file?: string;
  readonly preview?: boolean;
  readonly yes?: boolean;
  readonly key?: string;
}

/** What a header carries unchanged. */
const HEADER_VALUE = /^[\x21-\x7e]{1,256}$/;
const LEFT_LYING: ReadonlySet<string> = new Set(["interrupted", "failed", "cancelled"]);

const definition: CommandDefinition<Input> = {
  name: "erase",
  summary: "erase subjects from every copy, and prove it",
  description:
    "Suppresses the subjects for good, erases them from the online, hot and offline store (older versions too), the event\n" +
    "table, set-aside rows and staged files, scans every copy, and signs a certificate; returns once it is signed.\n" +
    "What only time empties is dated in it; `steward up` or a later command finishes then.\n" +
    "Asked again while it awaits its certificate, or with the same --key: the same erasure.",
  arguments: [
    new Argument("<entity>", "what kind of subject, as the definitions name it"),
    new Argument("[ids...]", "identifiers; those that begin with a dash go after --").default([], ""),
  ],
  options: [
    new Option("--file <file>", "identifiers, one a line; - reads stdin"),
    new Option("--preview", "say what it would find, and do nothing"),
    new Option("--yes", "do not ask"),
    new Option("--key <key>", "the same key again is the same erasure"),
  ],
  examples: [
    ["erase customer 00042 --preview", "where a customer is now"],
    ["erase customer 00042 --yes", "gone, with a certificate"],
    ["erase customer --file leavers.txt --yes --key 2026-11-week-3", "many in one pass"],
  ],
  async run(context, { entity, ids, file, preview, yes, key }) {
    if (ids.length === 0 && file === undefined)
      throw new UsageError("name the identifiers to erase, or give --file; see `steward erase --help`");
    const listed = file === undefined ? [] : await readSubjectLines(file);
    const call: ErasureCall = { entity, identifiers: [...ids, ...listed], key };
    const count = await checkCall(context, call);
    if (preview === true) return previewCall(context, call);
    const subjects = `${toCountText(count)} of ${entity}`;
    const question = `Erase ${subjects} from every copy, for good?`;
    if (yes !== true && !(await isConfirmed(question, `this erases ${subjects} for good`))) {
      context.output.result({ erased: 0 }, () => "Nothing was erased.");
      return EXIT.done;
    }
    return eraseCall(context, call);
  },
};

/** How many subjects there are, before anything is started. */
async function checkCall(context: Context, call: ErasureCall): Promise<number> {
  const { checkErasure, GroupList } = await import("@steward/core");
  return checkErasure(new GroupList(await context.groups()), call).length;
}

async function previewCall(context: Context, call: ErasureCall): Promise<ExitCode> {
  const { ports } = await context.openPlatform();
  const { previewErasure } = await import("@steward/core");
  const preview = await previewErasure(ports, call);
  context.output.result(preview, () => toErasurePreviewText(preview));
  return EXIT.done;
}

async function eraseCall(context: Context, call: ErasureCall): Promise<ExitCode> {
  const there = await eraseThere(context, call);
  if (there !== undefined) return concludeErasure(context, there);
  const progress = new Progress(context.output);
  const platform = await context.openPlatform((execution, state) => progress.entered(execution, state));
  const { acceptErasure } = await import("@steward/core");
  platform.startWorkers();
  const { run, isNew } = await acceptErasure(platform.ports, call);
  const settled = await (isNew ? followRun : joinRun)(context, platform, progress, run);
  const code = await concludeErasure(context, settled);
  await finishDueErasures(context, platform);
  return code;
}

/** By the platform that is up; undefined where none takes it, or where an erasure was left lying that is to be taken up. */
async function eraseThere(context: Context, call: ErasureCall): Promise<Run | undefined> {
  const { entity, identifiers, key } = call;
  const names = (await context.groups()).map(({ name }) => name);
  const body = { entity, ids: [...identifiers] };
  const { erasureBody } = await import("@steward/functions/_runtime/api-schemas.ts");
  const isAsked = context.pace === undefined && (key === undefined || HEADER_VALUE.test(key));
  if (!isAsked || !isCarried(erasureBody, body)) return undefined;
  const api = await findPlatformUp(context, names);
  if (api === undefined) return undefined;
  const { requestId } = await api.startErasure(body, key);
  const { state } = await api.erasure(requestId);
  if (LEFT_LYING.has(state)) return undefined;
  return followRunThere(context, api, { runId: requestId, name: entity });
}

export const erase = () => defineCommand(definition);
