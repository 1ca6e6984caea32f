// The handlers of the remediation, each under the name of its task.

export { handler as acquireLease } from "@steward/functions/remediation/acquire-lease.ts";
export { handler as applyRemedy } from "@steward/functions/remediation/apply-remedy.ts";
export { handler as awaitRemedy } from "@steward/functions/remediation/await-remedy.ts";
export { handler as closeIncident } from "@steward/functions/remediation/close-incident.ts";
export { handler as confirmRecovery } from "@steward/functions/remediation/confirm-recovery.ts";
export { handler as diagnoseIncident } from "@steward/functions/remediation/diagnose-incident.ts";
export { handler as failRun } from "@steward/functions/remediation/fail-run.ts";
export { handler as pageOwner } from "@steward/functions/remediation/page-owner.ts";
