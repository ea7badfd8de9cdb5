/**
 * Services — the three ways in which a calling service is told what to do: by replies alone, by replies and by updates of
 * the line, by commands. The first is the Bot Framework's as it is; the others are made up, their wire is JSON.
 *
 * @module
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { type Batch, type Operation } from 'callchart';
import { botframework, botframeworkLimits, type CallService, type Sent, type ServiceCommand } from 'callchart/transport';

/** How a service is told what to do. */
export type Mode = 'reply' | 'push' | 'command';

export const modes: readonly Mode[] = ['reply', 'push', 'command'];

/** How long the services wait for an answer, and how long before that a filler goes out, ms. */
export const replyWithinMs = 1_500;
export const marginMs = 300;

/** Where bots listen, and what their calls are kept under. */
export const places: Readonly<Record<Mode, { readonly path: string; readonly name: string }>> = {
  reply: { path: '/api/calls', name: 'botframework' },
  push: { path: '/api/pushed', name: 'pushed' },
  command: { path: '/api/commanded', name: 'commanded' },
};

/** What is asked of the line, as the wire of the made-up services has it. */
export interface Asked {
  readonly operationId: string;
  readonly type: string;
  readonly says: string;
}

const saysOf = ({ params }: Operation): string => ('prompts' in params ? params.prompts.map((prompt) => ('text' in prompt ? prompt.text : '(silence)')).join(' ') : '');

const asked = (operation: Operation): Asked => ({ operationId: operation.operationId, type: operation.type, says: saysOf(operation) });

const documentOf = (batch: Batch): string => JSON.stringify(batch.map(asked));

/** What carries `batch` in the mode `command`, but for what breaks off what was there before. */
export const commandsOf = (batch: Batch): readonly ServiceCommand[] =>
  batch.map((operation) => ({ id: operation.operationId, operation: { type: operation.type, operationId: operation.operationId }, done: 'event', withinMs: eventWithinMs, request: { ...asked(operation) } }));

/** A command of which nothing is told for so long is lost, ms: longer than the clocks of two processes are apart here. */
const eventWithinMs = 300_000;

/** How often, and how long each time, the vendor's API is tried, ms. */
const tries = 8;
const tryMs = 800;

/** Sends to the vendor's API at `url` under a key; what it does not take in time, or answers with a 5xx, is sent again under the same key. */
const sendTo = (url: string) => async ({ id, request }: ServiceCommand, { callId }: { readonly callId: string }, signal: AbortSignal): Promise<Sent> => {
  let reason = 'unreachable';
  for (let count = 0; count < tries && !signal.aborted; count += 1) {
    if (count > 0) await sleep(40 * count);
    try {
      const response = await fetch(`${url}/commands`, { method: 'POST', headers: { 'idempotency-key': `${callId} ${id}` }, body: JSON.stringify({ callId, id, request }), signal: AbortSignal.any([signal, AbortSignal.timeout(tryMs)]) });
      await response.arrayBuffer();
      if (response.ok) return { kind: 'taken' };
      if (response.status === 404) return { kind: 'gone' };
      reason = String(response.status);
    } catch (error) {
      reason = error instanceof Error ? error.name : 'unreachable';
    }
  }
  return { kind: 'refused', reason };
};

/** The service of `mode`, whose API is at `url`. */
export const serviceOf = (mode: Mode, url: string): CallService => {
  if (mode === 'reply') return botframework({ appId: 'the-app-id', appPassword: 'a password of the tests', callbackUrl: 'https://bot.example/api/calls', openIdMetadataUrl: 'https://issuer.test/openid', issuer: 'https://issuer.test', verify: async () => {}, replyWithinMs });
  const common = {
    ...botframeworkLimits, ...places[mode], methods: ['POST'], check: () => {}, replyWithinMs, chainId: () => undefined, authenticate: async () => {}, send: sendTo(url),
    decode: async (request: { text(): Promise<string> }) => ({ arrivals: [JSON.parse(await request.text())] }),
  };
  return mode === 'push'
    ? { ...common, style: 'reply', contentType: 'application/json', encode: documentOf, push: (reply, { type, operationId }) => ({ id: `${operationId}:push`, operation: { type, operationId }, done: 'sent', request: { document: reply } }) }
    : {
        ...common, style: 'command', fillAfterMs: replyWithinMs - marginMs,
        commands: (batch, { busy }) => [
          ...(busy ? [{ id: `${batch[0]?.operationId}:break`, operation: { type: batch[0]!.type, operationId: batch[0]!.operationId }, done: 'sent' as const, tolerant: true as const, request: { type: 'break', says: '' } }] : []),
          ...commandsOf(batch),
        ],
      };
};
