// What AWS asks for what a rebuild uses, in us-east-1. Prices drift: each says where it comes from and how sure it is.

export interface Price {
  readonly item: string;
  readonly dollars: number;
  /** For so many units. */
  readonly per: number;
  readonly unit: string;
  /** `confirmed`: two independent sources agree. `unconfirmed`: no source with the figure was found. */
  readonly confidence: "confirmed" | "unconfirmed";
  readonly source: string;
}

/** Read on 2026-11-22. */
export const REBUILD_PRICES = {
  onlineWrites: {
    item: "Feature Store online writes",
    dollars: 1.25,
    per: 1_000_000,
    unit: "write units of 1 KB",
    confidence: "unconfirmed",
    source:
      "SageMaker pricing page, on-demand throughput; DynamoDB halved its own in 2024, this may have followed",
  },
  onlineReads: {
    item: "Feature Store online reads (the compare)",
    dollars: 0.25,
    per: 1_000_000,
    unit: "read units of 4 KB",
    confidence: "unconfirmed",
    source: "SageMaker pricing page, on-demand throughput",
  },
  queueRequests: {
    item: "SQS requests",
    dollars: 0.4,
    per: 1_000_000,
    unit: "requests",
    confidence: "confirmed",
    source: "SQS pricing page, standard queues",
  },
  ledgerWrites: {
    item: "DynamoDB writes",
    dollars: 0.625,
    per: 1_000_000,
    unit: "write units",
    confidence: "confirmed",
    source: "AWS Price List API of 2026-07-31, on-demand",
  },
  ledgerReads: {
    item: "DynamoDB reads",
    dollars: 0.125,
    per: 1_000_000,
    unit: "read units",
    confidence: "confirmed",
    source: "AWS Price List API of 2026-07-31, on-demand",
  },
  workerSeconds: {
    item: "Lambda (arm64, 1 GB)",
    dollars: 0.0000133334,
    per: 1,
    unit: "GB-seconds",
    confidence: "confirmed",
    source: "Lambda pricing page",
  },
  batchHours: {
    item: "Glue",
    dollars: 0.44,
    per: 1,
    unit: "DPU-hours",
    confidence: "confirmed",
    source: "Glue pricing page, standard, a minute at least",
  },
} as const satisfies Readonly<Record<string, Price>>;

export type PricedItem = keyof typeof REBUILD_PRICES;
