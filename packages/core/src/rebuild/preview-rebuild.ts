// Decides what a person is told of a rebuild before it is begun. Writes nothing, and so registers nothing.

import { entitiesOf } from "../definitions/feature-group.ts";
import type { Target } from "../ledger/run.ts";
import type { SuppressedSubject } from "../ports/batch-engine.ts";
import type { Ports } from "../ports/ports.ts";
import { findHandOver } from "../streaming/hand-over.ts";
import { readSuppressions } from "../suppression/read-suppressions.ts";
import { toIso } from "../time/epoch-ms.ts";
import { chunkSizeOf } from "../writing/chunk-size.ts";
import { type Forecast, forecastRebuild } from "./forecast-rebuild.ts";
import { refuseOutlasting } from "./refuse-outlasting.ts";
import { checkRebuild, type RebuildRequest } from "./start-rebuild.ts";

export interface RebuildPreview extends Forecast {
  readonly group: string;
  readonly asOf: string;
  readonly targets: readonly Target[];
  readonly files: number;
  /** Write units a second; null: as fast as the stores take them. */
  readonly pace: number | null;
}

/** @throws as `checkRebuild` does, and DataRejectedError naming an offline file that cannot be read, InvalidInputError
 * when the stream would not keep long enough what arrives meanwhile. */
export async function previewRebuild(ports: Ports, request: RebuildRequest): Promise<RebuildPreview> {
  const { group, asOfMs, targets, files } = await checkRebuild(ports, request);
  const suppressions: SuppressedSubject[] = [];
  for (const entity of entitiesOf(group))
    suppressions.push(...(await readSuppressions(ports.ledger, entity)));
  const size = await ports.batchEngine.measureSnapshot({ group, asOfMs, files, suppressions });
  const unitsPerSecond = request.unitsPerSecond ?? ports.settings.unitsPerSecond;
  const forecast = forecastRebuild({
    ...size,
    targets,
    unitsPerSecond,
    chunkRecords: chunkSizeOf(ports.settings, unitsPerSecond, group),
  });
  if (group.path === "stream") {
    const handOverMs = await findHandOver(ports, group, asOfMs);
    await refuseOutlasting(ports, group, { targets, asOfMs, handOverMs, seconds: forecast.seconds });
  }
  return {
    group: group.name,
    asOf: toIso(asOfMs),
    targets,
    files: files.length,
    pace: unitsPerSecond ?? null,
    ...forecast,
  };
}
