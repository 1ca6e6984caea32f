// All rules over the evaluated graph of a stage, by concern.

import { ALARM_RULES } from "./alarms.ts";
import { API_RULES } from "./api.ts";
import { DATA_RULES } from "./data.ts";
import { FUNCTION_RULES } from "./functions.ts";
import { IDENTITY_RULES } from "./identity.ts";
import { KEY_RULES } from "./keys.ts";
import { LEAST_PRIVILEGE_RULES } from "./least-privilege.ts";
import { MESSAGE_RULES } from "./messages.ts";
import { NAME_RULES } from "./names.ts";
import { NETWORK_RULES } from "./network.ts";
import { REACH_RULES } from "./reach.ts";
import { RESOURCE_POLICY_RULES } from "./resource-policies.ts";
import type { GraphRule } from "./rule.ts";
import { SCHEDULE_RULES } from "./schedules.ts";
import { STAGE_RULES } from "./stage.ts";
import { STORAGE_RULES } from "./storage.ts";
import { TENANCY_RULES } from "./tenancy.ts";
import { TRUST_RULES } from "./trust.ts";
import { WORKFLOW_RULES } from "./workflows.ts";

export const RULES: readonly GraphRule[] = [
  ...IDENTITY_RULES,
  ...LEAST_PRIVILEGE_RULES,
  ...TRUST_RULES,
  ...KEY_RULES,
  ...RESOURCE_POLICY_RULES,
  ...TENANCY_RULES,
  ...NETWORK_RULES,
  ...REACH_RULES,
  ...STORAGE_RULES,
  ...DATA_RULES,
  ...STAGE_RULES,
  ...NAME_RULES,
  ...FUNCTION_RULES,
  ...WORKFLOW_RULES,
  ...MESSAGE_RULES,
  ...SCHEDULE_RULES,
  ...API_RULES,
  ...ALARM_RULES,
];
