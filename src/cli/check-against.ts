/**
 * `callchart check <bot> --against <old bot>` — in which states of the old version calls in flight can go on with the new one, and in
 * which they are pinned to the old one until they end.
 *
 * Both are loaded into this process: each file of a bot is a module of its own, so that two folders share nothing but packages.
 *
 * @module
 */
import { scriptLines } from '../machines/check/caller-script.ts';
import { counted } from '../machines/counted.ts';
import { compatibility, type Compatibility, type Obstacle, scriptText, type StateCompatibility } from '../machines/index.ts';
import { flag, type Options, plain, text, wrong } from './arguments.ts';
import { isFlowFile } from './check-flow.ts';
import { type ExitCode, exitCodes } from './failure.ts';
import { loadBot } from './load-bot.ts';

/** A state as it is printed. */
interface Told extends Omit<StateCompatibility, 'script'> {
  /** As `callchart call --script` reads it. */
  readonly script: string | null;
}

/** What is printed of two versions. */
interface Compared extends Omit<Compatibility, 'states'> {
  readonly ok: boolean;
  readonly states: readonly Told[];
}

export const checkAgainst = async (bot: string, options: Options): Promise<ExitCode> => {
  const old = text(options, 'against') ?? '';
  if (isFlowFile(plain(bot)) || isFlowFile(old)) throw wrong('against', '`--against` compares two versions of a bot: a Studio flow has no calls that another version could go on with');
  if (options['waive'] !== undefined || options['service'] !== undefined) throw wrong('against', '`--against` looks at calls in flight alone: neither `--service` nor `--waive` says anything about them');
  const [{ machine: before }, { machine: after }] = [await loadBot(old), await loadBot(plain(bot))];
  const found = compatibility(before, after);
  const ok = passes(found, flag(options, 'allowPinned'));
  const compared: Compared = { ...found, ok, states: found.states.map((state) => ({ ...state, script: state.script && scriptText(state.script) })) };
  process.stdout.write(flag(options, 'json') ? `${JSON.stringify(compared)}\n` : words(found));
  return ok ? exitCodes.ok : exitCodes.found;
};

/** Whether nothing is wrong: calls that are known to be pinned may be allowed, what nobody knows may not. */
const passes = ({ states, complete, certified, ambiguous }: Compatibility, allowsPinned: boolean): boolean => {
  const isKnown = complete && certified && !states.some(({ obstacles }) => obstacles.some(({ cause }) => cause === 'unexamined'));
  return isKnown && states.every(({ verdict }) => verdict === 'continues' || (allowsPinned && !ambiguous));
};

// ---- words ----

const words = ({ bot, versions, ambiguous, states, complete, certified, lacking }: Compatibility): string => {
  const going = states.filter(({ verdict }) => verdict === 'continues').length;
  const [calls, steps] = [states.reduce((sum, one) => sum + one.calls, 0), states.reduce((sum, one) => sum + one.steps, 0)];
  const width = Math.max(...states.map(({ state }) => state.length), 0);
  return [
    `${bot}: calls of version ${versions.old} can go on with version ${versions.new} in ${going} of ${counted(states.length, 'state')}`,
    `looked at: ${counted(calls, 'call')} at rest, ${counted(steps, 'step')} of them with the new version`,
    ...(ambiguous ? [`both versions are called ${versions.new} and are not the same: a stored call cannot tell which it began with; give the new one another \`version\``] : []),
    ...(certified ? [] : [`it is not known whether every call of version ${versions.new} ends, so nothing can be said: see \`callchart check\``]),
    ...(complete ? [] : [`version ${versions.old} has more moments than were looked at: a call in a state that is not listed is pinned`]),
    ...(lacking.length === 0 ? [] : [`calls of version ${versions.old} have nothing in their contexts that is called ${lacking.map((name) => `\`${name}\``).join(', ')}: what reads it there gets \`undefined\``]),
    leftOut,
    ...states.flatMap((state) => paragraph(state, width)),
    '',
  ].join('\n');
};

const leftOut = 'left out: which values contexts hold, beyond their kinds; and whether a caller hears something else than he would have';

const paragraph = ({ state, verdict, obstacles, way, script, confirmed }: StateCompatibility, width: number): readonly string[] => {
  const [first, ...others] = obstacles;
  if (first === undefined) return [`  ${verdict}  ${state}`];
  return [
    `  pinned     ${state.padEnd(width)}  ${reason(first)}${others.length === 0 ? '' : `; and ${counted(others.length, 'reason')} more`}`,
    ...(script === null ? [] : scriptLines(script)).map((line) => `               ${line}`),
    ...(script?.length === 0 ? ['               (at once, whoever calls)'] : []),
    ...(script === null && way.length > 0 ? [`               (on the old version: ${way.map((event) => `\`${event}\``).join(', ')})`] : []),
    ...(script !== null && !confirmed ? ['               (this comes to the state, and not to a call that cannot go on there)'] : []),
  ];
};

const reason = ({ events, what }: Obstacle): string => (events.length === 0 ? what : `after ${events.map((event) => `\`${event}\``).join(', ')}: ${what}`);
