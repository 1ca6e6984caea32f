// Rules of names: that AWS takes each, with room for what Pulumi adds to one that it makes itself.

import type { GraphResource } from "../graph.ts";
import { KIND } from "./kinds.ts";
import { type GraphRule, rule, those } from "./rule.ts";

interface Naming {
  /** The input that says the name; without it Pulumi makes one of the logical name. */
  readonly input: string;
  readonly most: number;
  readonly pattern: RegExp;
}

/** A hyphen and seven digits: Pulumi's concept page "Resource names", autonaming. */
const ADDED = 8;
const WORD = /^[\w-]+$/;
/** Of IAM: word characters and =,.@-+ (API reference, roleNameType). */
const IAM = /^[\w+=,.@-]+$/;
/** Lengths and characters: the services' own models in botocore 1.43.107, S3 user guide for buckets; SQS and Step Functions as their
 * API references say (80). */
const NAMINGS: Readonly<Record<string, Naming>> = {
  [KIND.bucket]: { input: "bucket", most: 63, pattern: /^[a-z0-9][a-z0-9-]*[a-z0-9]$/ },
  [KIND.cluster]: { input: "replicationGroupId", most: 40, pattern: /^(?!.*--)[a-z][a-z0-9-]*[a-z0-9]$/ },
  [KIND.eventRule]: { input: "name", most: 64, pattern: /^[\w.-]+$/ },
  [KIND.featureGroup]: { input: "featureGroupName", most: 64, pattern: /^[a-zA-Z0-9](?:[_-]*[a-zA-Z0-9])*$/ },
  [KIND.function]: { input: "name", most: 64, pattern: WORD },
  [KIND.machine]: { input: "name", most: 80, pattern: WORD },
  [KIND.policy]: { input: "name", most: 128, pattern: IAM },
  [KIND.queue]: { input: "name", most: 80, pattern: WORD },
  [KIND.role]: { input: "name", most: 64, pattern: IAM },
  [KIND.rolePolicy]: { input: "name", most: 128, pattern: IAM },
  [KIND.schedule]: { input: "name", most: 64, pattern: /^[\w.-]+$/ },
  [KIND.securityGroup]: { input: "name", most: 255, pattern: WORD },
  [KIND.stream]: { input: "name", most: 128, pattern: /^[\w.-]+$/ },
  [KIND.table]: { input: "name", most: 255, pattern: /^[\w.-]+$/ },
};

const named = (graph: Parameters<GraphRule["subjects"]>[0]): readonly GraphResource[] =>
  graph.resources.filter(({ type }) => type in NAMINGS);

export const NAME_RULES: readonly GraphRule[] = [
  rule(
    "every name is one that AWS takes, with room for what Pulumi adds",
    named,
    ({ type, name, inputs }) => {
      const naming = NAMINGS[type];
      if (naming === undefined) return [];
      const given: unknown = inputs[naming.input];
      const text = String(given ?? name);
      const length = text.length + (given === undefined ? ADDED : 0);
      return [
        length > naming.most && `has a name of ${length} characters, more than ${naming.most}`,
        !naming.pattern.test(text) && `has a name that AWS does not take: ${text}`,
      ];
    },
  ),
  rule("an alarm's name and description fit CloudWatch", those(KIND.alarm), ({ inputs }) => [
    inputs.name.length > 255 && `has a name of ${inputs.name.length} characters`,
    inputs.alarmDescription.length > 1_024 &&
      `has a description of ${inputs.alarmDescription.length} characters`,
  ]),
];
