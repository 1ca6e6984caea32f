// Decides in what network functions meet the hot store: subnets without a way to or from the internet. What such a function
// calls of AWS it reaches by endpoints, which let this account's principals through to this account's resources alone.

import { thisAccount } from "./account.ts";

/** What functions beside the hot store call: docs/iam and stacks/needs.json say which. Logs go by Lambda's own way. */
const SERVICES = [
  "kinesis-streams",
  "monitoring",
  "sagemaker.api",
  "sagemaker.featurestore-runtime",
  "secretsmanager",
  "sns",
  "sqs",
  "states",
] as const;
const GATEWAYS = ["dynamodb", "s3"] as const;
/** The oldest zone of us-east-1 by the id that all accounts know it by, whatever letter an account gives it. Lambda takes no subnet there,
 * and ElastiCache has not each node (keboola/developer-portal 81, winglang/wing 4126, read 2026-11-25). */
const UNFIT_ZONES = ["use1-az3"];
const CIDR = "10.64.0.0/16";
const HTTPS = 443;
const REDIS = 6379;

export function createNetwork(zoneCount: number) {
  const vpc = new aws.ec2.Vpc("Vpc", { cidrBlock: CIDR, enableDnsHostnames: true, enableDnsSupport: true });
  // What is put nowhere else reaches nothing.
  new aws.ec2.DefaultSecurityGroup("DefaultGroup", { vpcId: vpc.id });
  const routes = new aws.ec2.RouteTable("Routes", { vpcId: vpc.id });
  const zones = fitZones(zoneCount);
  const subnetIds = Array.from({ length: zoneCount }, (_, index) => {
    const subnet = new aws.ec2.Subnet(
      `Subnet-${index + 1}`,
      {
        vpcId: vpc.id,
        cidrBlock: `10.64.${index * 16}.0/20`,
        availabilityZone: zones.apply((names) => names[index] ?? ""),
      },
      // A zone that is served since would move subnets, and all that stands in them.
      { ignoreChanges: ["availabilityZone"] },
    );
    new aws.ec2.RouteTableAssociation(`Route-${index + 1}`, { subnetId: subnet.id, routeTableId: routes.id });
    return subnet.id;
  });
  const group = (name: string, description: string) =>
    new aws.ec2.SecurityGroup(name, { vpcId: vpc.id, description });
  const functionGroup = group("FunctionGroup", "Functions that use the hot store");
  const cacheGroup = group("CacheGroup", "The hot store");
  const endpointGroup = group("EndpointGroup", "Endpoints of AWS");
  open("Functions-Cache", functionGroup, cacheGroup, REDIS);
  open("Functions-Endpoints", functionGroup, endpointGroup, HTTPS);
  createEndpoints({ vpc, routes, subnetIds, functionGroup, endpointGroup });
  return { vpc, subnetIds, functionGroup, cacheGroup };
}
export type Network = ReturnType<typeof createNetwork>;

/** Zones of the account in which every endpoint can stand: AWS refuses one in the subnet of another (terraform-aws-vpc 462, 634).
 * @throws Error when there are fewer than `count`. */
function fitZones(count: number): $util.Output<string[]> {
  const { names } = aws.getAvailabilityZonesOutput({
    state: "available",
    excludeZoneIds: UNFIT_ZONES,
    // No local zones, should the account have asked for some.
    filters: [{ name: "opt-in-status", values: ["opt-in-not-required"] }],
  });
  const served = SERVICES.map(
    (service) =>
      aws.ec2.getVpcEndpointServiceOutput({
        serviceName: serviceName(service),
        serviceType: "Interface",
      }).availabilityZones,
  );
  return $util.all([names, ...served]).apply(([all, ...each]) => {
    const fit = all.filter((zone) => each.every((zones) => zones.includes(zone)));
    if (fit.length < count)
      throw new Error(
        `only ${fit.length} zones have every endpoint, fewer than ${count}: stacks/settings.ts`,
      );
    return fit;
  });
}

function serviceName(service: string) {
  return $interpolate`com.amazonaws.${thisAccount().region}.${service}`;
}

interface EndpointParts {
  readonly vpc: aws.ec2.Vpc;
  readonly routes: aws.ec2.RouteTable;
  readonly subnetIds: $util.Output<string>[];
  readonly functionGroup: aws.ec2.SecurityGroup;
  readonly endpointGroup: aws.ec2.SecurityGroup;
}

function createEndpoints({ vpc, routes, subnetIds, functionGroup, endpointGroup }: EndpointParts): void {
  for (const service of GATEWAYS) {
    const endpoint = new aws.ec2.VpcEndpoint(`Endpoint-${service}`, {
      vpcId: vpc.id,
      serviceName: serviceName(service),
      vpcEndpointType: "Gateway",
      routeTableIds: [routes.id],
      policy: ownOnly(),
    });
    new aws.vpc.SecurityGroupEgressRule(`Functions-${service}`, {
      securityGroupId: functionGroup.id,
      prefixListId: endpoint.prefixListId,
      ipProtocol: "tcp",
      fromPort: HTTPS,
      toPort: HTTPS,
    });
  }
  for (const service of SERVICES)
    new aws.ec2.VpcEndpoint(`Endpoint-${service}`, {
      vpcId: vpc.id,
      serviceName: serviceName(service),
      vpcEndpointType: "Interface",
      privateDnsEnabled: true,
      subnetIds,
      securityGroupIds: [endpointGroup.id],
      policy: ownOnly(),
    });
}

/** What a caller may do is said by its role; here only: nobody from elsewhere, and nothing that lies elsewhere. */
function ownOnly() {
  const { accountId } = thisAccount();
  return $jsonStringify({
    Version: "2012-10-17",
    Statement: [
      {
        Effect: "Allow",
        Principal: "*",
        Action: "*",
        Resource: "*",
        Condition: {
          StringEquals: { "aws:PrincipalAccount": accountId, "aws:ResourceAccount": accountId },
        },
      },
    ],
  });
}

function open(name: string, from: aws.ec2.SecurityGroup, to: aws.ec2.SecurityGroup, port: number): void {
  const tcp = { ipProtocol: "tcp", fromPort: port, toPort: port };
  new aws.vpc.SecurityGroupEgressRule(name, {
    ...tcp,
    securityGroupId: from.id,
    referencedSecurityGroupId: to.id,
  });
  new aws.vpc.SecurityGroupIngressRule(name, {
    ...tcp,
    securityGroupId: to.id,
    referencedSecurityGroupId: from.id,
  });
}
