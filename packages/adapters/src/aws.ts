// The public face of the adapters that call AWS: an explicit list, apart from index.ts so that a laptop loads no client.

export type { AwsClientOptions } from "./aws/client-settings.ts";
export type { DynamoDbLedgerOptions } from "./ledger/dynamodb-ledger.ts";
export { createDynamoDbClient, DynamoDbLedger } from "./ledger/dynamodb-ledger.ts";
export type { S3ObjectStoreOptions } from "./objects/s3-object-store.ts";
export { createS3Client, S3ObjectStore } from "./objects/s3-object-store.ts";
export type { SqsQueueOptions } from "./queue/sqs-queue.ts";
export { createSqsClient, SqsQueue } from "./queue/sqs-queue.ts";
