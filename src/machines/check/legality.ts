/**
 * Legality — whether what a call asks for can be sent: by the rules of every batch, and by those of a service.
 *
 * @module
 */
import { type Batch, chosen, compose, isQuestion, type Operation, type Placed, type PromptItem } from '../../actions/index.ts';
import { isCallError } from '../../errors.ts';
import type { StatePlan } from './blueprint.ts';
import { type ActorAt, actorIn, type Asking, isTask, type Moment, numberOf } from './moment.ts';
import type { Wording } from './wording.ts';

/** A rule that a batch breaks, and the state that breaks it. */
interface Broken {
  readonly rule: 'batch-illegal' | 'service-limit';
  readonly state: string;
  readonly what: string;
}

/** How the line stands before a batch, and whether the call is over with it. */
interface LineBefore {
  readonly answered: boolean;
  readonly held: boolean;
  readonly over: boolean;
}

/** What the maker says of the state that waits for what was asked. */
export const factsAt = (root: ActorAt | undefined, { path, node }: Pick<Asking, 'path' | 'node'>): StatePlan['facts'] => (node === null || root === undefined ? undefined : actorIn(root, path)?.plan.states[node]?.facts);

/** Says which rule a batch breaks; the same batch is looked at once. `batch` refuses what a service does not take, by throwing. */
export const legality = (wording: Wording, batch?: (batch: Batch) => void): ((some: readonly Asking[], rest: Moment, line: LineBefore) => Broken | undefined) => {
  const legal = new Map<string, Broken | undefined>();

  /** The rule that a batch breaks, as a sentence; undefined when it breaks none. */
  const illegal = (some: readonly Asking[], rest: Moment, line: LineBefore): Broken | undefined => {
    const placed = some.map((one): Placed => {
      const { params, type } = wording(one.ask, factsAt(rest.root, one)).action;
      const { reprompts: _, atRunTime: __, ...sent } = params as { readonly prompts?: readonly PromptItem[]; readonly [name: string]: unknown };
      return { type, params: sent.prompts === undefined ? sent : { ...sent, prompts: chosen(sent.prompts, one.state) }, state: one.state } as Placed;
    });
    const last = some.at(-1)?.state ?? '';
    const broken = (rule: Broken['rule'], error: unknown): Broken => {
      if (!isCallError(error)) throw error;
      return { rule, what: error.message, state: String((error.details as { readonly state?: unknown }).state ?? last) };
    };
    let composed: readonly Placed[];
    try {
      composed = compose(placed, line);
    } catch (error) {
      return broken('batch-illegal', error);
    }
    try {
      batch?.(composed.map((action, index) => ({ ...action, operationId: `${index}` }) as Operation));
      return undefined;
    } catch (error) {
      return broken('service-limit', error);
    }
  };

  return (some, rest, line) => {
    const key = `${some.map(({ ask, state }) => `${numberOf(ask)}${state}`).join()} ${line.answered} ${line.held} ${line.over}`;
    if (!legal.has(key)) legal.set(key, illegal(some, rest, line));
    return legal.get(key);
  };
};

/** What is broken where a question is asked beside another, whether it could be sent by then or not: one of a maker's is open as long as its state is active. */
export const askedTwice = (asked: readonly Asking[], root: ActorAt): Broken | undefined => {
  const question = asked.find(({ ask }) => isQuestion(ask.type));
  if (question === undefined || openQuestions(root) + (question.node === null ? 1 : 0) < 2) return undefined;
  return { rule: 'batch-illegal', what: `state \`${question.state}\`: two questions are open at once`, state: question.state };
};

/** How many questions of makers are open. */
const openQuestions = ({ plan, active, children }: ActorAt): number =>
  active.filter((index) => {
    const kind = plan.states[index]?.facts?.kind;
    return kind === 'recognize' || kind === 'record';
  }).length + [...children.values()].reduce((count, child) => count + (isTask(child) ? 0 : openQuestions(child)), 0);
