/**
 * Generate calls — the smallest set of calls that can be found which meets every point of a bot that calls can meet.
 *
 * Everything is tried on the real core: no guard is assumed to hold, so each call goes its way on any line. What is tried of a guard comes from the
 * bot alone: its codecs, its questions, and the constants that its author's functions are written with.
 *
 * @module
 */
import type { AnyStateMachine } from 'xstate';
import { requireBot } from '../bot-facts.ts';
import { pointsOf } from '../coverage/points.ts';
import type { CallInput } from '../service-event.ts';
import { byPhoneOf } from './by-phone.ts';
import { actsOf, type Walk, walksThrough } from './cover.ts';
import { discover, type Discovery, type Way } from './discover.ts';
import { fewestOf } from './fewest.ts';
import type { GeneratedCall, GeneratedCalls } from './generated-call.ts';
import type { PathAct } from './line.ts';
import { missedBy } from './missed.ts';
import { toldApart } from './title.ts';
import { usualNow } from './usual-call.ts';
import { wholeCall, type WholeCall } from './whole-call.ts';

/** How calls are generated. */
export interface GenerateOptions {
  /** Steps of the core that are tried to find out what can become of a call, at most. Default 60,000: some seconds. */
  readonly mostSteps?: number;
  /** Acts of one call, at most. Default: as many as it takes. */
  readonly mostActs?: number;
  /** Whether the calls are made from real telephones, where nobody can have the service fail at a prompt or a question. Default false. */
  readonly byPhone?: boolean;
}

/**
 * Generates the calls that cover `machine`. Pure: the same bot gives the same calls.
 *
 * @throws `ERR_BOT_INVALID` for a machine that `callMachine` did not make
 */
export const generateCalls = (machine: AnyStateMachine, { mostSteps = 60_000, mostActs = Infinity, byPhone = false }: GenerateOptions = {}): GeneratedCalls => {
  requireBot(machine);
  const all = discover(machine, mostSteps);
  const discovery = byPhone ? byPhoneOf(all) : all;
  const idsOf = (points: ReadonlySet<number>): ReadonlySet<string> => new Set([...points].map((point) => discovery.points[point] ?? ''));
  const found = idsOf(discovery.met);
  const played = completed(machine, discovery, walksThrough(discovery, mostActs, fewestOf(machine, found)).map((walk) => playedOf(machine, walk)), found, mostActs);
  const order = new Map(pointsOf(machine).map(({ id }, index) => [id, index]));
  const met = new Set(played.flatMap((one) => [...one.met]));
  const titles = toldApart(played.map(({ title }) => title));
  const calls = played.map(({ call, script, heard, states, ended, met: own }, index): GeneratedCall =>
    ({ title: titles[index] ?? '', call, now: usualNow, script, heard, states, ended, covers: [...own].sort((one, other) => (order.get(one) ?? 0) - (order.get(other) ?? 0)) }));
  const beyond = [...found].filter((id) => !met.has(id));
  return {
    calls, fewest: fewestOf(machine, met),
    missed: [...missedBy(machine, { met: found, failing: idsOf(discovery.failing), isCut: discovery.isCut, steps: discovery.steps }), ...beyond.map((id) => ({ id, why: `no call of at most ${mostActs} acts meets it` }))].sort((one, other) => (order.get(one.id) ?? 0) - (order.get(other.id) ?? 0)),
  };
};

/** A call that was carried out, and who calls. */
interface Played extends WholeCall {
  readonly call: Partial<CallInput>;
}

const playedOf = (machine: AnyStateMachine, walk: Walk): Played => {
  const { call } = walk[0] as Way;
  return { call, ...wholeCall(machine, call, walk.flatMap(({ act }): readonly PathAct[] => (act === null ? [] : [act]))) };
};

/**
 * `played` with a call for every point that was planned and not met: calls that were taken for the same moment can differ after all. The first way on
 * which it was met is gone again exactly.
 */
const completed = (machine: AnyStateMachine, discovery: Discovery, played: readonly Played[], found: ReadonlySet<string>, mostActs: number): readonly Played[] => {
  const { points, ways } = discovery;
  const met = new Set(played.flatMap((one) => [...one.met]));
  const all = [...played];
  for (const id of found) {
    if (met.has(id)) continue;
    const way = ways.find((one) => one.met.includes(points.indexOf(id)));
    const walk = way === undefined ? [] : walkBefore(ways, way);
    if (walk.length === 0 || actsOf(walk) > mostActs) continue;
    const further = playedOf(machine, walk);
    further.met.forEach((one) => met.add(one));
    all.push(further);
  }
  return all;
};

/** `last` and the ways by which its beginning was first come to. */
const walkBefore = (ways: readonly Way[], last: Way): Walk => {
  const walk = [last];
  for (let { from } = last; from !== -1;) {
    const before = ways.find(({ to }) => to === from);
    if (before === undefined) return [];
    walk.unshift(before);
    ({ from } = before);
  }
  return walk;
};
