// Reads or creates the suppression key and prints a digest of it. Arguments: folder.

import { createHash } from "node:crypto";
import { ensureKeyFile } from "../../../../packages/adapters/src/secrets/key-file.ts";
import { startTogether } from "../start-together.ts";

const [folder = ""] = process.argv.slice(2);
await startTogether();
console.log(
  createHash("sha256")
    .update(ensureKeyFile({ folder, purpose: "suppression" }))
    .digest("hex"),
);
