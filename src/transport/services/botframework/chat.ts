/**
 * Chat — chat messages through the Bot Connector, the REST API of the chat bots that stood beside the calling bots: to the
 * person on the line, in a conversation of its own.
 *
 * @module
 */
import { CallError, isCallError } from '../../../errors.ts';
import type { ChatSender } from '../../chat.ts';
import { isTrustedUrl } from '../../keys.ts';
import { activityOf, conversationWith } from './chat-activity.ts';
import { loadClient } from './chat-client.ts';
import { refusalIn } from '../../patience.ts';
import { givenTokens, tokenSource } from './chat-token.ts';

/** What the Bot Connector and the bot know of each other. */
export interface BotConnectorChatOptions {
  /** The bot's app id. */
  readonly appId: string;
  /** The bot's app password, with which a token is asked for. Required unless `token` is given. */
  readonly appPassword?: string;
  /** Where messages are posted: the channel's endpoint of the Bot Connector. https, or http on loopback. */
  readonly serviceUrl: string;
  /** The tenant of a bot that belongs to one. Default: that of bots that belong to none. */
  readonly tenantId?: string;
  /** Where tokens are given. Default: Microsoft's, for the tenant. https, or http on loopback. */
  readonly tokenUrl?: string;
  /** What a token is for. Default: `https://api.botframework.com/.default`. */
  readonly scope?: string;
  /** Gives tokens instead: a managed identity, a certificate. `fresh` when the last one was refused. */
  readonly token?: (fresh: boolean) => Promise<string>;
  /** How long one message may take, retries and tokens included, ms. Default 10,000. */
  readonly timeoutMs?: number;
  /** Before the second try, ms; doubled before each further one, of four in all. Default 250. */
  readonly pauseMs?: number;
  readonly now?: () => number;
}

/** The tenant of bots that belong to none. */
const commonTenant = 'botframework.com';

/**
 * Delivers chat messages through the Bot Connector, with the client of `@microsoft/agents-hosting`, an optional peer.
 *
 * A message is retried when the service is busy, down or out of reach, and asks once for a new token where its token is
 * refused. The service takes no idempotency key, so a message that is sent again after a crash arrives twice.
 *
 * @throws `ERR_OPTION_INVALID` naming the option that is missing or wrong; also when the package is not installed.
 * @example
 * ```ts
 * await serve({ service: botframework({ appId, appPassword, … }), bots: acme, chat: await botConnectorChat({ appId, appPassword, serviceUrl }) });
 * ```
 */
export const botConnectorChat = async (options: BotConnectorChatOptions): Promise<ChatSender> => {
  const { appId, appPassword = '', serviceUrl, tenantId, scope = 'https://api.botframework.com/.default', token, timeoutMs = 10_000, pauseMs = 250, now = Date.now } = options;
  const tokenUrl = options.tokenUrl ?? `https://login.microsoftonline.com/${encodeURIComponent(tenantId ?? commonTenant)}/oauth2/v2.0/token`;
  for (const option of ['appId', ...(token === undefined ? (['appPassword'] as const) : [])] as const) need(option, typeof options[option] === 'string' && options[option].trim() !== '', 'is required');
  need('serviceUrl', isTrustedUrl(serviceUrl), 'is an https URL, or http on loopback');
  need('tokenUrl', isTrustedUrl(tokenUrl), 'is an https URL, or http on loopback');
  need('timeoutMs', Number.isFinite(timeoutMs) && timeoutMs > 0, 'is a time in milliseconds');
  need('pauseMs', Number.isFinite(pauseMs) && pauseMs >= 0, 'is a time in milliseconds');
  const open = await loadClient(serviceUrl, token === undefined ? tokenSource({ tokenUrl, clientId: appId, clientSecret: appPassword, scope, now }) : givenTokens(token));

  return {
    send: async (delivery, { signal: given }) => {
      const late = AbortSignal.timeout(timeoutMs);
      const client = open({ signal: AbortSignal.any([given, late]), until: now() + timeoutMs, pauseMs, now });
      try {
        const id = await client.createConversation(conversationWith(delivery, tenantId));
        if (typeof id !== 'string' || id === '') throw undelivered('the chat service gave no conversation', { reason: 'malformed' });
        await client.sendToConversation(id, activityOf(delivery, id));
      } catch (error) {
        throw given.aborted ? given.reason : failure(error, late.aborted);
      }
    },
  };
};

/** What the client threw, without the body that it quotes and without the cause that holds it. */
const failure = (error: unknown, isLate: boolean): CallError => {
  if (isCallError(error)) return error;
  const status = refusalIn(error)?.status;
  if (status !== undefined) return undelivered(`the chat service answered ${status}`, { reason: 'refused', status });
  return isLate ? undelivered('the chat service did not answer in time', { reason: 'timeout' }) : undelivered('the chat service could not be reached', { reason: 'unreachable' });
};

type Details = CallError<'ERR_CHAT_UNDELIVERED'>['details'];

const undelivered = (why: string, details: Details): CallError<'ERR_CHAT_UNDELIVERED'> => new CallError('ERR_CHAT_UNDELIVERED', `a chat message was not delivered: ${why}`, details);

const need = (option: string, holds: boolean, rule: string): void => {
  if (!holds) throw new CallError('ERR_OPTION_INVALID', `option \`${option}\` ${rule}`, { option });
};
