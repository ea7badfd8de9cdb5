/**
 * Azure desk — the emulated service with its bot and its telephones in a test's hands: what rings, plays and is asked waits
 * until the test says how it ends, and all that the bot is told is kept.
 *
 * @module
 */
import { createHash, createHmac } from 'node:crypto';
import { CallAutomationClient, type CallConnection } from '@azure/communication-call-automation';
import { type Disorder, delivery } from '../../../src/emulator/wires/azure/delivery.ts';
import type { CloudEvent } from '../../../src/emulator/wires/azure/envelope.ts';
import type { GridEvent } from '../../../src/emulator/wires/azure/event-grid.ts';
import type { Manners } from '../../../src/emulator/wires/azure/media.ts';
import type { Answered, Parties, Pickup, Played } from '../../../src/emulator/wires/azure/parties.ts';
import { type Resource, type ResourceOptions, type Ringing, resource } from '../../../src/emulator/wires/azure/resource.ts';
import { type Asked, serveResource, type Trouble } from '../../../src/emulator/wires/azure/server.ts';

export const accessKey = Buffer.from('the key of an emulated resource').toString('base64');
export const caller = '4:+15550100001';
export const own = '4:+15550100099';
export const callbackUrl = 'https://bot.example/api/azure?call=1';

/** Something that waits for the test: with what, and how to end it. */
export interface Pending<A, R> {
  readonly with: A;
  readonly signal: AbortSignal;
  end(result: R): void;
}

/** What is pending, in order. */
const pendings = <A, R>() => {
  const arrived: Pending<A, R>[] = [];
  let wake: (() => void) | undefined;
  return {
    begin: (given: A, signal: AbortSignal): Promise<R> =>
      new Promise((resolve) => {
        arrived.push({ with: given, signal, end: resolve });
        wake?.();
      }),
    next: async (): Promise<Pending<A, R>> => {
      if (arrived.length === 0) await new Promise<void>((resolve) => (wake = resolve));
      return arrived.shift() as Pending<A, R>;
    },
  };
};

export interface DeskOptions extends Disorder, Manners, Pick<ResourceOptions, 'numbers'> {
  readonly trouble?: (asked: Asked) => Trouble | undefined;
  readonly retries?: number;
}

export interface Told extends CloudEvent {
  readonly url: string;
  /** The name without what all have before it. */
  readonly name: string;
}

export const azureDesk = async ({ trouble, retries = 0, numbers, pauseIs, keepsStopTone, endsQuietly, ...disorder }: DeskOptions = {}) => {
  const told: Told[] = [];
  /** How many events each request to the bot held. */
  const posts: number[] = [];
  const grid: GridEvent[] = [];
  /** What the call came to, in words. */
  const changes: string[] = [];
  const asked: [Asked, number][] = [];
  const answeredBefore: number[] = [];
  const plays = pendings<{ readonly prompts: readonly unknown[]; readonly loop: boolean; readonly to?: string }, Played>();
  const questions = pendings<{ readonly question: unknown; readonly who: string; readonly isTaped: boolean }, Answered>();
  const rings = pendings<{ readonly who: string; readonly ringMs: number; readonly why: string }, Pickup>();
  let holdFails: 'file-absent' | undefined;
  const leaves = pendings<string, void>();
  const ring = (why: string) => (who: string, { ringMs, signal }: { readonly ringMs: number; readonly signal: AbortSignal }): Promise<Pickup> => rings.begin({ who, ringMs, why }, signal);
  const parties: Parties = {
    answer: async () => {
      changes.push('answered');
      return true;
    },
    reject: () => void changes.push('rejected'),
    redirect: (to) => void changes.push(`redirected to ${to}`),
    hear: (prompts, { signal, ...rest }) => plays.begin({ prompts, ...rest }, signal),
    ask: (question, { signal, ...rest }) => questions.begin({ question, ...rest }, signal),
    ring: ring('call'),
    transfer: ring('transfer'),
    join: async (who, { onAnswer, ...options }) => {
      const pickup = await ring('invite')(who, options);
      if (pickup !== 'answered') return pickup;
      onAnswer();
      await leaves.begin(who, options.signal);
      return pickup;
    },
    hold: async () => holdFails,
    unhold: async () => undefined,
    ended: (by) => void changes.push(`ended by ${by}`),
  };
  let at = Date.parse('2026-03-14T09:26:00Z');
  const now = (): number => (at += 100);
  const way = delivery(async (url, events) => {
    posts.push(events.length);
    for (const event of events) told.push({ ...event, url, name: event.type.replace('Microsoft.Communication.', '') });
  }, () => disorder, now);
  const carriage = { parties, delivery: way, now, announce: (event: GridEvent) => void grid.push(event) };
  const manners = { ...(pauseIs !== undefined && { pauseIs }), ...(keepsStopTone !== undefined && { keepsStopTone }), ...(endsQuietly !== undefined && { endsQuietly }) };
  const made: Resource = resource({ filesAt: () => server.url, carry: () => carriage, ...(numbers !== undefined && { numbers }), ...manners });
  const server = await serveResource({
    resource: made, accessKey, early: disorder.early === true, ...(trouble !== undefined && { trouble }),
    onAnswer: (one, status) => {
      asked.push([one, status]);
      answeredBefore.push(told.length);
    },
  });
  const client = new CallAutomationClient(`endpoint=${server.url}/;accesskey=${accessKey}`, { allowInsecureConnection: true, retryOptions: { maxRetries: retries, retryDelayInMs: 1 } });

  const incoming = (from = caller, name?: string): Ringing => made.rings({ from, to: own, ...(name !== undefined && { name }), ...carriage });
  const settled = (): Promise<void> => way.idle();

  return {
    url: server.url, client, resource: made, told, posts, grid, changes, asked, plays, questions, rings, leaves, ring: incoming, settled, way,
    /** Sends a signed request as it is. */
    send: async (method: string, path: string, body?: object) => {
      const text = body === undefined ? '' : JSON.stringify(body);
      const target = `${path}?api-version=2026-03-12`;
      const [date, hashed] = [new Date().toUTCString(), createHash('sha256').update(text).digest('base64')];
      const signature = createHmac('sha256', Buffer.from(accessKey, 'base64')).update(`${method}\n${target}\n${date};${new URL(server.url).host};${hashed}`).digest('base64');
      const headers = { 'content-type': 'application/json', 'x-ms-date': date, 'x-ms-content-sha256': hashed, authorization: `HMAC-SHA256 SignedHeaders=x-ms-date;host;x-ms-content-sha256&Signature=${signature}` };
      const response = await fetch(server.url + target, { method, headers, ...(body !== undefined && { body: text }) });
      const given = await response.text();
      return { status: response.status, json: given === '' ? undefined : (JSON.parse(given) as unknown) };
    },
    failHold: () => void (holdFails = 'file-absent'),
    /** The names of what was told since the last look. */
    names: (() => {
      let seen = 0;
      return async (): Promise<readonly string[]> => {
        await way.idle();
        const fresh = told.slice(seen).map(({ name }) => name);
        seen = told.length;
        return fresh;
      };
    })(),
    last: (): Told => told.at(-1) as Told,
    /** A call that is put through, on which text can be said. */
    established: async (more: object = {}): Promise<{ readonly call: CallConnection; readonly ringing: Ringing }> => {
      const ringing = incoming();
      const { callConnection } = await client.answerCall(contextOf(ringing), callbackUrl, { operationContext: 'answer-1', callIntelligenceOptions: { cognitiveServicesEndpoint: 'https://speech.example/' }, ...more });
      await turn();
      await way.idle();
      return { call: callConnection, ringing };
    },
    close: () => server.close(),
  };
};

export type AzureDesk = Awaited<ReturnType<typeof azureDesk>>;

export const contextOf = ({ event }: Ringing): string => String(event.data['incomingCallContext']);

/** The response is on its way, and what comes of it has begun. */
export const turn = (): Promise<void> => new Promise((resolve) => setImmediate(() => setImmediate(resolve)));

/** What a request of the client was refused with. */
export const refusal = async (work: Promise<unknown>): Promise<string> => {
  try {
    await work;
    return 'taken';
  } catch (error) {
    const { statusCode, code, details } = error as { readonly statusCode?: number; readonly code?: string; readonly details?: { readonly error?: { readonly code?: string } } };
    return `${statusCode ?? code} ${details?.error?.code ?? ''}`.trim();
  }
};
