// Decides: what a program that starts the emulator as a library may use.
// Leaves to others: the command (main.ts).
export type { OpenRules } from "./emulator.ts";
export { type S3Place, s3Sink } from "./offline/s3-sink.ts";
export { folderSink, type OfflineSink } from "./offline/sink.ts";
export { type FeatureStore, type FeatureStoreOptions, startFeatureStore } from "./start-feature-store.ts";
