// The handlers of the erasure, each under the name of its task.

export { handler as acquireLease } from "@steward/functions/erasure/acquire-lease.ts";
export { handler as awaitDrain } from "@steward/functions/erasure/await-drain.ts";
export { handler as awaitOfflineBuffer } from "@steward/functions/erasure/await-offline-buffer.ts";
export { handler as eraseEvents } from "@steward/functions/erasure/erase-events.ts";
export { handler as eraseOffline } from "@steward/functions/erasure/erase-offline.ts";
export { handler as eraseReadable } from "@steward/functions/erasure/erase-readable.ts";
export { handler as failRun } from "@steward/functions/erasure/fail-run.ts";
export { handler as finishErasure } from "@steward/functions/erasure/finish-erasure.ts";
export { handler as hardDelete } from "@steward/functions/erasure/hard-delete.ts";
export { handler as planErasure } from "@steward/functions/erasure/plan-erasure.ts";
export { handler as scanCopies } from "@steward/functions/erasure/scan-copies.ts";
export { handler as signCertificate } from "@steward/functions/erasure/sign-certificate.ts";
export { handler as suppressSubjects } from "@steward/functions/erasure/suppress-subjects.ts";
