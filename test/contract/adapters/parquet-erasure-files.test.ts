import { describeErasureFiles } from "../ports/erasure-files.ts";
import { openErasureFiles } from "../support/parquet-files.ts";

describeErasureFiles("ParquetErasureFiles", () => openErasureFiles());
