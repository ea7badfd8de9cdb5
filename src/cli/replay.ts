/**
 * `callchart replay <bot> <log…>` — recorded calls, had again: every batch the same, or the first difference by its line and state.
 *
 * The clock and randomness are watched meanwhile: a bot that reads them by itself is not the same another time, whatever it said now.
 *
 * @module
 */
import { counted } from '../machines/counted.ts';
import { replay, type Replay } from '../machines/index.ts';
import { flag, type Options, plain, text, wrong } from './arguments.ts';
import { placeOf } from './author-place.ts';
import { type ExitCode, exitCodes } from './failure.ts';
import { loadBot } from './load-bot.ts';
import { isRefused, logEnding, logFiles, refusalText, refusalTold, type RefusedLog, type UsedLog, usedLog } from './log-files.ts';
import { modulePath } from './module-path.ts';
import { firstOfEach, insteadOfReading, readingWords } from './readings.ts';
import { replayTest } from './replay-test.ts';
import { setTrap } from './trap.ts';
import { writeText } from './written-files.ts';

export const replayLogs = async (first: string, others: readonly string[], options: Options): Promise<ExitCode> => {
  const [bot, ...paths] = plain(first).endsWith(logEnding) ? ['.', first, ...others] : [first, ...others];
  const files = await logFiles(paths.map(plain));
  const test = text(options, 'test');
  if (test !== undefined && files.length > 1) throw wrong('test', '`--test` is for one log');
  const trap = setTrap();
  try {
    const { machine, file } = await loadBot(plain(bot));
    const replayed: Replayed[] = [];
    for (const log of files) replayed.push(await usedLog(log, (read) => replay(machine, read, { watch: trap.watch })));
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
type Replayed = UsedLog<Replay> | RefusedLog;

const isSame = (one: Replayed): boolean => !isRefused(one) && one.result.outcome === 'same' && one.result.readings.length === 0;

const writeTest = async (file: string, bot: string, one: Replayed): Promise<void> => {
  if (isRefused(one)) throw wrong('test', `${one.file} cannot be replayed, and is no test`);
  await writeText(file, replayTest(one.log, modulePath(bot, file)), 'test');
};

// ---- as JSON ----

const told = (one: Replayed, isShown: boolean): object => {
  if (isRefused(one)) return { ...refusalTold(one), ok: false, outcome: 'unexamined' };
  const { masked, steps, outcome, at, readings, ended } = one.result;
  const { recorded, replayed, ...place } = at ?? {};
  return {
    log: one.file, ok: isSame(one), outcome, compared: masked ? 'way' : 'bytes', steps, ended, ...place, ...(isShown && { recorded, replayed }),
    readings: readings.map(({ line, state, transitions, what, stack }) => ({ line, state, transitions, what, ...placed(stack) })),
  };
};

const placed = (stack: string): object => {
  const place = placeOf(stack);
  return place === undefined ? {} : { place: `${place.file}:${place.line}` };
};

// ---- words ----

const words = (replayed: readonly Replayed[], isShown: boolean): string => [...replayed.flatMap((one) => linesOf(one, isShown)), ...(replayed.length === 1 ? [] : [summary(replayed)]), ''].join('\n');

const summary = (replayed: readonly Replayed[]): string => {
  const count = (outcome: Replay['outcome']): number => replayed.filter((one) => (isRefused(one) ? 'unexamined' : one.result.outcome) === outcome).length;
  const same = replayed.filter(isSame).length;
  const reading = count('same') - same;
  return `${replayed.length} logs: ${same} the same, ${count('different')} different, ${count('unexamined')} not examined${reading === 0 ? '' : `, ${reading} the same but for what the bot reads by itself`}`;
};

const linesOf = (one: Replayed, isShown: boolean): readonly string[] => {
  if (isRefused(one)) return [`${refusalText(one)}; nothing was replayed`];
  const { file, result: { masked, steps, outcome, at, readings, ended } } = one;
  const read = firstOfEach(readings).map((one) => `${file}:${one.line}: ${readingWords(one)}, which is not in the log: ${insteadOfReading}`);
  if (outcome === 'same') return [`${file}: ${counted(steps, 'step')}, ${masked ? 'the way of it and what everybody hears; the log is masked, and bytes were not compared' : 'byte for byte'}; ended by \`${ended ?? ''}\``, ...read];
  const values = isShown && !masked && at?.recorded !== undefined ? [`  recorded: ${at.recorded}`, `  replayed: ${at.replayed ?? ''}`] : [];
  const why = outcome === 'unexamined' ? `; from here on nothing was examined${masked ? ', since the log is masked' : ''}` : masked ? '; the log is masked: it may also come of what is left out' : '';
  const isOpen = outcome === 'unexamined' && at?.what.startsWith('the log ends') === true;
  return [`${file}:${at?.line ?? 1}: state \`${at?.state ?? ''}\`: ${at?.what ?? ''}${isOpen ? '' : why} (${counted(steps, 'step')} before it the same)`, ...values, ...read];
};
