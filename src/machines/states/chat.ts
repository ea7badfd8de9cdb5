/**
 * The state `chat` — a message in writing to the person on the line, beside the call.
 *
 * @module
 */
import type { MachineContext } from 'xstate';
import { computing } from '../authored.ts';
import type { CallData } from '../call-context.ts';
import type { DoneEvent, FailedEvent } from '../call-event.ts';
import { type ChatCard, type ChatDelivery, type ChatMessage, messageProblem, requireMessage } from '../chat.ts';
import { computed, kinds, type Known, noted, oddities } from '../options.ts';
import { personOn } from '../service-event.ts';
import { type Computed, type Facts, type Handler, type MadeState, transitions } from '../state-config.ts';
import { taskLogic } from '../task-logic.ts';
import { type WorkOptions, workOptions, workState } from './task.ts';

interface Handlers<C extends MachineContext> {
  /** The chat service has taken the message. Whether it was read is not known. */
  readonly sent?: Handler<C, DoneEvent<null>>;
  /** It has not: `event.error.code` is `ERR_CHAT_UNDELIVERED`. */
  readonly failed?: Handler<C, FailedEvent>;
  readonly timeout?: Handler<C, FailedEvent>;
}

/** What is sent. A text is a message of that text, a card one of that card. */
type Content<C extends MachineContext> =
  | { readonly message: Computed<C, string | ChatMessage>; readonly card?: never }
  | { readonly card: Computed<C, ChatCard>; readonly message?: never };

/**
 * A state that sends a chat message: to the person on the line, or to the number or identity `to`. It goes into a
 * conversation of its own with that person, not into the call. `sent` and `failed` must be handled. The server needs
 * somebody who delivers (`calls({ chat })`), and refuses the bot without.
 *
 * A message is sent at least once: when the process dies in the middle of it, it is sent again.
 *
 * @throws `ERR_CHAT_MESSAGE`, while the call runs, for a computed message that is none.
 * @example
 * ```ts
 * chat({ card: ({ context }) => ({ title: 'Your order', text: `It comes at ${context.eta}.` }), on: { sent: 'sent', failed: 'notSent' } })
 * ```
 */
export function chat<C extends MachineContext, const On extends Handlers<C>>(
  options: WorkOptions<C> & Content<C> & { readonly to?: Computed<C, string>; readonly on: On },
): MadeState<C, Facts<'task', 'sent' | 'failed', 'timeout', On>>;
export function chat(options: WorkOptions<never> & { readonly message?: unknown; readonly card?: unknown; readonly to?: unknown; readonly on: Readonly<Record<string, unknown>> }): unknown {
  const { message, card, to, on = {} } = options;
  const content = card ?? message;
  const isSame = typeof content !== 'function';
  const state = workState({
    ...options, on,
    src: taskLogic({ kind: 'chat', problem: isSame ? messageProblem(messageOf(card !== undefined, content)) : undefined }),
    input: computing(({ context }): ChatDelivery => {
      const { call } = context as { readonly call: CallData };
      const sent = messageOf(card !== undefined, valueOf(content, context));
      return { to: String(valueOf(to, context) ?? personOn(call)), from: call.direction === 'outbound' ? call.from : call.to, message: isSame ? (sent as ChatMessage) : requireMessage(sent) };
    }, content, to),
    onDone: transitions(on['sent']),
    onError: [],
    required: ['sent', 'failed'], optional: ['timeout'],
  });
  return noted(oddities(options, chatOptions), state);
}

/** The options of a chat message, by kind. What is sent is held against its codec. */
const chatOptions = { ...workOptions, message: kinds.any, card: kinds.any, to: computed(kinds.text) } satisfies Known;

const valueOf = (computed: unknown, context: never): unknown => (typeof computed === 'function' ? (computed as (args: { readonly context: never }) => unknown)({ context }) : computed);

const messageOf = (isCard: boolean, content: unknown): unknown => (isCard ? { cards: [content] } : typeof content === 'string' ? { text: content } : content);
