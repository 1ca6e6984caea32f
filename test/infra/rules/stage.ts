// Rules of what becomes of a stage: prod keeps what holds data, come what may; any other stage goes whole.

import type { Graph, GraphResource } from "../graph.ts";
import { KIND } from "./kinds.ts";
import { everything, type GraphRule, rule, those } from "./rule.ts";

/** What holds data, or opens it. A queue holds what its run can send again, a log what has happened. */
const HOLDERS = [
  KIND.bucket,
  KIND.cluster,
  KIND.featureGroup,
  KIND.key,
  KIND.secret,
  KIND.stream,
  KIND.table,
] as const;
/** Of those kinds, what holds no data, and why. */
export const HOLDS_NOTHING: Readonly<Record<string, string>> = {
  PagesKey: "what it encrypts is delivered at once: SNS keeps no message that anybody could come back for",
};

/** Kinds whose names are one of an account and Region. Feature groups are called as features/ calls them: that is why each stage wants an
 * account of its own (docs/deploy.md). */
const NAMED: Readonly<Record<string, true>> = {
  [KIND.alarm]: true,
  [KIND.bucket]: true,
  [KIND.eventRule]: true,
  [KIND.function]: true,
  [KIND.job]: true,
  [KIND.logGroup]: true,
  [KIND.machine]: true,
  [KIND.queue]: true,
  [KIND.secret]: true,
  [KIND.stream]: true,
  [KIND.table]: true,
  [KIND.topic]: true,
};

const holders = (graph: Graph): readonly GraphResource[] =>
  those(...HOLDERS)(graph).filter(({ name }) => !(name in HOLDS_NOTHING));

const isProd = ({ stage }: Graph): boolean => stage === "prod";

export const STAGE_RULES: readonly GraphRule[] = [
  rule(
    "what holds data is protected and kept in prod, and goes with any other stage",
    holders,
    ({ options }, graph) => {
      const { protect = false, retainOnDelete = false } = options;
      return [
        isProd(graph) && !protect && "is not protected",
        isProd(graph) && !retainOnDelete && "goes when its stage goes",
        !isProd(graph) && retainOnDelete && "stays when its stage goes",
      ];
    },
  ),
  rule("nothing of any stage but prod is protected", everything, ({ options }, graph) => [
    !isProd(graph) && options.protect === true && "is protected: the stage cannot be removed",
  ]),
  rule("a bucket is emptied when it is removed, but in prod", those(KIND.bucket), ({ inputs }, graph) => [
    (inputs.forceDestroy === true) === isProd(graph) &&
      (isProd(graph) ? "is emptied when it is removed" : "cannot be removed while full"),
  ]),
  rule("a table refuses to be deleted in prod, and there alone", those(KIND.table), ({ inputs }, graph) => [
    (inputs.deletionProtectionEnabled === true) !== isProd(graph) &&
      (isProd(graph) ? "lets itself be deleted" : "cannot be removed"),
  ]),
  rule("what stands in a Region once is named for its stage", everything, ({ type, inputs }, graph) => {
    const name = inputs.name ?? inputs.bucket;
    const isShared = type in NAMED && typeof name === "string";
    return [isShared && !name.includes(`steward-${graph.stage}-`) && `is called ${name} in every stage`];
  }),
];
