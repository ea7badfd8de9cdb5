/**
 * `callchart paths <bot>` — the fewest calls that cover a bot: as a list, as tests, as conversations of Botium's, for a person with a
 * telephone, as JSON and as scripts.
 *
 * Every call is made by the scripted caller before anything is written of it. One that does not come true there is told as our own
 * mistake, and what it was to cover counts as missed. A bot that reads the clock or randomness by itself is told of: its calls hold now, and may
 * not another time.
 *
 * @module
 */
import type { AnyStateMachine } from 'xstate';
import type { ServiceLimits } from '../actions/index.ts';
import { scriptLines } from '../machines/check/caller-script.ts';
import { counted } from '../machines/counted.ts';
import { type GeneratedCall, generateCalls, type MissedPoint, pointsOf, replay, scriptCall, scriptText, type UnloggedReading, type Watch } from '../machines/index.ts';
import { conditionsOf, whyNotByPhone } from '../testing/paths/conditions.ts';
import { convoFile, convoNames, namesOf } from '../testing/paths/convo-file.ts';
import { phoneSheet } from '../testing/paths/phone-sheet.ts';
import { type Rehearsal, type RehearsalOptions, rehearse, timedScript } from '../testing/paths/rehearsal.ts';
import { testFile } from '../testing/paths/test-file.ts';
import { flag, type Options, plain, text, wrong } from './arguments.ts';
import { type ExitCode, exitCodes } from './failure.ts';
import { loadBot } from './load-bot.ts';
import { modulePath } from './module-path.ts';
import { firstOfEach, insteadOfReading, readingWords } from './readings.ts';
import { limitsOf, serviceNamed, withWhoCan } from './services.ts';
import { setTrap } from './trap.ts';
import { type NamedText, writeText, writeTexts } from './written-files.ts';

/** Calls that come true, and what none of them meets. */
interface Covering {
  readonly machine: AnyStateMachine;
  /** The bot's file. */
  readonly file: string;
  readonly calls: readonly Rehearsal[];
  readonly missed: readonly MissedPoint[];
  readonly fewest: number;
  /** Calls that go another way than they were to go. */
  readonly untrue: readonly Rehearsal[];
  /** Calls that go another way by the limits of the service. */
  readonly limited: readonly Rehearsal[];
  /** What the bot reads of the clock and of randomness by itself in these calls: at another time they may go another way. */
  readonly readings: readonly UnloggedReading[];
}

export const paths = async (bot: string, options: Options): Promise<ExitCode> => {
  const format = text(options, 'format') ?? 'list';
  if (!isFormat(format)) throw wrong('format', '`--format` is test, botium, text, json or script');
  const out = text(options, 'out');
  const runner = text(options, 'runner');
  if (runner !== undefined && format !== 'test') throw wrong('runner', '`--runner` is of the format test');
  if (out === undefined && folders.has(format)) throw wrong('out', `the format ${format} is a file a call: \`--out <folder>\` says where`);
  const covering = await cover(plain(bot), options, byPhone.has(format));
  if (out === undefined) process.stdout.write(single(covering, format, out, runner));
  else if (folders.has(format)) await writeTexts(out, filesOf(covering, format), 'file', 'out');
  else await writeText(out, single(covering, format, out, runner), 'out');
  tellWhatIsNot(covering, format);
  if (covering.untrue.length + covering.readings.length > 0) return exitCodes.found;
  return flag(options, 'complete') && covering.missed.length > 0 ? exitCodes.found : exitCodes.ok;
};

const formats = ['list', 'test', 'botium', 'text', 'json', 'script'] as const;
type Format = (typeof formats)[number];

const isFormat = (name: string): name is Format => (formats as readonly string[]).includes(name);

/** Formats for those who call from real telephones. */
const byPhone: ReadonlySet<Format> = new Set<Format>(['botium', 'text']);

/** Formats that are a file a call. */
const folders: ReadonlySet<Format> = new Set<Format>(['botium', 'script']);

const cover = async (bot: string, options: Options, isByPhone: boolean): Promise<Covering> => {
  const asked: Asked = { mostActs: countIn(options, 'mostActs'), service: serviceIn(options), byPhone: isByPhone };
  const trap = setTrap(); // before the bot is loaded
  try {
    const { machine, file } = await loadBot(bot);
    return { ...coveringOf(machine, asked, trap.watch), file };
  } finally {
    trap.release();
  }
};

/** What calls are wanted. */
interface Asked {
  readonly mostActs: number | undefined;
  readonly service: ServiceLimits | undefined;
  readonly byPhone: boolean;
}

const serviceIn = (options: Options): ServiceLimits | undefined => {
  const named = text(options, 'service');
  return named === undefined ? undefined : limitsOf(serviceNamed(named));
};

const coveringOf = (machine: AnyStateMachine, { mostActs, service, byPhone: isByPhone }: Asked, watch: Watch): Omit<Covering, 'file'> => {
  const { calls, missed, fewest } = generateCalls(machine, { byPhone: isByPhone, ...(mostActs !== undefined && { mostActs }) });
  const rehearsals = rehearsed(machine, calls, { ...(service !== undefined && { service }), wordings: isByPhone });
  const others = rehearsals.filter((rehearsal) => untruth(rehearsal) !== null);
  const limited = service === undefined ? [] : others.filter(({ call }) => untruth(rehearse(machine, call)) === null);
  const untrue = others.filter((rehearsal) => !limited.includes(rehearsal));
  const good = rehearsals.filter((rehearsal) => untruth(rehearsal) === null);
  const met = new Set(good.flatMap((rehearsal) => [...rehearsal.met]));
  const listed = new Set(missed.map(({ id }) => id));
  const lost = pointsOf(machine).filter(({ id }) => !met.has(id) && !listed.has(id)).map(({ id }): MissedPoint => ({ id, why: others.length > 0 ? 'the call that was to meet it goes another way' : 'no call meets it' }));
  const readings = firstOfEach(rehearsals.flatMap(({ log }) => (log === null ? [] : replay(machine, log(), { watch }).readings)));
  return { machine, calls: good, missed: [...missed.filter(({ id }) => !met.has(id)), ...lost], fewest, untrue, limited, readings };
};

const rehearsed = (machine: AnyStateMachine, calls: readonly GeneratedCall[], options: RehearsalOptions): readonly Rehearsal[] => {
  try {
    return calls.map((call) => rehearse(machine, call, options));
  } catch (error) {
    throw withWhoCan(error);
  }
};

/** Why a call is not what it says; null where it is. */
const untruth = ({ call, met, difference }: Rehearsal): string | null => {
  const unmet = call.covers.find((id) => !met.has(id));
  return difference ?? (unmet === undefined ? null : `it does not meet \`${unmet}\``);
};

/** The count that `--name` gives. @throws `ERR_OPTION_INVALID` */
const countIn = (options: Options, name: string): number | undefined => {
  const written = text(options, name);
  if (written === undefined) return undefined;
  if (!/^[1-9]\d{0,5}$/.test(written)) throw wrong(name, '`--most-acts` is a number of acts, from 1');
  return Number(written);
};

// ---- what is written ----

/** What goes into one file, or to stdout: the bot is imported from beside it then. */
const single = (covering: Covering, format: Format, out: string | undefined, runner: string | undefined): string => {
  const { machine, calls, missed, fewest } = covering;
  switch (format) {
    case 'test':
      return testFile(machine, calls, { imports: { bot: modulePath(covering.file, out ?? covering.file), ...(runner !== undefined && { runner }) } });
    case 'text':
      return phoneSheet(machine.id, calls);
    case 'json':
      return `${JSON.stringify({ bot: machine.id, calls: calls.map(({ call }) => call), missed, fewest }, null, 2)}\n`;
    default:
      return list(covering);
  }
};

const filesOf = ({ calls }: Covering, format: Format): readonly NamedText[] => {
  const titles = calls.map(({ call }) => call.title);
  if (format === 'botium') {
    const names = convoNames(titles);
    return calls.flatMap((call, index) => (whyNotByPhone(call) === null ? [{ name: names[index] ?? '', text: convoFile(call) }] : []));
  }
  const names = namesOf(titles);
  return calls.map((call, index) => ({ name: `${names[index] ?? ''}.txt`, text: scriptFile(call) }));
};

/** As `callchart call --script` reads it. */
const scriptFile = (rehearsal: Rehearsal): string => `# ${rehearsal.call.title}\n${scriptText(timedScript(rehearsal), scriptCall(rehearsal.call.call))}`;

// ---- words ----

const list = (covering: Covering): string => {
  const { machine, calls } = covering;
  const all = pointsOf(machine);
  const met = new Set(calls.flatMap((call) => [...call.met]));
  const seen = new Set<string>();
  return [
    `${machine.id}: ${counted(calls.length, 'call')} ${calls.length === 1 ? 'covers' : 'cover'} ${all.filter(({ id }) => met.has(id)).length} of ${counted(all.length, 'point')}${remark(covering)}`,
    ...calls.flatMap((call, index) => {
      const fresh = all.filter(({ id }) => call.met.has(id) && !seen.has(id));
      for (const { id } of fresh) seen.add(id);
      return [`${index + 1}. ${call.call.title}`, ...conditionsOf(call).map((sentence) => `   before: ${sentence}`), ...scriptLines(call.call.script).map((line) => `   ${line}`), `   first to meet: ${fresh.length === 0 ? 'nothing' : fresh.map(({ id }) => id).join(', ')}`];
    }),
    '',
  ].join('\n');
};

const remark = ({ calls, fewest, untrue, limited }: Covering): string => {
  if (untrue.length + limited.length > 0) return '';
  return calls.length <= fewest ? '; fewer cannot' : `; fewer than ${fewest} cannot`;
};

/** On stderr: what is missed and why, what a format leaves out, and what did not come true. */
const tellWhatIsNot = ({ machine, file, calls, missed, untrue, limited, readings }: Covering, format: Format): void => {
  const fault = readings.length === 0 ? 'which is a mistake of callchart' : 'which may come of what the bot reads by itself';
  const lines = [
    ...readings.map((reading) => `${file}: ${readingWords(reading)}, so that these calls may go another way at another time: ${insteadOfReading}`),
    ...untrue.map((rehearsal) => `${machine.id}: the call \`${rehearsal.call.title}\` does not come true, ${fault}: ${untruth(rehearsal) ?? ''}`),
    ...limited.map((rehearsal) => `${machine.id}: the call \`${rehearsal.call.title}\` goes another way on the service: ${untruth(rehearsal) ?? ''}`),
    ...(format === 'botium' ? calls.flatMap((call) => (whyNotByPhone(call) === null ? [] : [`${machine.id}: the call \`${call.call.title}\` is left out: ${whyNotByPhone(call) ?? ''}`])) : []),
    ...missed.map(({ id, why }) => `${id}: not covered${byPhone.has(format) ? ' from a telephone' : ''}: ${why}`),
  ];
  process.stderr.write(lines.map((line) => `${line}\n`).join(''));
};
