// Opens the bucket where sources hand in files.

import { SystemTimer } from "@steward/adapters";
import { createS3Client, S3Incoming } from "@steward/adapters/aws";
import { variable } from "../environment.ts";
import { once } from "../once.ts";
import { scratchFolder } from "../scratch.ts";

export const open = once(
  async () =>
    new S3Incoming({
      client: createS3Client(),
      bucket: variable("INCOMING_BUCKET"),
      scratch: scratchFolder("incoming"),
      timer: new SystemTimer(),
    }),
);
