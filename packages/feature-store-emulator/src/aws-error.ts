// Decides: how a refusal is named and which HTTP status it has, as AWS documents them.
// Leaves to others: the body it is sent in (http/), and when to refuse (rules/, runtime/, control/).

/** A refusal in AWS's own words. `name` is what the SDKs read as the error's name. */
export class AwsError extends Error {
  override readonly name: string;
  readonly status: number;

  constructor(name: string, status: number, message: string) {
    super(message);
    this.name = name;
    this.status = status;
  }
}

/** The runtime's answer to a request that breaks a rule. */
export function validationError(message: string): AwsError {
  return new AwsError("ValidationError", 400, message);
}

/** The control plane's answer to a request that breaks a rule: another name, the same status. */
export function validationException(message: string): AwsError {
  return new AwsError("ValidationException", 400, message);
}

/** The control plane's answer beyond a quota. */
export function resourceLimitExceeded(message: string): AwsError {
  return new AwsError("ResourceLimitExceeded", 400, message);
}

/** What Put, Get, Delete and BatchGet say of a group that is missing or not yet ready: a 400, not a 404. */
export function groupNotFoundAsValidation(groupName: string): AwsError {
  return validationError(groupNotFoundMessage(groupName));
}

/** What ListRecords, BatchWriteRecord and UpdateRecord say of a group that is missing: the modelled 404. */
export function resourceNotFound(groupName: string): AwsError {
  return new AwsError("ResourceNotFound", 404, groupNotFoundMessage(groupName));
}

/** What UpdateRecord says of a record that is absent, soft-deleted or expired. Its identifier may be personal data. */
export function recordNotFound(groupName: string): AwsError {
  return new AwsError(
    "ResourceNotFound",
    404,
    `Resource Not Found: the FeatureGroup ${groupName} has no such record`,
  );
}

/** A member of the wrong JSON type, or bytes that are no JSON at all. */
export function serializationException(message: string): AwsError {
  return new AwsError("SerializationException", 400, message);
}

function groupNotFoundMessage(groupName: string): string {
  return `Resource Not Found: Amazon SageMaker can't find a FeatureGroup with name ${groupName}`;
}
