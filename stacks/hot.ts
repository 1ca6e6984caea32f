// Decides how the hot store stands in ElastiCache: clusters, who may enter them, and on which one each tenant lies.
// Leaves what a user may do to core's tenantUsers, and who may be which user to IAM (tenancy.ts).

import { type HotUser, PACER_USER, tenantUsers } from "@steward/core";
import { HOT, named } from "./names.ts";
import { hasPii, OWNERS } from "./owners.ts";

export interface HotSettings {
  readonly nodeType: string;
  readonly shards: number;
  readonly replicasPerShard: number;
  /** How long a backup is kept: an erasure is not whole before the last one of before it has gone. 0: none. */
  readonly snapshotDays: number;
  /** Tenants with a cluster of their own; its figures in place of the above. */
  readonly dedicated?: Readonly<Record<string, Partial<ClusterSettings>>>;
}
type ClusterSettings = Omit<HotSettings, "dedicated">;

export interface HotParts {
  readonly isProd: boolean;
  readonly settings: HotSettings;
  readonly key: aws.kms.Key;
  readonly subnetIds: $util.Input<$util.Input<string>[]>;
  readonly cacheGroupId: $util.Input<string>;
}

const PORT = 6379;
/** Durability, and the rest that Steward needs, since 9.0: decisions/0025. */
const ENGINE_VERSION = "9.0";
const FAMILY = "valkey9";
/** The provider knows `durability` since Terraform's 6.51, and SST 4.17.1 does not compile with so young a one: this resource alone
 * asks for a younger plugin (decisions/0025). */
const DURABLE_PLUGIN = "7.48.0";
/** Quota of users in a group (ElastiCache guide, 2023 copy), less the default user and the pacer; two a tenant. */
const MAX_TENANTS = 49;
/** Node types whose writes can be synchronous (decisions/0025). */
const DURABLE_NODES = /^cache\.(?:r7g|r6g|m7g|m6g|c7gn)\./;
/** ElastiCache's rule for the id of a replication group. */
const CLUSTER_ID = /^(?!.*--)[a-z][a-z0-9-]{0,38}[a-z0-9]$/;

export function createHot(parts: HotParts) {
  const dedicated = parts.settings.dedicated ?? {};
  for (const owner of Object.keys(dedicated))
    if (!OWNERS.includes(owner))
      throw new Error(`hot.dedicated: no group in features/ has the owner "${owner}"`);
  const shared = OWNERS.filter((owner) => !(owner in dedicated));
  if (shared.length > MAX_TENANTS)
    throw new Error(
      `${shared.length} tenants share a cluster, more than ${MAX_TENANTS}: give some one of their own`,
    );
  const surroundings = createSurroundings(parts);
  const pacer = createUser(PACER_USER, {});
  const users = new Map(OWNERS.map((owner) => [owner, createTenant(owner)]));
  const usersOf = (owners: readonly string[]) => owners.flatMap((owner) => Object.values(of(users, owner)));
  const cluster = createCluster(HOT, parts, surroundings, [pacer, ...usersOf(shared)]);
  const own = new Map(
    Object.entries(dedicated).map(([owner, settings]) => [
      owner,
      createCluster(
        `${HOT}-${owner}`,
        { ...parts, settings: { ...parts.settings, ...settings } },
        surroundings,
        usersOf([owner]),
      ),
    ]),
  );
  const clusterOf = (owner: string) => own.get(owner) ?? cluster;
  return {
    cluster,
    /** All that an erasure has to reach; the shared one first. */
    clusters: [cluster, ...own.values()],
    port: PORT,
    /** `host:port` of the shared cluster: where the pace is kept too. */
    endpoint: endpointOf(cluster),
    /** `host:port` of the cluster that the owner lies on. */
    endpointOf: (owner: string) => endpointOf(clusterOf(owner)),
    clusterOf,
    pacer,
    users: (owner: string) => of(users, owner),
  };
}
export type Hot = ReturnType<typeof createHot>;

function of<T>(map: ReadonlyMap<string, T>, owner: string): T {
  const found = map.get(owner);
  if (found === undefined) throw new Error(`no group in features/ has the owner "${owner}"`);
  return found;
}

function endpointOf(cluster: aws.elasticache.ReplicationGroup) {
  return $interpolate`${cluster.configurationEndpointAddress}:${PORT}`;
}

/** What clusters of a stage share: where they lie, and how they treat memory. */
function createSurroundings({ subnetIds }: HotParts) {
  const subnets = new aws.elasticache.SubnetGroup("HotSubnets", { name: idOf(HOT), subnetIds });
  const parameters = new aws.elasticache.ParameterGroup("HotParameters", {
    name: idOf(`${HOT}-${FAMILY}`),
    family: FAMILY,
    parameters: [
      { name: "cluster-enabled", value: "yes" },
      // A full cluster refuses writes, and somebody is paged; one that evicted would drop what it must not lose (design §5).
      { name: "maxmemory-policy", value: "noeviction" },
    ],
  });
  // The one that comes with ElastiCache may do everything, without a password. A group of engine "redis" must have a user of
  // this name, and may guard a Valkey cluster; one of engine "valkey" takes no user without a password, and IAM none
  // whose id is another than its name (terraform-provider-aws 25593, terraform-aws-elasticache 65).
  const nobody = new aws.elasticache.User("HotUser-default", {
    userId: idOf("default"),
    userName: "default",
    engine: "redis",
    accessString: "off -@all",
    authenticationMode: { type: "no-password-required" },
  });
  return { subnets, parameters, nobody };
}

function createTenant(owner: string) {
  const { reader, writer } = tenantUsers(owner);
  const tags = { "steward:owner": owner, "steward:pii": String(hasPii(owner)) };
  return { reader: createUser(reader, tags), writer: createUser(writer, tags) };
}

/** IAM lets in only whose id is its name; ids are one of the account and Region, so the stage stands before. */
function createUser({ name, accessString }: HotUser, tags: Readonly<Record<string, string>>) {
  const id = idOf(name);
  return new aws.elasticache.User(`HotUser-${name}`, {
    userId: id,
    userName: id,
    engine: "redis",
    accessString,
    authenticationMode: { type: "iam" },
    tags,
  });
}

function createCluster(
  name: string,
  { isProd, settings, key, cacheGroupId }: HotParts,
  { subnets, parameters, nobody }: ReturnType<typeof createSurroundings>,
  users: readonly aws.elasticache.User[],
) {
  const id = idOf(name);
  if (!CLUSTER_ID.test(id))
    throw new Error(`"${id}" is no id of a cluster: at most 40 of a-z, 0-9 and single -`);
  const userGroup = new aws.elasticache.UserGroup(`HotUsers-${name}`, {
    userGroupId: id,
    engine: "redis",
    userIds: [nobody, ...users].map(({ userId }) => userId),
  });
  const hasReplicas = settings.replicasPerShard > 0;
  if (hasReplicas && !DURABLE_NODES.test(settings.nodeType))
    throw new Error(`${name}: ${settings.nodeType} with replicas has no synchronous writes: decisions/0025`);
  return new aws.elasticache.ReplicationGroup(
    `Hot-${name}`,
    {
      replicationGroupId: id,
      description: `Steward's hot store, ${name}, ${$app.stage}`,
      engine: "valkey",
      engineVersion: ENGINE_VERSION,
      parameterGroupName: parameters.name,
      port: PORT,
      nodeType: settings.nodeType,
      clusterMode: "enabled",
      numNodeGroups: settings.shards,
      replicasPerNodeGroup: settings.replicasPerShard,
      // Cluster mode asks for it, even of a shard that has no replica to fail over to.
      automaticFailoverEnabled: true,
      multiAzEnabled: hasReplicas,
      subnetGroupName: subnets.name,
      securityGroupIds: [cacheGroupId],
      atRestEncryptionEnabled: true,
      kmsKeyId: key.arn,
      transitEncryptionEnabled: true,
      transitEncryptionMode: "required",
      userGroupIds: [userGroup.userGroupId],
      snapshotRetentionLimit: settings.snapshotDays,
      autoMinorVersionUpgrade: true,
      applyImmediately: !isProd,
      // No pii tag: its users carry it, each for itself.
    },
    // Some properties are fixed at creation; an empty cluster in place of a full one is no update.
    { protect: isProd, retainOnDelete: isProd, ...(hasReplicas && writingSynchronously()) },
  );
}

/** An answered write lies in a log of several zones before the answer. Fixed at creation (decisions/0025). */
function writingSynchronously(): $util.CustomResourceOptions {
  return {
    version: DURABLE_PLUGIN,
    transformations: [({ props, opts }) => ({ props: { ...props, durability: "sync" }, opts })],
  };
}

function idOf(name: string): string {
  return named(name).toLowerCase();
}
