/**
 * Figures — what all benches share: medians, requirements, and how a result is printed.
 *
 * @module
 */
/** The middle of several measurements, and the two ends. */
export interface Spread {
  readonly median: number;
  readonly min: number;
  readonly max: number;
}

/** A figure with the limit that it was promised to keep. */
export interface Requirement {
  readonly what: string;
  readonly value: number;
  readonly least?: number;
  readonly most?: number;
  /** Where we would like to be. */
  readonly aim?: number;
  readonly met: boolean;
}

export const isJson = process.argv.includes('--json');
export const isQuick = process.argv.includes('--quick');

export const median = (values: readonly number[]): number => {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
};

export const round = (value: number, digits = 3): number => Number(value.toPrecision(digits));

export const spread = (values: readonly number[]): Spread => ({ median: round(median(values)), min: round(Math.min(...values)), max: round(Math.max(...values)) });

/** A quick run measures little, and on a machine that does other things too: it finds what is off by more than this many times. */
const margin = isQuick ? 4 : 1;

export const atLeast = (what: string, value: number, least: number, aim?: number): Requirement => ({ what, value: round(value), least: least / margin, ...(aim !== undefined && { aim }), met: value >= least / margin });
export const atMost = (what: string, value: number, most: number): Requirement => ({ what, value: round(value), most: most * margin, met: value <= most * margin });

/** Rows in columns; the first column to the left, the others to the right. */
export const table = (rows: readonly (readonly string[])[]): string => {
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows.map((row) => row.map((cell, column) => (column === 0 ? cell.padEnd(widths[column]!) : cell.padStart(widths[column]!))).join('  ').trimEnd()).join('\n');
};

/** Median, with the ends behind it. */
export const shown = ({ median: middle, min, max }: Spread): string => `${middle} (${min}–${max})`;

/** Writes `result` as one line of JSON, or `text` and the requirements for people. */
export const report = <R extends { readonly name: string; readonly required?: readonly Requirement[] }>(result: R, text: string): void => {
  if (isJson) {
    process.stdout.write(`${JSON.stringify(result)}\n`);
    return;
  }
  const required = (result.required ?? []).map(({ what, value, least, most, aim, met }) => `${met ? 'met   ' : 'MISSED'}  ${what}: ${value} (${least === undefined ? `at most ${most}` : `at least ${least}`}${aim === undefined ? '' : `, aim ${aim}`})`);
  process.stdout.write(`\n${result.name}\n${text}\n${required.length === 0 ? '' : `${required.join('\n')}\n`}`);
};

/** Tells a person who waits what is going on. */
export const progress = (text: string): void => {
  if (process.stderr.isTTY || process.env['BENCH_PROGRESS'] !== undefined) process.stderr.write(`${text}\n`);
};
