/**
 * Engine options — what every engine is made from, whatever keeps its calls.
 *
 * @module
 */
import type { Tracer } from '@opentelemetry/api';
import type { AnyStateMachine } from 'xstate';
import type { StepEvent, StepResult } from '../../machines/index.ts';
import type { CallLogs } from '../call-logs.ts';
import type { ChatSender } from '../chat.ts';
import type { Clock } from '../clock.ts';
import type { Engine } from '../deliver.ts';
import type { CallDetailRecord } from '../detail.ts';
import type { Hooks } from '../hooks.ts';
import type { AroundTask } from '../host.ts';
import type { Told } from '../log.ts';
import type { TransactOptions } from './transact.ts';

/** What happened to a call in one step; for inspectors. */
export interface Stepped {
  readonly machine: AnyStateMachine;
  readonly event: StepEvent;
  readonly result: StepResult;
}

export interface EngineOptions extends Omit<TransactOptions, 'store'>, Told {
  /** How long before the service's deadline the filler goes out, ms, where commits take as long as they did of late; from 20. Default 500. */
  readonly marginMs?: number;
  /** Longest time between two looks for calls that want attention, ms. Default 1,000. */
  readonly roundMs?: number;
  readonly now?: () => number;
  /** Whose time it is, in place of `now`. Default: the machine's. */
  readonly clock?: Clock;
  /** Runs each task inside something, or lets something else stand for it. What it gives never rejects. */
  readonly aroundTask?: AroundTask;
  /** Gets a span for each state that a call is in, and for each task. */
  readonly tracer?: Tracer | undefined;
  /** Who delivers the chat messages of the bots. */
  readonly chat?: ChatSender;
  readonly onStep?: (stepped: Stepped) => void;
  /** Keep a log of each call: all that the bot was told and what it asked for, for `callchart replay`. What the caller said, keyed and is, is left out unless they say otherwise. */
  readonly callLogs?: CallLogs;
  /** Of these the engine runs those of `call`; the others are the exchange's. */
  readonly hooks?: Hooks;
  /**
   * Gets the detail record of each call at its end, from the process that committed the end, and never twice. What it
   * throws is logged as `detail lost`; and the record is lost when the process dies right after the commit.
   */
  readonly onDetail?: (detail: CallDetailRecord) => void | Promise<void>;
}

/** Makes an engine for the bots and the service of a process: what `calls({ engine })` takes in place of a store. */
export type MakeEngine = (options: EngineOptions) => Engine;
