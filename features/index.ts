// The groups of this project, one line each.

export { customerActivity } from "./customer-activity.ts";
export { customerLoyalty } from "./customer-loyalty.ts";
export { customerPurchases } from "./customer-purchases.ts";
export { customerSessions } from "./customer-sessions.ts";
export { productViews } from "./product-views.ts";
