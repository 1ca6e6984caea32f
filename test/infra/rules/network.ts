// Rules of the network: no way to the internet or from it, no group open to an address, endpoints for this account alone.

import { all, statementsOf, toList } from "../graph.ts";
import { KIND } from "./kinds.ts";
import { ACCOUNT } from "./references.ts";
import { everything, type GraphRule, rule, those } from "./rule.ts";

/** Kinds that lead out, or in. */
const WAYS_OUT =
  /^aws:ec2\/.*:(?:NatGateway|InternetGateway|EgressOnlyInternetGateway|Eip|Route|VpcPeeringConnection|Instance)$|:(?:FunctionUrl|LoadBalancer)$/;

/** Of the account that account-answers.mjs stands for: the zone where Lambda and nodes of ElastiCache do not stand, and the one that an
 * endpoint lacks. */
const UNFIT_ZONES: readonly string[] = ["us-east-1b", "us-east-1c"];

export const NETWORK_RULES: readonly GraphRule[] = [
  rule("nothing leads to the internet or from it", everything, ({ type, inputs }) => [
    WAYS_OUT.test(type) && "is a way to the internet or from it",
    inputs.mapPublicIpOnLaunch === true && "gives what stands in it a public address",
  ]),
  rule(
    "no security group is open to an address, only to another group or to AWS's own list",
    (graph) => graph.resources.filter(({ type }) => /securityGroup/i.test(type)),
    ({ inputs }) => {
      const rules = [inputs, ...toList(inputs.ingress), ...toList(inputs.egress)];
      return rules.flatMap(({ cidrIpv4, cidrIpv6, cidrBlocks, ipv6CidrBlocks }) =>
        [cidrIpv4, cidrIpv6, ...toList(cidrBlocks), ...toList(ipv6CidrBlocks)]
          .filter((range) => range !== undefined)
          .map((range) => `is open to ${range}`),
      );
    },
  ),
  rule(
    "each subnet lies for ever in a zone of its own, where all that stands in it can stand",
    those(KIND.subnet),
    ({ name, inputs, options }, graph) => {
      const { availabilityZone: zone } = inputs;
      const others = all(graph, KIND.subnet).filter((each) => each.name !== name);
      return [
        (!zone || UNFIT_ZONES.includes(zone)) && `lies in ${zone || "no zone"}`,
        others.some((each) => each.inputs.availabilityZone === zone) && `shares ${zone} with another`,
        !toList<string>(options.ignoreChanges).includes("availabilityZone") &&
          "moves when AWS has more to offer elsewhere",
      ];
    },
  ),
  rule(
    "an endpoint lets through this account's own to this account's own",
    those(KIND.endpoint),
    ({ inputs }) => {
      const statements = statementsOf(inputs.policy);
      const isHeld = statements.every(
        ({ Condition }) =>
          Condition?.StringEquals?.["aws:PrincipalAccount"] === ACCOUNT &&
          Condition.StringEquals["aws:ResourceAccount"] === ACCOUNT,
      );
      return [(statements.length === 0 || !isHeld) && "lets through whoever comes, to whatever is anywhere"];
    },
  ),
];
