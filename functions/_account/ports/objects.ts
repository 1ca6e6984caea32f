// Opens the object store: what is data, what is staged, and the evidence have buckets of their own.

import { createS3Client, S3ObjectStore } from "@steward/adapters/aws";
import { variable } from "../environment.ts";
import { once } from "../once.ts";
import { scratchFolder } from "../scratch.ts";

export const open = once(
  async () =>
    new S3ObjectStore({
      client: createS3Client(),
      bucket: variable("DATA_BUCKET"),
      buckets: {
        "audit/": variable("EVIDENCE_BUCKET"),
        "evidence/": variable("EVIDENCE_BUCKET"),
        "staging/": variable("STAGING_BUCKET"),
      },
      scratch: scratchFolder("objects"),
    }),
);
