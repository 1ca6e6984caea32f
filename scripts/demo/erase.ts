// Third act: one customer is erased from every copy; the certificate is checked without the platform, and a forged one is refused;
// nothing brings the customer back.

import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { PURCHASES, refresh } from "./refresh.ts";
import { check, DemoError, heading, say } from "./say.ts";
import { asked, STATE, shown } from "./steward.ts";
import { CUSTOMER, checkNowhere, exportAll, GROUP, SESSIONS } from "./stores.ts";

const PROOF = join(STATE, "proof");
const VISIT = `visits-${CUSTOMER}`;
const NEIGHBOUR = "00009";
const GROUPS = 2;

interface Preview {
  readonly groups: readonly { readonly rows: number; readonly online: number; readonly hot: number }[];
  readonly sources: readonly { readonly rows: number }[];
}

interface Certificate {
  readonly copies: readonly { readonly copy: string; readonly erased: number }[];
  readonly scan: { readonly found: number };
}

export async function showErasure(customers: number, laterIso: string): Promise<void> {
  heading(`3. Erasure: customer ${CUSTOMER} asks to be forgotten`);
  const before = await countRows();
  check(before.rows > 0 && before.records > 0, "the customer is in files and in stores");
  const said = await shown(["erase", "customer", CUSTOMER, "--yes"]);
  const certificate = takeProof(said);
  await checkCertificate(certificate, before.rows);
  await checkNowhere(GROUP, CUSTOMER);
  await checkNowhere(SESSIONS, VISIT);
  await checkNothing("a new preview finds no row and no record of the customer");

  heading("   A file is handed in that has the customer's old purchases once more, and a neighbour's");
  const [again, count] = writeAgain();
  const { counts } = await refresh(GROUP, ["--input", again, "--clock", laterIso]);
  check(counts.read === count, `all ${count} rows were read`);
  const rows = await exportAll(customers - 1);
  check(
    !rows.some((row) => row.includes(`"recordId":"${CUSTOMER}"`)),
    "everybody else is there, the customer stays erased",
  );
  await checkNothing("and no file took in a row of the customer's");
}

/** Every purchase of the customer and of the next one: the file, and how many. */
function writeAgain(): readonly [string, number] {
  const [header = "", ...rows] = readFileSync(PURCHASES, "utf8").trimEnd().split("\n");
  const chosen = rows.filter((row) => row.startsWith(CUSTOMER) || row.startsWith(NEIGHBOUR));
  const file = join(STATE, "again.csv");
  writeFileSync(file, `${[header, ...chosen].join("\n")}\n`);
  return [file, chosen.length];
}

/** What the files (features and events, every version) and the stores have under the customer's own identifier. */
async function countRows(): Promise<{ readonly rows: number; readonly records: number }> {
  const { groups, sources } = await asked<Preview>(["erase", "customer", CUSTOMER, "--preview"]);
  const rows = sum([...groups, ...sources].map((one) => one.rows));
  const records = sum(groups.map(({ online, hot }) => online + hot));
  say(`  ${rows} rows in files, ${records} records in the online and the hot store`);
  return { rows, records };
}

async function checkNothing(claim: string): Promise<void> {
  const { rows, records } = await countRows();
  check(rows === 0 && records === 0, claim);
}

/** Copies certificate and public key to a folder that nothing else of the platform lies in, as one would hand them out. */
function takeProof(said: string): Certificate {
  mkdirSync(PROOF, { recursive: true });
  const certificate = /^certificate {2}(\S+)$/m.exec(said)?.[1];
  const publicKey = /^public key {3}(\S+)$/m.exec(said)?.[1];
  if (certificate === undefined || publicKey === undefined)
    throw new DemoError("the command names no certificate");
  copyFileSync(certificate, join(PROOF, "certificate.json"));
  copyFileSync(publicKey, join(PROOF, "key.pem"));
  const text = readFileSync(certificate, "utf8");
  writeFileSync(join(PROOF, "forged.json"), text.replace(/"erased":\d+/, '"erased":99'));
  return JSON.parse(text) as Certificate; // Steward wrote it
}

async function checkCertificate({ copies, scan }: Certificate, rows: number): Promise<void> {
  const inFiles = copies.filter(({ copy }) => copy === "offline" || copy === "event table");
  check(
    sum(inFiles.map(({ erased }) => erased)) === rows,
    `the certificate accounts for the ${rows} rows that the preview found in files`,
  );
  const inStores = copies.filter(({ copy }) => copy === "online" || copy === "hot");
  check(
    inStores.length === 2 * GROUPS && inStores.every(({ erased }) => erased === 1),
    "and for a record of each group in the online and the hot store: the purchases and the visit",
  );
  check(scan.found === 0, "a second look by another reader found none left");
  const key = ["--key", join(PROOF, "key.pem")];
  await shown(["certificate", "verify", join(PROOF, "certificate.json"), ...key]);
  check(true, "certificate and key are enough to verify it: no store was asked");
  await shown(["certificate", "verify", join(PROOF, "forged.json"), ...key], 1);
  check(true, "with one number changed it is refused (exit 1)");
}

const sum = (counts: readonly number[]): number => counts.reduce((total, count) => total + count, 0);
