// The public face of the adapters that call AWS: an explicit list, apart from index.ts so that a laptop loads no client.

export type { AwsClientOptions } from "./aws/client-settings.ts";
export type { GlueJobs, GlueRun, GlueWork } from "./batch/glue-jobs.ts";
export { createGlueClient, GlueJobRuns } from "./batch/glue-jobs.ts";
export type { ElastiCacheTokenOptions } from "./hot/elasticache-tokens.ts";
export { elastiCacheTokens } from "./hot/elasticache-tokens.ts";
export type { S3IncomingOptions } from "./incoming/s3-incoming.ts";
export { S3Incoming } from "./incoming/s3-incoming.ts";
export type { DynamoDbLedgerOptions } from "./ledger/dynamodb-ledger.ts";
export { createDynamoDbClient, DynamoDbLedger } from "./ledger/dynamodb-ledger.ts";
export type { CloudWatchMetricHistoryOptions } from "./metrics/cloudwatch-metric-history.ts";
export { CloudWatchMetricHistory, createCloudWatchClient } from "./metrics/cloudwatch-metric-history.ts";
export type { EmfMetricsOptions } from "./metrics/emf-metrics.ts";
export { EmfMetrics, METRIC_NAMESPACE } from "./metrics/emf-metrics.ts";
export type { S3ObjectStoreOptions } from "./objects/s3-object-store.ts";
export { createS3Client, S3ObjectStore } from "./objects/s3-object-store.ts";
export type { SnsPagerOptions } from "./pager/sns-pager.ts";
export { createSnsClient, SnsPager, toSubject } from "./pager/sns-pager.ts";
export type { SqsQueueOptions } from "./queue/sqs-queue.ts";
export { createSqsClient, SqsQueue } from "./queue/sqs-queue.ts";
export type { KmsSignerOptions } from "./secrets/kms-signer.ts";
export { createKmsClient, KmsSigner } from "./secrets/kms-signer.ts";
export type { SecretKeyOptions } from "./secrets/secret-keys.ts";
export { createSecretsClient, readSecretKey, SECRET_KEY_BYTES } from "./secrets/secret-keys.ts";
export type { KinesisStreamsOptions } from "./stream/kinesis-streams.ts";
export { createKinesisClient, KinesisStreams } from "./stream/kinesis-streams.ts";
