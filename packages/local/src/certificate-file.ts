// Decides where the certificate of an erasure lies for whoever hands it out: a file of its own beside the public key.

import { mkdirSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { FolderObjectStore, SqliteLedger, SystemTimer } from "@steward/adapters";
import { certificateFile, findCertificate, type Ports } from "@steward/core";
import { openStateFolder, type StateFolder } from "./state-folder.ts";

export interface Proof {
  /** Paths. */
  readonly certificate: string;
  readonly publicKey: string;
}

/** Writes the certificate of a request from the evidence, the same bytes each time; undefined: there is none yet. */
export async function saveCertificate(
  folder: StateFolder,
  ports: Pick<Ports, "ledger" | "objects">,
  requestId: string,
): Promise<Proof | undefined> {
  const certificate = await findCertificate(ports, requestId);
  if (certificate === undefined) return undefined;
  mkdirSync(folder.certificates, { recursive: true, mode: 0o700 });
  const path = join(folder.certificates, `${requestId}.json`);
  const partial = `${path}.${process.pid}.part`;
  writeFileSync(partial, certificateFile(certificate), { mode: 0o600 });
  renameSync(partial, path);
  return { certificate: path, publicKey: folder.certificateKey };
}

/** The same for a state folder whose servers need not run. */
export async function saveCertificateOf(stateDir: string, requestId: string): Promise<Proof | undefined> {
  const folder = openStateFolder(stateDir);
  const ledger = new SqliteLedger({ file: folder.ledger });
  const objects = new FolderObjectStore({ root: folder.objects, timer: new SystemTimer() });
  try {
    return await saveCertificate(folder, { ledger, objects }, requestId);
  } finally {
    objects.close();
    ledger.close();
  }
}
