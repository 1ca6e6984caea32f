// All mistakes that are planted, by the stage that they are planted in.

import {
  IDENTITY_MISTAKES,
  KEY_MISTAKES,
  RESOURCE_POLICY_MISTAKES,
  TENANCY_MISTAKES,
  TRUST_MISTAKES,
} from "./access.ts";
import { ALARM_MISTAKES, API_MISTAKES, SCHEDULE_MISTAKES } from "./calls.ts";
import { DATA_MISTAKES, DEV_MISTAKES, STAGE_MISTAKES, STORAGE_MISTAKES } from "./data.ts";
import { NETWORK_MISTAKES } from "./network.ts";
import { FUNCTION_MISTAKES, MESSAGE_MISTAKES, WORKFLOW_MISTAKES } from "./operation.ts";
import type { Mistakes, Plant } from "./plant.ts";

export interface Mistake {
  readonly title: string;
  readonly stage: "dev" | "prod";
  /** The title of the rule that must catch it. */
  readonly rule: string;
  readonly plant: Plant;
}

const listed = (stage: Mistake["stage"], mistakes: Mistakes): readonly Mistake[] =>
  Object.entries(mistakes).flatMap(([rule, planted]) =>
    Object.entries(planted).map(([title, plant]) => ({ title, stage, rule, plant })),
  );

export const MISTAKES: readonly Mistake[] = [
  ...[
    IDENTITY_MISTAKES,
    TRUST_MISTAKES,
    KEY_MISTAKES,
    RESOURCE_POLICY_MISTAKES,
    TENANCY_MISTAKES,
    NETWORK_MISTAKES,
    STORAGE_MISTAKES,
    DATA_MISTAKES,
    STAGE_MISTAKES,
    FUNCTION_MISTAKES,
    WORKFLOW_MISTAKES,
    MESSAGE_MISTAKES,
    SCHEDULE_MISTAKES,
    API_MISTAKES,
    ALARM_MISTAKES,
  ].flatMap((mistakes) => listed("prod", mistakes)),
  ...listed("dev", DEV_MISTAKES),
];
