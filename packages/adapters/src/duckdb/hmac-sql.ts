// Decides how a pseudonym is computed where the rows are: HMAC-SHA256 (RFC 2104) out of DuckDB's sha256().

import { createHash } from "node:crypto";
import { type Pseudonymiser, quoteText } from "@steward/core";

const BLOCK_BYTES = 64;
const INNER_PAD = 0x36;
const OUTER_PAD = 0x5c;

/** An expression for the pseudonym of the text that `identifier` (an SQL expression, VARCHAR) gives. It holds the key
 * in a derived form: never log it. */
export function pseudonymSql(pseudonymiser: Pseudonymiser, entityType: string, identifier: string): string {
  const { key } = pseudonymiser;
  const block = Buffer.alloc(BLOCK_BYTES);
  block.set(key.length > BLOCK_BYTES ? createHash("sha256").update(key).digest() : key);
  const inner = Buffer.concat([
    block.map((byte) => byte ^ INNER_PAD),
    Buffer.from(`${entityType}\0`, "utf8"),
  ]);
  const outer = Buffer.from(block.map((byte) => byte ^ OUTER_PAD));
  return `sha256(${blob(outer)} || unhex(sha256(${blob(inner)} || encode(${identifier}))))`;
}

function blob(bytes: Uint8Array): string {
  return `unhex(${quoteText(Buffer.from(bytes).toString("hex"))})`;
}
