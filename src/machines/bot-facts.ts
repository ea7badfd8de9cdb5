/**
 * Bot facts — what a machine that was made here says of itself, as data: `machine.config.meta.call`.
 *
 * @module
 */
import type { AnyStateMachine } from 'xstate';
import type { Choice, PromptItem } from '../actions/index.ts';
import { CallError } from '../errors.ts';
import type { ByCall } from './call-context.ts';
import type { SpokenLanguage } from './default-texts.ts';
import type { LooseState } from './load-rules.ts';
import { dialogsOf, isMachine } from './naming.ts';
import type { CallInput } from './service-event.ts';
import type { KeptReprompts } from './states/question.ts';
import type { StateFacts } from './state-config.ts';

/** What a machine made here says of itself, as data: `machine.config.meta.call`. */
export interface BotFacts {
  readonly kind: 'bot' | 'dialog';
  /** Null is the default in the bot's language. */
  readonly apology: ByCall<readonly PromptItem[]> | null;
  readonly filler: ByCall<readonly PromptItem[]>;
  /** Offered beside the choices of every question; phrases that are computed are left out. */
  readonly commands: readonly Choice[];
  /** The same with all phrases, where some are computed. */
  readonly commandsIn?: (call: CallInput) => readonly Choice[];
  /** Said before a question is asked again that has no text of its own. */
  readonly reprompts: KeptReprompts;
  readonly language: SpokenLanguage;
  readonly version: string;
  /** Findings of the check that the author lets be, by id, with the reasons. */
  readonly waive: Readonly<Record<string, string>>;
}

/** Name of the actor that stands for the author's cleanup. */
export const cleanupTask = 'call.cleanup';

/** What a machine says of itself, or undefined for a machine that was not made here. */
export const botFacts = (machine: AnyStateMachine): BotFacts | undefined => (isMachine(machine) ? (machine.config.meta as { readonly call?: BotFacts } | undefined)?.call : undefined);

/** What a bot says of itself. @throws `ERR_BOT_INVALID` for anything that `callMachine` did not make. */
export const requireBot = (machine: AnyStateMachine): BotFacts => {
  const facts = botFacts(machine);
  if (facts?.kind !== 'bot') throw new CallError('ERR_BOT_INVALID', notABot, { problems: [notABot] });
  return facts;
};

const notABot = 'the machine is not a bot: make it with `callMachine`';

/** What a machine uses and offers, gathered from its states and from the dialogs that it runs. */
export const stateFacts = (machine: AnyStateMachine): readonly { readonly state: string; readonly facts: StateFacts }[] => {
  const here = walk(machine.config as unknown as LooseState, '');
  return [...here, ...dialogsOf(machine).flatMap(stateFacts)];
};

const walk = (state: LooseState, path: string): readonly { readonly state: string; readonly facts: StateFacts }[] => {
  const nested = Object.entries(state.states ?? {}).flatMap(([name, child]) => walk(child, path === '' ? name : `${path}.${name}`));
  const facts = path === '' ? undefined : state.meta?.call;
  return facts === undefined ? nested : [{ state: path, facts }, ...nested];
};
