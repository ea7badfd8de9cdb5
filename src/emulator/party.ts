/**
 * Party — somebody else, whom the bot has rung to join the caller to him or to hand the caller on: whether he answers, and until when he stays.
 *
 * Where nobody decides it, he answers at once, talks for a while, and is the first to hang up.
 *
 * @module
 */
import type { Caller, PartyAct, PartyTurn } from './caller.ts';
import type { LineClock } from './clock.ts';
import type { Ending } from './line-action.ts';
import type { Note } from './transcript.ts';

/** What a party is rung with. */
export interface PartyLine {
  readonly clock: LineClock;
  readonly caller: Caller;
  readonly note: Note;
  /** Aborts when the line is dead. */
  readonly dead: AbortSignal;
}

/** How long two people talk, unless somebody says otherwise. */
const talkMs = 2_000;

/** Whom the bot rings, and for how long. */
export interface Ringing {
  readonly to: string;
  readonly timeoutMs: number;
}

/** Rings `ringing.to` until he answers (`done`), or cannot be had. */
export const ringParty = async (ringing: Ringing, line: PartyLine, stop?: AbortSignal): Promise<Ending> => {
  const act = await partyWithin(ringing.timeoutMs, { ...ringing, kind: 'ringing' }, line, stop);
  switch (act) {
    case 'hangup':
      return { end: 'left' };
    case 'stopped':
      return { end: 'interrupted' };
    case 'failed':
      return { end: 'failed', cause: 'unknown', reason: 'failed' };
    case 'busy':
    case 'noanswer':
      return { end: act };
    case 'time':
      return { end: 'noanswer' };
    default:
      line.note('line', 'party', `${ringing.to} answers`);
      return { end: 'done' };
  }
};

/** The two talk until the party hangs up (`done`), or the caller does. */
export const talkToParty = async (ringing: Ringing, line: PartyLine, longestMs: number, stop?: AbortSignal): Promise<Ending> => {
  const act = await partyWithin(longestMs, { ...ringing, kind: 'joined' }, line, stop);
  if (act === 'hangup') return { end: 'left' };
  if (act === 'stopped') return { end: 'interrupted' };
  line.note('line', 'party', `${ringing.to} hangs up`);
  return { end: 'done' };
};

const partyWithin = async (ms: number, turn: Omit<PartyTurn, 'signal'>, { clock, caller, dead }: PartyLine, stop: AbortSignal | undefined): Promise<PartyAct | 'time' | 'stopped'> => {
  const over = new AbortController();
  const signal = stop === undefined ? dead : AbortSignal.any([dead, stop]);
  try {
    if (signal.aborted) return dead.aborted ? 'hangup' : 'stopped';
    const act = caller.party?.({ ...turn, signal: over.signal } as PartyTurn);
    if (act === undefined) {
      const { came } = turn.kind === 'ringing' ? { came: 'time' as const } : await clock.silence(Math.min(ms, talkMs), signal);
      if (came === 'signal') return dead.aborted ? 'hangup' : 'stopped';
      return turn.kind === 'ringing' ? 'answers' : 'hangs-up';
    }
    const first = await clock.within(ms, act, signal);
    if (first.came === 'signal') return dead.aborted ? 'hangup' : 'stopped';
    return first.came === 'time' ? 'time' : first.act;
  } finally {
    over.abort();
  }
};
