/**
 * Call logs — a log of each call, written after the commit of each step and beside the reply: nobody waits for it, and a log that cannot be written
 * harms no call.
 *
 * @module
 */
import type { AnyStateMachine } from 'xstate';
import { logHead, type LoggedStep, logLine, writtenStep } from '../machines/index.ts';
import { type Log, thrown } from './log.ts';

/** A piece of the log of a call. */
export interface CallLogEntry {
  /** The calling service that carries the call. */
  readonly service: string;
  readonly call: string;
  /** Whether the call begins with it. */
  readonly begins: boolean;
  /** Whether the call is over with it. */
  readonly ends: boolean;
  /** The first line of the log, for one that has none yet. */
  readonly head: string;
  /** Whole lines, in order. */
  readonly lines: string;
}

/** Where logs of calls are kept. */
export interface CallLogs {
  /** Whether what the caller said, keyed and is, is left out. */
  readonly masked: boolean;
  /** Gets one entry of a call at a time, in order. Where it throws, the rest of that log is lost. */
  append(entry: CallLogEntry): void | Promise<void>;
}

/** A step of a call. */
interface TakenStep extends LoggedStep {
  readonly service: string;
  readonly machine: AnyStateMachine;
}

/** Writes logs, and waits for that only when the process ends. */
interface CallLogDesk {
  take(step: TakenStep): void;
  /** Resolves when everything is written or lost. */
  settled(): Promise<void>;
}

/** So many characters wait at the most to be written; what comes on top is lost. */
const mostWaiting = 64 * 1_024 * 1_024;

/** A desk that writes to `logs`. The first time that this fails is told in the server's `log`. */
export const callLogDesk = (logs: CallLogs, log: Log): CallLogDesk => {
  const waiting = new Map<string, CallLogEntry[]>();
  const underWay = new Set<Promise<void>>();
  /** Calls whose log has a hole: nobody could have them again. */
  const lost = new Set<string>();
  let waitingLength = 0;
  let isTold = false;

  const lose = (call: string, error: unknown): void => {
    lost.add(call);
    if (!isTold) log.error({ call, ...thrown(error) }, 'call log lost');
    isTold = true;
  };

  const write = async (call: string, entries: CallLogEntry[]): Promise<void> => {
    for (let [first] = entries; first !== undefined; [first] = entries) {
      const anew = entries.findIndex(({ begins }, index) => index > 0 && begins);
      const some = entries.splice(0, anew < 0 ? entries.length : anew);
      const last = some.at(-1) ?? first;
      const lines = some.map((entry) => entry.lines).join('');
      try {
        if (!lost.has(call) || first.begins) await logs.append({ ...first, ends: last.ends, lines });
      } catch (error) {
        lose(call, error);
      }
      waitingLength -= lines.length;
      if (last.ends) lost.delete(call);
    }
    waiting.delete(call);
  };

  const hand = (entry: CallLogEntry): void => {
    const { call, lines } = entry;
    if (waitingLength + lines.length > mostWaiting) return lose(call, new Error('too much waits to be written'));
    if (entry.begins) lost.delete(call);
    waitingLength += lines.length;
    const ahead = waiting.get(call);
    if (ahead !== undefined) return void ahead.push(entry);
    const entries = [entry];
    waiting.set(call, entries);
    const written = write(call, entries).finally(() => underWay.delete(written));
    underWay.add(written);
  };

  return {
    take: ({ service, machine, ...taken }) => {
      const { before, result: { snapshot: { call: { id: call }, ended, tasks } } } = taken;
      try {
        hand({ service, call, begins: before === undefined, ends: ended !== null && tasks.length === 0, head: logLine(logHead(machine, logs.masked, service)), lines: logLine(writtenStep(machine, taken, logs.masked)) });
      } catch (error) {
        lose(call, error);
      }
    },
    settled: async () => {
      while (underWay.size > 0) await Promise.all(underWay);
    },
  };
};
