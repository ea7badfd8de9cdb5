/**
 * Transcript — what happened on a line, entry by entry, as somebody who listens in would note it down.
 *
 * Leaf: imports nothing.
 *
 * @module
 */

/** Who did what. `line` is the calling service itself. */
export interface EntryKinds {
  bot: 'answered' | 'rejected' | 'says' | 'plays' | 'writes' | 'pauses' | 'asks' | 'transfers' | 'calls' | 'holds' | 'unholds' | 'hungup';
  caller: 'answered' | 'keys' | 'speech' | 'silence' | 'recording' | 'waits' | 'hungup';
  line: 'ringing' | 'beep' | 'bargein' | 'unheard' | 'refused' | 'retrying' | 'failed' | 'hungup' | 'error' | 'task' | 'assumed' | 'party' | 'warned';
}

/** One thing that happened, `at` milliseconds after the first ring. */
export type Entry = {
  [W in keyof EntryKinds]: { readonly at: number; readonly who: W; readonly kind: EntryKinds[W]; readonly text?: string };
}[keyof EntryKinds];

/** Notes an entry down; the time is added by whoever keeps the clock. */
export type Note = <W extends keyof EntryKinds>(who: W, kind: EntryKinds[W], text?: string) => void;

/** Whether `entry` is something that reaches the caller in words, heard or read. */
export const isHeard = ({ who, kind }: Entry): boolean => who === 'bot' && (kind === 'says' || kind === 'plays' || kind === 'writes');

/** Seconds as people write them. */
export const seconds = (ms: number): string => `${Math.round(ms / 100) / 10} s`;
