/**
 * Rig — a server of bots on loopback, its log kept, its clock in hand; and callers that speak the protocol to it.
 *
 * @module
 */
import { connect } from 'node:net';
import type { AnyStateMachine } from 'xstate';
import { botframework, type BotFrameworkOptions, type CallsOptions, type CallStore, type Log, memoryRecordings, memoryStore, serve } from 'callchart/transport';
import { type CallRecord, readRecord } from '../../src/transport/record.ts';
import { form, multipart } from './services/botframework/requests.ts';

export type Json = Readonly<Record<string, unknown>>;
export type LogLine = Json & { readonly level: string; readonly message: string };

/** One action of a workflow, as far as these tests look. */
export interface WireAction {
  readonly action: string;
  readonly operationId: string;
  readonly prompts?: readonly { readonly value?: string; readonly silenceLengthInMilliseconds?: number }[];
  readonly playPrompt?: WireAction;
}

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  readonly actions: readonly WireAction[];
  readonly appState: string | undefined;
  /** The names of the actions, and what is said. */
  readonly heard: string;
}

/** A moment that all rigs begin at. */
export const begin = 1_760_000_000_000;

/** The service with a verifier that lets everybody in. */
export const stubService = (options: Partial<BotFrameworkOptions> = {}) =>
  botframework({
    appId: 'the-app-id', appPassword: 'a password of the tests', callbackUrl: 'https://bot.example/api/calls',
    openIdMetadataUrl: 'https://issuer.test/openid', issuer: 'https://issuer.test', verify: async () => {}, ...options,
  });

/** Keeps what is logged. */
export const logInto = (lines: LogLine[]): Log => {
  const keep = (level: string) => (fields: Json, message: string) => void lines.push({ level, message, ...fields });
  return { info: keep('info'), warn: keep('warn'), error: keep('error') };
};

/** A store that counts what it is asked for, and can be told to fail. */
export const watchedStore = (inner: CallStore = memoryStore()) => {
  const asked: string[] = [];
  let failure: (() => Error) | undefined;
  const watch = <A extends readonly unknown[], R>(name: string, work: (...args: A) => Promise<R>) => async (...args: A): Promise<R> => {
    asked.push(name);
    if (failure !== undefined && name !== 'close') throw failure();
    return work(...args);
  };
  const store: CallStore = {
    load: watch('load', inner.load), commit: watch('commit', inner.commit), due: inner.due, list: inner.list, expire: inner.expire, close: inner.close,
  };
  return { store, inner, asked, fail: (make: (() => Error) | undefined) => void (failure = make) };
};

/** Serves `bots`; the service waits 60 ms for an answer, and what is due is looked for every 5 ms. */
export const rig = async (bots: AnyStateMachine | CallsOptions['bots'], options: Partial<CallsOptions> = {}) => {
  const lines: LogLine[] = [];
  const clock = { now: begin };
  const recordings = memoryRecordings();
  const store = options.store ?? memoryStore();
  const service = options.service ?? stubService({ replyWithinMs: 60 });
  const server = await serve({ bots, recordings, log: logInto(lines), now: () => clock.now, port: 0, roundMs: 5, marginMs: 30, ...options, ...(options.engine === undefined && { store }), service });

  const send = async (body: string | Buffer, headers: Readonly<Record<string, string>> = {}, path = '/api/calls'): Promise<Answer> => {
    const response = await fetch(server.url + path, { method: 'POST', headers: { 'content-type': 'application/json', ...headers }, body: body as string });
    return answerOf(response.status, response.headers, await response.text());
  };
  const messages = { sent: 0 };

  /** Someone who rings. */
  const caller = (id: string, { chain = `chain-of-${id}`, to = '28:the-app-id', path = '/api/calls' } = {}) => {
    let latest: Answer | undefined;
    const headersOf = (message = `m${(messages.sent += 1)}`) => ({ 'x-microsoft-skype-chain-id': chain, 'x-microsoft-skype-message-id': message });
    const post = async (body: Json, message?: string): Promise<Answer> => {
      const answer = await send(JSON.stringify(body), headersOf(message), path);
      if (answer.actions.length > 0) latest = answer;
      return answer;
    };
    /** The operation that the service works on last. */
    const operation = (): string => latest?.actions.at(-1)?.operationId ?? 'none';
    const result = (outcome: Json, more: Json = {}): Json => ({ id, callState: 'established', operationOutcome: { id: operation(), outcome: 'success', ...outcome }, ...more });
    return {
      post,
      result,
      operation,
      rings: (message?: string) => post(incoming(id, to), message),
      presses: (choiceName: string, message?: string) => post(result(pressed(choiceName)), message),
      keys: (digits: string, message?: string) => post(result({ type: 'recognizeOutcome', collectDigitsOutcome: { completionReason: 'completedStopToneDetected', digits } }), message),
      staysSilent: (message?: string) => post(result({ type: 'recognizeOutcome', outcome: 'failure', choiceOutcome: { completionReason: 'initialSilenceTimeout' } }), message),
      heardItAll: (message?: string) => post(result({ type: 'playPromptOutcome' }), message),
      isHungUp: (message?: string) => post(result({ type: 'hangupOutcome' }), message),
      hangsUp: (message?: string) => post({ id, type: 'callStateChange', currentState: 'terminated' }, message),
      speaks: (seconds: number, message?: string, operationId = operation()) =>
        send(
          multipart(
            ['Content-Disposition: form-data; name=conversationResult', JSON.stringify({ id, callState: 'established', operationOutcome: { type: 'recordOutcome', id: operationId, outcome: 'success', completionReason: 'completedSilenceDetected', lengthOfRecordingInSecs: seconds, format: 'wav' } })],
            ['Content-Disposition: form-data; name=recordedAudio\r\nContent-Type: audio/wav', Buffer.alloc(500, 7)],
          ),
          { ...headersOf(message), ...form },
          path,
        ).then((answer) => {
          if (answer.actions.length > 0) latest = answer;
          return answer;
        }),
    };
  };

  return {
    url: server.url, port: server.port, server, lines, clock, recordings, store, service, send, caller,
    close: () => server.close(),
    /** The call `id` as it is on record. */
    record: (id: string) => recordIn(store, id),
    /** The lines that say `message`. */
    said: (message: string) => lines.filter((line) => line.message === message),
  };
};

/** The call `id` as it is on record in `store`. */
export const recordIn = async (store: CallStore, id: string): Promise<CallRecord | undefined> => {
  const stored = await store.load(`botframework:${id}`);
  return stored && readRecord(stored.text);
};

export type Rig = Awaited<ReturnType<typeof rig>>;

export const pressed = (choiceName: string): Json => ({ type: 'recognizeOutcome', choiceOutcome: { completionReason: 'dtmfOptionMatched', choiceName } });

export const incoming = (id: string, to = '28:the-app-id'): Json => ({
  id,
  participants: [
    { identity: '8:mona.lindqvist', displayName: 'Mona Lindqvist', languageId: 'sv-SE', originator: true },
    { identity: to, originator: false },
  ],
  isMultiparty: false,
  presentedModalityTypes: ['audio'],
  callState: 'incoming',
});

export const answerOf = (status: number, headers: Headers, text: string): Answer => {
  const workflow = status === 200 && text.startsWith('{') ? (JSON.parse(text) as { readonly actions: readonly WireAction[]; readonly appState?: string }) : { actions: [] };
  return { status, headers, text, actions: workflow.actions, appState: 'appState' in workflow ? workflow.appState : undefined, heard: workflow.actions.map(heardOf).join(' ') };
};

const heardOf = ({ action, prompts = [], playPrompt }: WireAction): string => {
  const said = [...prompts, ...(playPrompt?.prompts ?? [])].map(({ value, silenceLengthInMilliseconds: silence }) => value ?? `(${silence} ms)`);
  return said.length === 0 ? action : `${action}“${said.join(' ')}”`;
};

/** Sends bytes as they are, and gives back all that comes until the other side closes or `idleMs` pass without a byte. */
export const raw = (port: number, bytes: string | Uint8Array, idleMs = 2_000): Promise<string> =>
  new Promise((resolve) => {
    let received = '';
    const socket = connect({ port, host: '127.0.0.1' });
    socket.setTimeout(idleMs, () => socket.destroy());
    socket.on('data', (chunk) => (received += chunk.toString('latin1')));
    socket.on('error', () => {});
    socket.on('close', () => resolve(received));
    socket.on('connect', () => socket.write(bytes));
  });

/** Resolves once `holds`, which something under way makes so; fails after `turns` of at least a millisecond. */
export const until = async (holds: () => boolean | Promise<boolean>, turns = 2_000): Promise<void> => {
  for (let turn = 0; turn < turns; turn += 1) {
    if (await holds()) return;
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  throw new Error(`never: ${holds}`);
};

/** A promise, and the means to settle it. */
export const gate = <T = void>() => {
  let open: (value: T) => void = () => {};
  let fail: (error: unknown) => void = () => {};
  const passed = new Promise<T>((resolve, reject) => ([open, fail] = [resolve, reject]));
  return { passed, open: (value: T) => open(value), fail: (error: unknown) => fail(error) };
};
