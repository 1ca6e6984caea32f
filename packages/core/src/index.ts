// The public face of core: an explicit list.

export { continueFinishes } from "./control/continue-finishes.ts";
export type { Redrive, RunReport, RunState } from "./control/control-runs.ts";
export {
  cancelRun,
  describeRunState,
  redriveChunks,
  resumeRun,
} from "./control/control-runs.ts";
export { type ExpiredHistory, expireHistory } from "./control/expire-history.ts";
export type { Aggregation, Filter, Measure, Operand, Operator } from "./definitions/aggregation.ts";
export {
  AggregationBuilder,
  count,
  distinctCount,
  latest,
  max,
  mean,
  min,
  ratio,
  sum,
} from "./definitions/aggregation.ts";
export type { AvroField, AvroPrimitive, AvroRecordSchema } from "./definitions/avro-schema.ts";
export {
  avroFieldName,
  crc64Avro,
  hotValueSchema,
  schemaFingerprint,
  toCanonicalForm,
} from "./definitions/avro-schema.ts";
export type { Column } from "./definitions/column.ts";
export { boolean, date, decimal, float, instant, integer, optional, text } from "./definitions/column.ts";
export type {
  CreateFeatureGroupInput,
  FeatureGroupPlacement,
} from "./definitions/create-feature-group-input.ts";
export { EVENT_TIME_FEATURE, toCreateFeatureGroupInput } from "./definitions/create-feature-group-input.ts";
export type {
  DeclaredFeatureGroup,
  FeatureGroupOptions,
  RecordOf,
} from "./definitions/declare-feature-group.ts";
export { featureGroup } from "./definitions/declare-feature-group.ts";
export type { FeatureView, RecordRow } from "./definitions/default-snapshot.ts";
export { defaultedFeatures, defaultSnapshot, toRow } from "./definitions/default-snapshot.ts";
export { definitionFingerprint } from "./definitions/definition-fingerprint.ts";
export { eventTimeSql, quoteName, quoteText, refreshSql, timestampSql } from "./definitions/duckdb-sql.ts";
export type { Entity } from "./definitions/entity.ts";
export { entity } from "./definitions/entity.ts";
export type { Feature, FeatureGroup } from "./definitions/feature-group.ts";
export { fromFeatureStoreText, toFeatureStoreText } from "./definitions/feature-store-text.ts";
export { GroupList } from "./definitions/group-list.ts";
export type { Columns, Source, SourceOptions } from "./definitions/source.ts";
export { source } from "./definitions/source.ts";
export type { HotUser, TenantUsers } from "./definitions/tenant-users.ts";
export { PACE_PREFIX, PACER_USER, tenantUsers } from "./definitions/tenant-users.ts";
export type { FeatureRecord, FeatureValue, ValueType } from "./definitions/value.ts";
export type { Acceptance, ErasureCall } from "./erasure/accept-erasure.ts";
export {
  acceptErasure,
  checkErasure,
  ERASURE,
  erasureGroup,
  identifierFault,
} from "./erasure/accept-erasure.ts";
export { acquireErasureLease } from "./erasure/acquire-lease.ts";
export { awaitErasureDrain } from "./erasure/await-drain.ts";
export { awaitOfflineBuffer } from "./erasure/await-offline-buffer.ts";
export type {
  Certificate,
  CertificateInput,
  CertifiedCopy,
  SubjectOutcome,
  UnsignedCertificate,
} from "./erasure/certificate.ts";
export {
  buildCertificate,
  certificateBytes,
  certificateFile,
  certificateSchema,
  findCertificate,
  signCertificate,
} from "./erasure/certificate.ts";
export { eraseEvents } from "./erasure/erase-events.ts";
export type { NamedErasure, NamedErasures, NamedSubject } from "./erasure/erase-named.ts";
export { eraseNamed } from "./erasure/erase-named.ts";
export { eraseOffline } from "./erasure/erase-offline.ts";
export { eraseReadable } from "./erasure/erase-readable.ts";
export {
  measureErasures,
  toErasurePoints,
  UNCERTIFIED_ERASURE,
  UNFINISHED_ERASURE,
} from "./erasure/erasure-metrics.ts";
export type { CopyLine, ErasureReport } from "./erasure/erasure-report.ts";
export { reportErasure } from "./erasure/erasure-report.ts";
export type { ErasureRequest } from "./erasure/erasure-request.ts";
export { findRequest, getRequest, listRequests, openSubjects } from "./erasure/erasure-request.ts";
export { cancelErasure, failErasure } from "./erasure/fail-run.ts";
export { finishErasure, listDueFinishes, startFinish } from "./erasure/finish-erasure.ts";
export { hardDelete } from "./erasure/hard-delete.ts";
export { planErasure } from "./erasure/plan-erasure.ts";
export type { ErasurePreview } from "./erasure/preview-erasure.ts";
export { previewErasure } from "./erasure/preview-erasure.ts";
export { scanCopies } from "./erasure/scan-copies.ts";
export { certifyErasure } from "./erasure/sign-certificate.ts";
export { suppressForErasure } from "./erasure/suppress-subjects.ts";
export type { PlainFailure } from "./errors/plain-failure.ts";
export {
  plainFailureOf,
  STEWARD_ERROR_NAMES,
  toErrorName,
  toPlainFailure,
} from "./errors/plain-failure.ts";
export {
  ConflictError,
  DataRejectedError,
  DefinitionError,
  DifferencesFoundError,
  InvalidInputError,
  LeaseHeldError,
  LeaseLostError,
  NotFoundError,
  StewardError,
  UnavailableError,
  WriteFailedError,
} from "./errors/steward-error.ts";
export { type AlarmState, findAlarm, listAlarms } from "./freshness/alarm-state.ts";
export { type Alarm, alarmsOf } from "./freshness/alarms.ts";
export { checkFreshness, type FreshnessCheck } from "./freshness/check-freshness.ts";
export { type ConsumedPartition, findYoungestEvent } from "./freshness/consumed-events.ts";
export {
  type AlarmStateName,
  type Evaluation,
  evaluateAlarm,
  type Watching,
} from "./freshness/evaluate-alarm.ts";
export { evaluateAlarms } from "./freshness/evaluate-alarms.ts";
export { type FreshnessDocument, toFreshnessDocument } from "./freshness/freshness-document.ts";
export {
  type GroupFreshness,
  isLate,
  measureFreshness,
  SIDES,
  type Side,
  type SideFreshness,
} from "./freshness/measure-freshness.ts";
export {
  CHECKER,
  CHECKER_HEARTBEAT,
  freshnessAge,
  sampleDifferences,
  streamBehind,
} from "./freshness/metrics.ts";
export { objectiveOf, watchedGroups } from "./freshness/objective.ts";
export { endAsOf, findGreatestAsOf, listOpenAsOfs, registerAsOf, renewAsOf } from "./ledger/as-of.ts";
export { createAttempt, executionName, newRun, reopenAttempt } from "./ledger/attempt.ts";
export type { JsonValue } from "./ledger/canonical-json.ts";
export { canonicalBytes, canonicalJson, sha256Hex } from "./ledger/canonical-json.ts";
export type { Failure } from "./ledger/end-run.ts";
export { readEventTable } from "./ledger/event-table.ts";
export { getPlace } from "./ledger/group-place.ts";
export type { Watermark } from "./ledger/lease.ts";
export {
  acquireLease,
  commitWatermark,
  findHolder,
  findWatermark,
  releaseLease,
  renewLease,
  revokeLease,
} from "./ledger/lease.ts";
export { listOfflineFiles } from "./ledger/offline-manifest.ts";
export type { Run, RunRef, RunStatus, Target } from "./ledger/run.ts";
export { createRun, findRun, getRun, listRuns, RUN_TRANSITIONS, updateRun } from "./ledger/run.ts";
export type {
  AppendedFile,
  AppendJob,
  BatchEngine,
  ComputedRecords,
  ComputeJob,
  EventFile,
  EventPartition,
  FeatureStatistics,
  InputFile,
  InspectedFile,
  OfflineFile,
  SetAsideRow,
  SetAsideRule,
  Snapshot,
  SnapshotFile,
  SnapshotJob,
  SnapshotScope,
  SnapshotSize,
  StagedFile,
  SuppressedSubject,
} from "./ports/batch-engine.ts";
export { MAX_PARTITIONS } from "./ports/batch-engine.ts";
export type { Clock } from "./ports/clock.ts";
export type { Definitions } from "./ports/definitions.ts";
export type {
  ErasureFiles,
  FileVersion,
  Rewrite,
  RowLayout,
  SubjectCount,
  SubjectCounts,
  SubjectRows,
} from "./ports/erasure-files.ts";
export type { Holders } from "./ports/holders.ts";
export type { Fence, HotOutcome, HotStore, HotValue, KeyedRecord, NamedRemoval } from "./ports/hot-store.ts";
export type { Ids } from "./ports/ids.ts";
export type { Incoming, IncomingFile } from "./ports/incoming.ts";
export type {
  ConditionalOutcome,
  Expectation,
  Ledger,
  LedgerBody,
  LedgerItem,
  LedgerKey,
  LedgerValue,
} from "./ports/ledger.ts";
export type { MetricHistory, MetricQuery, MetricReading } from "./ports/metric-history.ts";
export type { MetricPoint, Metrics } from "./ports/metrics.ts";
export type {
  ObjectStore,
  ObjectVersion,
  PutCondition,
  PutOutcome,
  StoredObject,
} from "./ports/object-store.ts";
export type { OfflineFiles, OfflineQuery, StagedRecord } from "./ports/offline-files.ts";
export type { OnlineGroup, OnlineOutcome, OnlineStore, OnlineWriteOptions } from "./ports/online-store.ts";
export type { Pacer, Reservation } from "./ports/pacer.ts";
export { SEND_TOLERANCE_MS } from "./ports/pacer.ts";
export type { Page, Pager } from "./ports/pager.ts";
export type { ControlPorts, Ports, Settings } from "./ports/ports.ts";
export type { Pseudonym, Pseudonymiser } from "./ports/pseudonymiser.ts";
export { listTags, tagOf } from "./ports/pseudonymiser.ts";
export type { Queue, QueueDepth, QueueMessage } from "./ports/queue.ts";
export type { Sealer } from "./ports/sealer.ts";
export type { Signer } from "./ports/signer.ts";
export type { Execution, ExecutionStatus, Json, StateMachines } from "./ports/state-machines.ts";
export type { Stream, StreamPage, StreamRecord, StreamStart, Streams } from "./ports/stream.ts";
export type { Timer } from "./ports/timer.ts";
export type { Difference } from "./reading/compare-records.ts";
export { compareRecord } from "./reading/compare-records.ts";
export { exportRecords } from "./reading/export-records.ts";
export type { StoreName } from "./reading/read-stores.ts";
export { countUnknownHotValues, readAll, readRecord, STORES } from "./reading/read-stores.ts";
export { acquireRebuildLease } from "./rebuild/acquire-lease.ts";
export { awaitRebuildWrites } from "./rebuild/await-writes.ts";
export { catchUpStream } from "./rebuild/catch-up-stream.ts";
export { enqueueRebuildChunks } from "./rebuild/enqueue-chunks.ts";
export { cancelRebuild, failRebuild } from "./rebuild/fail-run.ts";
export { finishRebuild } from "./rebuild/finish-run.ts";
export type { Cost, Forecast } from "./rebuild/forecast-rebuild.ts";
export { forecastRebuild } from "./rebuild/forecast-rebuild.ts";
export { planRebuild } from "./rebuild/plan-rebuild.ts";
export type { RebuildPreview } from "./rebuild/preview-rebuild.ts";
export { previewRebuild } from "./rebuild/preview-rebuild.ts";
export type { RebuildReport } from "./rebuild/rebuild-report.ts";
export { snapshotOffline } from "./rebuild/run-snapshot.ts";
export type { RebuildRequest } from "./rebuild/start-rebuild.ts";
export { checkRebuild, REBUILD, startRebuild } from "./rebuild/start-rebuild.ts";
export { verifyRebuild } from "./rebuild/verify-rebuild.ts";
export { acquireRefreshLease } from "./refresh/acquire-lease.ts";
export { awaitWrites } from "./refresh/await-writes.ts";
export { checkRefreshOutput } from "./refresh/check-output.ts";
export { commitAppendedEvents } from "./refresh/commit-events.ts";
export { commitRefreshWatermark } from "./refresh/commit-watermark.ts";
export { DEFAULT_SETTINGS, toSettings } from "./refresh/defaults.ts";
export { enqueueChunks } from "./refresh/enqueue-chunks.ts";
export { cancelRefresh, failRefresh } from "./refresh/fail-run.ts";
export { finishRefresh } from "./refresh/finish-run.ts";
export { planRefresh } from "./refresh/plan-refresh.ts";
export { publishOffline } from "./refresh/publish-offline.ts";
export type { RefreshReport } from "./refresh/refresh-report.ts";
export { appendEvents, appendJobOf, computeFeatures } from "./refresh/run-batch.ts";
export type { Replay, SetAsideList } from "./refresh/set-aside.ts";
export { listSetAsideRows, replaySetAsideRows } from "./refresh/set-aside.ts";
export type { RefreshRequest } from "./refresh/start-refresh.ts";
export { createRefresh, REFRESH, startRefresh } from "./refresh/start-refresh.ts";
export { acquireRemediationLease } from "./remediation/acquire-lease.ts";
export { applyRemedy } from "./remediation/apply-remedy.ts";
export type { Attendance } from "./remediation/attend-incidents.ts";
export { attendIncidents, closeRecovered, continueRemediations } from "./remediation/attend-incidents.ts";
export { awaitRemedy } from "./remediation/await-remedy.ts";
export { closeIncident } from "./remediation/close-incident.ts";
export { confirmRecovery } from "./remediation/confirm-recovery.ts";
export { diagnoseIncident } from "./remediation/diagnose-incident.ts";
export type { Diagnosis, DiagnosisKind, FailureCause } from "./remediation/diagnosis.ts";
export { causeOf, diagnose } from "./remediation/diagnosis.ts";
export type { Facts, FailedRun, RunAtWork, SideFacts, StreamFacts } from "./remediation/facts.ts";
export { cancelRemediation, failRemediation } from "./remediation/fail-run.ts";
export type { Incident, IncidentStatus } from "./remediation/incident.ts";
export { findIncident, getIncident, INCIDENT_TRANSITIONS, listIncidents } from "./remediation/incident.ts";
export type { IncidentAlarm } from "./remediation/open-incident.ts";
export { listOpenIncidents, openIncident } from "./remediation/open-incident.ts";
export { pageOwner } from "./remediation/page-owner.ts";
export type { RemediationReport } from "./remediation/remediation-report.ts";
export { REMEDIATION } from "./remediation/remediation-run.ts";
export type { Remedy, RemedyHistory, RemedyKind, RemedyLimits, Treatment } from "./remediation/remedy.ts";
export { chooseRemedy, isTreatment } from "./remediation/remedy.ts";
export { acquireReplayLease } from "./replay/acquire-lease.ts";
export { cancelReplay, failReplay } from "./replay/fail-run.ts";
export { finishReplay } from "./replay/finish-run.ts";
export type { ReplayReport } from "./replay/replay-report.ts";
export { replayStream } from "./replay/replay-stream.ts";
export type { ReplayRequest } from "./replay/start-replay.ts";
export { REPLAY, startReplay } from "./replay/start-replay.ts";
export { listWaitingFiles } from "./scheduling/bookmark.ts";
export type { IncomingRequest } from "./scheduling/refresh-from-incoming.ts";
export { refreshFromIncoming } from "./scheduling/refresh-from-incoming.ts";
export type { SlotOutcome } from "./scheduling/run-due-slots.ts";
export { MAX_RUNS_AT_ONCE, runDueSlots } from "./scheduling/run-due-slots.ts";
export type { Schedule } from "./scheduling/schedule.ts";
export { lastSlotAt, nextSlotAfter, scheduleOf } from "./scheduling/schedule.ts";
export { findCursor, MAX_FILLED_SLOTS } from "./scheduling/slot-cursor.ts";
export type { PageOutcome, StreamHold } from "./streaming/consume-stream.ts";
export { closeStream, consumePage, keepStream, openStream } from "./streaming/consume-stream.ts";
export type { DecodedEvent, EventFault } from "./streaming/decode-event.ts";
export { decodeEvent, findRecordId } from "./streaming/decode-event.ts";
export type { StreamDescription } from "./streaming/describe-stream.ts";
export { describeStream } from "./streaming/describe-stream.ts";
export type { EventCounts } from "./streaming/event-counts.ts";
export { findHandOver } from "./streaming/hand-over.ts";
export { putEvents, requireStream } from "./streaming/put-events.ts";
export type { SetAsideEvent } from "./streaming/set-aside-events.ts";
export { listSetAsideEvents } from "./streaming/set-aside-events.ts";
export type { GuardReport } from "./suppression/apply-suppressions.ts";
export { applySuppressions, fenceSubjects, guardHot } from "./suppression/apply-suppressions.ts";
export type { Computation } from "./suppression/computation.ts";
export { beginComputation } from "./suppression/computation.ts";
export type { ChainCheck, EvidencePlace, EvidencePorts, NewEvidence } from "./suppression/evidence-chain.ts";
export {
  appendEvidence,
  checkChain,
  findEvidenceOf,
  readEvidence,
  suppressSubjects,
} from "./suppression/evidence-chain.ts";
export type { EvidenceEntry, EvidenceKind, StoredEvidence } from "./suppression/evidence-entry.ts";
export { EVIDENCE_PREFIX, evidenceKey } from "./suppression/evidence-entry.ts";
export { findSuppressed, toHotRecord } from "./suppression/named-subjects.ts";
export { isSuppressed, readSuppressions, suppressionPartition } from "./suppression/read-suppressions.ts";
export { reseedSuppressions } from "./suppression/reseed-suppressions.ts";
export {
  findSuppressionTime,
  recordSuppressions,
  settleSuppressions,
  takeSuppressionTime,
} from "./suppression/suppress-subjects.ts";
export type { Duration } from "./time/duration.ts";
export { parseDurationMs, parseRateMs } from "./time/duration.ts";
export type { EpochMs } from "./time/epoch-ms.ts";
export { MAX_EPOCH_MS, MIN_EPOCH_MS, parseInstant, toEpochMs, toIso } from "./time/epoch-ms.ts";
export { backoffMs } from "./writing/backoff.ts";
export type { ChunkReference } from "./writing/chunk.ts";
export { chunkReference, listChunks, planChunks, updateChunk } from "./writing/chunk.ts";
export type { Counts, Outcome } from "./writing/counts.ts";
export { addCounts, countOutcomes, isBalanced, NO_COUNTS, overallOutcome } from "./writing/counts.ts";
export { REDELIVERY_BACKOFF } from "./writing/defaults.ts";
export type { ChunkResult } from "./writing/write-chunk.ts";
export { writeChunk, writeRecords } from "./writing/write-chunk.ts";
