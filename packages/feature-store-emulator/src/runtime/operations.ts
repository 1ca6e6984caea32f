// Decides: which method and path is which operation of the runtime. Add an operation here and in a file beside it.
// Leaves to others: the operations.
import type { JsonObject } from "../rules/shape.ts";
import { batchGetRecord } from "./batch-get-record.ts";
import { batchWriteRecord } from "./batch-write-record.ts";
import { deleteRecord } from "./delete-record.ts";
import { getRecord } from "./get-record.ts";
import { listRecords } from "./list-records.ts";
import { putRecord } from "./put-record.ts";
import type { RuntimeOperation } from "./request.ts";
import { updateRecord } from "./update-record.ts";

export interface RuntimeRoute {
  readonly name: string;
  readonly operation: RuntimeOperation;
  /** The {FeatureGroupName} segment, still percent-encoded; undefined for the batch operations. */
  readonly groupSegment: string | undefined;
  /** The member whose first entry names the group of a batch operation, for faults. */
  readonly batchMember?: "Entries" | "Identifiers";
}

const GROUP_PREFIX = "/FeatureGroup/";
const BATCH_WRITE: RuntimeRoute = {
  name: "BatchWriteRecord",
  operation: batchWriteRecord,
  groupSegment: undefined,
  batchMember: "Entries",
};
const BATCH_GET: RuntimeRoute = {
  name: "BatchGetRecord",
  operation: batchGetRecord,
  groupSegment: undefined,
  batchMember: "Identifiers",
};
const ON_GROUP = new Map<string, Pick<RuntimeRoute, "name" | "operation">>([
  ["PUT", { name: "PutRecord", operation: putRecord }],
  ["GET", { name: "GetRecord", operation: getRecord }],
  ["DELETE", { name: "DeleteRecord", operation: deleteRecord }],
  ["POST ListRecords", { name: "ListRecords", operation: listRecords }],
  ["POST Record", { name: "UpdateRecord", operation: updateRecord }],
]);

/** The operation that AWS would run, or undefined when there is none. */
export function findRuntimeRoute(method: string, path: string): RuntimeRoute | undefined {
  if (method === "POST" && path === "/BatchWriteRecord") return BATCH_WRITE;
  if (method === "POST" && path === "/BatchGetRecord") return BATCH_GET;
  if (!path.startsWith(GROUP_PREFIX)) return undefined;
  const [groupSegment = "", action, ...more] = path.slice(GROUP_PREFIX.length).split("/");
  const found = ON_GROUP.get(action === undefined ? method : `${method} ${action}`);
  if (found === undefined || groupSegment === "" || more.length > 0) return undefined;
  return { ...found, groupSegment };
}

/** The group that the first entry of a batch names, or "" while that cannot be told. */
export function batchGroupName(body: JsonObject, member: "Entries" | "Identifiers"): string {
  const list = body[member];
  const first: unknown = Array.isArray(list) ? list[0] : undefined;
  if (typeof first !== "object" || first === null) return "";
  const name: unknown = Reflect.get(first, "FeatureGroupName");
  return typeof name === "string" ? name : "";
}
