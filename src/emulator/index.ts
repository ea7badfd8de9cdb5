/** A calling service on your laptop. @module */
export { emulator, type Emulator, type EmulatorOptions } from './emulator.ts';
export type { AnswerOptions, CallingService, CallOptions, PlacingService, PlayOptions } from './switchboard.ts';
export type { TwilioEmulator, TwilioEmulatorOptions } from './twilio.ts';
export type { ForeignEnd } from './wires/twilio/conduct.ts';
export type { BadLine } from './wires/twilio/deliveries.ts';
export { type Behind, type EmulatedName, emulatedNames, serveBehind } from './behind.ts';
export { ring, type RingOptions } from './ring.ts';
export { type Caller, type CallerAct, type PartyAct, type PartyTurn, type QueuedCaller, queuedCaller, type Turn } from './caller.ts';
export type { CallReport } from './line.ts';
export type { Ending, LineAction } from './line-action.ts';
export type { EndedBy, LineCall, LineReason, LineState, LiveLine } from './live-line.ts';
export { type KeyIssuer, issueKeys, makeKey } from './keys.ts';
export { type Act, badLine, keysActs, parseScript, sayActs, scriptedCaller } from './script.ts';
export { type TerminalOptions, terminalPhone } from './terminal.ts';
export { type Entry, type EntryKinds, isHeard } from './transcript.ts';
export { botframeworkWire } from './wires/botframework.ts';
export { distantWorld, type LocalWorld, localWorld, type World } from './world.ts';
export type { Wire } from './wires/wire.ts';
