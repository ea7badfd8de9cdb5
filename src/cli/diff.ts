/**
 * `callchart diff <old> <new> --calls <folder>` — recorded calls on two versions of a bot: which are the same, which hear something else, which end
 * otherwise, and at which state the versions part.
 *
 * Both versions are imported by this process: two files are two modules, and so is what each imports from beside it.
 *
 * @module
 */
import type { AnyStateMachine } from 'xstate';
import { type CallerScript, type ScriptCall, scriptLines } from '../machines/check/caller-script.ts';
import { counted } from '../machines/counted.ts';
import { usualCall } from '../machines/paths/usual-call.ts';
import { type CallInput, type CallLog, type Comparison, comparing, replay, type ReplayedStep, scriptCall, scriptOf, scriptText, type Verdict } from '../machines/index.ts';
import { flag, type Options, plain, text, texts, wrong } from './arguments.ts';
import { type ExitCode, exitCodes } from './failure.ts';
import { loadBot } from './load-bot.ts';
import { isRefused, logFiles, refusalText, refusalTold, type RefusedLog, type UsedLog, usedLog } from './log-files.ts';
import { type NamedText, writeTexts } from './written-files.ts';

export const diff = async (before: string, after: string, options: Options): Promise<ExitCode> => {
  const folders = texts(options, 'calls');
  if (folders.length === 0) throw wrong('calls', 'say which recorded calls: `--calls <folder>`');
  const out = text(options, 'out');
  if (out === undefined && flag(options, 'all')) throw wrong('all', '`--all` is for `--out`');
  const files = await logFiles(folders);
  const [old, next] = [await loadBot(plain(before)), await loadBot(plain(after))];
  if (old.machine.id !== next.machine.id) throw wrong('bot', `\`${old.machine.id}\` and \`${next.machine.id}\` are two bots, and not two versions of one`);
  const compared = comparing(old.machine, next.machine);
  const read: (Compared | RefusedLog)[] = [];
  for (const file of files) read.push(await usedLog(file, compared));
  const calls: Calls = { compared: read.filter((one): one is Compared => !isRefused(one)), refused: read.filter(isRefused) };
  const groups = grouped(old.machine, calls.compared);
  const ok = calls.refused.length === 0 && calls.compared.every(({ result: { verdict } }) => isHarmless(verdict));
  if (out !== undefined) await writeTexts(out, scriptFiles(old.machine, groups, flag(options, 'all')), 'script', 'out');
  process.stdout.write(flag(options, 'json') ? `${JSON.stringify(told(old.machine.id, ok, calls, groups))}\n` : words(`${old.file} → ${next.file}`, calls, groups));
  return ok ? exitCodes.ok : exitCodes.found;
};

const isHarmless = (verdict: Verdict): boolean => verdict === 'identical' || verdict === 'cosmetic';

// ---- calls ----

/** A call that was had on both versions. */
type Compared = UsedLog<Comparison>;

/** What became of all logs. */
interface Calls {
  readonly compared: readonly Compared[];
  readonly refused: readonly RefusedLog[];
}

const sumOf = ({ compared, refused }: Calls): number => compared.length + refused.length;

const maskedOf = ({ compared }: Calls): number => compared.filter(({ log }) => log.head.masked).length;

/** How many calls have come to `verdict`. What cannot be used was not examined. */
const countOf = ({ compared, refused }: Calls, verdict: Verdict): number => compared.filter(({ result }) => result.verdict === verdict).length + (verdict === 'not-examined' ? refused.length : 0);

// ---- groups ----

/** Calls of which the same is to be said. */
interface Group {
  readonly verdict: Verdict;
  /** The first state at which the versions part; null where they do not, or where that is not known. */
  readonly was: string | null;
  readonly is: string | null;
  readonly why: string | null;
  /** The first of them stands for all. */
  readonly calls: readonly [first: Compared, ...others: Compared[]];
  /** The first call as `callchart call --script` plays it, and what a script cannot say of it; null of calls that are the same. */
  readonly script: Script | null;
}

interface Script {
  readonly acts: CallerScript;
  /** Who calls. */
  readonly who: ScriptCall;
  readonly untold: readonly string[];
}

/** The most frequent first. */
const grouped = (old: AnyStateMachine, calls: readonly Compared[]): readonly Group[] => {
  const groups = new Map<string, Omit<Group, 'script'> & { readonly calls: Compared[] }>();
  for (const call of calls) {
    const { verdict, divergence, why } = call.result;
    const kind = { verdict, was: divergence?.was ?? null, is: divergence?.is ?? null, why: verdict === 'not-examined' ? why : null };
    const key = JSON.stringify(kind);
    const known = groups.get(key);
    if (known === undefined) groups.set(key, { ...kind, calls: [call] });
    else known.calls.push(call);
  }
  return [...groups.values()].map((group) => ({ ...group, script: group.verdict === 'identical' ? null : scriptOfLog(old, group.calls[0].log) })).sort((one, other) => other.calls.length - one.calls.length || gravity(one) - gravity(other));
};

const gravity = ({ verdict }: Group): number => verdicts.findIndex(([one]) => one === verdict);

const scriptOfLog = (old: AnyStateMachine, log: CallLog): Script => {
  const steps: ReplayedStep[] = [];
  replay(old, log, { replayed: (step) => steps.push(step) });
  const { call, untold } = scriptOf(old, steps, { masked: log.head.masked });
  return { acts: call.script, who: log.head.masked ? {} : scriptCall(unusual(call.call)), untold: [...untold, ...(steps.length < log.steps.length ? [`step ${steps.length + 1}: from here on the log does not fit`] : [])] };
};

// ---- files ----

/** Of who calls whom what is not as it always is in a test. */
const unusual = (call: Partial<CallInput>): Partial<CallInput> => Object.fromEntries(Object.entries(call).filter(([name, value]) => value !== usualCall[name as keyof CallInput]));

/** A script of each group that is not identical; or of each of its calls. */
const scriptFiles = (old: AnyStateMachine, groups: readonly Group[], isAll: boolean): readonly NamedText[] =>
  groups.filter(({ verdict }) => verdict !== 'identical').flatMap(({ verdict, calls, script }, index) =>
    (isAll ? calls : calls.slice(0, 1)).map(({ file, log }, place): NamedText => {
      const { acts, who, untold } = place === 0 && script !== null ? script : scriptOfLog(old, log);
      return { name: `${index + 1}-${verdict}${place === 0 ? '' : `-${place + 1}`}.script`, text: [`# ${file}`, '# as the call went on the old version: on the new one it may not fit from the first difference on', ...untold.map((one) => `# ${one}`), scriptText(acts, who)].join('\n') };
    }));

// ---- as JSON ----

const told = (bot: string, ok: boolean, calls: Calls, groups: readonly Group[]): object => ({
  bot, ok, calls: sumOf(calls), masked: maskedOf(calls), verdicts: Object.fromEntries(verdicts.map(([verdict]) => [verdict, countOf(calls, verdict)])),
  groups: groups.map(({ calls: of, script, ...group }) => ({ ...group, count: of.length, share: of.length / sumOf(calls), script: script && scriptText(script.acts, script.who), untold: script?.untold ?? [], logs: of.map(({ file, result }) => ({ log: file, ...ofCall(result) })) })),
  refused: calls.refused.map(refusalTold),
});

const ofCall = ({ divergence, followed, steps, why, line, was, is }: Comparison): object => ({ followed, steps, why, line, ended: { was, is }, ...(divergence !== null && { revision: divergence.revision, heard: divergence.heard, hears: divergence.hears }) });

/** What calls can come to, the gravest first, in words for people. */
const verdicts: readonly (readonly [verdict: Verdict, words: string])[] = [
  ['ends-otherwise', 'end otherwise'], ['hears-otherwise', 'hear something else'], ['asks-otherwise', 'hear the same and are asked or waited for otherwise'], ['not-examined', 'not examined'],
  ['cosmetic', 'the same in other pieces, orders or names'], ['identical', 'identical'],
];

// ---- words ----

const words = (versions: string, calls: Calls, groups: readonly Group[]): string => {
  const [sum, masked] = [sumOf(calls), maskedOf(calls)];
  return [
    `${versions}: ${counted(sum, 'call')}${masked === 0 ? '' : `, ${masked === sum ? 'all' : masked} by masked logs, in which the caller’s own words and keys are compared as what they were taken for`}`,
    ...verdicts.flatMap(([verdict, what]) => {
      const count = countOf(calls, verdict);
      return count === 0 ? [] : [`  ${String(count).padStart(6)}  ${share(count, sum).padStart(7)}  ${what}`];
    }),
    ...groups.filter(({ verdict }) => verdict !== 'identical').flatMap((group) => ['', ...paragraph(group, sum)]),
    ...calls.refused.flatMap((one) => ['', `${refusalText(one)}; the call was not examined`]),
    '',
  ].join('\n');
};

const share = (count: number, all: number): string => `${((100 * count) / all).toFixed(1)} %`;

const paragraph = ({ verdict, was, is, why, calls, script }: Group, all: number): readonly string[] => {
  const { divergence, followed, steps, why: whyNoFurther, was: ended, is: ends } = calls[0].result;
  const [, what = verdict] = verdicts.find(([one]) => one === verdict) ?? [];
  const isTold = divergence !== null && divergence.heard.length + divergence.hears.length > 0 && verdict !== 'asks-otherwise';
  return [
    `${counted(calls.length, 'call')} (${share(calls.length, all)}) ${what}${was === null || is === null ? '' : was === is ? `: state \`${was}\`` : `: state \`${was}\`, now \`${is}\``}${why === null ? '' : `: ${why}`}`,
    ...(verdict === 'ends-otherwise' ? [`  ended: ${endWords(ended)}`, `  ends:  ${endWords(ends)}`] : []),
    ...(isTold ? [`  heard: ${divergence.heard.join(' | ') || 'nothing'}`, `  hears: ${divergence.hears.join(' | ') || 'nothing'}`] : []),
    ...(whyNoFurther !== null && why === null ? [`  followed for ${followed} of ${counted(steps, 'step')}: ${whyNoFurther}`] : []),
    ...(script === null ? [] : ['  on the old version, as `callchart call --script` plays it:', ...scriptLines(script.acts).map((line) => `    ${line}`), ...script.untold.map((one) => `    (${one})`)]),
    `  ${calls.slice(0, mostNamed).map(({ file, result }) => (why === null ? file : `${file}:${result.line ?? 1}`)).join(', ')}${calls.length > mostNamed ? `, and ${calls.length - mostNamed} more (--json names all)` : ''}`,
  ];
};

/** Logs that are named of a group, at most. */
const mostNamed = 5;

const endWords = ({ reason, state, to }: Comparison['was']): string =>
  reason === null ? 'not within what is recorded' : `\`${reason}\`${state === null ? '' : `, in state \`${state}\``}${to === null ? '' : `, to ${to}`}`;
