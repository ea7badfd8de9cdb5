/**
 * Report — how much of a bot calls have covered: per kind of point how many were met, which were not, and where.
 *
 * @module
 */
import type { AnyStateMachine } from 'xstate';
import { isNamedGuard } from '../draw/wording.ts';
import { type Point, type PointKind, pointKinds, pointsOf } from './points.ts';
import { requireTallyOf, type Tally, timesMet } from './tally.ts';

/** How much of one kind was met. */
export interface Share {
  readonly met: number;
  readonly total: number;
  /** Of a hundred, cut to a tenth: 100 is all of them, and nothing less. Null where there is nothing to be met. */
  readonly percent: number | null;
}

/** What no call came by. */
export type MissedPart = Pick<Point, 'id' | 'kind' | 'machine' | 'state' | 'name' | 'targets' | 'guard'>;

/** What was covered of a bot. */
export interface CoverageReport {
  readonly bot: string;
  readonly version: string;
  /** How many calls were counted. */
  readonly calls: number;
  readonly total: Share;
  readonly kinds: Readonly<Record<PointKind, Share>>;
  /** Each state of the bot and of its dialogs; the bot or a dialog as a whole has no path. */
  readonly states: readonly StateCoverage[];
  readonly missed: readonly MissedPart[];
}

/** What was covered at one state. */
export interface StateCoverage {
  /** Id of the bot or of the dialog. */
  readonly machine: string;
  readonly state: string;
  /** How often it was entered; 0 for a machine as a whole. */
  readonly entered: number;
  /** What there is to be covered of each kind. */
  readonly kinds: Readonly<Record<PointKind, Share>>;
}

/** What `tally` has covered of `machine`. @throws `ERR_TALLY_OTHER` where the tally is not of it. */
export const coverageReport = (machine: AnyStateMachine, tally: Tally): CoverageReport => {
  requireTallyOf(machine, tally);
  const points = pointsOf(machine).map((point) => ({ point, times: timesMet(tally, point) }));
  const places = new Map<string, Counted[]>();
  for (const counted of points) {
    const place = JSON.stringify([counted.point.machine, counted.point.state]);
    const there = places.get(place);
    if (there === undefined) places.set(place, [counted]);
    else there.push(counted);
  }
  return {
    bot: tally.bot, version: tally.version, calls: tally.calls, total: shareOf(points), kinds: byKind(points),
    states: [...places.values()].flatMap((there) => there.slice(0, 1).map(({ point: { machine: id, state } }): StateCoverage => ({ machine: id, state, entered: there.find(({ point: { kind } }) => kind === 'state')?.times ?? 0, kinds: byKind(there) }))),
    missed: points.filter(({ times }) => times === 0).map(({ point: { id, kind, machine: of, state, name, targets, guard } }): MissedPart => ({ id, kind, machine: of, state, name, ...(targets !== undefined && { targets }), ...(guard !== undefined && { guard }) })),
  };
};

interface Counted {
  readonly point: Point;
  readonly times: number;
}

const byKind = (points: readonly Counted[]): CoverageReport['kinds'] => {
  const share = (wanted: PointKind): Share => shareOf(points.filter(({ point: { kind } }) => kind === wanted));
  return { state: share('state'), transition: share('transition'), outcome: share('outcome'), retry: share('retry') };
};

const shareOf = (points: readonly Counted[]): Share => {
  const met = points.filter(({ times }) => times > 0).length;
  return { met, total: points.length, percent: points.length === 0 ? null : Math.floor((met * 1_000) / points.length) / 10 };
};

/** How much there has to be of each kind, in per cent. */
export type Thresholds = Readonly<Partial<Record<PointKind, number>>>;

/** The kinds of which less was met than there has to be. */
export const belowThresholds = ({ kinds }: CoverageReport, thresholds: Thresholds): readonly { readonly kind: PointKind; readonly percent: number; readonly least: number }[] =>
  pointKinds.flatMap((kind) => {
    const { [kind]: least } = thresholds;
    const { percent, met, total } = kinds[kind];
    return least === undefined || percent === null || met * 100 >= least * total ? [] : [{ kind, percent, least }];
  });

/** What a missed part is, in a few words: `the outcome noinput`, `support → support`. */
export const missedWords = ({ id, kind, name, targets = [], guard }: MissedPart): string => {
  switch (kind) {
    case 'state':
      return 'the state itself';
    case 'transition':
      return `${name}${guard === undefined || isNamedGuard(guard) ? '' : id.slice(id.lastIndexOf(' '))}${targets.length === 0 ? ' (stays)' : ` → ${targets.join(', ')}`}${guard === undefined || !isNamedGuard(guard) ? '' : ` [${guard}]`}`;
    case 'outcome':
      return `the outcome ${name}`;
    case 'retry':
      return `asking ${name}`;
  }
};

/** The report for a terminal: a table by state, then what was missed. */
export const reportText = (report: CoverageReport): string => {
  const { bot, calls, kinds, states, missed, total } = report;
  const rows = states.map(({ machine, state, kinds: own, entered }) => [placeName(machine, state), state === '' ? '' : String(entered), ...pointKinds.map((kind) => shareText(own[kind]))]);
  const table = columns([['state', 'entered', ...pointKinds.map((kind) => plurals[kind])], ...rows, ['all', '', ...pointKinds.map((kind) => shareText(kinds[kind]))], ['', '', ...pointKinds.map((kind) => (kinds[kind].total === 0 ? '' : `${kinds[kind].percent} %`))]]);
  const gaps = states.flatMap(({ machine, state }) => {
    const own = missed.filter((one) => one.machine === machine && one.state === state);
    const isUnseen = own.some(({ kind }) => kind === 'state');
    return own.length === 0 ? [] : [`  ${placeName(machine, state)}: ${isUnseen ? `never entered${own.length === 1 ? '' : `, with ${own.length - 1} more`}` : own.map(missedWords).join('; ')}`];
  });
  const sum = `${bot}: ${calls} ${calls === 1 ? 'call' : 'calls'}, ${total.met} of ${total.total} covered (${total.percent ?? 100} %)`;
  return `${[...table, '', ...(gaps.length === 0 ? [] : ['missed:', ...gaps, '']), sum].join('\n')}\n`;
};

const plurals = { state: 'states', transition: 'transitions', outcome: 'outcomes', retry: 'retries' } as const satisfies Record<PointKind, string>;

const placeName = (machine: string, state: string): string => (state === '' ? `${machine} (any state)` : `${machine}.${state}`);

const shareText = ({ met, total }: Share): string => (total === 0 ? '' : `${met}/${total}`);

/** `rows` under each other: the first column to the left, the others to the right. */
const columns = (rows: readonly (readonly string[])[]): readonly string[] => {
  const widths = (rows[0] ?? []).map((_, index) => Math.max(...rows.map((row) => row[index]?.length ?? 0)));
  return rows.map((row) => row.map((cell, index) => (index === 0 ? cell.padEnd(widths[index] ?? 0) : cell.padStart(widths[index] ?? 0))).join('  ').trimEnd());
};
