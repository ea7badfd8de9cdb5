/**
 * `callchart check <bot>` — what can be said of a bot before a call: that every call ends, how long the longest is, and what is wrong; and
 * the events that it can receive.
 *
 * @module
 */
import type { AnyStateMachine } from 'xstate';
import { type CallErrorCode, isCallError } from '../errors.ts';
import { counted } from '../machines/counted.ts';
import {
  actionsUsed, type ActionUse, botFacts, type Certificate, comesTrue, disagreement, type Examination, examine, fails, type Finding, fixedEventTypes, type Longest, type Opinion, type Rule, scriptText, secondOpinion, severities, stateFacts, throwsAtOnce, strayWords, verbsUsed, waive, type Waiver,
} from '../machines/index.ts';
import { flag, type Options, plain, wrong } from './arguments.ts';
import { checkAgainst } from './check-against.ts';
import { checkFlowFile, isFlowFile } from './check-flow.ts';
import { type ExitCode, exitCodes } from './failure.ts';
import { findingLines, waiversIn } from './findings.ts';
import { loadBot } from './load-bot.ts';
import { limitsOf, serviceIn, type ServiceName, whoCan } from './services.ts';

/** What is printed of a bot. */
interface Checked extends Pick<Examination, 'moments' | 'ways' | 'followed'> {
  readonly bot: string;
  readonly service: ServiceName;
  readonly ok: boolean;
  /** Null where not every call ends, or where not everything could be looked at. */
  readonly certificate: (Omit<Certificate, 'script'> & { readonly script: string | null }) | null;
  /** What the walker says, which shares nothing with the check. */
  readonly secondOpinion: Opinion;
  readonly findings: readonly Told[];
  readonly actions: readonly string[];
  readonly events: readonly string[];
}

/** A finding as it is printed. */
interface Told extends Omit<Finding, 'script'> {
  /** What the bot is refused with, or a call of it fails with, where that has a code. */
  readonly code?: CallErrorCode;
  /** As `callchart call --script` reads it. */
  readonly script: string | null;
  /** Whether the script was played on the real core, and did what the finding says. */
  readonly confirmed: boolean;
}

export const check = async (bot: string, options: Options): Promise<ExitCode> => {
  if (options['against'] !== undefined) return checkAgainst(bot, options);
  if (options['allowPinned'] !== undefined) throw wrong('allow-pinned', '`--allow-pinned` goes with `--against`');
  if (isFlowFile(plain(bot))) return checkFlowFile(plain(bot), options);
  const service = serviceIn(options);
  const waivers = waiversIn(options);
  const { findings, ...checked } = await checkBot(plain(bot), service, waivers);
  const ok = !fails(findings.map(({ finding }) => finding));
  const told = findings.map(({ finding, confirmed, code = codes[finding.rule] }): Told => ({ ...finding, ...(code !== undefined && { code }), script: finding.script && scriptText(finding.script), confirmed }));
  process.stdout.write(flag(options, 'json') ? `${JSON.stringify({ ...checked, service, ok, findings: told } satisfies Checked)}\n` : words(checked, findings, service));
  return ok ? exitCodes.ok : exitCodes.found;
};

const codes: Readonly<Partial<Record<Rule, CallErrorCode>>> = { unsupported: 'ERR_CAPABILITY_MISSING', 'batch-illegal': 'ERR_BATCH_ILLEGAL', 'service-limit': 'ERR_BATCH_ILLEGAL', restless: 'ERR_BOT_THREW' };
export type Found = Omit<Checked, 'findings' | 'ok' | 'service'> & { readonly findings: readonly { readonly finding: Finding; readonly confirmed: boolean; readonly code?: CallErrorCode }[] };

/** Checks the bot at `bot` for `service`. One that is refused when it is loaded has that as its findings. */
export const checkBot = async (bot: string, service: ServiceName, waivers: readonly Waiver[]): Promise<Found> => {
  let machine: AnyStateMachine;
  try {
    ({ machine } = await loadBot(bot));
  } catch (error) {
    if (!isCallError(error) || (error.code !== 'ERR_BOT_INVALID' && error.code !== 'ERR_CATALOGUE_INVALID')) throw error;
    const { code } = error;
    const findings = waive(error.details.problems.map(refusal), waivers);
    return { bot, certificate: null, secondOpinion: { says: 'nothing' }, moments: 0, ways: 0, followed: [], findings: findings.map((finding) => ({ finding, confirmed: false, ...(finding.severity === 'error' && { code }) })), actions: [], events: [] };
  }
  const { findings, certificate, moments, ways, followed, concluded } = examine(machine, { service: limitsOf(service), waivers });
  const opinion = secondOpinion(machine, { certificate, followed, concluded });
  const thrown = throwsAtOnce(machine);
  const more = [...(opinion.says === 'other' ? [disagreement(opinion)] : []), ...(thrown === undefined ? [] : [thrown])];
  const uses = actionsUsed(machine);
  return {
    bot: machine.id, moments, ways, followed, secondOpinion: opinion,
    certificate: more.length > 0 ? null : (certificate && { ...certificate, script: certificate.script && scriptText(certificate.script) }),
    findings: [...more, ...findings].map((finding) => ({ finding, confirmed: more.includes(finding) || comesTrue(machine, finding) })),
    actions: [...new Set(uses.map(({ action }) => action))], events: alphabet(machine, uses),
  };
};

/** A rule that the loader refuses a bot for. Nothing else is looked at before it is mended. */
const refusal = (message: string, index: number): Finding => {
  const [, state = ''] = /^state `([^`]*)`: /.exec(message) ?? [];
  const rule = message.endsWith(' is missing') ? 'untranslated' : 'invalid'; // a message that a catalogue lacks in one of its languages
  return { id: `${rule}:${state === '' ? index + 1 : state}`, rule, severity: severities[rule], state, message, script: null };
};

/** The part of the alphabet that the bot can meet: the line's own events, the endings of its actions and of the answer that goes before them, its choices, the endings of verbs. */
const alphabet = (machine: AnyStateMachine, uses: readonly ActionUse[]): readonly string[] => {
  const made = stateFacts(machine);
  const commands = botFacts(machine)?.commands ?? [];
  const isByHand = uses.some(({ action, state }) => action === 'recognize' && !made.some((one) => one.state === state));
  /** Whether digits, choices that are known only at run time, or whatever is said are asked for anywhere; of a state written by hand nobody knows. */
  const asksFor = (what: 'digits' | 'choice' | 'speech'): boolean => isByHand || made.some(({ facts: { kind, required } }) => kind === 'recognize' && required.includes(what));
  const kinds = new Set<string>(['call', 'answer', ...uses.flatMap(({ action }) => (action === 'hold' ? [action, 'unhold'] : [action]))]);
  return [
    ...fixedEventTypes.filter((type) => {
      if (type === 'recognize.choice') return asksFor('choice');
      if (type === 'recognize.speech') return asksFor('speech');
      if (type === 'recognize.repeat') return commands.some(({ command }) => command === 'repeats');
      return type.startsWith('recognize.digits.') ? asksFor('digits') : kinds.has(type.slice(0, type.indexOf('.')));
    }),
    ...new Set([...made.flatMap(({ facts }) => facts.choices), ...commands.flatMap(({ name, command }) => (command === 'leads' ? [name] : []))].map((choice) => `recognize.choice.${choice}`)),
    ...new Set(verbsUsed(machine).flatMap(({ endings }) => endings.map((ending) => `raw.done.${ending}`))),
  ];
};

// ---- words ----

const words = ({ bot, certificate, secondOpinion: opinion, moments, ways, followed, events }: Omit<Found, 'findings'>, found: Found['findings'], service: ServiceName): string => {
  const findings = found.map(({ finding }) => finding);
  const remarks = new Map(found.map(({ finding, confirmed }) => [finding, remarksOn(finding, confirmed, service)]));
  const isLooked = moments > 0 || ways > 0;
  return [
    ...(certificate === null ? [`${bot}: ${findings.some(({ rule }) => rule.endsWith('-loop') || rule === 'endless' || rule === 'restless') ? 'not every call ends' : 'whether every call ends is not known'}`] : endings(bot, certificate)),
    ...(isLooked ? [`looked at: ${counted(moments, 'moment')}, ${counted(ways, 'way')} between them${followed.length === 0 ? '' : `; followed in the context: ${followed.join(', ')}`}`] : ['nothing was looked at: mend first what the bot is refused for']),
    ...opinions(opinion),
    ...(isLooked ? [leftOut] : []),
    ...findingLines(bot, findings, remarks),
    ...(events.length === 0 ? [] : [`${bot} can receive:`, ...events.map((event) => `  ${event}`)]),
    '',
  ].join('\n');
};

const leftOut = 'left out: what the bot’s own code throws or does beside the chart, in which order timers fire, and what a service fails at beyond its outcomes';

/** Which services can do what is missing, and what somebody has to know who plays the script of the finding. */
const remarksOn = ({ rule, id, state, script }: Finding, confirmed: boolean, service: ServiceName): readonly string[] => [
  ...(rule === 'unsupported' ? [whoCan(id.slice(`${rule}:${state}:`.length))].filter((able) => able !== '') : []),
  ...(script !== null && !confirmed ? ['tried on the real core, this did something else: timers fire in another order there, or the bot’s own code decides'] : []),
  ...(script?.some((act) => act.act === 'say' && act.words === strayWords) === true && limitsOf(service).strayWords === 'unheard' ? [`the service \`${service}\` does not notice words that are no choice: to a bot on its line the caller is silent`] : []),
];

const endings = (bot: string, { withoutInput, whole, rounds, script }: NonNullable<Checked['certificate']>): readonly string[] => [
  `${bot}: every call ends`,
  `without input it lasts at most ${longest(withoutInput)}${script === null || script === '' ? '' : `: ${script.trim().split('\n').join(', ')}`}`,
  whole === null ? `the caller can go round for as long as he likes: ${rounds.slice(0, 8).map((state) => `\`${state}\``).join(', ')}${rounds.length > 8 ? `, and ${rounds.length - 8} states more` : ''}` : `the whole call lasts at most ${longest(whole)}`,
];

const longest = ({ prompts, reprompts, silenceMs }: Longest): string => `${counted(prompts, 'prompt')}, ${counted(reprompts, 'question')} asked again, ${silenceMs / 1_000} s of silence`;

const opinions = (opinion: Opinion): readonly string[] => {
  switch (opinion.says) {
    case 'same':
      return [`second opinion: ${counted(opinion.moments, 'moment')} walked on the real core, and the same found`];
    case 'so far':
      return [`second opinion: ${counted(opinion.moments, 'moment')} walked on the real core, which are not all, and nothing else found`];
    case 'other':
      return []; // a finding says it
    case 'nothing':
      return [];
  }
};
