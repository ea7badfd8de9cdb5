/**
 * `callchart replay <bot> <log…>` — recorded calls, had again: every batch the same, or the first difference by its line and state.
 *
 * The clock and randomness are watched meanwhile: a bot that reads them by itself is not the same another time, whatever it said now.
 *
 * @module
 */
import { writeFile } from 'node:fs/promises';
import type { AnyStateMachine } from 'xstate';
import { type CallErrorDetails, isCallError } from '../errors.ts';
import { type CallLog, readLog, replay, type Replay, type UnloggedReading } from '../machines/index.ts';
import { flag, type Options, plain, text, wrong } from './arguments.ts';
import { type ExitCode, exitCodes } from './failure.ts';
import { loadBot, placeOf } from './load-bot.ts';
import { isLogFile, logFiles, logTextOf } from './log-files.ts';
import { replayTest } from './replay-test.ts';
import { setTrap, type Trap } from './trap.ts';

export const replayLogs = async (first: string, others: readonly string[], options: Options): Promise<ExitCode> => {
  const [bot, ...paths] = isLogFile(plain(first)) ? ['.', first, ...others] : [first, ...others];
  const files = await logFiles(paths.map(plain));
  const test = text(options, 'test');
  if (test !== undefined && files.length > 1) throw wrong('test', '`--test` is for one log');
  const trap = setTrap();
  try {
    const { machine, file } = await loadBot(plain(bot));
    const replayed: Replayed[] = [];
    for (const log of files) replayed.push(replayOne(machine, log, await logTextOf(log), trap));
    const ok = replayed.every(isSame);
    if (flag(options, 'json')) process.stdout.write(`${JSON.stringify({ bot: machine.id, ok, logs: replayed.map((one) => told(one, flag(options, 'values'))) })}\n`);
    else process.stdout.write(words(replayed, flag(options, 'values')));
    const [one] = replayed;
    if (test !== undefined && one !== undefined) await writeTest(test, file, one);
    return ok ? exitCodes.ok : exitCodes.found;
  } finally {
    trap.release();
  }
};

/** What became of a log. */
interface Replayed {
  readonly file: string;
  readonly log?: CallLog;
  readonly replay?: Replay;
  /** Why it was not replayed. */
  readonly refused?: { readonly message: string } & CallErrorDetails['ERR_LOG_INVALID'];
}

const replayOne = (machine: AnyStateMachine, file: string, written: string, trap: Trap): Replayed => {
  try {
    const log = readLog(written);
    return { file, log, replay: replay(machine, log, { watch: trap.watch }) };
  } catch (error) {
    if (!isCallError(error) || error.code !== 'ERR_LOG_INVALID') throw error;
    return { file, refused: { ...error.details, message: error.message.replace(/^line \d+: /, '') } };
  }
};

const isSame = ({ replay: played }: Replayed): boolean => played?.outcome === 'same' && played.readings.length === 0;

const writeTest = async (file: string, bot: string, { log, file: from }: Replayed): Promise<void> => {
  if (log === undefined) throw wrong('test', `${from} cannot be replayed, and is no test`);
  await writeFile(file, replayTest(log, { test: file, bot })).catch(() => {
    throw wrong('test', `${file} cannot be written`);
  });
  process.stderr.write(`wrote ${file}\n`);
};

// ---- as JSON ----

const told = ({ file, replay: played, refused }: Replayed, isShown: boolean): object => {
  if (played === undefined) return { log: file, ok: false, outcome: 'unexamined', code: 'ERR_LOG_INVALID', ...(refused !== undefined && { reason: refused.reason, line: refused.line, what: refused.message }) };
  const { masked, steps, outcome, at, readings, ended } = played;
  const { recorded, replayed, ...place } = at ?? {};
  return {
    log: file, ok: outcome === 'same' && readings.length === 0, outcome, compared: masked ? 'way' : 'bytes', steps, ended, ...place, ...(isShown && { recorded, replayed }),
    readings: readings.map(({ line, state, transitions, what, stack }) => ({ line, state, transitions, what, ...placed(stack) })),
  };
};

const placed = (stack: string): object => {
  const place = placeOf(stack);
  return place === undefined ? {} : { place: `${place.file}:${place.line}` };
};

// ---- words ----

const words = (replayed: readonly Replayed[], isShown: boolean): string => {
  const lines = replayed.flatMap((one) => linesOf(one, isShown));
  const count = (holds: (one: Replayed) => boolean): number => replayed.filter(holds).length;
  const different = count(({ replay: played }) => played?.outcome === 'different');
  const reading = count((one) => !isSame(one) && one.replay?.outcome === 'same');
  const summary = replayed.length === 1 ? [] : [`${replayed.length} logs: ${count(isSame)} the same, ${different} different, ${count(({ replay: played }) => played === undefined || played.outcome === 'unexamined')} not examined${reading === 0 ? '' : `, ${reading} the same but for what the bot reads by itself`}`];
  return [...lines, ...summary, ''].join('\n');
};

const linesOf = ({ file, replay: played, refused }: Replayed, isShown: boolean): readonly string[] => {
  if (played === undefined) return [`${file}:${refused?.line ?? 1}: ${refused?.message ?? ''} (ERR_LOG_INVALID); nothing was replayed`];
  const { masked, steps, outcome, at, readings, ended } = played;
  const read = firstOfEach(readings).map((one) => `${file}:${one.line}: ${readingWords(one)}`);
  if (outcome === 'same') return [`${file}: ${counted(steps)}, ${masked ? 'the way of it and what everybody hears; the log is masked, and bytes were not compared' : 'byte for byte'}; ended by \`${ended ?? ''}\``, ...read];
  const values = isShown && !masked && at?.recorded !== undefined ? [`  recorded: ${at.recorded}`, `  replayed: ${at.replayed ?? ''}`] : [];
  const why = outcome === 'unexamined' ? `; from here on nothing was examined${masked ? ', since the log is masked' : ''}` : masked ? '; the log is masked: it may also come of what is left out' : '';
  const isOpen = outcome === 'unexamined' && at?.what.startsWith('the log ends') === true;
  return [`${file}:${at?.line ?? 1}: state \`${at?.state ?? ''}\`: ${at?.what ?? ''}${isOpen ? '' : why} (${counted(steps)} before it the same)`, ...values, ...read];
};

const counted = (steps: number): string => `${steps} step${steps === 1 ? '' : 's'}`;

const readingWords = ({ state, transitions, what, stack }: UnloggedReading): string => {
  const place = placeOf(stack);
  return `state \`${state}\`${transitions.length === 0 ? '' : `, on \`${transitions.join('`, `')}\``}: the bot reads \`${what}\`${place === undefined ? '' : ` at ${place.file}:${place.line}`}, which is not in the log: \`at\` of the event, or a task, gives the same every time`;
};

/** What is read again at the same place is told once. */
const firstOfEach = (readings: readonly UnloggedReading[]): readonly UnloggedReading[] => {
  const seen = new Set<string>();
  return readings.filter(({ state, transitions, what, stack }) => {
    const place = placeOf(stack);
    const one = [state, ...transitions, what, place?.file, place?.line].join('\n');
    return seen.has(one) ? false : (seen.add(one), true);
  });
};
