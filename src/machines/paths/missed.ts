/**
 * Missed — why a point was met by no call that was tried, as a sentence.
 *
 * @module
 */
import type { AnyStateMachine } from 'xstate';
import { type Point, pointsOf } from '../coverage/points.ts';
import { type ChartEdge, chartOf } from '../draw/chart.ts';
import { guardOf, isNamedGuard } from '../draw/wording.ts';
import { machinesOf } from '../naming.ts';
import type { MissedPoint } from './generated-call.ts';

/** What is known of a search. */
export interface Search {
  readonly met: ReadonlySet<string>;
  /** Points that are met where the bot fails then, or goes round without end. */
  readonly failing: ReadonlySet<string>;
  /** Whether it was given up before everything was tried. */
  readonly isCut: boolean;
  readonly steps: number;
}

/** The points of `machine` that are not in `met`, with what is in the way of each. */
export const missedBy = (machine: AnyStateMachine, { met, failing, isCut, steps }: Search): readonly MissedPoint[] => {
  const edges = new Map(machinesOf(machine).flatMap((one) => chartOf(one).edges.map((edge) => [edge.id, { ...edge, machine: one.id }] as const)));
  const points = pointsOf(machine);
  const missed = points.filter(({ id }) => !met.has(id));
  const reason = (point: Point): string => {
    const own = point.transitions.flatMap((id) => edges.get(id) ?? []);
    const given = failing.has(point.id) ? 'wherever it was met, the bot failed then or went round without end' : obstacle(point, own, [...edges.values()], met);
    return isCut ? `${given}; the search was given up after ${steps} steps` : given;
  };
  return missed.map((point) => ({ id: point.id, why: reason(point) }));
};

type Edge = ChartEdge & { readonly machine: string };

const obstacle = (point: Point, own: readonly Edge[], all: readonly Edge[], met: ReadonlySet<string>): string => {
  const { id, kind, machine, state } = point;
  if (kind === 'state') return entering(id, machine, state, all);
  const place = state === '' ? machine : `${machine}.${state}`;
  if (state !== '' && !met.has(place)) return `no call that was tried comes to the state \`${place}\``;
  if (kind === 'retry') return `no call that was tried has the question asked so often`;
  const [first] = own;
  if (own.length > 0 && own.every(({ actions }) => actions.some(({ type }) => type === 'call.apologise'))) return `there the bot gives up with its apology, and takes no transition: nothing handles \`${point.name}\``;
  if (first !== undefined && own.every(({ event }) => !isBrought(event))) return `no act of a caller or of a stub brings \`${first.event}\``;
  const guarded = own.filter(({ guard }) => guard !== undefined);
  if (guarded.length === own.length && own.length > 0) return guarded.map(guardWords).join('; ');
  const earlier = first === undefined ? [] : all.filter((other) => other.machine === first.machine && other.from === first.from && other.event === first.event && other.guard !== undefined && Number(numberOf(other.id)) < Number(numberOf(first.id)));
  if (earlier.length > 0) return `nothing that was tried gets past ${earlier.map(theGuard).join(' and ')}`;
  return `nothing that was tried in the state \`${place}\` leads this way`;
};

const guardWords = (edge: Edge): string => `nothing that was tried makes ${theGuard(edge)} hold`;

/** A guard by its name, where it has one, and by its transition. */
const theGuard = (edge: Edge): string => {
  const { guard = '', id } = edge;
  return isNamedGuard(guardOf(edge) ?? guard) ? `the guard \`${guard}\` of \`${id}\`` : `the guard of \`${id}\``;
};

const entering = (id: string, machine: string, state: string, all: readonly Edge[]): string => {
  const leading = all.filter((edge) => edge.machine === machine && edge.targets.includes(state));
  if (leading.length === 0) return `no transition leads to the state \`${id}\``;
  const guards = leading.filter(({ guard }) => guard !== undefined);
  return guards.length === leading.length ? guards.map(guardWords).join('; ') : `no call that was tried comes to the state \`${id}\`: ${leading.map((edge) => `\`${edge.id}\``).join(', ')} is not taken`;
};

/** Events that somebody could only make who is neither caller nor stub. */
const isBrought = (event: string): boolean => !/^(?:call\.state|call\.roster|answer\.failed|unhold\.failed|recognize\.nomatch\.interdigit|hangup\..*|reject\..*)$/.test(event);

const numberOf = (id: string): string => id.slice(id.lastIndexOf(' ') + 1);
