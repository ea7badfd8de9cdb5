/**
 * Client — the official client of Azure Communication Services Call Automation, an optional peer that is loaded when a service is
 * set up.
 *
 * The only file that knows the package. Requests that the service takes once, by their repeatability id, are tried again by the
 * client as it likes; the id is that of our command, so that one sent by another process is the same request. What has no such
 * id (what is played and asked) is sent once by it: `send.ts` decides what may be tried again.
 *
 * @module
 */
import type { CallAutomationClient, CallInvite, CallMedia, CallMediaRecognizeChoiceOptions, CallMediaRecognizeDtmfOptions, CallMediaRecognizeSpeechOptions, CallMediaRecognizeSpeechOrDtmfOptions, DtmfTone, FileSource, SsmlSource, TextSource } from '@azure/communication-call-automation';
import { hash } from 'node:crypto';
import { Readable } from 'node:stream';
import type { ReadableStream as NodeReadableStream } from 'node:stream/web';
import { CallError } from '../../../errors.ts';
import { addressOf } from './address.ts';
import type { AzureRequest, PlaySource } from './requests.ts';

/** A credential of Microsoft Entra ID, such as those of `@azure/identity`. */
export interface TokenCredential {
  getToken(scopes: string | string[], options?: object): Promise<{ readonly token: string; readonly expiresOnTimestamp: number } | null>;
}

/** Where the resource is, and what lets us in. */
export interface ClientOptions {
  readonly connectionString?: string | undefined;
  readonly endpoint?: string | undefined;
  readonly credential?: TokenCredential | undefined;
  readonly allowInsecureConnection?: boolean | undefined;
}

/** A request with all that is known when it is sent. */
export interface Asked {
  readonly request: Exclude<AzureRequest, { readonly does: 'wait' }>;
  /** The operation context: what the events of the request bear. */
  readonly context: string;
  /** Told apart from all other requests, of all calls. */
  readonly key: string;
  readonly connection: string;
  readonly caller: string;
  readonly incoming: string;
  /** The recording that goes on. */
  readonly recording: string;
  readonly signal: AbortSignal;
}

/** What a response told. */
export interface Responded {
  readonly connection?: string;
  readonly invitation?: string;
  readonly recording?: string;
}

/** A call that is to be placed. */
export interface Calling {
  readonly to: string;
  readonly from: string;
  readonly callbackUrl: string;
  readonly cognitiveServicesUrl?: string | undefined;
  readonly key: string;
  readonly signal: AbortSignal;
}

/** What we ask of the official client. */
export interface OpenedClient {
  /** @throws whatever the client throws */
  ask(asked: Asked): Promise<Responded>;
  call(calling: Calling): Promise<void>;
  download(location: string, signal: AbortSignal): Promise<NodeJS.ReadableStream>;
}

/** @throws `ERR_OPTION_INVALID` when the package is not installed, or the connection string is none. */
export const loadClient = async ({ connectionString, endpoint, credential, allowInsecureConnection = false }: ClientOptions): Promise<OpenedClient> => {
  const { CallAutomationClient: Client } = await load();
  const open = (maxRetries?: number): CallAutomationClient => {
    const options = { allowInsecureConnection, ...(maxRetries !== undefined && { retryOptions: { maxRetries } }) };
    try {
      return connectionString !== undefined ? new Client(connectionString, options) : new Client(endpoint ?? '', credential as never, options);
    } catch {
      // Its message quotes what it was given.
      const option = connectionString !== undefined ? 'connectionString' : 'endpoint';
      throw new CallError('ERR_OPTION_INVALID', `option \`${option}\` is none of a Communication Services resource`, { option });
    }
  };
  const again = open();
  const once = open(0);

  return {
    ask: async (asked) => {
      const { request, context, key, connection, caller, incoming, recording, signal } = asked;
      const repeatable = { abortSignal: signal, requestOptions: { customHeaders: { 'Repeatability-Request-ID': uuidOf(key) } } };
      const call = () => again.getCallConnection(connection);
      const media = (): CallMedia => once.getCallConnection(connection).getCallMedia();
      switch (request.does) {
        case 'answer': {
          const { callbackUrl, cognitiveServicesUrl } = request;
          const { callConnectionProperties: properties } = await again.answerCall(incoming, callbackUrl, { ...repeatable, operationContext: context, ...intelligence(cognitiveServicesUrl) });
          return properties.callConnectionId === undefined ? {} : { connection: properties.callConnectionId };
        }
        case 'reject':
          await again.rejectCall(incoming, { ...repeatable, callRejectReason: request.reason });
          return {};
        case 'hangup':
          await call().hangUp(true, repeatable);
          return {};
        case 'play':
          await media().playToAll(request.sources.map(copied), { loop: false, operationContext: context, abortSignal: signal });
          return {};
        case 'recognize':
          await media().startRecognizing(identifierOf(caller), { ...request.recognition, operationContext: context } as unknown as RecognizeOptions);
          return {};
        case 'cancel':
          await again.getCallConnection(connection).getCallMedia().cancelAllOperations();
          return {};
        case 'transfer':
          await call().transferCallToParticipant(identifierOf(request.to), { ...repeatable, operationContext: context, ...shownAs(request.from) });
          return {};
        case 'hold':
          await media().hold(identifierOf(caller), { operationContext: context, ...(request.source !== undefined && { playSource: copied(request.source) }) });
          return {};
        case 'unhold':
          await media().unhold(identifierOf(caller), { operationContext: context });
          return {};
        case 'sendDtmf':
          await call().getCallMedia().sendDtmfTones([...request.tones] as DtmfTone[], identifierOf(request.participant ?? caller), { ...repeatable, operationContext: context });
          return {};
        case 'ring': {
          const invite = { targetParticipant: identifierOf(request.to), ...shownAs(request.from) } as CallInvite;
          const { invitationId } = await call().addParticipant(invite, { ...repeatable, operationContext: context, ...(request.seconds !== undefined && { invitationTimeoutInSeconds: request.seconds }) });
          return invitationId === undefined ? {} : { invitation: invitationId };
        }
        case 'stopRinging':
          await call().cancelAddParticipantOperation(request.invitation, { ...repeatable, operationContext: context });
          return {};
        case 'remove':
          await call().removeParticipant(identifierOf(request.party), { ...repeatable, operationContext: context });
          return {};
        case 'mute':
          await call().muteParticipant(identifierOf(request.participant), { ...repeatable, operationContext: context });
          return {};
        case 'startOwnRecording': {
          const { recordingContentType: content, recordingChannelType: channel, recordingFormatType: format, pauseOnStart } = request;
          const wanted = { ...(content !== undefined && { recordingContent: content }), ...(channel !== undefined && { recordingChannel: channel }), ...(format !== undefined && { recordingFormat: format }), ...(pauseOnStart !== undefined && { pauseOnStart }) };
          const { recordingId } = await again.getCallRecording().start({ ...repeatable, callConnectionId: connection, ...wanted });
          return recordingId === undefined ? {} : { recording: recordingId };
        }
        case 'stopOwnRecording':
          await again.getCallRecording().stop(request.recordingId ?? recording, { abortSignal: signal });
          return {};
        case 'startRecording': {
          const { recordingId } = await again.getCallRecording().start({ ...repeatable, callConnectionId: connection, recordingContent: 'audio', recordingChannel: 'mixed', recordingFormat: request.format });
          return recordingId === undefined ? {} : { recording: recordingId };
        }
        case 'stopRecording':
          await again.getCallRecording().stop(recording, { abortSignal: signal });
          return {};
      }
    },

    call: async ({ to, from, callbackUrl, cognitiveServicesUrl, key, signal }) => {
      const repeatable = { abortSignal: signal, requestOptions: { customHeaders: { 'Repeatability-Request-ID': uuidOf(key) } } };
      await again.createCall({ targetParticipant: identifierOf(to), ...shownAs(from) } as CallInvite, callbackUrl, { ...repeatable, operationContext: key, ...intelligence(cognitiveServicesUrl) });
    },

    download: async (location, signal) => {
      // The client takes files from Azure's own storage alone; an emulated resource has them itself.
      if (allowInsecureConnection && URL.canParse(location) && new URL(location).origin === originOf(endpoint ?? connectionString ?? '')) return emulated(location, signal);
      return again.getCallRecording().downloadStreaming(location, { abortSignal: signal });
    },
  };
};

/** Where a resource is: its address stands in a connection string, or by itself. */
const originOf = (resource: string): string | undefined => {
  const address = /endpoint=([^;]*)/i.exec(resource)?.[1] ?? resource;
  return URL.canParse(address) ? new URL(address).origin : undefined;
};

const emulated = async (location: string, signal: AbortSignal): Promise<NodeJS.ReadableStream> => {
  const { ok, status, body } = await fetch(location, { signal, redirect: 'error' });
  if (!ok || body === null) throw Object.assign(new Error('the file is not there'), { statusCode: status });
  return Readable.fromWeb(body as NodeReadableStream);
};

type RecognizeOptions = CallMediaRecognizeDtmfOptions | CallMediaRecognizeChoiceOptions | CallMediaRecognizeSpeechOptions | CallMediaRecognizeSpeechOrDtmfOptions;

const intelligence = (cognitiveServicesEndpoint: string | undefined) => (cognitiveServicesEndpoint === undefined ? {} : { callIntelligenceOptions: { cognitiveServicesEndpoint } });

/** The number that is shown to whoever is rung. */
const shownAs = (number: string | undefined) => (number === undefined ? {} : { sourceCallIdNumber: { phoneNumber: number } });

/** A source of its own for the client, which has enumerations for words. */
const copied = (source: PlaySource): FileSource | TextSource | SsmlSource => ({ ...source }) as FileSource | TextSource | SsmlSource;

/** Somebody by his raw id, as the client takes him. */
const identifierOf = (rawId: string) => {
  if (rawId.startsWith('4:')) return { phoneNumber: addressOf(rawId) || rawId.slice(2), rawId, ...(addressOf(rawId) === '' && { isAnonymous: true }) };
  if (/^8:(?:acs|spool|dod-acs|gcch-acs):/.test(rawId)) return { communicationUserId: rawId };
  const [, , id = ''] = rawId.split(':');
  if (rawId.startsWith('8:orgid:')) return { microsoftTeamsUserId: id, rawId };
  if (rawId.startsWith('28:orgid:')) return { teamsAppId: id, cloud: 'public' as const, rawId };
  return { id: rawId };
};

/** A UUID that is the same for the same text (RFC 9562 §5.8: version 8, whose bits are ours). */
const uuidOf = (text: string): string => {
  const hex = hash('sha256', text, 'hex');
  return [hex.slice(0, 8), hex.slice(8, 12), `8${hex.slice(13, 16)}`, `a${hex.slice(17, 20)}`, hex.slice(20, 32)].join('-');
};

const load = async (): Promise<typeof import('@azure/communication-call-automation')> => {
  try {
    return await import('@azure/communication-call-automation');
  } catch (cause) {
    if ((cause as { readonly code?: unknown }).code !== 'ERR_MODULE_NOT_FOUND') throw cause;
    throw new CallError('ERR_OPTION_INVALID', 'calls through Azure Communication Services need the package `@azure/communication-call-automation`: npm install @azure/communication-call-automation', { option: 'service' }, { cause });
  }
};
