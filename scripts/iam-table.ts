// Writes docs/iam.md: who of a stage may do what on what, read off the policies of the evaluated stage, and of those actions that
// AWS takes no resource for, why.

import { writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { evaluate } from "../test/infra/evaluate.ts";
import {
  all,
  type Graph,
  type GraphResource,
  type Statement,
  statementsOf,
  toList,
} from "../test/infra/graph.ts";
import { ANY_RESOURCE } from "../test/infra/rules/any-resource.ts";

export const IAM_FILE = resolve(import.meta.dirname, "../docs/iam.md");

interface Holder {
  readonly title: string;
  readonly statements: readonly Statement[];
}

/** The page, of a stage: the rights of two stages differ by the stage's name alone. */
export function iamTable(graph: Graph): string {
  const holders = [...rolesOf(graph), ...policiesOf(graph)];
  return `${[
    "# Who may do what",
    "",
    `Read off the policies of an evaluated stage, called \`${graph.stage}\`, by \`npm run iam\`; a test holds this page to them. A function's`,
    "rights are those of the calls that its own bundle makes (`stacks/needs.json`, `stacks/permissions.ts`), nobody grants by hand.",
    "No action here is a wildcard. `…` stands for this account and Region.",
    "",
    "## Actions that AWS takes no resource for",
    "",
    "| action | why on `*` |",
    "|---|---|",
    ...anyResourceRows(holders),
    "",
    ...holders.flatMap(section),
  ].join("\n")}`;
}

function rolesOf(graph: Graph): readonly Holder[] {
  const policies = all(graph, "aws:iam/rolePolicy:RolePolicy");
  return all(graph, "aws:iam/role:Role")
    .map((role) => ({
      title: `${holderOf(role)} (role)`,
      statements: policies
        .filter(({ inputs }) => inputs.role === role.id || inputs.role === role.name)
        .flatMap(({ inputs }) => statementsOf(inputs.policy)),
    }))
    .sort((left, right) => (left.title < right.title ? -1 : 1));
}

/** `Role-refresh-plan-refresh` is `refresh-plan-refresh`. */
function holderOf({ name }: GraphResource): string {
  return name.replace(/^Role-/, "").replace(/^WorkflowRole-/, "state machine ");
}

function policiesOf(graph: Graph): readonly Holder[] {
  return all(graph, "aws:iam/policy:Policy").map(({ name, inputs }) => ({
    title: `${name} (policy to attach)`,
    statements: statementsOf(inputs.policy),
  }));
}

function anyResourceRows(holders: readonly Holder[]): readonly string[] {
  const actions = holders.flatMap(({ statements }) =>
    statements
      .filter(({ Effect, Resource }) => Effect === "Allow" && toList(Resource).includes("*"))
      .flatMap(({ Action }) => toList(Action)),
  );
  return [...new Set(actions)]
    .sort()
    .map((action) => `| ${action} | ${ANY_RESOURCE[action] ?? "**no reason given**"} |`);
}

function section({ title, statements }: Holder): readonly string[] {
  const rows = statements.map(({ Effect, Action, Resource, Condition }) => {
    const actions = `${Effect === "Deny" ? "**never** " : ""}${toList(Action).join(", ")}`;
    return `| ${actions} | ${toList(Resource).map(short).join("<br>")} | ${conditionOf(Condition)} |`;
  });
  return [`## ${title}`, "", "| actions | on | if |", "|---|---|---|", ...rows, ""];
}

/** `arn:aws:sqs:us-east-1:123456789012:steward-prod-chunks` is `sqs …:steward-prod-chunks`. */
function short(resource: string): string {
  const [, , service, region, account, ...rest] = resource.split(":");
  if (rest.length === 0) return `\`${resource}\``;
  const place = region === "" && account === "" ? "" : "…:";
  return `\`${service} ${place}${rest.join(":").replaceAll("123456789012", "…")}\``;
}

function conditionOf(condition: Statement["Condition"]): string {
  if (condition === undefined) return "";
  return Object.entries(condition)
    .flatMap(([operator, keys]) =>
      Object.entries(keys).map(
        ([key, value]) =>
          `${key} ${operator} ${toList(value as string)
            .map(short)
            .join(", ")}`,
      ),
    )
    .join("; ");
}

if (process.argv[1] === import.meta.filename) writeFileSync(IAM_FILE, iamTable(await evaluate("prod")));
