/**
 * Typecheck — what it costs `tsc` to check a bot of 500 states: seconds of wall time for the whole process, beside those
 * of a project that imports Callchart and holds nothing.
 *
 * Run with `node --import tsx --conditions=@callchart/source bench/typecheck.ts [--json]`. Each figure is the median of five runs.
 *
 * @module
 */
import { compile, withProject } from '../test/types/compile.ts';
import { generateBot } from '../test/types/generate.ts';

const states = 500;

const seconds = (source: string): number =>
  withProject(source, (tsconfig) => {
    const runs = Array.from({ length: 5 }, () => {
      const start = process.hrtime.bigint();
      const [problem] = compile(tsconfig);
      if (problem !== undefined) throw new Error(problem.text);
      return Number(process.hrtime.bigint() - start) / 1e9;
    });
    return runs.sort((a, b) => a - b)[2] ?? 0;
  });

const empty = seconds("import 'callchart';\nimport 'xstate';\n");
const full = seconds(generateBot(states));
const figures = { name: 'typecheck', states, seconds: round(full), emptySeconds: round(empty), perStateMs: round(((full - empty) * 1_000) / states) };

function round(value: number): number {
  return Math.round(value * 1_000) / 1_000;
}

process.stdout.write(
  process.argv.includes('--json')
    ? `${JSON.stringify(figures)}\n`
    : `tsc: ${figures.seconds} s for ${states} states, ${figures.emptySeconds} s for an empty project, ${figures.perStateMs} ms a state\n`,
);
