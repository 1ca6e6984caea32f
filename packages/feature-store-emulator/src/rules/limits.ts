// Decides: nothing. The figures that AWS documents for Feature Store, in one place.
// Sources: the service model in botocore 1.43.107 and the developer guide's quotas page, read 2026-11-22.

export const RECORD_BYTES_MAX = 350 * 1024;
export const FEATURE_VALUE_CHARS_MAX = 358_400;
export const RECORD_ID_BYTES_MAX = 2 * 1024;
export const FEATURE_DEFINITIONS_MAX = 2_500;
export const FEATURE_ADDITIONS_MAX = 100;
export const FEATURE_PARAMETERS_MAX = 25;
export const TAGS_MAX = 50;
export const CREATIONS_AT_ONCE_MAX = 4;
/** Feature groups an account and region; AWS raises it on request. */
export const FEATURE_GROUPS_DEFAULT = 100;
export const BATCH_WRITE_ENTRIES_MAX = 25;
export const BATCH_GET_IDENTIFIERS_MAX = 100;
export const UPDATE_RECORD_FEATURES_MAX = 100;
/** Record identifiers in one BatchGetRecord, over all its groups. */
export const BATCH_GET_RECORDS_MAX = 100;
export const LIST_RECORDS_MAX = 100;
export const NEXT_TOKEN_CHARS_MAX = 8_192;
export const GROUP_NAME_OR_ARN_CHARS_MAX = 150;
/** The largest value of the model's integer type. */
export const INTEGER_MAX = 2_147_483_647;
/** Above the 25 × 350 KB of the largest BatchWriteRecord that could succeed, below 10 MB. AWS's own figure is not published. */
export const BODY_BYTES_MAX = 9_500_000;
