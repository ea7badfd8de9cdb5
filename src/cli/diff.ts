/**
 * `callchart diff <old> <new> --calls <folder>` — recorded calls on two versions of a bot: which are the same, which hear something else, which end
 * otherwise, and at which state the versions part.
 *
 * Both versions are imported by this process: two files are two modules, and so is what each imports from beside it.
 *
 * @module
 */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { AnyStateMachine } from 'xstate';
import { type CallErrorDetails, isCallError } from '../errors.ts';
import { type CallLog, type Comparison, comparing, readLog, replay, type ReplayedStep, scriptCall, scriptOf, scriptText, type Verdict } from '../machines/index.ts';
import { flag, type Options, plain, text, texts, wrong } from './arguments.ts';
import { type ExitCode, exitCodes } from './failure.ts';
import { loadBot } from './load-bot.ts';
import { logFiles, logTextOf } from './log-files.ts';

export const diff = async (before: string, after: string, options: Options): Promise<ExitCode> => {
  const folders = texts(options, 'calls');
  if (folders.length === 0) throw wrong('calls', 'say which recorded calls: `--calls <folder>`');
  const out = text(options, 'out');
  if (out === undefined && flag(options, 'all')) throw wrong('all', '`--all` is for `--out`');
  const files = await logFiles(folders);
  const [old, next] = [await loadBot(plain(before)), await loadBot(plain(after))];
  if (old.machine.id !== next.machine.id) throw wrong('bot', `\`${old.machine.id}\` and \`${next.machine.id}\` are two bots, and not two versions of one`);
  const compared = comparing(old.machine, next.machine);
  const calls: Compared[] = [];
  for (const file of files) calls.push(compareOne(compared, file, await logTextOf(file)));
  const groups = grouped(old.machine, calls);
  const ok = calls.every(({ comparison }) => comparison !== undefined && isHarmless(comparison.verdict));
  if (out !== undefined) await writeScripts(out, old.machine, groups, flag(options, 'all'));
  process.stdout.write(flag(options, 'json') ? `${JSON.stringify(told(old.machine.id, ok, calls, groups))}\n` : words(`${old.file} → ${next.file}`, calls, groups));
  return ok ? exitCodes.ok : exitCodes.found;
};

const isHarmless = (verdict: Verdict): boolean => verdict === 'identical' || verdict === 'cosmetic';

// ---- calls ----

/** What became of a log. */
interface Compared {
  readonly file: string;
  readonly log?: CallLog;
  readonly comparison?: Comparison;
  /** Why it cannot be used. */
  readonly refused?: { readonly message: string } & CallErrorDetails['ERR_LOG_INVALID'];
}

const compareOne = (compared: (log: CallLog) => Comparison, file: string, written: string): Compared => {
  try {
    const log = readLog(written);
    return { file, log, comparison: compared(log) };
  } catch (error) {
    if (!isCallError(error) || error.code !== 'ERR_LOG_INVALID') throw error;
    return { file, refused: { ...error.details, message: error.message.replace(/^line \d+: /, '') } };
  }
};

// ---- groups ----

/** Calls of which the same is to be said. */
interface Group {
  readonly verdict: Verdict;
  /** The first state at which the versions part; null where they do not, or where that is not known. */
  readonly was: string | null;
  readonly is: string | null;
  readonly why: string | null;
  readonly calls: readonly Compared[];
  /** One of the calls as `callchart call --script` plays it, and what a script cannot say of it; null of calls that are the same. */
  readonly script: Script | null;
}

interface Script {
  readonly text: string;
  readonly untold: readonly string[];
}

/** The most frequent first. */
const grouped = (old: AnyStateMachine, calls: readonly Compared[]): readonly Group[] => {
  const groups = new Map<string, { readonly group: Omit<Group, 'calls' | 'script'>; readonly calls: Compared[] }>();
  for (const call of calls) {
    const { comparison } = call;
    if (comparison === undefined) continue;
    const { verdict, divergence } = comparison;
    const group = { verdict, was: divergence?.was ?? null, is: divergence?.is ?? null, why: verdict === 'not-examined' ? comparison.why : null };
    const key = JSON.stringify(group);
    const known = groups.get(key) ?? { group, calls: [] };
    groups.set(key, known);
    known.calls.push(call);
  }
  return [...groups.values()].map(({ group, calls: of }) => ({ ...group, calls: of, script: group.verdict === 'identical' ? null : scriptOfFirst(old, of) })).sort((one, other) => other.calls.length - one.calls.length || gravity(one) - gravity(other));
};

const gravity = ({ verdict }: Group): number => verdicts.findIndex(([one]) => one === verdict);

const scriptOfFirst = (old: AnyStateMachine, [first]: readonly Compared[]): Script | null => (first?.log === undefined ? null : scriptOfLog(old, first.log));

const scriptOfLog = (old: AnyStateMachine, log: CallLog): Script => {
  const steps: ReplayedStep[] = [];
  replay(old, log, { replayed: (step) => steps.push(step) });
  const { call, untold } = scriptOf(old, steps, { masked: log.head.masked });
  return { text: scriptText(call.script, log.head.masked ? {} : scriptCall(call.call)), untold: [...untold, ...(steps.length < log.steps.length ? [`step ${steps.length + 1}: from here on the log does not fit`] : [])] };
};

// ---- files ----

const writeScripts = async (folder: string, old: AnyStateMachine, groups: readonly Group[], isAll: boolean): Promise<void> => {
  const failed = (): never => { throw wrong('out', `the folder ${folder} cannot be written`); };
  await mkdir(folder, { recursive: true }).catch(failed);
  const differing = groups.filter(({ verdict }) => verdict !== 'identical');
  let count = 0;
  for (const [index, { verdict, calls, script }] of differing.entries()) {
    for (const [place, { file, log }] of (isAll ? calls : calls.slice(0, 1)).entries()) {
      const written = place === 0 ? script : log === undefined ? null : scriptOfLog(old, log);
      if (written === null) continue;
      await writeFile(join(folder, `${index + 1}-${verdict}${place === 0 ? '' : `-${place + 1}`}.script`), [`# ${file}`, ...written.untold.map((one) => `# ${one}`), written.text].join('\n')).catch(failed);
      count += 1;
    }
  }
  process.stderr.write(`wrote ${counted(count, 'script')} into ${folder}\n`);
};

// ---- as JSON ----

const told = (bot: string, ok: boolean, calls: readonly Compared[], groups: readonly Group[]): object => ({
  bot, ok, calls: calls.length, masked: calls.filter(({ log }) => log?.head.masked).length, verdicts: Object.fromEntries(verdicts.map(([verdict]) => [verdict, countOf(calls, verdict)])),
  groups: groups.map(({ calls: of, script, ...group }) => ({ ...group, count: of.length, share: of.length / calls.length, script: script?.text ?? null, untold: script?.untold ?? [], logs: of.map(({ file, comparison }) => ({ log: file, ...ofCall(comparison) })) })),
  refused: calls.flatMap(({ file, refused }) => (refused === undefined ? [] : [{ log: file, code: 'ERR_LOG_INVALID', reason: refused.reason, line: refused.line, what: refused.message }])),
});

const ofCall = (comparison: Comparison | undefined): object => {
  if (comparison === undefined) return {};
  const { divergence, followed, steps, why, line, was, is } = comparison;
  return { followed, steps, why, line, ended: { was, is }, ...(divergence !== null && { revision: divergence.revision, heard: divergence.heard, hears: divergence.hears }) };
};

/** What calls can come to, the gravest first, in words for people. */
const verdicts: readonly (readonly [verdict: Verdict, words: string])[] = [
  ['ends-otherwise', 'end otherwise'], ['hears-otherwise', 'hear something else'], ['asks-otherwise', 'hear the same and are asked or waited for otherwise'], ['not-examined', 'not examined'],
  ['cosmetic', 'the same in other pieces, orders or names'], ['identical', 'identical'],
];

const countOf = (calls: readonly Compared[], verdict: Verdict): number => calls.filter(({ comparison }) => (comparison?.verdict ?? 'not-examined') === verdict).length;

// ---- words ----

const words = (versions: string, calls: readonly Compared[], groups: readonly Group[]): string => {
  const masked = calls.filter(({ log }) => log?.head.masked).length;
  return [
    `${versions}: ${counted(calls.length, 'call')}${masked === 0 ? '' : `, ${masked === calls.length ? 'all' : masked} by masked logs, in which the caller’s own words and keys are compared as what they were taken for`}`,
    ...verdicts.flatMap(([verdict, what]) => (countOf(calls, verdict) === 0 ? [] : [`  ${String(countOf(calls, verdict)).padStart(6)}  ${share(countOf(calls, verdict), calls.length).padStart(7)}  ${what}`])),
    ...groups.filter(({ verdict }) => verdict !== 'identical').flatMap((group) => ['', ...paragraph(group, calls.length)]),
    ...calls.flatMap(({ file, refused }) => (refused === undefined ? [] : ['', `${file}:${refused.line}: ${refused.message} (ERR_LOG_INVALID); the call was not examined`])),
    '',
  ].join('\n');
};

const share = (count: number, all: number): string => `${((100 * count) / all).toFixed(1)} %`;

const paragraph = ({ verdict, was, is, why, calls, script }: Group, all: number): readonly string[] => {
  const [first] = calls;
  const divergence = first?.comparison?.divergence ?? null;
  const [, what = verdict] = verdicts.find(([one]) => one === verdict) ?? [];
  return [
    `${counted(calls.length, 'call')} (${share(calls.length, all)}) ${what}${was === null || is === null ? '' : was === is ? `: state \`${was}\`` : `: state \`${was}\`, now \`${is}\``}${why === null ? '' : `: ${why}`}`,
    ...(verdict === 'ends-otherwise' ? [`  ended: ${endWords(first?.comparison?.was)}`, `  ends:  ${endWords(first?.comparison?.is)}`] : []),
    ...(divergence === null || (divergence.heard.length === 0 && divergence.hears.length === 0) || verdict === 'asks-otherwise' ? [] : [`  heard: ${divergence.heard.join(' | ') || 'nothing'}`, `  hears: ${divergence.hears.join(' | ') || 'nothing'}`]),
    ...(first?.comparison !== undefined && first.comparison.why !== null && why === null ? [`  followed for ${first.comparison.followed} of ${counted(first.comparison.steps, 'step')}: ${first.comparison.why}`] : []),
    ...(script === null ? [] : script.text.split('\n').filter((line) => line !== '').map((line) => `    ${line}`)),
    ...(script === null ? [] : script.untold.map((one) => `    (${one})`)),
    `  ${calls.slice(0, mostNamed).map(({ file, comparison }) => (why === null ? file : `${file}:${comparison?.line ?? 1}`)).join(', ')}${calls.length > mostNamed ? `, and ${calls.length - mostNamed} more (--json names all)` : ''}`,
  ];
};

/** Logs that are named of a group, at most. */
const mostNamed = 5;

const endWords = (end: Comparison['was'] | undefined): string => {
  if (end === undefined || end.reason === null) return 'not within what is recorded';
  return `\`${end.reason}\`${end.state === null ? '' : `, in state \`${end.state}\``}${end.to === null ? '' : `, to ${end.to}`}`;
};

const counted = (count: number, what: string): string => `${count} ${what}${count === 1 ? '' : 's'}`;
