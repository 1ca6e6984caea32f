// Decides which elements of a Parquet schema, a tree written down depth first, are the columns of its rows.

import type { SchemaElement } from "hyparquet";
import type { ParquetFile } from "./parquet-reader.ts";

export function topLevelColumns({ metadata }: ParquetFile): readonly SchemaElement[] {
  const found: SchemaElement[] = [];
  for (let at = 1; at < metadata.schema.length; at = afterSubtree(metadata.schema, at)) {
    const element = metadata.schema[at];
    if (element !== undefined) found.push(element);
  }
  return found;
}

function afterSubtree(schema: readonly SchemaElement[], at: number): number {
  let next = at + 1;
  for (let left = schema[at]?.num_children ?? 0; left > 0; left--) next = afterSubtree(schema, next);
  return next;
}
