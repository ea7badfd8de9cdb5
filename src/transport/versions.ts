/**
 * Versions — which version of its bot a call goes on with: the one that it began with, as long as that is here, or another where a
 * move says so. Pure.
 *
 * @module
 */
import type { AnyStateMachine } from 'xstate';
import { CallError } from '../errors.ts';
import { type CallSnapshot, type Continuing, mayContinue, requireBot, restingState, stateNames } from '../machines/index.ts';
import { didYouMean } from '../machines/nearest.ts';

/** Calls that go on with another version of their bot, by hand. */
export interface MoveByHand {
  /** The bot. May be left out where one bot is served. */
  readonly bot?: string;
  /** The version that the calls began with. */
  readonly from: string;
  /** The version that they go on with. */
  readonly to: string;
  /** The states that they rest in, as `callchart check --against` names them; or all calls, wherever they stand. */
  readonly states: readonly string[] | 'all';
}

/** Which calls go on with which version: what {@link compatibility} or `callchart check --against --json` has found, or a move by hand. */
export type VersionMove = Continuing | MoveByHand;

/** Versions of bots beside those that take the calls that begin. */
export interface VersionsOptions {
  /** Other versions of bots that are served, older or newer. They take no calls that begin, and go on with those that began with them. */
  readonly versions?: readonly AnyStateMachine[];
  /** Which calls go on with another version than the one they began with. A call is moved in the commit of the next event that comes to it. */
  readonly moves?: readonly VersionMove[];
  /**
   * What becomes of a call of a bot, or of a version, that is not here. `apology`: its caller hears the apology and is hung up. `retry`: its requests get 503, so that
   * another process takes them. `served`: it goes on with the version that is served, as well as it can. Default `apology`.
   */
  readonly unknownVersions?: 'apology' | 'retry' | 'served';
}

/** What goes on with a call: its machine, and the call as one of that machine's version. */
export interface GoingOn {
  readonly machine: AnyStateMachine;
  readonly snapshot: CallSnapshot;
}

/** The machines of a process, by bot and version. */
export interface Versions {
  /** All that are here. */
  readonly loaded: readonly AnyStateMachine[];
  /** The machine of the bot `id` in its version `version`. @throws `ERR_RECORD_UNKNOWN` */
  byId(id: string, version: string): AnyStateMachine;
  /** What takes the next event of the call `snapshot`, which is on record. @throws `ERR_RECORD_UNKNOWN` */
  goesOn(snapshot: CallSnapshot): GoingOn;
  /** The version whose tasks do the work of the call `snapshot`: its own where that is here. @throws `ERR_RECORD_UNKNOWN` */
  worksAs(snapshot: CallSnapshot): string;
}

/** Gathers the versions of the bots `served`. @throws `ERR_BOT_INVALID`, `ERR_OPTION_INVALID` */
export const gatherVersions = (served: ReadonlyMap<string, AnyStateMachine>, { versions = [], moves = [], unknownVersions = 'apology' }: VersionsOptions): Versions => {
  if (!Array.isArray(versions)) throw new CallError('ERR_OPTION_INVALID', 'option `versions` is a list of machines that `callMachine` made', { option: 'versions' });
  if (!Array.isArray(moves)) throw new CallError('ERR_OPTION_INVALID', 'option `moves` is a list of moves', { option: 'moves' });
  if (!['apology', 'retry', 'served'].includes(unknownVersions)) throw new CallError('ERR_OPTION_INVALID', 'option `unknownVersions` is `apology`, `retry` or `served`', { option: 'unknownVersions' });
  const machines = new Map<string, Map<string, AnyStateMachine>>();
  for (const machine of [...served.values(), ...versions]) {
    const { version } = requireBot(machine);
    const before = machines.get(machine.id)?.get(version);
    if (before === machine) continue;
    if (!served.has(machine.id)) throw invalid(`version \`${version}\` of \`${machine.id}\` is loaded, and no bot of that name is served${didYouMean(machine.id, [...served.keys()])}`);
    if (before !== undefined) throw invalid(`two bots are both version \`${version}\` of \`${machine.id}\`: give one of them another \`version\``);
    put(machines, machine.id, version, machine);
  }
  const moveOf = gatherMoves(moves, served, machines);

  const byId: Versions['byId'] = (id, version) => {
    const machine = machines.get(id)?.get(version);
    if (machine !== undefined) return machine;
    const bot = served.get(id);
    if (bot === undefined) throw new CallError('ERR_RECORD_UNKNOWN', `a stored call belongs to the bot \`${id}\`, which is not served`, { reason: 'bot' });
    const now = requireBot(bot).version;
    throw new CallError('ERR_RECORD_UNKNOWN', `a stored call of \`${id}\` began with version \`${version}\`, and version \`${now}\` is served: load version \`${version}\` beside it (\`versions\`), or say which of its calls go on with another (\`moves\`)`, { reason: 'version' });
  };

  const goesOn: Versions['goesOn'] = (stored) => {
    let snapshot = stored;
    for (let to = moveOf(snapshot); to !== undefined; to = moveOf(snapshot)) snapshot = { ...snapshot, version: to };
    const other = unknownVersions === 'served' && machines.get(snapshot.bot)?.has(snapshot.version) !== true ? served.get(snapshot.bot) : undefined;
    if (other !== undefined) return { machine: other, snapshot: { ...snapshot, version: requireBot(other).version } };
    return { machine: byId(snapshot.bot, snapshot.version), snapshot };
  };

  const worksAs: Versions['worksAs'] = (snapshot) => (machines.get(snapshot.bot)?.has(snapshot.version) === true ? snapshot.version : goesOn(snapshot).snapshot.version);

  return { loaded: [...machines.values()].flatMap((ofBot) => [...ofBot.values()]), byId, goesOn, worksAs };
};

/** Things by bot and version. */
type ByVersion<T> = ReadonlyMap<string, ReadonlyMap<string, T>>;

const put = <T>(all: Map<string, Map<string, T>>, bot: string, version: string, one: T): void => {
  const ofBot = all.get(bot);
  if (ofBot === undefined) all.set(bot, new Map([[version, one]]));
  else ofBot.set(version, one);
};

// ---- moves ----

/** A move, understood. */
interface Move {
  readonly bot: string;
  readonly from: string;
  readonly to: string;
  readonly takes: (snapshot: CallSnapshot) => boolean;
}

/** Says with which version a call goes on, where a move is for it. @throws `ERR_BOT_INVALID`, `ERR_OPTION_INVALID` */
const gatherMoves = (given: readonly VersionMove[], served: ReadonlyMap<string, AnyStateMachine>, machines: ByVersion<AnyStateMachine>): ((snapshot: CallSnapshot) => string | undefined) => {
  const moves = new Map<string, Map<string, readonly Move[]>>();
  for (const one of given) {
    const move = understood(one, served, machines);
    const { bot, from, to } = move;
    if (!served.has(bot)) throw invalid(`calls of \`${bot}\` are to be moved, and no bot of that name is served${didYouMean(bot, [...served.keys()])}`);
    if (from === to) throw invalid(`calls of \`${bot}\` are to be moved from version \`${from}\` to itself: give the new version another \`version\``);
    if (machines.get(bot)?.has(to) !== true) throw invalid(`calls of \`${bot}\` are to be moved to version \`${to}\`, which is neither served nor loaded`);
    put(moves, bot, from, [...(moves.get(bot)?.get(from) ?? []), move]);
  }
  for (const [bot, ofBot] of moves) for (const from of ofBot.keys()) if (comesBack(ofBot, from)) throw invalid(`the moves of calls of \`${bot}\` go round from version \`${from}\` to itself`);
  if (moves.size === 0) return () => undefined;
  return (snapshot) => moves.get(snapshot.bot)?.get(snapshot.version)?.find(({ takes }) => takes(snapshot))?.to;
};

const comesBack = (moves: ReadonlyMap<string, readonly Move[]>, start: string): boolean => {
  const met = new Set<string>();
  const queue = [start];
  for (let from = queue.pop(); from !== undefined; from = queue.pop()) {
    for (const { to } of moves.get(from) ?? []) {
      if (to === start) return true;
      if (!met.has(to)) queue.push(to);
      met.add(to);
    }
  }
  return false;
};

const understood = (move: VersionMove, served: ReadonlyMap<string, AnyStateMachine>, machines: ByVersion<AnyStateMachine>): Move => {
  if (isFound(move)) return { bot: move.bot, from: move.versions.old, to: move.versions.new, takes: (snapshot) => mayContinue(move, snapshot) };
  if (!isByHand(move)) throw new CallError('ERR_OPTION_INVALID', 'option `moves`: each is what `compatibility` has found, or has `from`, `to` and `states`', { option: 'moves' });
  const [only, ...others] = served.keys();
  const { bot = others.length === 0 ? only : undefined, from, to, states } = move;
  if (bot === undefined) throw invalid(`calls are to be moved from version \`${from}\` to version \`${to}\`, and several bots are served: say of which \`bot\``);
  const before = machines.get(bot)?.get(from);
  if (before === undefined && served.has(bot)) throw invalid(`calls of \`${bot}\` are to be moved from version \`${from}\`, which is neither served nor loaded`);
  if (states === 'all') return { bot, from, to, takes: (snapshot) => snapshot.ended === null };
  const known = before === undefined ? undefined : stateNames(before);
  for (const name of states.flatMap((one) => one.split(', '))) if (known !== undefined && !known.includes(name)) throw invalid(`calls of \`${bot}\` are to be moved from state \`${name}\`, which version \`${from}\` does not have${didYouMean(name, known)}`);
  const names = new Set(states);
  return { bot, from, to, takes: (snapshot) => !snapshot.failed && snapshot.ended === null && names.has(restingState(snapshot)) };
};

const isThing = (value: unknown): value is Readonly<Record<string, unknown>> => typeof value === 'object' && value !== null;

const isFound = (move: unknown): move is Continuing =>
  isThing(move) && typeof move['bot'] === 'string' && isThing(move['versions']) && ['old', 'new'].every((name) => typeof (move['versions'] as Readonly<Record<string, unknown>>)[name] === 'string') &&
  Array.isArray(move['states']) && move['states'].every((one) => isThing(one) && typeof one['state'] === 'string' && (one['verdict'] === 'continues' || one['verdict'] === 'pinned'));

const isByHand = (move: unknown): move is MoveByHand =>
  isThing(move) && typeof move['from'] === 'string' && typeof move['to'] === 'string' && (move['bot'] === undefined || typeof move['bot'] === 'string') &&
  (move['states'] === 'all' || (Array.isArray(move['states']) && move['states'].every((one) => typeof one === 'string')));

const invalid = (problem: string): CallError<'ERR_BOT_INVALID'> => new CallError('ERR_BOT_INVALID', problem, { problems: [problem] });
