// What only AWS would know of a stage that is evaluated: ARNs, ids and other outputs of its resources, and the answers of
// provider functions. A type whose ARN or outputs a stack uses gets a line here.

const ACCOUNT = "123456789012";
/** By letter, which each account gives as it likes, the id. */
const ZONES = { a: "use1-az6", b: "use1-az3", c: "use1-az1", d: "use1-az2", e: "use1-az4", f: "use1-az5" };
/** Where one endpoint cannot stand. */
const UNSERVED = "c";

export function answersFor(region) {
  // ---- what only AWS would know: ARNs, ids and other outputs ------------------------------
  const arn = (service, rest, at = region, account = ACCOUNT) =>
    `arn:aws:${service}:${at}:${account}:${rest}`;
  const arns = {
    "aws:cloudwatch/eventRule:EventRule": (n) => arn("events", `rule/${n}`),
    "aws:cloudwatch/logGroup:LogGroup": (n) => arn("logs", `log-group:${n}`),
    "aws:cloudwatch/metricAlarm:MetricAlarm": (n) => arn("cloudwatch", `alarm:${n}`),
    "aws:dynamodb/table:Table": (n) => arn("dynamodb", `table/${n}`),
    "aws:elasticache/replicationGroup:ReplicationGroup": (n) => arn("elasticache", `replicationgroup:${n}`),
    "aws:elasticache/user:User": (n) => arn("elasticache", `user:${n}`),
    "aws:iam/policy:Policy": (n) => arn("iam", `policy/${n}`, ""),
    "aws:iam/role:Role": (n) => arn("iam", `role/${n}`, ""),
    "aws:kinesis/stream:Stream": (n) => arn("kinesis", `stream/${n}`),
    "aws:kms/key:Key": (n) => arn("kms", `key/${n}`),
    "aws:glue/job:Job": (n) => arn("glue", `job/${n}`),
    "aws:lambda/function:Function": (n) => arn("lambda", `function:${n}`),
    "aws:lambda/layerVersion:LayerVersion": (n) => arn("lambda", `layer:${n}:1`),
    "aws:s3/bucket:Bucket": (n) => arn("s3", n, "", ""),
    "aws:sagemaker/featureGroup:FeatureGroup": (n) => arn("sagemaker", `feature-group/${n}`),
    "aws:scheduler/schedule:Schedule": (n) => arn("scheduler", `schedule/default/${n}`),
    "aws:secretsmanager/secret:Secret": (n) => arn("secretsmanager", `secret:${n}`),
    "aws:sfn/stateMachine:StateMachine": (n) => arn("states", `stateMachine:${n}`),
    "aws:sns/topic:Topic": (n) => arn("sns", n),
    "aws:sqs/queue:Queue": (n) => arn("sqs", n),
  };
  const idIsArn = new Set([
    "aws:cloudtrail/trail:Trail",
    "aws:iam/policy:Policy",
    "aws:kinesis/stream:Stream",
    "aws:kinesisanalyticsv2/application:Application",
    "aws:secretsmanager/secret:Secret",
    "aws:sfn/stateMachine:StateMachine",
    "aws:sns/topic:Topic",
  ]);
  const nameInput = {
    "aws:elasticache/replicationGroup:ReplicationGroup": "replicationGroupId",
    "aws:elasticache/user:User": "userId",
    "aws:elasticache/userGroup:UserGroup": "userGroupId",
    "aws:lambda/layerVersion:LayerVersion": "layerName",
    "aws:s3/bucket:Bucket": "bucket",
    "aws:sagemaker/featureGroup:FeatureGroup": "featureGroupName",
  };
  const bytes = (size) => Buffer.alloc(size, 7);
  const outputs = {
    "aws:apigatewayv2/api:Api": (n) => ({
      apiEndpoint: `https://${n.toLowerCase()}.execute-api.${region}.amazonaws.com`,
      executionArn: arn("execute-api", n.toLowerCase()),
    }),
    "aws:elasticache/replicationGroup:ReplicationGroup": (n, inputs) => ({
      clusterEnabled: inputs.clusterMode === "enabled",
      configurationEndpointAddress: `clustercfg.${n}.cache.amazonaws.com`,
      primaryEndpointAddress: `master.${n}.cache.amazonaws.com`,
    }),
    "aws:ec2/vpcEndpoint:VpcEndpoint": (n, { vpcEndpointType }) =>
      vpcEndpointType === "Gateway" ? { prefixListId: `pl-${n}` } : {},
    "aws:kms/key:Key": (n) => ({ keyId: n }),
    "aws:lambda/function:Function": (_n, _, self) => ({
      version: "1",
      qualifiedArn: `${self}:1`,
      invokeArn: arn("apigateway", `path/2015-03-31/functions/${self}/invocations`, region, "lambda"),
      responseStreamingInvokeArn: arn(
        "apigateway",
        `path/2021-11-15/functions/${self}/response-streaming-invocations`,
        region,
        "lambda",
      ),
    }),
    "aws:lambda/functionUrl:FunctionUrl": (n) => ({
      functionUrl: `https://${n.toLowerCase()}.lambda-url.${region}.on.aws/`,
    }),
    "aws:s3/bucket:Bucket": (n) => ({
      bucket: n,
      bucketDomainName: `${n}.s3.amazonaws.com`,
      bucketRegionalDomainName: `${n}.s3.${region}.amazonaws.com`,
    }),
    "aws:sfn/stateMachine:StateMachine": (_n, _, self) => ({ stateMachineVersionArn: `${self}:1` }),
    "aws:sqs/queue:Queue": (n) => ({ url: `https://sqs.${region}.amazonaws.com/${ACCOUNT}/${n}` }),
    "random:index/randomBytes:RandomBytes": (_n, { length }) => ({
      base64: bytes(length).toString("base64"),
      hex: bytes(length).toString("hex"),
    }),
    "random:index/randomId:RandomId": (_n, { byteLength }) => ({ hex: bytes(byteLength).toString("hex") }),
    "random:index/randomPassword:RandomPassword": (_n, { length }) => ({ result: "p".repeat(length) }),
  };
  function provision(type, name, inputs) {
    const [, service, kind] = /^[^:]+:([^/:]+)[^:]*:(.+)$/.exec(type) ?? [undefined, "unknown", type];
    const physical = inputs[nameInput[type] ?? "name"] ?? (type.endsWith(":Key") ? `key-${name}` : name);
    const self = type.startsWith("aws:")
      ? (arns[type] ?? ((n) => arn(service, `${kind}/${n}`)))(physical)
      : undefined;
    const state = { name: physical, ...(self && { arn: self }), ...outputs[type]?.(physical, inputs, self) };
    const id = idIsArn.has(type)
      ? self
      : type === "aws:sqs/queue:Queue"
        ? state.url
        : service === "ec2"
          ? `${kind.toLowerCase()}-${name}`
          : physical;
    return { id, state };
  }

  // ---- provider functions: an unknown one fails the run instead of returning nothing -------
  const oneOrMany = (v) => (v?.length === 1 ? v[0] : v);
  const principals = (v) =>
    v &&
    (v.some((p) => p.type === "*")
      ? "*"
      : Object.fromEntries(v.map((p) => [p.type, oneOrMany(p.identifiers)])));
  const functions = {
    "aws:index/getAvailabilityZones:getAvailabilityZones": ({ excludeZoneIds = [] }) => {
      const zones = Object.entries(ZONES).filter(([, id]) => !excludeZoneIds.includes(id));
      return { names: zones.map(([letter]) => region + letter), zoneIds: zones.map(([, id]) => id) };
    },
    "aws:ec2/getVpcEndpointService:getVpcEndpointService": ({ serviceName }) => ({
      serviceName,
      availabilityZones: Object.keys(ZONES)
        .filter((letter) => !(serviceName.endsWith(".featurestore-runtime") && letter === UNSERVED))
        .map((letter) => region + letter),
    }),
    "aws:index/getCallerIdentity:getCallerIdentity": () => ({
      accountId: ACCOUNT,
      arn: arn("sts", "assumed-role/test/test", ""),
    }),
    "aws:index/getPartition:getPartition": () => ({
      partition: "aws",
      dnsSuffix: "amazonaws.com",
      reverseDnsPrefix: "com.amazonaws",
    }),
    "aws:index/getRegion:getRegion": () => ({ name: region, region, id: region }),
    "aws:iam/getPolicyDocument:getPolicyDocument": (inputs) => {
      const Statement = [
        ...(inputs.sourcePolicyDocuments ?? []).flatMap((d) => JSON.parse(d).Statement),
        ...(inputs.statements ?? []).map((s) => ({
          Sid: s.sid,
          Effect: s.effect ?? "Allow",
          Action: oneOrMany(s.actions),
          NotAction: oneOrMany(s.notActions),
          Resource: oneOrMany(s.resources),
          NotResource: oneOrMany(s.notResources),
          Principal: principals(s.principals),
          NotPrincipal: principals(s.notPrincipals),
          Condition: s.conditions?.reduce(
            // biome-ignore lint/performance/noAccumulatingSpread: a handful of conditions.
            (all, c) => ({ ...all, [c.test]: { ...all[c.test], [c.variable]: oneOrMany(c.values) } }),
            {},
          ),
        })),
      ];
      const json = JSON.stringify({
        Version: inputs.version ?? "2012-10-17",
        Id: inputs.policyId,
        Statement,
      });
      // the provider leaves out an empty list; SST then adds no inline policy
      const { statements, ...rest } = inputs;
      return { ...rest, ...(statements?.length && { statements }), json };
    },
  };

  return { provision, functions };
}
