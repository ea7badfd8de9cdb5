/**
 * Secrecy — whether what a caller keys as a secret is told to anybody: where the chart keeps it, and who says it.
 *
 * What is followed is the seal, through `assign`, the input and the output of dialogs, to everything that is said, written or dialled. The order of
 * things is not looked at: what could be told at all is told.
 *
 * @module
 */
import type { Recognize } from '../../actions/index.ts';
import { promptText } from '../../actions/index.ts';
import { stateName } from '../chart.ts';
import type { Act, Blueprint, StatePlan } from './blueprint.ts';
import type { Exploration } from './explore.ts';
import { type Finding, severities } from './finding.ts';
import { isBelow } from './moving.ts';
import { machinesOf, type Placed } from './reachable.ts';
import { onStandIns } from './wording.ts';

const seal = 'sealed:callchart-check';

const holdsSeal = (value: unknown): boolean => {
  try {
    return JSON.stringify(value)?.includes(seal) ?? false;
  } catch {
    return false;
  }
};

type Code = (args: object) => unknown;

/** What of a machine holds a secret. */
interface Tainted {
  /** Names in its context, with what they hold. */
  readonly context: Map<string, unknown>;
  /** What it ends with, where that holds one. */
  output: unknown;
}

/** Everything that tells a secret. */
export const tellsSecrets = (found: Exploration): readonly Finding[] => {
  const machines = machinesOf(found);
  const tainted = new Map(machines.map(({ plan }) => [plan, { context: new Map<string, unknown>(), output: undefined } as Tainted]));
  if (!machines.some(({ plan }) => plan.states.some(asksSecret))) return [];
  for (let before = -1, now = 0; before !== now; ) {
    before = now;
    for (const { plan } of machines) spread(plan, tainted, found);
    now = [...tainted.values()].reduce((sum, { context, output }) => sum + context.size + (output === undefined ? 0 : 1), 0);
  }
  return machines.flatMap((machine) => told(machine, tainted.get(machine.plan) as Tainted));
};

const asksSecret = ({ facts, entry }: StatePlan): boolean =>
  facts?.secret === true || entry.some((act) => act.kind === 'ask' && typeof act.params === 'object' && (act.params as Partial<Recognize> | null)?.secret === true);

/** Lets what is known of secrets spread through `plan` once. */
const spread = (plan: Blueprint, tainted: ReadonlyMap<Blueprint, Tainted>, { planOf }: Exploration): void => {
  const own = tainted.get(plan) as Tainted;
  const context = (): Readonly<Record<string, unknown>> => Object.fromEntries(own.context);
  for (const state of plan.states) {
    for (const { acts, event } of actsIn(plan, state, (machine) => tainted.get(planOf(machine))?.output)) {
      for (const act of acts) if (act.kind === 'assign') assigned(own.context, act.assignment, context(), event);
    }
    if (state.type === 'final' && typeof state.output === 'function') {
      const output = onStandIns(state.output as Code, context());
      if (holdsSeal(output)) own.output = output;
    }
    for (const { input, runs } of state.invocations) {
      if (runs.kind !== 'dialog' || typeof input !== 'function') continue;
      const given = (onStandIns(input as Code, context()) as { readonly input?: unknown } | undefined)?.input;
      const dialog = planOf(runs.machine);
      const first: unknown = (dialog.machine.config as { readonly context?: unknown }).context;
      if (!holdsSeal(given) || typeof first !== 'function') continue;
      const begins = onStandIns((args) => (first as Code)({ ...args, input: { input: given, call: {} } }), {});
      for (const [name, value] of Object.entries((begins ?? {}) as object)) if (name !== 'call' && holdsSeal(value)) tainted.get(dialog)?.context.set(name, value);
    }
  }
};

const assigned = (names: Map<string, unknown>, assignment: unknown, context: Readonly<Record<string, unknown>>, event: Readonly<Record<string, unknown>>): void => {
  const given = typeof assignment === 'function' ? onStandIns(assignment as Code, context, event) : Object.fromEntries(Object.entries((assignment ?? {}) as object).map(([name, value]) => [name, typeof value === 'function' ? onStandIns(value as Code, context, event) : value]));
  for (const [name, value] of Object.entries((given ?? {}) as object)) if (holdsSeal(value)) names.set(name, value);
};

/** The actions of a state, with the event that each list of them sees: the digits of a secret question are the seal. */
const actsIn = (plan: Blueprint, state: StatePlan, output: (machine: Blueprint['machine']) => unknown): readonly { readonly acts: readonly Act[]; readonly event: Readonly<Record<string, unknown>> }[] => {
  const isSecret = asksSecret(state) || plan.states.some((below) => asksSecret(below) && isBelow(plan, below.index, state.index));
  return [
    { acts: state.entry, event: keyedInto(plan).has(state.index) ? { digits: seal } : {} }, { acts: state.exit, event: {} }, { acts: state.always.flatMap(({ actions }) => actions), event: {} },
    ...[...state.on].flatMap(([descriptor, transitions]) => {
      const digits = isSecret && isDigits(descriptor) ? { digits: seal } : {};
      const ended = state.invocations.find(({ id }) => descriptor === `xstate.done.actor.${id}`);
      const given = ended?.runs.kind === 'dialog' ? output(ended.runs.machine) : undefined;
      return transitions.map(({ actions }) => ({ acts: actions, event: { ...digits, ...(given !== undefined && { output: given }) } }));
    }),
  ];
};

const isDigits = (descriptor: string): boolean => descriptor.startsWith('recognize.digits') || descriptor === 'recognize.*' || descriptor === '*';

/** The states of `plan` that the digits of a secret question lead to: what is done on entry sees them. */
const keyedInto = (plan: Blueprint): ReadonlySet<number> => {
  const found = keyed.get(plan) ?? new Set(plan.states.filter(asksSecret).flatMap(({ on }) => [...on].flatMap(([descriptor, transitions]) => (isDigits(descriptor) ? transitions.flatMap(({ targets }) => targets ?? []) : []))));
  keyed.set(plan, found);
  return found;
};

const keyed = new WeakMap<Blueprint, ReadonlySet<number>>();

/** What a machine tells of the secrets that it holds. */
const told = ({ plan, path }: Placed, { context }: Tainted): readonly Finding[] => {
  const known = Object.fromEntries(context);
  const name = (state: StatePlan): string => stateName(path, state.path);
  return plan.states.flatMap((state): readonly Finding[] => {
    const asks = actsIn(plan, state, () => undefined).flatMap(({ acts, event }) => acts.flatMap((act) => (act.kind === 'ask' && typeof act.params === 'function' && holdsSeal(onStandIns(act.params as Code, known, event)) ? [act.type] : [])));
    const writes = state.invocations.some(({ input, runs }) => runs.kind === 'task' && typeof runs.logic.work === 'object' && runs.logic.work.kind === 'chat' && typeof input === 'function' && holdsSeal(onStandIns(input as Code, known)));
    const how = writes ? 'writes' : asks.includes('raw') ? 'gives a verb of the service' : asks.some((type) => type === 'transfer' || type === 'createcall') ? 'dials' : asks.length > 0 ? 'says' : undefined;
    return how === undefined ? [] : [{ id: `secret-told:${name(state)}`, rule: 'secret-told', severity: severities['secret-told'], state: name(state), message: `state \`${name(state)}\`: ${how} what was keyed as a secret`, script: null }];
  });
};

/** What callers are asked for that is nobody's business. */
const secretWords = /\b(?:pin|pin code|passcode|password|security (?:code|number)|cvv|cvc|card number|credit card|debit card|social security number|ssn|geheimzahl|geheimnummer|kennwort|passwort|kartennummer|contraseña|mot de passe|code secret|lösenord)\b/i;

/** Whether `text` asks for a secret; that nobody will ask for one is no question. */
const asksFor = (text: string): boolean => text.split(/[.!?]/).some((sentence) => secretWords.test(sentence) && !/\b(?:never|do not|don.t|nie|niemals|nicht|jamais|nunca|aldrig)\b/i.test(sentence));

/** Questions whose words ask for a secret, and that do not seal it. */
export const opensSecrets = ({ asked, wording }: Exploration): readonly Finding[] => {
  const states = [...asked.values()].flatMap(({ ask, state, node, plan }) => {
    if (ask.type !== 'recognize') return [];
    const { params } = wording(ask, node === null ? undefined : plan.states[node]?.facts).action as { readonly params: Recognize };
    return params.digits !== undefined && params.secret !== true && asksFor(promptText(params.prompts)) ? [state] : [];
  });
  return [...new Set(states)].map((state) => ({
    id: `secret-open:${state}`, rule: 'secret-open', severity: severities['secret-open'], state, script: null,
    message: `state \`${state}\`: asks for a secret in so many words, and keeps what is keyed in the open; mark the question \`secret\``,
  }));
};
