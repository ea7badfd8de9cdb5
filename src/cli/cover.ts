/**
 * `callchart cover <bot> [files and folders]` — what calls have covered of a bot: by the counts that tests and servers leave, and by the logs of calls.
 * `callchart cover <bot> -- npm test` runs the tests and counts them.
 *
 * @module
 */
import { spawn } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AnyStateMachine } from 'xstate';
import { type coverageSetting, tallyEnding } from '../coverage-folder.ts';
import { CallError, isCallError } from '../errors.ts';
import { chartCoverage, drawChart } from '../inspector/index.ts';
import { sumOfTallies, belowThresholds, coverageReport, type CoverageReport, pointKinds, readLog, readTally, reportText, type Tally, tallyOfLog, type Thresholds } from '../machines/index.ts';
import { flag, type Options, plain, text, wrong } from './arguments.ts';
import { type ExitCode, exitCodes } from './failure.ts';
import { loadBot } from './load-bot.ts';

export const cover = async (bot: string, files: readonly string[], options: Options): Promise<ExitCode> => {
  const least = thresholdsIn(options);
  const svg = text(options, 'svg');
  const command = ((options['--'] ?? []) as readonly string[]).map(plain);
  if (files.length === 0 && command.length === 0) throw wrong('files', 'say what is to be read: logs of calls, the counts of tests or a folder of them; or `-- npm test`, which is run and counted');
  const { machine } = await loadBot(plain(bot));
  const counted = command.length === 0 ? undefined : await runCounted(machine, command);
  const given = await Promise.all(files.map((file) => readAll(machine, plain(file))));
  const tally = sumOfTallies(machine, [...given.flat(), ...(counted?.tallies ?? [])]);
  if (tally.calls === 0) throw wrong('files', `no call of \`${machine.id}\` was counted${command.length === 0 ? '' : `: \`${command.join(' ')}\` has rung it nowhere`}`);
  const report = coverageReport(machine, tally);
  if (svg !== undefined) await draw(svg, machine, tally);
  process.stdout.write(flag(options, 'json') ? `${JSON.stringify(told(report, least))}\n` : reportText(report));
  for (const { kind, percent, least: wanted } of belowThresholds(report, least)) process.stderr.write(`callchart: ${percent} % of ${plurals[kind]} are covered, and it should be ${wanted} %\n`);
  if (counted !== undefined && counted.code !== 0) process.stderr.write(`callchart: \`${command.join(' ')}\` ended with ${counted.code}\n`);
  return belowThresholds(report, least).length > 0 || (counted?.code ?? 0) !== 0 ? exitCodes.found : exitCodes.ok;
};

const plurals = { state: 'the states', transition: 'the transitions', outcome: 'the outcomes of questions', retry: 'the retries' } as const;

/** What `--json` prints. */
interface Told extends CoverageReport {
  /** Whether there is as much of each kind as there has to be. */
  readonly ok: boolean;
}

const told = (report: CoverageReport, least: Thresholds): Told => ({ ...report, ok: belowThresholds(report, least).length === 0 });

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
  await writeFile(file, svg).catch(() => {
    throw wrong('svg', `${file} cannot be written`);
  });
  process.stderr.write(`wrote ${file}\n`);
};

// ---- reading ----

/** What the file or the folder at `path` says of calls of `machine`. What is of another bot is refused where it is named, and left out where a folder has it. */
export const readAll = async (machine: AnyStateMachine, path: string): Promise<readonly Tally[]> => {
  const found = await stat(path).catch(() => undefined);
  if (found === undefined) throw wrong('files', `there is no file or folder ${path}`);
  if (!found.isDirectory()) return [await readOne(machine, path)];
  const inside = (await readdir(path, { recursive: true })).map((name) => join(path, name)).filter((name) => name.endsWith(tallyEnding) || name.endsWith(logEnding)).sort();
  const own: Tally[] = [];
  for (const file of inside) {
    try {
      own.push(await readOne(machine, file));
    } catch (error) {
      if (!isCallError(error) || error.code !== 'ERR_TALLY_OTHER') throw error;
      process.stderr.write(`left out: ${error.message}\n`);
    }
  }
  if (own.length === 0) throw wrong('files', `${path}: there is ${inside.length === 0 ? 'no log of a call and no count of calls' : `nothing of this bot, \`${machine.id}\`,`} in the folder`);
  return own;
};

const logEnding = '.jsonl';

const readOne = async (machine: AnyStateMachine, file: string): Promise<Tally> => {
  const written = await readFile(file, 'utf8').catch(() => {
    throw wrong('files', `${file} cannot be read`);
  });
  try {
    return file.endsWith(logEnding) ? tallyOfLog(machine, readLog(written)) : sumOfTallies(machine, [readTally(written)]);
  } catch (error) {
    throw isCallError(error) ? placed(error, file) : error;
  }
};

/** `error` with the place that it is about. */
const placed = (error: CallError, file: string): CallError => new CallError(error.code, `${file}: ${error.message}`.replace(/: line (\d+): /, ':$1: '), error.details, { cause: error });

// ---- counting ----

/** Runs `command` with its calls counted, and gives what was counted of `machine` and the exit code. */
const runCounted = async (machine: AnyStateMachine, command: readonly string[]): Promise<{ readonly tallies: readonly Tally[]; readonly code: number }> => {
  const folder = await mkdtemp(join(tmpdir(), 'callchart-cover-'));
  try {
    const code = await ran(command, folder);
    const isThere = (await readdir(folder)).some((name) => name.endsWith(tallyEnding));
    if (!isThere) throw wrong('files', `\`${command.join(' ')}\` has rung no bot${code === 0 ? '' : `, and ended with ${code}`}`);
    return { tallies: await readAll(machine, folder), code };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
};

const setting = 'CALLCHART_COVERAGE' satisfies typeof coverageSetting;

/** The exit code of `command`, which writes where this command writes its messages. One that a signal ends has 1. */
const ran = ([program = '', ...rest]: readonly string[], folder: string): Promise<number> =>
  new Promise((resolve, reject) => {
    const keepOn = (): void => {}; // a signal of the terminal is the command's as well, and what it has counted is reported
    process.on('SIGINT', keepOn);
    const child = spawn(program, rest, { stdio: ['inherit', process.stderr, 'inherit'], shell: process.platform === 'win32', env: { ...process.env, [setting]: folder } });
    child.once('error', () => reject(wrong('--', `\`${program}\` cannot be run`)));
    child.once('close', (code) => {
      process.off('SIGINT', keepOn);
      resolve(code ?? 1);
    });
  });
