/**
 * Call log — the calls of the page, those that are on and those that are over: how each stands, and all that happened in it, in order.
 *
 * What is over is kept as long as the process runs, the last ones of it; nothing is written to disk.
 *
 * @module
 */
import type { Entry } from '../../emulator/index.ts';
import type { ChartMoment } from '../../inspector/index.ts';
import type { CallShown, Moment, Told, Wanted } from '../../page/protocol.ts';

/** Calls that are over and still shown. */
const callsKept = 50;
/** Moments of one call: a call of hours must not fill the memory. */
const momentsKept = 20_000;

/** What is new of how a call stands; `wants` is null where nothing is waited for any more. */
export type Standing = Partial<Omit<CallShown, 'wants'>> & { readonly wants?: Wanted | null };

/** One call in the log. */
export interface LoggedCall {
  readonly shown: CallShown;
  readonly moments: readonly Moment[];
  /** The call stands otherwise. */
  stands(now: Standing): void;
  /** `wav` is what was recorded, of an entry that tells of a recording. */
  notes(entry: Entry, wav?: Uint8Array): void;
  steps(chart: string, step: ChartMoment): void;
}

export interface CallLog {
  /** Calls, the latest first. */
  readonly calls: readonly CallShown[];
  begin(call: CallShown): LoggedCall;
  find(callId: string): LoggedCall | undefined;
  /** What can be heard at `path`. */
  recording(path: string): Uint8Array | undefined;
}

/** A log that tells all pages what is new. */
export const callLog = (tell: (told: Told) => void): CallLog => {
  const calls = new Map<string, LoggedCall>();
  const recordings = new Map<string, { readonly callId: string; readonly wav: Uint8Array }>();

  const forget = (): void => {
    const over = [...calls.values()].filter(({ shown }) => shown.state === 'over');
    for (const { shown } of over.slice(0, Math.max(0, over.length - callsKept))) {
      calls.delete(shown.id);
      for (const [path, { callId }] of recordings) if (callId === shown.id) recordings.delete(path);
    }
  };

  return {
    get calls() {
      return [...calls.values()].map(({ shown }) => shown).reverse();
    },
    begin: (call) => {
      let shown = call;
      const moments: Moment[] = [];
      const add = (moment: Moment): void => {
        if (moments.length >= momentsKept) return;
        moments.push(moment);
        tell({ type: 'moment', callId: call.id, moment });
      };
      const logged: LoggedCall = {
        get shown() {
          return shown;
        },
        moments,
        stands: ({ wants, ...now }) => {
          const { wants: before, ...rest } = shown;
          const open = wants === undefined ? before : (wants ?? undefined);
          shown = { ...rest, ...now, ...(open !== undefined && { wants: open }) };
          tell({ type: 'call', call: shown });
          if (now.state === 'over') forget();
        },
        notes: (entry, wav) => {
          const audio = `/recordings/${encodeURIComponent(call.id)}/${moments.length}.wav`;
          if (wav !== undefined) recordings.set(audio, { callId: call.id, wav });
          add({ n: moments.length, kind: 'entry', entry, ...(wav !== undefined && { audio }) });
        },
        steps: (chart, step) => add({ n: moments.length, kind: 'step', at: Math.max(0, step.at - shown.began), chart, step }),
      };
      calls.set(call.id, logged);
      tell({ type: 'call', call: shown });
      return logged;
    },
    find: (callId) => calls.get(callId),
    recording: (path) => recordings.get(path)?.wav,
  };
};
