/**
 * Bot Framework calling — the service that the Calling SDK spoke to: JSON workflows in the HTTP response.
 *
 * @module
 */
import { urlOf } from '../../../actions/url.ts';
import { requireKnown } from '../../../machines/index.ts';
import { CallError, isCallError } from '../../../errors.ts';
import { bearerVerifier, type BearerPolicy, type BearerVerifier } from '../../authenticate.ts';
import type { ReplyService } from '../../service.ts';
import { chainIdOf, decodeRequest } from './body.ts';
import type { BotFrameworkCapability } from './capabilities.ts';
import { encodeBatch } from './encode.ts';
import { hintsOf } from './hint.ts';
import { botframeworkLimits } from './service-limits.ts';

/** What the service and the bot know of each other. None has a default. */
export interface BotFrameworkOptions {
  /** The bot's app id: the audience of every token. */
  readonly appId: string;
  /** The bot's app password. It signs the correlation hint that travels with each workflow. */
  readonly appPassword: string;
  /** Where the service posts outcomes: the public URL of this endpoint. https. */
  readonly callbackUrl: string;
  /** OpenID metadata of the tokens' issuer. */
  readonly openIdMetadataUrl: string;
  /** Who issues the tokens; `'metadata'` takes the issuer that the OpenID metadata names. */
  readonly issuer: BearerPolicy['issuer'];
  /** How long the service waits for a workflow, ms. Its documents do not say; default 10,000. */
  readonly replyWithinMs?: number;
  /** Instead of verifying tokens; for benchmarks and for services that authenticate in front of the bot. */
  readonly verify?: (authorization: string | readonly string[] | undefined) => Promise<void>;
}

const knownOptions = { appId: 0, appPassword: 0, callbackUrl: 0, openIdMetadataUrl: 0, issuer: 0, replyWithinMs: 0, verify: 0 } satisfies Record<keyof BotFrameworkOptions, 0>;

/** Skew allowed between the service's clock and ours: five minutes, the Bot Framework's own figure. */
const clockToleranceMs = 300_000;

/**
 * The calling service of the Bot Framework.
 *
 * @throws `ERR_OPTION_INVALID` naming the option that is missing or wrong.
 */
export const botframework = (options: BotFrameworkOptions): ReplyService<'botframework', BotFrameworkCapability> => {
  if (typeof options !== 'object' || options === null) throw new CallError('ERR_OPTION_INVALID', 'the options of `botframework` are not an object', { option: 'options' });
  requireKnown('botframework', options, knownOptions);
  for (const option of ['appId', 'appPassword', 'callbackUrl'] as const) {
    if (typeof options[option] !== 'string' || options[option].trim() === '') throw new CallError('ERR_OPTION_INVALID', `option \`${option}\` is required`, { option });
  }
  const { appId, appPassword, callbackUrl } = options;
  if (urlOf(callbackUrl)?.protocol !== 'https:') throw new CallError('ERR_OPTION_INVALID', 'option `callbackUrl` is an absolute https URL', { option: 'callbackUrl' });
  const verify = options.verify ?? verifierOf(options);
  const hints = hintsOf(appPassword);
  return {
    ...botframeworkLimits,
    style: 'reply',
    contentType: 'application/json; charset=utf-8',
    replyWithinMs: options.replyWithinMs ?? 10_000,
    chainId: chainIdOf,
    authenticate: ({ headers }) => verify(headers['authorization']),
    decode: async (request, recordings) => {
      const { callId, eventId, events, appState } = await decodeRequest(request, recordings, appId);
      const hint = hints.read(appState, callId);
      return { arrivals: [hint === undefined ? { callId, eventId, events } : { callId, eventId, events, hint }] };
    },
    encode: (batch, { callId, bot }) => {
      const appState = batch.length === 0 ? undefined : hints.sign({ callId, bot });
      return encodeBatch(batch, { callback: callbackUrl, ...(appState !== undefined && { appState }) });
    },
  };
};

/** The verifier of the service's tokens. What is wrong with the address of the metadata is told by the name that it has here. */
const verifierOf = ({ openIdMetadataUrl, issuer, appId }: BotFrameworkOptions): BearerVerifier => {
  try {
    return bearerVerifier({ metadataUrl: openIdMetadataUrl, issuer, audience: appId, algorithms: ['RS256', 'RS384', 'RS512'], clockToleranceMs });
  } catch (error) {
    if (!isCallError(error) || error.code !== 'ERR_OPTION_INVALID' || error.details.option !== 'metadataUrl') throw error;
    throw new CallError('ERR_OPTION_INVALID', 'option `openIdMetadataUrl` must be an https URL, or http on loopback', { option: 'openIdMetadataUrl' });
  }
};
