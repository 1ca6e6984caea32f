// Reads the signing key, creating it when there is none, and prints its public half's name. Argument: folder.

import { ensureSigningKeyFile } from "../../../../packages/adapters/src/secrets/key-file.ts";
import { KeyFileSigner } from "../../../../packages/adapters/src/secrets/key-file-signer.ts";
import { startTogether } from "../start-together.ts";

const [folder = ""] = process.argv.slice(2);
await startTogether();
console.log(new KeyFileSigner(ensureSigningKeyFile({ folder, purpose: "certificate" })).keyId);
