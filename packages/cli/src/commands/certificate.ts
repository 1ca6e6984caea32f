// `steward certificate verify`: whether a certificate is what was signed; needs no state folder and starts nothing.

import { readFileSync, statSync } from "node:fs";
import { Argument, Command, Option } from "commander";
import {
  type ChainVerdict,
  type CheckedCertificate,
  verifyCertificate,
  verifyChain,
} from "../certificate/verify-certificate.ts";
import { type CommandDefinition, defineCommand, withHouseRules } from "../command.ts";
import { EXIT } from "../exit-code.ts";
import type { Output } from "../output.ts";
import { UsageError } from "../plain-error.ts";
import { toCountOf } from "../words.ts";

interface Input {
  readonly file: string;
  readonly key: string;
  readonly chain?: string;
}

const verifyDefinition: CommandDefinition<Input> = {
  name: "verify",
  summary: "check a certificate against the public key that signed it",
  description:
    "Checks that a certificate is byte for byte what was signed, and that this key signed it. With --chain also that\n" +
    "the evidence is unbroken and holds the certificate. Needs nothing but these files.\n" +
    "Exit code 0: valid. 1: changed, or signed by another key. 2: no certificate, or no key.",
  arguments: [new Argument("<file>", "the certificate")],
  options: [
    new Option("--key <file>", "the public key, PEM").makeOptionMandatory(),
    new Option("--chain <dir>", "folder of the evidence: 000000001.json and so on"),
  ],
  examples: [
    ["certificate verify certificate.json --key certificate-public-key.pem", "valid, or what is wrong"],
    [
      "certificate verify certificate.json --key certificate-public-key.pem --chain .steward/objects/evidence",
      "the evidence as well",
    ],
  ],
  async run({ output }, { file, key, chain }) {
    const verdict = verifyCertificate(
      readInput(file, "the certificate"),
      readInput(key, "the key").toString(),
    );
    if (verdict.kind === "unusable") throw new UsageError(`${verdict.reason}: nothing was checked`);
    if (chain !== undefined && statSync(chain, { throwIfNoEntry: false })?.isDirectory() !== true)
      throw new UsageError(`--chain ${chain} is no folder`);
    const evidence =
      verdict.kind === "valid" && chain !== undefined ? verifyChain(chain, verdict.certificate) : undefined;
    const fault = [verdict, evidence].find((found) => found?.kind === "invalid");
    if (fault?.kind === "invalid") {
      output.result({ valid: false, reason: fault.reason }, () => `Not valid: ${fault.reason}.`);
      return EXIT.failed;
    }
    if (verdict.kind === "valid") report(output, verdict.certificate, evidence);
    return EXIT.done;
  },
};

type ValidChain = Extract<ChainVerdict, { readonly kind: "valid" }>;

function report(output: Output, certificate: CheckedCertificate, evidence: ChainVerdict | undefined): void {
  const { text: _, ...said } = certificate;
  const entries = (evidence as ValidChain | undefined)?.entries;
  output.result({ valid: true, ...said, ...(entries === undefined ? {} : { chainEntries: entries }) }, () =>
    toText(certificate, entries),
  );
}

function toText(
  { requestId, entity, subjectCount, suppressedUntil, certifiedAt, keyId, chainNumber }: CheckedCertificate,
  entries: number | undefined,
): string {
  const lines = [
    `Valid: erasure ${requestId} of ${toCountOf(subjectCount, "subject")} (${entity}), certified ${certifiedAt}.`,
    `Nothing of them dated up to ${suppressedUntil} is written again. Signed by key ${keyId}.`,
  ];
  if (entries !== undefined)
    lines.push(`The evidence is unbroken (entries 1 to ${entries}); this is entry ${chainNumber}.`);
  return lines.join("\n");
}

/** @throws UsageError naming the file. */
function readInput(path: string, what: string): Buffer {
  try {
    return readFileSync(path);
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : "no reason given";
    throw new UsageError(`${what} ${path} cannot be read (${code})`, { cause: error });
  }
}

export const certificate = (): Command =>
  withHouseRules(new Command("certificate"))
    .summary("check what an erasure certified")
    .description("Checks the certificates of erasures.")
    .addHelpText(
      "after",
      "\nExamples:\n  steward certificate verify certificate.json --key certificate-public-key.pem",
    )
    .helpCommand(false)
    .addCommand(defineCommand(verifyDefinition));
