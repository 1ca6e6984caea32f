// Decides what a handler of the API is called with and what it gives back: the event of an HTTP API of API Gateway
// (payload format 2.0, https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html,
// 2026-11-25), whoever hosts it.

import { z } from "zod";

const texts = z.record(z.string(), z.string());
const UTF8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

export const apiEvent = z.object({
  version: z.literal("2.0"),
  /** `POST /erasures` */
  routeKey: z.string(),
  /** Names in lower case. */
  headers: texts,
  queryStringParameters: texts.optional(),
  pathParameters: texts.optional(),
  body: z.string().optional(),
  isBase64Encoded: z.boolean(),
  requestContext: z.object({
    requestId: z.string(),
    authorizer: z
      .object({
        /** Of a host with a token. */
        lambda: z.object({ principal: z.string() }).optional(),
        /** Of an account. */
        iam: z.object({ userArn: z.string() }).optional(),
      })
      .optional(),
  }),
});
export type ApiEvent = Readonly<z.infer<typeof apiEvent>>;

export interface ApiResult {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string>>;
  /** Several: sent as they come. */
  readonly body: string | AsyncIterable<string>;
}

/** Who asks; undefined: nobody that the host knows. */
export function principalOf({ requestContext }: ApiEvent): string | undefined {
  const { authorizer } = requestContext;
  return authorizer?.lambda?.principal ?? authorizer?.iam?.userArn;
}

/** @throws TypeError where the bytes are no UTF-8: put right, they would be another text, and name somebody else. */
export function bodyOf({ body = "", isBase64Encoded }: ApiEvent): string {
  return isBase64Encoded ? UTF8.decode(Buffer.from(body, "base64")) : body;
}
