// Makes the AWS resources of a test in MiniStack: each call a new one, under a name of its own.

import { randomBytes } from "node:crypto";
import { CreateTableCommand, type DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { CreateStreamCommand, DescribeStreamSummaryCommand } from "@aws-sdk/client-kinesis";
import { CreateBucketCommand, PutBucketVersioningCommand } from "@aws-sdk/client-s3";
import { CreateQueueCommand, GetQueueAttributesCommand } from "@aws-sdk/client-sqs";
import {
  createDynamoDbClient,
  createKinesisClient,
  createS3Client,
  createSqsClient,
} from "@steward/adapters/aws";

export const AWS_OPTIONS = {
  region: "us-east-1",
  credentials: { accessKeyId: "123456789012", secretAccessKey: "test" },
} as const;

/** Options for the clients of the adapters, against an endpoint. */
export const awsOptions = (endpoint: string) => ({ ...AWS_OPTIONS, endpoint });

export const uniqueName = (stem: string): string => `${stem}-${randomBytes(5).toString("hex")}`;

/** A versioned bucket; its name. */
export async function createBucket(endpoint: string, stem = "steward"): Promise<string> {
  const client = createS3Client(awsOptions(endpoint));
  const Bucket = uniqueName(stem);
  await client.send(new CreateBucketCommand({ Bucket }));
  const VersioningConfiguration = { Status: "Enabled" } as const;
  await client.send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration }));
  client.destroy();
  return Bucket;
}

/** A table with the ledger's keys; its name. */
export async function createTable(endpoint: string, stem = "ledger"): Promise<string> {
  const client: DynamoDBClient = createDynamoDbClient(awsOptions(endpoint));
  const TableName = uniqueName(stem);
  await client.send(
    new CreateTableCommand({
      TableName,
      BillingMode: "PAY_PER_REQUEST",
      AttributeDefinitions: [
        { AttributeName: "partition", AttributeType: "S" },
        { AttributeName: "sort", AttributeType: "S" },
      ],
      KeySchema: [
        { AttributeName: "partition", KeyType: "HASH" },
        { AttributeName: "sort", KeyType: "RANGE" },
      ],
    }),
  );
  client.destroy();
  return TableName;
}

/** A queue whose messages may be received so often, and the queue of its dead letters; their URLs. */
export async function createQueues(
  endpoint: string,
  { stem = "chunks", maxReceives = 3 } = {},
): Promise<{ readonly queueUrl: string; readonly deadLetterUrl: string }> {
  const client = createSqsClient(awsOptions(endpoint));
  const name = uniqueName(stem);
  const { QueueUrl: deadLetterUrl = "" } = await client.send(
    new CreateQueueCommand({ QueueName: `${name}-dead` }),
  );
  const { Attributes } = await client.send(
    new GetQueueAttributesCommand({ QueueUrl: deadLetterUrl, AttributeNames: ["QueueArn"] }),
  );
  const RedrivePolicy = JSON.stringify({
    deadLetterTargetArn: Attributes?.QueueArn,
    maxReceiveCount: maxReceives,
  });
  const { QueueUrl: queueUrl = "" } = await client.send(
    new CreateQueueCommand({ QueueName: name, Attributes: { RedrivePolicy } }),
  );
  client.destroy();
  return { queueUrl, deadLetterUrl };
}

/** An active stream of so many shards; its name. */
export async function createStream(
  endpoint: string,
  { stem = "events", shardCount = 2 } = {},
): Promise<string> {
  const client = createKinesisClient(awsOptions(endpoint));
  const StreamName = uniqueName(stem);
  await client.send(new CreateStreamCommand({ StreamName, ShardCount: shardCount }));
  for (;;) {
    const { StreamDescriptionSummary: summary } = await client.send(
      new DescribeStreamSummaryCommand({ StreamName }),
    );
    if (summary?.StreamStatus === "ACTIVE") break;
  }
  client.destroy();
  return StreamName;
}
