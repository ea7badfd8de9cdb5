/**
 * Uses — the call actions that a bot can ask for, and what else of a service it needs: what is held against the service's
 * capabilities before the first call.
 *
 * @module
 */
import type { AnyStateMachine } from 'xstate';
import { type Batch, callActions, type CallActionType, type Capability, hasChoice, type Operation, type PromptItem, Raw } from '../actions/index.ts';
import { dialogsOf, isMachine } from './naming.ts';
import { type Chart, type ChartAction, chartOf } from './draw/chart.ts';
import { isTaskLogic, type TaskWork } from './task-logic.ts';

/** An action with the state that asks for it. */
export interface ActionUse {
  readonly state: string;
  readonly action: CallActionType;
}

/** Every action that a chart shows, with the state that it stands in: on entry, on exit, or on a way that leads from it. */
const standingIn = ({ nodes, edges }: Chart): readonly (ChartAction & { readonly state: string })[] => [
  ...nodes.flatMap(({ path, entry, exit }) => [...entry, ...exit].map((action) => ({ state: path, ...action }))),
  ...edges.flatMap(({ from, actions }) => actions.map((action) => ({ state: from, ...action }))),
];

/** Whether the machine, or a dialog that it runs, has a question for a secret; of questions by hand, those whose parameters are plain data. */
export const asksSecrets = (machine: AnyStateMachine): boolean => {
  const chart = chartOf(machine);
  return (
    chart.nodes.some(({ facts }) => facts?.secret === true) ||
    standingIn(chart).some(({ type, params }) => type === 'recognize' && params?.['secret'] === true) ||
    dialogsOf(machine).some(asksSecrets)
  );
};

/** Every call action of a machine and of the dialogs that it runs: of made states and of states written by hand. */
export const actionsUsed = (machine: AnyStateMachine): readonly ActionUse[] => {
  const chart = chartOf(machine);
  const acting = [
    ...standingIn(chart).map(({ state, type }) => ({ state, action: type })),
    ...chart.nodes.flatMap(({ path, facts }) => (facts?.actions ?? []).map((action) => ({ state: path, action }))),
  ];
  return [...acting.flatMap(({ state, action }) => (isCallAction(action) ? [{ state, action }] : [])), ...dialogsOf(machine).flatMap(actionsUsed)];
};

/** What a state needs the service to be capable of. */
export interface CapabilityUse {
  readonly state: string;
  readonly capability: Capability;
}

/** Every capability that a machine and the dialogs that it runs need. Of a question written by hand whose parameters are computed, nobody knows whether it takes `speech`; of a verb, whose it is. */
export const capabilitiesUsed = (machine: AnyStateMachine): readonly CapabilityUse[] => [
  ...actionsUsed(machine).flatMap(({ state, action }) => (action === 'raw' ? [] : [{ state, capability: action }])),
  ...speechUsed(machine),
  ...verbsUsed(machine).map(({ state, service }) => ({ state, capability: `raw:${service}` as const })),
];

/** Every verb of a service that a machine and the dialogs that it runs ask for. Of one written by hand whose parameters are computed, nobody knows whose it is. */
export const verbsUsed = (machine: AnyStateMachine): readonly VerbUse[] => {
  const chart = chartOf(machine);
  return [
    ...chart.nodes.flatMap(({ path, facts }) => (facts?.raw === undefined ? [] : [{ state: path, ...facts.raw, endings: facts.handled.filter((ending) => ending !== 'failed') }])),
    ...standingIn(chart).flatMap(({ state, type, params }) => (type === 'raw' && Raw.is(params) && chart.nodes.every(({ path, facts }) => path !== state || facts?.raw === undefined) ? [{ state, service: params.service, verb: params.verb, endings: params.endings }] : [])),
    ...dialogsOf(machine).flatMap(verbsUsed),
  ];
};

/** A verb of a service, with the state that asks for it and the endings that it tells apart. */
export interface VerbUse {
  readonly state: string;
  readonly service: string;
  readonly verb: string;
  readonly endings: readonly string[];
}

const speechUsed = (machine: AnyStateMachine): readonly CapabilityUse[] => {
  const chart = chartOf(machine);
  const states = [
    ...chart.nodes.filter(({ facts }) => facts?.kind === 'recognize' && facts.required.includes('speech')).map(({ path }) => path),
    ...standingIn(chart).filter(takesSpeech).map(({ state }) => state),
  ];
  return [...[...new Set(states)].map((state) => ({ state, capability: 'speech' as const })), ...dialogsOf(machine).flatMap(speechUsed)];
};

const takesSpeech = ({ type, params }: ChartAction): boolean => type === 'recognize' && params?.['speech'] === true;

const isCallAction = (type: string): type is CallActionType => Object.hasOwn(callActions, type);

/** The state that sends a chat message, of a machine or of a dialog that it runs; the first, or undefined. */
export const chatState = (machine: AnyStateMachine): string | undefined => tasksDeclared(machine).find(({ work }) => typeof work === 'object' && work.kind === 'chat')?.name;

/** The actions of a machine, and of the dialogs that it runs, that are the same in every call; each wording of a choice of wordings by itself. */
export const constantActions = (machine: AnyStateMachine): Batch => {
  const isNothing = (type: string, params: { readonly prompts?: unknown }): boolean => type === 'play' && (params.prompts as readonly unknown[] | undefined)?.length === 0; // and never sent
  const own = standingIn(chartOf(machine)).flatMap(({ state, type, params }) => (isCallAction(type) && params !== undefined && !isNothing(type, params) ? worded(params).map((said) => ({ type, params: said, state, operationId: 'constant' }) as Operation) : []));
  return [...own, ...dialogsOf(machine).flatMap(constantActions)];
};

/** What a service gets of `asked`; the rest is for the chart. */
const worded = (asked: Readonly<Record<string, unknown>>): readonly object[] => {
  const params = Object.fromEntries(Object.entries(asked).filter(([name]) => name !== 'reprompts' && name !== 'atRunTime'));
  const { prompts } = params as { readonly prompts?: readonly PromptItem[] };
  if (prompts === undefined || !hasChoice(prompts)) return [params];
  const most = Math.max(...prompts.map((item) => ('oneOf' in item ? item.oneOf.length : 1)));
  return Array.from({ length: most }, (_, index) => ({ ...params, prompts: prompts.flatMap((item) => ('oneOf' in item ? (item.oneOf[index % item.oneOf.length] ?? []) : [item])) }));
};

/** A task with the machine that declares it, which is the bot or one of its dialogs. */
export interface DeclaredTask {
  readonly machine: string;
  readonly name: string;
  readonly work: TaskWork;
}

/** Every task of a machine and of the dialogs that it runs. */
export const tasksDeclared = (machine: AnyStateMachine): readonly DeclaredTask[] =>
  Object.entries(machine.implementations.actors as Readonly<Record<string, unknown>>).flatMap(([name, logic]) =>
    isTaskLogic(logic) ? (logic.task === undefined ? [{ machine: machine.id, name, work: logic.work }] : []) : isMachine(logic) ? tasksDeclared(logic) : [],
  );
