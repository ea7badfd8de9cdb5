/**
 * `callchart check <bot>` — what can be said of a bot before a call: the events it can receive, and what is wrong with it.
 *
 * @module
 */
import type { AnyStateMachine } from 'xstate';
import type { CallActionType } from '../actions/index.ts';
import { isCallError } from '../errors.ts';
import { actionsUsed, type ActionUse, botFacts, capabilitiesUsed, fixedEventTypes, stateFacts } from '../machines/index.ts';
import { refusedActions } from '../transport/bots.ts';
import { capabilities } from '../transport/services/botframework/capabilities.ts';
import { encodeBatch } from '../transport/services/botframework/encode.ts';
import { flag, type Options, plain, text } from './arguments.ts';
import { checkFlowFile, isFlowFile } from './check-flow.ts';
import { type ExitCode, exitCodes } from './failure.ts';
import { loadBot } from './load-bot.ts';
import { serviceNamed } from './services.ts';

/** Something that is wrong with a bot. */
interface Finding {
  readonly code: string;
  readonly message: string;
}

interface Checked {
  readonly bot: string;
  readonly actions: readonly CallActionType[];
  readonly events: readonly string[];
  readonly findings: readonly Finding[];
}

export const check = async (bot: string, options: Options): Promise<ExitCode> => {
  if (isFlowFile(plain(bot))) return checkFlowFile(plain(bot), options);
  const service = serviceNamed(text(options, 'service') ?? 'botframework');
  const checked = await checkBot(plain(bot), service);
  process.stdout.write(flag(options, 'json') ? `${JSON.stringify({ ...checked, service, ok: checked.findings.length === 0 })}\n` : words(checked));
  return checked.findings.length === 0 ? exitCodes.ok : exitCodes.found;
};

const checkBot = async (bot: string, service: string): Promise<Checked> => {
  try {
    const { machine } = await loadBot(bot);
    const uses = actionsUsed(machine);
    const actions = [...new Set(uses.map(({ action }) => action))];
    const missing = capabilitiesUsed(machine).filter(({ capability }) => !capabilities.has(capability)).map(({ state, capability }) => `state \`${state}\`: the service \`${service}\` cannot do \`${capability}\``);
    const beyond = missing.length > 0 ? [] : refusedActions(machine, (batch) => encodeBatch(batch, { callback: 'https://bot.example/' }));
    const findings = [...[...new Set(missing)].map((message) => ({ code: 'ERR_CAPABILITY_MISSING', message })), ...beyond.map(({ code, message }) => ({ code, message }))];
    return { bot: machine.id, actions, events: alphabet(machine, uses), findings: findings.filter(({ message }, index) => findings.findIndex((other) => other.message === message) === index) };
  } catch (error) {
    if (!isCallError(error) || (error.code !== 'ERR_BOT_INVALID' && error.code !== 'ERR_CATALOGUE_INVALID')) throw error;
    return { bot, actions: [], events: [], findings: error.details.problems.map((message) => ({ code: error.code, message })) };
  }
};

/** The part of the alphabet that the bot can meet: the line's own events, the endings of its actions and of the answer that goes before them, its choices. */
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
  ];
};

const words = ({ bot, events, findings }: Checked): string =>
  [
    ...(events.length === 0 ? [] : [`${bot} can receive:`, ...events.map((event) => `  ${event}`)]),
    ...(findings.length === 0 ? ['nothing found'] : [`${bot}: ${findings.length} found:`, ...findings.map(({ code, message }) => `  ${message} (${code})`)]),
    '',
  ].join('\n');
