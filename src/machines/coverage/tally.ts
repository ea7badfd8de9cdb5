/**
 * Tally — how often calls came by the states, the transitions and the askings of a bot. Tallies of the same bot can be added, and kept as JSON.
 *
 * @module
 */
import * as t from 'io-ts';
import type { AnyStateMachine } from 'xstate';
import { requireBot } from '../bot-facts.ts';
import { CallError } from '../../errors.ts';
import type { CallLog } from '../log/call-log.ts';
import { firstLine } from '../log/read-log.ts';
import type { StepResult } from '../step.ts';
import { follower } from './follow.ts';
import { type Happened, happenedIn, hasState, wayOf } from './met.ts';
import { type Point, pointsOf } from './points.ts';

/** The number of this format. */
const tallyFormat = 1;

/** How often, by id. */
export type Counts = Readonly<Record<string, number>>;

/** What calls of a bot came by. What is not in it, none of them did. */
export interface Tally {
  readonly tally: typeof tallyFormat;
  readonly bot: string;
  readonly version: string;
  /** How many calls began. */
  readonly calls: number;
  /** How often each state was entered: `acme.menu`. */
  readonly states: Counts;
  /** How often each transition was taken: `acme.menu recognize.noinput 1`. */
  readonly transitions: Counts;
  /** How often a question was asked for the second time, the third and so on: `acme.menu: asking 2`. */
  readonly askings: Counts;
}

/** Counts what calls of a bot come by. */
export interface Counter {
  /** Takes a step of any of the calls. */
  count(result: Pick<StepResult, 'moves' | 'snapshot' | 'ignored'>): void;
  /** All that was counted so far. */
  tally(): Tally;
}

/** Counts calls of `machine`. @throws `ERR_BOT_INVALID` for a machine that `callMachine` did not make. */
export const coverageCounter = (machine: AnyStateMachine): Counter => {
  const { version } = requireBot(machine);
  const counts = nothingCounted();
  let calls = 0;
  return {
    count: ({ moves, snapshot: { revision }, ignored }) => {
      if (revision === 1 && !ignored) calls += 1;
      if (moves.length > 0) add(counts, happenedIn(machine, moves));
    },
    tally: () => tallyOf(machine.id, version, calls, counts),
  };
};

/** The tally of a call of `machine` by its log, up to where the call goes on with another version. @throws `ERR_TALLY_OTHER` where the log is of another bot or version, or takes a transition that the bot does not have. */
export const tallyOfLog = (machine: AnyStateMachine, { head: { bot, version }, steps }: CallLog): Tally => {
  requireSame(machine, { bot, version });
  const counts = nothingCounted();
  const follow = follower(machine);
  for (const [index, { moves, moved }] of steps.entries()) {
    if (moved !== undefined) break;
    const happened = follow(moves);
    if ('unknown' in happened) throw other('chart', `line ${index + firstLine}: the bot has no transition \`${happened.unknown}\``);
    add(counts, happened);
  }
  return tallyOf(bot, version, steps.length === 0 ? 0 : 1, counts);
};

/** The sum of `tallies`, which are of `machine`; of none it is a tally without calls. @throws `ERR_TALLY_OTHER` where one is of another bot or version. */
export const sumOfTallies = (machine: AnyStateMachine, tallies: readonly Tally[]): Tally => {
  for (const tally of tallies) requireTallyOf(machine, tally);
  const sum = (name: 'states' | 'transitions' | 'askings'): Counts => sorted(tallies.flatMap((tally) => Object.entries(tally[name])).reduce((all, [id, count]) => all.set(id, (all.get(id) ?? 0) + count), new Map<string, number>()));
  return { tally: tallyFormat, bot: machine.id, version: requireBot(machine).version, calls: tallies.reduce((calls, tally) => calls + tally.calls, 0), states: sum('states'), transitions: sum('transitions'), askings: sum('askings') };
};

/** @throws `ERR_TALLY_OTHER` where `tally` is not of `machine`. */
export const requireTallyOf = (machine: AnyStateMachine, tally: Tally): void => {
  requireSame(machine, tally);
  const state = Object.keys(tally.states).find((id) => !hasState(machine, id));
  if (state !== undefined) throw other('chart', `the bot has no state \`${state}\``);
  const transition = Object.keys(tally.transitions).find((id) => wayOf(machine, id) === undefined);
  if (transition !== undefined) throw other('chart', `the bot has no transition \`${transition}\``);
};

const requireSame = (machine: AnyStateMachine, { bot, version }: { readonly bot: string; readonly version: string }): void => {
  const own = requireBot(machine).version;
  if (bot !== machine.id) throw other('bot', `it is of the bot \`${bot}\`, and this is \`${machine.id}\``);
  if (version !== own) throw other('version', `it is of the version \`${version}\` of the bot, and this is \`${own}\``);
};

const other = (reason: 'bot' | 'version' | 'chart', message: string): CallError<'ERR_TALLY_OTHER'> => new CallError('ERR_TALLY_OTHER', message, { reason });

/** How often `point` was met. */
export const timesMet = ({ states, transitions, askings }: Tally, { id, kind, transitions: by }: Point): number => {
  if (kind === 'state') return states[id] ?? 0;
  if (kind === 'retry') return askings[id] ?? 0;
  return by.reduce((sum, one) => sum + (transitions[one] ?? 0), 0);
};

/** Ids of the points of `machine` that `tally` has met. */
export const pointsMetBy = (machine: AnyStateMachine, tally: Tally): readonly string[] => pointsOf(machine).filter((point) => timesMet(tally, point) > 0).map(({ id }) => id);

// ---- JSON ----

const Count = t.refinement(t.number, (count) => Number.isSafeInteger(count) && count >= 0);
const CountsOf = t.record(t.string, Count);
const TallyCodec = t.type({ tally: t.literal(tallyFormat), bot: t.string, version: t.string, calls: Count, states: CountsOf, transitions: CountsOf, askings: CountsOf });

/** `text`, a tally as JSON. @throws `ERR_TALLY_DAMAGED` */
export const readTally = (text: string): Tally => {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw damaged('it is no JSON');
  }
  if (!TallyCodec.is(value)) throw damaged('it is no tally of calls');
  return value;
};

const damaged = (message: string): CallError<'ERR_TALLY_DAMAGED'> => new CallError('ERR_TALLY_DAMAGED', message, {});

// ---- counting ----

type Counting = { readonly [K in keyof Happened]: Map<string, number> };

const nothingCounted = (): Counting => ({ states: new Map(), transitions: new Map(), askings: new Map() });

const add = (counts: Counting, happened: Happened): void => {
  for (const name of ['states', 'transitions', 'askings'] as const) for (const id of happened[name]) counts[name].set(id, (counts[name].get(id) ?? 0) + 1);
};

const tallyOf = (bot: string, version: string, calls: number, { states, transitions, askings }: Counting): Tally =>
  ({ tally: tallyFormat, bot, version, calls, states: sorted(states), transitions: sorted(transitions), askings: sorted(askings) });

/** The same counts are the same text, whatever came first. */
const sorted = (counts: ReadonlyMap<string, number>): Counts => Object.fromEntries([...counts].sort(([one], [two]) => (one < two ? -1 : 1)));
