// The process of the Feature Store emulator beside a platform: its offline files go into the platform's object store.

import { parseArgs } from "node:util";
import { type OfflineSink, startFeatureStore } from "steward-feature-store";

const { values } = parseArgs({
  options: {
    port: { type: "string", default: "0" },
    state: { type: "string", default: "" },
    objects: { type: "string", default: "" },
    "offline-delay": { type: "string", default: "1000" },
  },
});

const store = await startFeatureStore({
  port: Number(values.port),
  state: values.state,
  creationDelayMs: 0,
  offlineSink: objectStoreSink(values.objects),
  offlineDelayMs: Number(values["offline-delay"]),
  offlineDelayInRealTime: true,
});
for (const signal of ["SIGTERM", "SIGINT"] as const) {
  process.once(signal, () => {
    store.close().then(
      () => process.exit(0),
      () => process.exit(1),
    );
  });
}
console.log(`Feature Store is ready at ${store.url}`);

/** The object store is opened for the first file: most commands write none, and the process stays small. */
function objectStoreSink(root: string): OfflineSink {
  let opened: Promise<import("@steward/adapters/objects").FolderObjectStore> | undefined;
  const open = async () => {
    const { FolderObjectStore } = await import("@steward/adapters/objects");
    const { setTimeout: sleep } = await import("node:timers/promises");
    return new FolderObjectStore({
      root,
      timer: { nowMs: Date.now, sleep, fraction: Math.random },
    });
  };
  return {
    async put(uri, bytes) {
      opened ??= open();
      // In the way: the same file, put before a kill. What an erasure has made of it since stays as it is.
      await (await opened).put(uri.replace(/^s3:\/\/[^/]+\//, ""), bytes, "absent");
    },
    async close() {
      (await opened)?.close();
    },
  };
}
