// `steward erasure`: one erasure, what became of it, and where its certificate lies.

import type { ErasureReport } from "@steward/core";
import { Argument } from "commander";
import { type CommandDefinition, defineCommand } from "../command.ts";
import { problemOf } from "../conclude-run.ts";
import type { Context } from "../context.ts";
import { toErasureText, toProofText } from "../erasure-text.ts";
import { type ErasureDetail, toErasureDetail, toErasureRow } from "../erasure-view.ts";
import { EXIT } from "../exit-code.ts";

interface Input {
  readonly request: string;
}

const definition: CommandDefinition<Input> = {
  name: "erasure",
  summary: "show an erasure: what became of it, and where its certificate lies",
  arguments: [new Argument("<request>", "id of an erasure, as `steward erasures` lists them")],
  examples: [
    ["erasure 20261124t203301-7f3k2m9x", "in words"],
    ["erasure 20261124t203301-7f3k2m9x --json", "all that is known of it"],
  ],
  async run(context, { request: requestId }) {
    const { getRequest, getRun, NotFoundError } = await import("@steward/core");
    const view = await context.openLedger();
    if (view === undefined)
      throw new NotFoundError(`there is no erasure "${requestId}": nothing has run in ${context.stateDir}`);
    const request = await getRequest(view.ledger, requestId);
    const run = await getRun(view.ledger, requestId);
    const detail = toErasureDetail(await toErasureRow(view, request, run), run);
    const proof = request.certificate === null ? undefined : await saveProof(context, requestId);
    const files = proof ?? { certificate: null, publicKey: null };
    context.output.result({ ...detail, ...files, error: problemOf(run) ?? null }, () =>
      [
        toText(detail, run.report as unknown as ErasureReport | null), // core wrote it
        ...(proof === undefined ? [] : [toProofText(proof)]),
        ...(run.error === null ? [] : [`${problemOf(run)?.message}.`]),
      ].join("\n"),
    );
    return EXIT.done;
  },
};

/** The certificate as a file, written again where it was moved away. */
async function saveProof(context: Context, requestId: string) {
  const { saveCertificateOf } = await import("@steward/local");
  return saveCertificateOf(context.stateDir, requestId);
}

function toText(detail: ErasureDetail, report: ErasureReport | null): string {
  const head = `Erasure ${detail.requestId} (${detail.subjects} of ${detail.entity}, requested ${detail.requestedAt}): ${detail.state}.`;
  if (report === null) return head;
  const { finishedAt } = detail;
  return `${head}\n${toErasureText({ ...report, finishedAt })}`;
}

export const erasure = () => defineCommand(definition);
