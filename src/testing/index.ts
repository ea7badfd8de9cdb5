/** The scripted caller, and the check: whole calls, and all calls, without a network and without a clock. @module */
export { type Certificate, compatibility, type Compatibility, type CompatibilityOptions, examine, type Examination, type ExamineOptions, type Finding, type Longest, mayContinue, type Obstacle, restingState, type Rule, severities, type StateCompatibility } from '../machines/index.ts';
export type { CallLog, CoverageReport, LogHead, LogStep, MissedPart, PointKind, Replay, Share, StateCoverage, Tally } from '../machines/index.ts';
export { type Coverage, coverage } from './coverage.ts';
export { type DataStore, dataStore } from './data-store.ts';
export type { Caller, DialOptions, ScriptedCall } from './caller.ts';
export { dial } from './dial.ts';
export type { ExpectedOperation, Part } from './expectations.ts';
export type { FailsNext } from './line.ts';
export type { Phone, RecordsOptions, Script } from './phone.ts';
export { replays } from './replays.ts';
export type { Expected, Words } from './transcript.ts';
export { failing, inTurn, never, type TaskStub, type TaskStubs } from './stubs.ts';
