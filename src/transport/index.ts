/** How bytes arrive and leave. @module */
export * from './calls.ts';
export { type Bots, type BotsByPath, type BotsOnPath, gatherBots } from './bots.ts';
export type { Delivery, Engine, Reply } from './deliver.ts';
export type { CallDetailRecord } from './detail.ts';
export { embeddedEngine, type EmbeddedOptions, type Stepped } from './engines/embedded.ts';
export { lmdbStore } from './engines/lmdb.ts';
export { memoryStore } from './engines/memory.ts';
export { openStore } from './engines/open.ts';
export type { CallStore, DueCall, StoredRecord } from './engines/store.ts';
export { exchange, type Line as ExchangeLine } from './exchange.ts';
export type { CallMoment, Hook, Hooks, Receiving, Sending } from './hooks.ts';
export { type Log, silentLog, type TransportEvent } from './log.ts';
export type { RecordingStore, StoredBytes } from './recordings.ts';
export { folderRecordings } from './recordings-folder.ts';
export { memoryRecordings } from './recordings-memory.ts';
export type { Arrival, CallRequest, CallResponse, CallService, ReplyContext } from './service.ts';
export { botframework, type BotFrameworkOptions } from './services/botframework/index.ts';
export { bearerVerifier, type BearerPolicy } from './authenticate.ts';
