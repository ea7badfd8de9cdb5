import { CallAutomationClient } from '@azure/communication-call-automation';
import { expect } from 'chai';
import { createRemoteJWKSet, jwtVerify } from 'jose';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type AzureEmulator, azureEmulator, type AzureEmulatorOptions } from '../../src/emulator/azure.ts';
import { type CallOptions, type CallReport, queuedCaller } from '../../src/emulator/index.ts';

interface Received {
  readonly method: string;
  readonly url: URL;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  /** The names of the events. */
  readonly names: readonly string[];
  readonly event: Readonly<Record<string, unknown>>;
}

/** What a bot says to a request: a status, or nothing for 200. It may ask the service for something meanwhile. */
type Bot = (received: Received) => number | undefined | Promise<number | undefined>;

const nameOf = (event: Readonly<Record<string, unknown>>): string => String(event['type'] ?? event['eventType']).replace('Microsoft.Communication.', '');

describe('the emulated Azure service', () => {
  let service: AzureEmulator;
  let close: () => Promise<void>;
  afterEach(async () => {
    await service.close();
    await close();
  });

  /** A bot of no transport: agrees to be told of calls, and does what `bot` does. */
  const served = async (bot: Bot, options: AzureEmulatorOptions = {}) => {
    const received: Received[] = [];
    const server = createServer(async (request, response) => {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk as Buffer);
      const text = Buffer.concat(chunks).toString();
      const json = text === '' ? [] : [JSON.parse(text) as unknown].flat() as readonly Readonly<Record<string, unknown>>[];
      const one: Received = { method: request.method ?? '', url: new URL(request.url ?? '', 'http://bot'), headers: request.headers, text, names: json.map(nameOf), event: json[0] ?? {} };
      received.push(one);
      const status = (await bot(one)) ?? 200;
      if (one.method === 'OPTIONS') return void response.writeHead(status, { 'webhook-allowed-origin': '*', 'webhook-allowed-rate': '*' }).end();
      const code = (one.event['data'] as Readonly<Record<string, unknown>> | undefined)?.['validationCode'];
      response.writeHead(status, { 'content-type': 'application/json' }).end(code === undefined ? '' : JSON.stringify({ validationResponse: code }));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    close = () => new Promise((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
    service = await azureEmulator(options);
    const client = new CallAutomationClient(service.connectionString, { allowInsecureConnection: true });
    const call = (more: Partial<CallOptions> = {}): Promise<CallReport> => service.call(`http://127.0.0.1:${port}/api/azure`, { clock: 'script', caller: { next: async () => 'silence' }, retryDelayMs: 1, ...more });
    return { call, received, client };
  };

  const context = ({ event }: Received): string => String((event['data'] as Readonly<Record<string, unknown>>)['incomingCallContext']);
  const connection = ({ event }: Received): string => String((event['data'] as Readonly<Record<string, unknown>>)['callConnectionId']);
  const speech = { callIntelligenceOptions: { cognitiveServicesEndpoint: 'https://speech.example/' } };
  const words = { kind: 'textSource', text: 'Hello.' } as const;
  const callback = 'https://public.example/api/azure?call=7';

  /** Answers, says a word and hangs up when it has been said. */
  const polite = (client: () => CallAutomationClient): Bot => (received) => {
    const [name] = received.names;
    if (name === 'IncomingCall') void client().answerCall(context(received), callback, { ...speech, operationContext: 'answer' });
    if (name === 'CallConnected') void client().getCallConnection(connection(received)).getCallMedia().playToAll([words], { operationContext: 'hello' });
    if (name === 'PlayCompleted') void client().getCallConnection(connection(received)).hangUp(true);
    return undefined;
  };

  it('asks once whether the bot agrees, announces the call with the secret, and tells all else with tokens of its own', async () => {
    const desk = await served(polite(() => desk.client));
    const report = await desk.call({ from: '+4670', name: 'Ann' });
    expect(report.endedBy).equal('bot');
    expect(report.transcript.map(({ who, kind, text }) => `${who} ${kind} ${text ?? ''}`.trim())).deep.equal(['line ringing', 'bot answered', 'bot says Hello.', 'bot hungup']);
    await desk.call();
    expect(desk.received.map(({ names: [name] }) => name)).deep.equal([
      'Microsoft.EventGrid.SubscriptionValidationEvent', ...Array.from({ length: 2 }, () => ['IncomingCall', 'CallConnected', 'ParticipantsUpdated', 'PlayStarted', 'PlayCompleted', 'CallDisconnected']).flat(),
    ]);

    const [hands, incoming, ...callbacks] = desk.received;
    expect([hands?.headers['aeg-event-type'], incoming?.headers['aeg-event-type']]).deep.equal(['SubscriptionValidation', 'Notification']);
    for (const request of [hands, incoming]) {
      expect(request?.url.searchParams.get('secret')).equal(service.eventGridSecret);
      expect(request?.headers).not.property('authorization');
    }
    expect(incoming?.event['data']).include({ callerDisplayName: 'Ann' });

    const { jwks_uri: jwks } = (await (await fetch(service.metadataUrl)).json()) as { readonly jwks_uri: string };
    const keys = createRemoteJWKSet(new URL(jwks));
    for (const { headers, url, event } of callbacks.slice(0, 5)) {
      expect(url.pathname + url.search).equal('/api/azure?call=7');
      expect(url.searchParams.has('secret')).equal(false);
      const { payload } = await jwtVerify(headers.authorization?.replace('Bearer ', '') ?? '', keys, { issuer: 'https://acscallautomation.communication.azure.com', audience: service.resourceId, algorithms: ['RS256'] });
      expect((payload.exp ?? 0) - (payload.iat ?? 0)).equal(300);
      expect(event['specversion']).equal('1.0');
    }
  });

  it('speaks CloudEvents, where the subscription does', async () => {
    const desk = await served(polite(() => desk.client), { schema: 'cloudevents' });
    await desk.call();
    expect([desk.received[0]?.method, desk.received[0]?.headers['webhook-request-origin']]).deep.equal(['OPTIONS', 'eventgrid.azure.net']);
    expect(desk.received[1]?.names).deep.equal(['IncomingCall']);
    expect(desk.received[1]?.text.startsWith('{')).equal(true);
  });

  it('does not call a bot that does not agree, and asks it again the next time', async () => {
    let isWilling = false;
    const desk = await served((received) => (isWilling ? polite(() => desk.client)(received) : 400));
    expect(await desk.call()).include({ endedBy: 'line', reason: 'unavailable' });
    isWilling = true;
    expect(await desk.call()).include({ endedBy: 'bot' });
    expect(desk.received.map(({ names: [name] }) => name).slice(0, 3)).deep.equal(['Microsoft.EventGrid.SubscriptionValidationEvent', 'Microsoft.EventGrid.SubscriptionValidationEvent', 'IncomingCall']);
  });

  it('cannot be answered any more when the caller has given up', async () => {
    const desk = await served(() => undefined);
    const caller = queuedCaller({ interrupts: false });
    const work = desk.call({ clock: 'real', caller });
    while (desk.received.length < 2) await new Promise((resolve) => setImmediate(resolve));
    caller.hangUp();
    expect(await work).include({ endedBy: 'caller' });
    const late = desk.received[1];
    if (late === undefined) throw new Error('the call was not announced');
    expect(await desk.client.answerCall(context(late), callback).then(() => 'taken', ({ statusCode }: { readonly statusCode: number }) => statusCode)).equal(400);
  });

  it('hangs up on a bot that refuses to be told, and on one that is not there', async () => {
    const desk = await served((received) => (received.names[0] === 'CallConnected' ? 401 : polite(() => desk.client)(received)));
    expect(await desk.call()).include({ endedBy: 'line', reason: 'refused' });
    await close();
    expect(await desk.call()).include({ endedBy: 'line', reason: 'unreachable' });
  });

  it('notes what it refuses while the call goes on, for whoever listens in', async () => {
    const desk = await served((received) => {
      const [name] = received.names;
      const call = () => desk.client.getCallConnection(connection(received));
      if (name === 'IncomingCall') void desk.client.answerCall(context(received), callback, speech);
      if (name === 'CallConnected') {
        void call().getCallMedia().startRecognizing({ phoneNumber: '+15550177' }, { kind: 'callMediaRecognizeDtmfOptions', maxTonesToCollect: 1 }).catch(() => {}).then(() => call().hangUp(true));
      }
      return undefined;
    });
    const { transcript } = await desk.call();
    expect(transcript.map(({ who, kind, text }) => `${who} ${kind} ${text ?? ''}`.trim())).deep.equal(['line ringing', 'bot answered', 'line refused recognize: Invalid argument. (8523)', 'bot hungup']);
  });

  it('tells a bot again that failed to listen', async () => {
    let isFirst = true;
    const desk = await served((received) => {
      if (received.names[0] !== 'CallConnected' || !isFirst) return polite(() => desk.client)(received);
      isFirst = false;
      return 503;
    });
    expect(await desk.call()).include({ endedBy: 'bot' });
    const told = desk.received.filter(({ names: [name] }) => name === 'CallConnected');
    expect(told.map(({ text }) => text)).deep.equal([told[0]?.text, told[0]?.text]);
  });

  it('tells of a caller who hangs up while a prompt plays', async () => {
    const caller = queuedCaller({ interrupts: true });
    const desk = await served((received) => {
      if (received.names[0] === 'PlayStarted') caller.hangUp();
      return polite(() => desk.client)(received);
    });
    expect(await desk.call({ clock: 'real', caller, speechMs: () => 60_000 })).include({ endedBy: 'caller' });
    expect(desk.received.slice(-2).map(({ names: [name] }) => name)).deep.equal(['PlayCanceled', 'CallDisconnected']);
    expect(desk.received.at(-1)?.text).include('540000');
  });

  it('lets a person interrupt a question that may be, with a key', async () => {
    const caller = queuedCaller({ interrupts: true });
    const desk = await served((received) => {
      const [name] = received.names;
      const call = () => desk.client.getCallConnection(connection(received));
      if (name === 'IncomingCall') void desk.client.answerCall(context(received), callback, speech);
      if (name === 'CallConnected') {
        void call().getCallMedia().startRecognizing({ phoneNumber: '+15550100' }, { kind: 'callMediaRecognizeDtmfOptions', maxTonesToCollect: 1, interruptPrompt: true, playPrompt: words }).then(() => caller.push({ keys: '7' }));
      }
      if (name === 'RecognizeCompleted') void call().hangUp(false);
      return undefined;
    });
    const report = await desk.call({ clock: 'real', caller, speechMs: () => 60_000 });
    expect(report.transcript.map(({ kind }) => kind)).include('bargein');
    expect(desk.received.find(({ names: [name] }) => name === 'RecognizeCompleted')?.text).include('"tones":["seven"]');
  });

  it('ends its calls when it is closed, and tells their bots', async () => {
    const desk = await served((received) => {
      if (received.names[0] === 'IncomingCall') void desk.client.answerCall(context(received), callback, speech);
      return undefined;
    });
    const work = desk.call({ clock: 'real', caller: queuedCaller() });
    while (!desk.received.some(({ names: [name] }) => name === 'ParticipantsUpdated')) await new Promise((resolve) => setImmediate(resolve));
    await service.close();
    expect(await work).include({ endedBy: 'line', reason: 'closed' });
    expect(desk.received.at(-1)?.names).deep.equal(['CallDisconnected']);
  });

  it('is not conducted by a bot that refuses, or sends the caller on', async () => {
    const refusing = await served((received) => {
      if (received.names[0] === 'IncomingCall') void refusing.client.rejectCall(context(received));
      return undefined;
    });
    expect(await refusing.call()).include({ endedBy: 'rejected' });
    await service.close();
    await close();
    const sending = await served((received) => {
      if (received.names[0] === 'IncomingCall') void sending.client.redirectCall(context(received), { targetParticipant: { communicationUserId: '8:acs:r_u' } });
      return undefined;
    });
    expect(await sending.call()).include({ endedBy: 'transferred' });
    expect(sending.received.length).equal(2);
  });

  it('announces a call twice, where everything is told twice, under another id', async () => {
    const desk = await served(polite(() => desk.client), { twice: true });
    await desk.call();
    const told = desk.received.filter(({ names: [name] }) => name === 'IncomingCall');
    expect(told.length).equal(2);
    expect(told[0]?.event['id']).not.equal(told[1]?.event['id']);
    expect(told[0]?.event['data']).deep.equal(told[1]?.event['data']);
  });
});
