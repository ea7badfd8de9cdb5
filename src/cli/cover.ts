/**
 * `callchart cover <bot> [files and folders]` — what calls have covered of a bot: by the counts that tests and servers leave, and by the logs of calls.
 * `callchart cover <bot> -- npm test` runs the tests and counts them.
 *
 * @module
 */
import { spawn } from 'node:child_process';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AnyStateMachine } from 'xstate';
import { coverageSetting, tallyEnding } from '../coverage-folder.ts';
import { isCallError } from '../errors.ts';
import { chartCoverage, drawChart } from '../inspector/index.ts';
import { belowThresholds, coverageReport, type CoverageReport, pointKinds, reportText, sumOfTallies, type Tally, type Thresholds } from '../machines/index.ts';
import { flag, type Options, plain, text, wrong } from './arguments.ts';
import { talliesAt } from './coverage-files.ts';
import { type ExitCode, exitCodes, sentence } from './failure.ts';
import { loadBot } from './load-bot.ts';
import { writeText } from './written-files.ts';

export const cover = async (bot: string, files: readonly string[], options: Options): Promise<ExitCode> => {
  const least = thresholdsIn(options);
  const svg = text(options, 'svg');
  const command = (options['--'] ?? []) as readonly string[];
  if (files.length === 0 && command.length === 0) throw wrong('files', 'say what is to be read: logs of calls, the counts of tests or a folder of them; or `-- npm test`, which is run and counted');
  const { machine } = await loadBot(plain(bot));
  const rung = command.length === 0 ? undefined : await runCounted(machine, command);
  const given = await Promise.all(files.map((file) => talliesAt(machine, plain(file))));
  const tally = sumOfTallies(machine, [...given.flat(), ...(rung?.tallies ?? [])]);
  if (tally.calls === 0 && hasFailed(rung)) return told(command, rung);
  if (tally.calls === 0) throw wrong('files', `no call of \`${machine.id}\` was counted${command.length === 0 ? '' : `: \`${command.join(' ')}\` has rung it nowhere`}`);
  const report = coverageReport(machine, tally);
  const below = belowThresholds(report, least);
  if (svg !== undefined) await draw(svg, machine, tally);
  process.stdout.write(flag(options, 'json') ? `${JSON.stringify({ ...report, ok: below.length === 0 } satisfies Told)}\n` : reportText(report));
  for (const { kind, percent, least: wanted } of below) process.stderr.write(`callchart: ${percent} % of ${plurals[kind]} are covered, and it should be ${wanted} %\n`);
  if (hasFailed(rung)) return told(command, rung);
  return below.length > 0 ? exitCodes.found : exitCodes.ok;
};

const hasFailed = (rung: Rung | undefined): rung is Rung => rung !== undefined && rung.code !== 0;

/** Tells that `command` has failed. */
const told = (command: readonly string[], { code }: Rung): ExitCode => {
  process.stderr.write(`callchart: \`${command.join(' ')}\` ended with ${code}\n`);
  return exitCodes.found;
};

const plurals = { state: 'the states', transition: 'the transitions', outcome: 'the outcomes of questions', retry: 'the retries' } as const;

/** What `--json` prints. */
interface Told extends CoverageReport {
  /** Whether there is as much of each kind as there has to be. */
  readonly ok: boolean;
}

const thresholdsIn = (options: Options): Thresholds => {
  const all = percentIn(options, 'min');
  return Object.fromEntries(pointKinds.flatMap((kind) => {
    const own = percentIn(options, `min${kind.replace(/^./, (letter) => letter.toUpperCase())}`) ?? all;
    return own === undefined ? [] : [[kind, own]];
  }));
};

const percentIn = (options: Options, name: string): number | undefined => {
  const written = text(options, name);
  if (written === undefined) return undefined;
  const percent = /^\d{1,3}(?:\.\d+)?$/.test(written) ? Number(written) : NaN;
  if (!(percent <= 100)) throw wrong(name, `\`--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}\` is a number from 0 to 100: how many of a hundred`);
  return percent;
};

const draw = async (file: string, machine: AnyStateMachine, tally: Tally): Promise<void> => {
  const { svg } = await drawChart(machine, { coverage: chartCoverage(machine, tally) });
  await writeText(file, svg, 'svg');
};

// ---- counting ----

/** What a command has rung. */
interface Rung {
  readonly tallies: readonly Tally[];
  /** Its exit code. */
  readonly code: number;
}

/** Runs `command` with its calls counted, and gives what was counted of `machine` and the exit code. One that failed may have rung nothing. */
const runCounted = async (machine: AnyStateMachine, command: readonly string[]): Promise<Rung> => {
  const folder = await mkdtemp(join(tmpdir(), 'callchart-cover-'));
  try {
    const code = await ran(command, folder);
    const isThere = (await readdir(folder)).some((name) => name.endsWith(tallyEnding));
    if (!isThere && code === 0) throw wrong('files', `\`${command.join(' ')}\` has rung no bot`);
    return { tallies: isThere ? await countedIn(machine, folder, code) : [], code };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
};

/** What a command that ended with `code` has counted in `folder`. Where it failed, that it cannot be used is told and is not what matters. */
const countedIn = async (machine: AnyStateMachine, folder: string, code: number): Promise<readonly Tally[]> => {
  try {
    return await talliesAt(machine, folder);
  } catch (error) {
    if (code === 0 || !isCallError(error)) throw error;
    process.stderr.write(`callchart: ${sentence(error)}\n`);
    return [];
  }
};

/** The exit code of `command`, which writes where this command writes its messages. One that a signal ends has 1. */
const ran = ([program = '', ...rest]: readonly string[], folder: string): Promise<number> =>
  new Promise((resolve, reject) => {
    const keepOn = (): void => {}; // a signal of the terminal is the command's as well, and what it has counted is reported
    process.on('SIGINT', keepOn);
    const child = spawn(program, rest, { stdio: ['inherit', process.stderr, 'inherit'], shell: process.platform === 'win32', env: { ...process.env, [coverageSetting]: folder } });
    child.once('error', () => reject(wrong('--', `\`${program}\` cannot be run`)));
    child.once('close', (code) => {
      process.off('SIGINT', keepOn);
      resolve(code ?? 1);
    });
  });
