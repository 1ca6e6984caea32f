// Decides: where flushed files go: a place that is told a file's S3 URI, here a folder that stands for S3.
// Leaves to others: which files there are (offline-flush.ts).
import { randomUUID } from "node:crypto";
import { mkdir, open, rename, rm } from "node:fs/promises";
import { dirname, resolve, sep } from "node:path";

export interface OfflineSink {
  /**
   * Keeps the file whole under its URI, or throws. Durable once it resolves. A file that was put may come again with the
   * same bytes: whoever has it already, or had it and removed it, may leave it out.
   */
  put(uri: string, bytes: Uint8Array): Promise<void>;
  close?(): Promise<void>;
}

/** `s3://bucket/key` lies under `dir/bucket/key`. */
export function folderSink(dir: string): OfflineSink {
  const root = resolve(dir);
  return {
    async put(uri, bytes) {
      const path = resolve(root, uri.replace(/^[a-z0-9]+:\/\//, ""));
      if (!path.startsWith(root + sep)) throw new Error("the group's S3 URI leads out of the offline folder");
      await mkdir(dirname(path), { recursive: true });
      const incoming = `${path}.${randomUUID()}.tmp`;
      try {
        const file = await open(incoming, "wx", 0o600);
        await file.writeFile(bytes);
        await file.sync();
        await file.close();
        await rename(incoming, path);
      } catch (error) {
        await rm(incoming, { force: true });
        throw error;
      }
    },
  };
}
