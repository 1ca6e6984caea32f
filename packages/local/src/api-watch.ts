// Decides which of the processes that are left running on a state folder serves its API: the first, and another once that one
// is gone, on the same port where it is free, so that the address holds.

import { rmSync, writeFileSync } from "node:fs";
import { currentProcess } from "@steward/adapters";
import type { ControlPorts } from "@steward/core";
import { AuditTrail } from "@steward/functions/_runtime/api-audit.ts";
import type { Scope } from "@steward/functions/_runtime/scope.ts";
import { type ApiServer, startApiServer } from "./api-server.ts";
import { ensureApiToken } from "./api-token.ts";
import { ServiceRegistry } from "./services/service-registry.ts";
import type { StateFolder } from "./state-folder.ts";
import { startWatch, type Watch } from "./watch.ts";

const LOOK_MS = 1_000;

export interface ApiWatch extends Watch {
  readonly url: string;
}

/** Resolves with the address, once this process or another serves it. */
export async function startApiWatch(
  folder: StateFolder,
  ports: ControlPorts,
  log: Scope["log"],
): Promise<ApiWatch> {
  const scope: Scope = { ports, control: () => ports, log, audit: new AuditTrail(ports) };
  let server: ApiServer | undefined;
  const look = async (): Promise<string> => {
    if (server !== undefined) return server.url;
    const registry = new ServiceRegistry(folder.services);
    try {
      // Without the lock: who waits for it stands still, leases and all, while another command starts the servers.
      const elsewhere = registry.findService("api");
      if (elsewhere !== undefined) return elsewhere.url;
      return await registry.exclusively(async () => {
        const served = registry.findService("api");
        if (served !== undefined) return served.url;
        const lastUrl = registry.lastUrl("api");
        const port = lastUrl === undefined ? 0 : Number(new URL(lastUrl).port);
        server = await startApiServer(scope, ensureApiToken(folder), port);
        registry.noteService({ name: "api", url: server.url, process: currentProcess() });
        writeFileSync(folder.apiUrl, `${server.url}\n`, { mode: 0o600 });
        return server.url;
      });
    } finally {
      registry.close();
    }
  };
  const url = await look();
  const watch = startWatch({
    everyMs: LOOK_MS,
    failure: "could not serve the API",
    log,
    look: async () => void (await look()),
  });
  return {
    url,
    async stop() {
      await watch.stop();
      if (server === undefined) return;
      await leave(folder, server);
    },
  };
}

/** The port stays noted with a process that is gone, for the next one. */
async function leave(folder: StateFolder, server: ApiServer): Promise<void> {
  rmSync(folder.apiUrl, { force: true });
  await server.close();
  const registry = new ServiceRegistry(folder.services);
  try {
    await registry.exclusively(async () => {
      const noted = registry.findService("api");
      if (noted?.process.pid === process.pid)
        registry.noteService({ ...noted, process: { ...noted.process, startedAt: "ended" } });
    });
  } finally {
    registry.close();
  }
}
