// Mistakes in the network: ways out, groups that are open, endpoints that are missing.

import { KIND } from "../rules/kinds.ts";
import { add, allow, change, changePolicy, copy, type Mistakes, setOptions, without } from "./plant.ts";

const GROUP = "securitygroup-CacheGroup";

export const NETWORK_MISTAKES: Mistakes = {
  "nothing leads to the internet or from it": {
    "there is a NAT gateway": add("aws:ec2/natGateway:NatGateway", "Nat", { subnetId: "subnet-Subnet-1" }),
    "there is a route to an internet gateway": add("aws:ec2/route:Route", "Out", { gatewayId: "igw-1" }),
    "a subnet gives public addresses": change(KIND.subnet, "Subnet-1", (inputs) => {
      inputs.mapPublicIpOnLaunch = true;
    }),
    "a function has a URL": add("aws:lambda/functionUrl:FunctionUrl", "Url", { authorizationType: "NONE" }),
  },
  "no security group is open to an address, only to another group or to AWS's own list": {
    "the hot store is open to the world": add(KIND.ingress, "Anybody", {
      securityGroupId: GROUP,
      cidrIpv4: "0.0.0.0/0",
      fromPort: 6379,
      toPort: 6379,
    }),
    "a group is open to the world by itself": change(KIND.securityGroup, "CacheGroup", (inputs) => {
      inputs.ingress = [{ cidrBlocks: ["0.0.0.0/0"], fromPort: 0, toPort: 65_535, protocol: "tcp" }];
    }),
    "functions reach every address of IPv6": add(KIND.egress, "Anywhere", {
      securityGroupId: "securitygroup-FunctionGroup",
      cidrIpv6: "::/0",
    }),
  },
  "each subnet lies for ever in a zone of its own, where all that stands in it can stand": {
    "a subnet lies where an endpoint cannot": change(KIND.subnet, "Subnet-1", (inputs) => {
      inputs.availabilityZone = "us-east-1c";
    }),
    "two subnets lie in one zone": change(KIND.subnet, "Subnet-2", (inputs) => {
      inputs.availabilityZone = "us-east-1a";
    }),
    "there are fewer zones than subnets": change(KIND.subnet, "Subnet-2", (inputs) => {
      inputs.availabilityZone = "";
    }),
    "a subnet moves with what AWS offers": setOptions(KIND.subnet, "Subnet-1", { ignoreChanges: [] }),
  },
  "an endpoint lets through this account's own to this account's own": {
    "an endpoint lets everybody through": change(KIND.endpoint, "Endpoint-s3", (inputs) => {
      delete inputs.policy;
    }),
    "an endpoint leads to buckets of other accounts": changePolicy(KIND.endpoint, "Endpoint-s3", (old) =>
      old.map((each) => ({
        ...each,
        Condition: { StringEquals: { "aws:PrincipalAccount": "123456789012" } },
      })),
    ),
  },
  "a function in the network reaches each service that it may call": {
    "the endpoint of SQS is missing": without(KIND.endpoint, "Endpoint-sqs"),
    "the gateway of DynamoDB is in no table of routes": change(
      KIND.endpoint,
      "Endpoint-dynamodb",
      (inputs) => {
        inputs.routeTableIds = [];
      },
    ),
    "an endpoint stands in one zone alone": change(KIND.endpoint, "Endpoint-sns", (inputs) => {
      inputs.subnetIds = inputs.subnetIds.slice(0, 1);
    }),
    "the way to the endpoints is shut": without(KIND.egress, "Functions-Endpoints"),
    "a function there calls a service without an endpoint": allow(
      "RolePolicy-writing-write-chunks",
      "events:PutEvents",
      "arn:aws:events:us-east-1:123456789012:event-bus/default",
    ),
  },
  "every endpoint is called by a function in the network, or SPARE_ENDPOINTS says why not": {
    "an endpoint is left over": copy(KIND.endpoint, "Endpoint-sqs", "Endpoint-athena", (inputs) => {
      inputs.serviceName = "com.amazonaws.us-east-1.athena";
    }),
  },
  "who signs in at the hot store stands in the network, beside it, and nobody else does": {
    "the worker stands outside the network": change(
      KIND.function,
      "Function-writing-write-chunks",
      (inputs) => {
        delete inputs.vpcConfig;
      },
    ),
    "the hot store lets no function in": without(KIND.ingress, "Functions-Cache"),
    "a function stands there without need": change(KIND.function, "Function-api-run-get", (inputs) => {
      inputs.vpcConfig = {
        subnetIds: ["subnet-Subnet-1"],
        securityGroupIds: ["securitygroup-FunctionGroup"],
      };
    }),
  },
  "what Lambda does to the network with a function's role the function itself may not": {
    "what runs in a function may make interfaces": changePolicy(
      KIND.rolePolicy,
      "RolePolicy-upkeep-guard-hot",
      (old) => old.filter(({ Effect }) => Effect === "Allow"),
    ),
  },
};
