// Reads from the code which adapters there are and of which port each is: the classes that the two barrels of
// packages/adapters export and that implement an interface of packages/core/src/ports.

import { readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";

export interface Adapter {
  readonly name: string;
  readonly ports: readonly string[];
}

const PORTS = "packages/core/src/ports";
const BARRELS = ["packages/adapters/src/index.ts", "packages/adapters/src/aws.ts"];

/** By name; those of no port are left out. */
export function listAdapters(root: string): readonly Adapter[] {
  const ports = new Set(listPorts(root));
  return BARRELS.flatMap((barrel) => exportedClasses(join(root, barrel)))
    .map(({ name, interfaces }) => ({ name, ports: interfaces.filter((each) => ports.has(each)) }))
    .filter((adapter) => adapter.ports.length > 0)
    .sort((left, right) => (left.name < right.name ? -1 : 1));
}

function listPorts(root: string): readonly string[] {
  return readdirSync(join(root, PORTS)).flatMap((file) => {
    const text = readFileSync(join(root, PORTS, file), "utf8");
    return [...text.matchAll(/^export interface (\w+)/gm)].map(([, name = ""]) => name);
  });
}

function exportedClasses(barrel: string) {
  const text = readFileSync(barrel, "utf8");
  return [...text.matchAll(/^export \{([^}]+)\} from "([^"]+)"/gm)].flatMap(([, names = "", path = ""]) => {
    const module = readFileSync(join(dirname(barrel), path), "utf8");
    return names.split(",").flatMap((each) => {
      const name = each.trim();
      const found = new RegExp(`^export class ${name} (?:extends \\w+ )?implements ([\\w, ]+) \\{`, "m").exec(
        module,
      );
      return found === null ? [] : [{ name, interfaces: (found[1] ?? "").split(/,\s*/) }];
    });
  });
}
