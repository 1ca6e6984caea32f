// Decides: whether a request looks signed as every AWS SDK signs it. Any key is good, so the signature is not recomputed.
// Leaves to others: everything about the request that is signed.
import { AwsError } from "../aws-error.ts";

const ALGORITHM = "AWS4-HMAC-SHA256";
const PARTS = ["Credential=", "SignedHeaders=", "Signature="];
/** Key, date, region, then the name under which both services sign. */
const SCOPE = /Credential=[^/,\s]+\/\d{8}\/[^/,\s]+\/([^/,\s]+)\/aws4_request/;

/** @throws AwsError with 403, as AWS answers (common errors of the API references, read 2026-11-22). */
export function checkSigned(authorization: string | undefined): void {
  if (authorization === undefined) {
    throw new AwsError("MissingAuthenticationTokenException", 403, "Missing Authentication Token");
  }
  if (!authorization.startsWith(ALGORITHM) || !PARTS.every((part) => authorization.includes(part))) {
    throw new AwsError(
      "IncompleteSignatureException",
      403,
      "The Authorization header is no AWS Signature Version 4",
    );
  }
  if (SCOPE.exec(authorization)?.[1] !== "sagemaker") {
    throw new AwsError(
      "InvalidSignatureException",
      403,
      "Credential should be scoped to correct service: 'sagemaker'.",
    );
  }
}
