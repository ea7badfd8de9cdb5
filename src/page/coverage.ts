/**
 * Coverage — what of the bot was met, as a table, as what is missed, and as it is painted on the chart.
 *
 * Pure.
 *
 * @module
 */
import type { ChartCoverage } from '../inspector/chart/drawing.ts';
import type { CoverageShown, PointShown } from './protocol.ts';

type Counts = Readonly<Record<string, number>>;

/** How many of a kind were met. */
export interface CoverageRow {
  readonly kind: PointShown['kind'];
  readonly words: string;
  readonly met: number;
  readonly all: number;
}

const kinds: Readonly<Record<PointShown['kind'], string>> = { state: 'States', transition: 'Transitions', outcome: 'Outcomes of questions', retry: 'Askings again' };

/** How often what was met, in the calls of this command or in those that were given to it. */
export const countsOf = ({ session, given }: CoverageShown, of: 'session' | 'given'): Counts => (of === 'given' ? (given?.counts ?? {}) : session);

/** A row for each kind that the bot has something of. */
export const coverageRows = ({ points }: CoverageShown, counts: Counts): readonly CoverageRow[] =>
  (Object.keys(kinds) as PointShown['kind'][]).flatMap((kind) => {
    const own = points.filter((point) => point.kind === kind);
    return own.length === 0 ? [] : [{ kind, words: kinds[kind], met: own.filter(({ by }) => timesMet(counts, by) > 0).length, all: own.length }];
  });

/** `75 %`; a hundred is said where nothing is missed, and nowhere else. */
export const partOf = ({ met, all }: Pick<CoverageRow, 'met' | 'all'>): string => `${Math.floor((100 * met) / all)} %`;

export const missedPoints = ({ points }: CoverageShown, counts: Counts): readonly PointShown[] => points.filter(({ by }) => timesMet(counts, by) === 0);

/** What a point is, in words. */
export function pointWords({ kind, name }: PointShown): string {
  switch (kind) {
    case 'state':
      return 'never entered';
    case 'transition':
      return `${name}: never taken`;
    case 'outcome':
      return `${name}: never came`;
    case 'retry':
      return `never asked for the ${ordinal(Number(name))} time`;
  }
}

const ordinal = (count: number): string => ['first', 'second', 'third', 'fourth', 'fifth', 'sixth'][count - 1] ?? `${count}th`;

/** How often what is on the chart was met. */
export function painted({ points, arrows }: CoverageShown, counts: Counts): ChartCoverage {
  const states = points.filter(({ kind }) => kind === 'state').flatMap((point) => point.states.map((box) => [box, timesMet(counts, point.by)] as const));
  return { states: Object.fromEntries(states), transitions: Object.fromEntries(Object.entries(arrows).map(([arrow, by]) => [arrow, timesMet(counts, by)])) };
}

const timesMet = (counts: Counts, by: readonly string[]): number => by.reduce((sum, name) => sum + (counts[name] ?? 0), 0);
