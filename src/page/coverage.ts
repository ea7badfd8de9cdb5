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

/** How often each point was met, in the calls of this command or in those that were given to it. */
export const countsOf = ({ session, given }: CoverageShown, of: 'session' | 'given'): Counts => (of === 'given' ? (given?.counts ?? {}) : session);

/** A row for each kind that the bot has something of. */
export const coverageRows = ({ points }: CoverageShown, counts: Counts): readonly CoverageRow[] =>
  (Object.keys(kinds) as PointShown['kind'][]).flatMap((kind) => {
    const own = points.filter((point) => point.kind === kind);
    return own.length === 0 ? [] : [{ kind, words: kinds[kind], met: own.filter(({ id }) => isMet(counts, id)).length, all: own.length }];
  });

/** `9 of 12, 75 %`; a hundred is said where nothing is missed, and nowhere else. */
export const partOf = ({ met, all }: Pick<CoverageRow, 'met' | 'all'>): string => `${Math.floor((100 * met) / all)} %`;

export const missedPoints = ({ points }: CoverageShown, counts: Counts): readonly PointShown[] => points.filter(({ id }) => !isMet(counts, id));

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
export function painted({ points }: CoverageShown, counts: Counts): ChartCoverage {
  const states: Record<string, number> = {};
  const transitions: Record<string, number> = {};
  for (const { id, kind, states: boxes, edges } of points) {
    const count = counts[id] ?? 0;
    if (kind === 'state') for (const box of boxes) states[box] = (states[box] ?? 0) + count;
    for (const edge of edges) transitions[edge] = (transitions[edge] ?? 0) + count;
  }
  return { states, transitions };
}

const isMet = (counts: Counts, id: string): boolean => (counts[id] ?? 0) > 0;
