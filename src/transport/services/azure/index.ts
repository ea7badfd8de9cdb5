/**
 * Azure Communication Services — Call Automation: incoming calls by Event Grid, events by callbacks, and a request for each thing
 * that a bot asks for.
 *
 * @module
 */
import { randomUUID } from 'node:crypto';
import { isLanguageTag } from '../../../actions/language-tag.ts';
import { CallError, isCallError } from '../../../errors.ts';
import { requireKnown } from '../../../machines/index.ts';
import { isTrustedUrl } from '../../keys.ts';
import type { CommandService } from '../../service.ts';
import { isNumber, rawIdOf } from './address.ts';
import { decodeRequest } from './body.ts';
import { callbackUrl, readQuery } from './callback.ts';
import type { AzureCapability } from './capabilities.ts';
import { loadClient, type TokenCredential } from './client.ts';
import { commandsOf } from './commands.ts';
import { publicCloud, verifierOf } from './credentials.ts';
import { handshake } from './handshake.ts';
import { recall } from './recall.ts';
import { recordingFile } from './recording-file.ts';
import { failed, sendWith } from './send.ts';
import { limitsWith } from './service-limits.ts';

export type { TokenCredential as AzureTokenCredential } from './client.ts';

/** What a resource of Azure Communication Services and the bot know of each other. */
export interface AzureOptions {
  /** The connection string of the resource: `endpoint=…;accesskey=…`. Either it, or {@link endpoint} and {@link credential}. */
  readonly connectionString?: string;
  /** The address of the resource. */
  readonly endpoint?: string;
  /** A credential of Microsoft Entra ID. */
  readonly credential?: TokenCredential;
  /** The immutable id of the resource, a GUID: the audience of the tokens that callbacks bear. */
  readonly resourceId: string;
  /** Where the outside reaches this server; the path of the bot is added for callbacks. https, or http on loopback. */
  readonly publicUrl: string;
  /** The secret in the address of the Event Grid subscription, `?secret=…`; several while it is changed. */
  readonly eventGridSecret: string | readonly string[];
  /** The address of a linked Azure AI resource. Without it nothing can be said in words, and no words are heard. */
  readonly cognitiveServicesUrl?: string;
  /** The name of the voice that reads texts, such as `en-US-NancyNeural`. Default: a voice of the language. */
  readonly voice?: string;
  /** What texts are written in and callers speak, where the bot does not say. BCP 47 tag. Default `en-US`. */
  readonly language?: string;
  /** What sounds where a recording begins: the https address of a wav file. Without it there is no beep. */
  readonly beep?: string;
  /** OpenID metadata of the callbacks' tokens. Default: that of the public cloud. */
  readonly openIdMetadataUrl?: string;
  /** Who issues the callbacks' tokens. Default: the public cloud. */
  readonly issuer?: string;
  /** Lets the client speak http to a resource on loopback: an emulator. */
  readonly allowInsecureConnection?: boolean;
  /** How long a request of the service may wait for its answer, ms. Default 10,000; Event Grid would wait 30,000. */
  readonly replyWithinMs?: number;
  /** After how long without a word the caller hears the bot's filler while the bot waits for itself, ms. Default 4,000. */
  readonly fillAfterMs?: number;
}

const knownOptions = {
  connectionString: 0, endpoint: 0, credential: 0, resourceId: 0, publicUrl: 0, eventGridSecret: 0, cognitiveServicesUrl: 0, voice: 0, language: 0, beep: 0,
  openIdMetadataUrl: 0, issuer: 0, allowInsecureConnection: 0, replyWithinMs: 0, fillAfterMs: 0,
} satisfies Record<keyof AzureOptions, 0>;

/** How long one command may take, ms. */
const sendWithinMs = 20_000;

/**
 * The calling service of Azure Communication Services.
 *
 * @throws `ERR_OPTION_INVALID` naming the option that is missing or wrong, or the package that is not installed.
 */
export const azure = async (options: AzureOptions): Promise<CommandService<'azure', AzureCapability>> => {
  if (typeof options !== 'object' || options === null) throw invalid('options', 'the options of `azure` are not an object');
  requireKnown('azure', options, knownOptions);
  const { resourceId, voice, language = 'en-US', beep, cognitiveServicesUrl, openIdMetadataUrl = publicCloud.openIdMetadataUrl, issuer = publicCloud.issuer, replyWithinMs = 10_000, fillAfterMs = 4_000 } = options;
  checkReach(options);
  const eventGridSecrets = [options.eventGridSecret].flat();
  need('eventGridSecret', eventGridSecrets.length > 0 && eventGridSecrets.every(isText), 'is required');
  for (const option of ['resourceId', 'issuer'] as const) need(option, isText({ resourceId, issuer }[option]), 'is required');
  need('resourceId', isGuid(resourceId), 'is a GUID: the immutable id of the resource, and neither its name nor its path');
  need('voice', voice === undefined || isText(voice), 'is not blank');
  need('language', isLanguageTag(language), 'is a BCP 47 tag, such as `en-GB`');
  for (const [option, given] of Object.entries({ cognitiveServicesUrl, beep })) need(option, given === undefined || isHttps(given), 'is an absolute https URL');
  for (const [option, given] of Object.entries({ replyWithinMs, fillAfterMs })) need(option, Number.isFinite(given) && given > 0, 'is a time in milliseconds');
  const authenticate = authenticator({ resourceId, eventGridSecrets, openIdMetadataUrl, issuer });
  const publicUrl = options.publicUrl.replace(/\/+$/, '');
  const client = await loadClient(options);
  const sending = { client, pauseMs: 250, timeoutMs: sendWithinMs };

  return {
    ...limitsWith(cognitiveServicesUrl !== undefined),
    style: 'command',
    path: '/api/azure',
    methods: ['POST', 'OPTIONS'],
    replyWithinMs,
    fillAfterMs,
    unknownCalls: 'ignored',
    chainId: ({ query }) => readQuery(query).callId,
    authenticate,
    handshake,
    decode: async (request) => {
      const { arrivals, unknown, files } = await decodeRequest(request);
      const telling = arrivals.filter(({ events, memory, unanswered }) => events.length > 0 || memory !== undefined || unanswered !== undefined);
      return { arrivals: telling, unknown, files: files.map((file) => recordingFile(file, client)) };
    },
    recall,
    commands: (batch, context) => commandsOf(batch, context, { publicUrl, cognitiveServicesUrl, voice, language, beep }),
    send: (command, context, signal) => sendWith(command, context, signal, sending),
    place: async ({ to, from, path, detectMachine = false }, signal) => {
      const rawId = rawIdOf(to);
      need('to', rawId !== undefined, 'is a telephone number (E.164) or an identity of the service');
      need('from', !isNumber(to) || isNumber(from), 'is a telephone number (E.164) of the resource');
      const callId = randomUUID();
      const placed = { to, from, listens: detectMachine };
      try {
        await client.call({ to: rawId ?? '', from, callbackUrl: callbackUrl(publicUrl + path, callId, { placed }), cognitiveServicesUrl, key: callId, signal });
        return callId;
      } catch (error) {
        const sent = failed(error);
        const reason = sent.kind === 'gone' ? '404' : sent.reason;
        throw new CallError('ERR_CALL_UNPLACED', `azure did not place the call: ${reason}`, { service: 'azure', reason });
      }
    },
  };
};

/** Where the resource is, where we are, and whether what is said between us may be overheard. */
const checkReach = ({ connectionString, endpoint, credential, publicUrl, allowInsecureConnection = false }: AzureOptions): void => {
  if (connectionString === undefined) need('connectionString', endpoint !== undefined && credential !== undefined, 'is required, or `endpoint` and `credential`');
  else need('connectionString', isText(connectionString) && endpoint === undefined && credential === undefined, 'is a text, and stands without `endpoint` and `credential`');
  const resource = endpoint ?? /endpoint=([^;]*)/i.exec(connectionString ?? '')?.[1] ?? '';
  const name = endpoint === undefined ? 'connectionString' : 'endpoint';
  need(name, URL.canParse(resource), 'names the address of the resource');
  need(name, new URL(resource).protocol === 'https:' || (allowInsecureConnection && isTrustedUrl(resource)), 'leads to https, or with `allowInsecureConnection` to http on loopback');
  need('publicUrl', isTrustedUrl(publicUrl) && !/[?#]/.test(publicUrl), 'is an absolute https URL, or http on loopback, without a query');
};

const authenticator = (policy: Parameters<typeof verifierOf>[0]): ReturnType<typeof verifierOf> => {
  try {
    return verifierOf(policy);
  } catch (error) {
    if (!isCallError(error) || error.code !== 'ERR_OPTION_INVALID' || error.details.option !== 'metadataUrl') throw error;
    throw invalid('openIdMetadataUrl', 'option `openIdMetadataUrl` is an https URL, or http on loopback');
  }
};

const isText = (value: unknown): value is string => typeof value === 'string' && value.trim() !== '';

const isGuid = (text: string): boolean => /^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/i.test(text);

const isHttps = (value: unknown): boolean => typeof value === 'string' && URL.canParse(value) && new URL(value).protocol === 'https:';

const invalid = (option: string, message: string): CallError<'ERR_OPTION_INVALID'> => new CallError('ERR_OPTION_INVALID', message, { option });

const need = (option: string, holds: boolean, rule: string): void => {
  if (!holds) throw invalid(option, `option \`${option}\` ${rule}`);
};
