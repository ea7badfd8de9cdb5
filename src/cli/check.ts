/**
 * `callchart check <bot>` — what can be said of a bot before a call: the events it can receive, and what is wrong with it.
 *
 * @module
 */
import type { AnyStateMachine } from 'xstate';
import { callActions, type CallActionType } from '../actions/index.ts';
import { isCallError } from '../errors.ts';
import { chartOf } from '../machines/draw/chart.ts';
import { fixedEventTypes, isMachine, stateFacts } from '../machines/index.ts';
import { capabilities } from '../transport/services/botframework/capabilities.ts';
import { flag, type Options, plain, text } from './arguments.ts';
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
  const service = serviceNamed(text(options, 'service') ?? 'botframework');
  const checked = await checkBot(plain(bot), service);
  process.stdout.write(flag(options, 'json') ? `${JSON.stringify({ ...checked, service, ok: checked.findings.length === 0 })}\n` : words(checked));
  return checked.findings.length === 0 ? exitCodes.ok : exitCodes.found;
};

const checkBot = async (bot: string, service: string): Promise<Checked> => {
  try {
    const { machine } = await loadBot(bot);
    const uses = usesOf(machine);
    const actions = [...new Set(uses.map(({ action }) => action))];
    const missing = uses.filter(({ action }) => !capabilities.has(action)).map(({ state, action }) => `state \`${state}\`: the service \`${service}\` cannot do \`${action}\``);
    return { bot: machine.id, actions, events: alphabet(machine, actions), findings: [...new Set(missing)].map((message) => ({ code: 'ERR_CAPABILITY_MISSING', message })) };
  } catch (error) {
    if (!isCallError(error) || error.code !== 'ERR_BOT_INVALID') throw error;
    return { bot, actions: [], events: [], findings: error.details.problems.map((message) => ({ code: error.code, message })) };
  }
};

interface Use {
  readonly state: string;
  readonly action: CallActionType;
}

/** Every call action of a machine and of the dialogs that it runs, with its state: of makers and of states written by hand. */
const usesOf = (machine: AnyStateMachine): readonly Use[] => {
  const { nodes, edges } = chartOf(machine);
  const acting = [
    ...nodes.flatMap(({ path, entry, exit }) => [...entry, ...exit].map(({ type }) => ({ state: path, action: type }))),
    ...edges.flatMap(({ from, actions }) => actions.map(({ type }) => ({ state: from, action: type }))),
    ...nodes.flatMap(({ path, facts }) => (facts?.actions ?? []).map((action) => ({ state: path, action }))),
  ];
  const dialogs = Object.values(machine.implementations.actors as Readonly<Record<string, unknown>>).filter(isMachine);
  return [...acting.flatMap(({ state, action }) => (isCallAction(action) ? [{ state, action }] : [])), ...dialogs.flatMap(usesOf)];
};

const isCallAction = (type: string): type is CallActionType => Object.hasOwn(callActions, type);

/** The part of the alphabet that the bot can meet: the line's own events, the endings of its actions and of the answer that goes before them, its choices. */
const alphabet = (machine: AnyStateMachine, actions: readonly CallActionType[]): readonly string[] => [
  ...fixedEventTypes.filter((type) => ['call', 'answer', ...actions].includes(type.slice(0, type.indexOf('.')))),
  ...new Set(stateFacts(machine).flatMap(({ facts }) => facts.choices.map((choice) => `recognize.choice.${choice}`))),
];

const words = ({ bot, events, findings }: Checked): string =>
  [
    ...(events.length === 0 ? [] : [`${bot} can receive:`, ...events.map((event) => `  ${event}`)]),
    ...(findings.length === 0 ? ['nothing found'] : [`${bot}: ${findings.length} found:`, ...findings.map(({ code, message }) => `  ${message} (${code})`)]),
    '',
  ].join('\n');
