/**
 * Chat — who delivers the chat messages that bots send beside their calls.
 *
 * @module
 */
import type { ChatDelivery, OfTask } from '../machines/index.ts';

/** Delivers chat messages. One implementation a chat service, beside the calling services under `services/`. */
export interface ChatSender {
  /**
   * Resolves when the chat service has taken the message. What it rejects with is the outcome `failed` of the state that
   * sends; an error's message must not hold what the message says. It may be asked again for the same `taskId`, after a
   * crash: where the service takes an idempotency key, that is the one.
   *
   * @throws `ERR_CHAT_UNDELIVERED`
   */
  send(delivery: ChatDelivery, args: OfTask): Promise<void>;
}
