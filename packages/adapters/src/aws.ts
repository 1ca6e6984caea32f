// The public face of the adapters that call AWS: an explicit list, apart from index.ts so that a laptop loads no client.

export type { AwsClientOptions } from "./aws/client-settings.ts";
