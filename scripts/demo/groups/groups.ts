// The groups of the demo: two of the project's own, so that nothing else falls silent while it runs.

export { customerPurchases, customerSessions } from "@steward/features";
