// Decides which version this is: the package's own.

import { readFileSync } from "node:fs";

export function stewardVersion(): string {
  const file = new URL("../package.json", import.meta.url);
  return (JSON.parse(readFileSync(file, "utf8")) as { version: string }).version;
}
