/**
 * Command service — one that is told what to do by requests of ours, made up for tests: its commands are the operations
 * themselves, its requests JSON, and what becomes of a command the test says.
 *
 * @module
 */
import type { AnyStateMachine } from 'xstate';
import type { Operation } from 'callchart';
import { type CommandService, type Sent, type ServiceCommand, type CallsOptions, botframeworkLimits, serve } from 'callchart/transport';
import type { ServiceEvent } from '../../src/machines/index.ts';
import { begin, type LogLine, logInto, until } from './rig.ts';

/** A command on its way. */
export interface Sending {
  readonly id: string;
  readonly name: string;
  /** What is said in it. */
  readonly says: string;
  readonly memory: Readonly<Record<string, unknown>>;
  /** Lets the service answer it. */
  readonly answer: (sent: Sent) => void;
}

let count = 0;

const taken: Sent = { kind: 'taken' };

const commandOf = ({ operationId, type, params }: Operation): ServiceCommand => ({
  id: operationId, operation: { type, operationId },
  done: type === 'reject' || type === 'hold' || type === 'unhold' ? 'response' : 'event',
  ...(type !== 'answer' && { withinMs: 30_000 }),
  request: { name: type, says: 'prompts' in params ? params.prompts.map((prompt) => ('text' in prompt ? prompt.text : '…')).join(' ') : '' },
});

/** Makes one; `answers: 'by hand'` leaves the answer to each command to the test. */
export const commandService = ({ answers = 'at once', ...more }: { readonly answers?: 'at once' | 'by hand' } & Partial<CommandService> = {}) => {
  const sent: Sending[] = [];
  const service: CommandService = {
    ...botframeworkLimits, name: 'commanded', style: 'command', check: () => {}, capabilities: new Set([...botframeworkLimits.capabilities, 'transfer', 'hold', 'unhold', 'createcall']),
    replyWithinMs: 10_000, fillAfterMs: 4_000, unknownCalls: 'ignored', chainId: () => undefined, authenticate: async () => {},
    decode: async (request) => ({ arrivals: [JSON.parse(await request.text())] }),
    commands: (batch, { busy }) => [
      ...(busy ? [{ id: `${batch[0]?.operationId}:break`, operation: { type: batch[0]!.type, operationId: batch[0]!.operationId }, done: 'sent' as const, tolerant: true as const, request: { name: 'break', says: '' } }] : []),
      ...batch.map(commandOf),
    ],
    send: ({ id, request }, { memory }) =>
      new Promise((resolve) => {
        sent.push({ id, name: request['name'] as string, says: request['says'] as string, memory, answer: resolve });
        if (answers === 'at once') resolve(taken);
      }),
    ...more,
  };
  return { service, sent, /** The names of the commands, and what is said. */ heard: () => sent.map(({ name, says }) => (says === '' ? name : `${name}“${says}”`)) };
};

/** Serves `bot` behind such a service. Time is in hand: `pass` moves it. */
export const commandRig = async (bot: AnyStateMachine, { answers, store, more, ...options }: { readonly answers?: 'at once' | 'by hand'; readonly more?: Partial<CommandService> } & Partial<CallsOptions> = {}) => {
  const lines: LogLine[] = [];
  const { service, sent, heard } = commandService({ ...(answers !== undefined && { answers }), ...more });
  const timers = new Set<{ readonly at: number; readonly work: () => void }>();
  let now = begin;
  const clock = {
    now: () => now,
    setTimer: (at: number, work: () => void) => {
      const timer = { at, work };
      timers.add(timer);
      return () => void timers.delete(timer);
    },
  };
  const server = await serve({ service, bots: bot, log: logInto(lines), clock, port: 0, ...(store !== undefined && { store }), ...options });

  const post = async (callId: string, events: readonly ServiceEvent[], eventId = `e${(count += 1)}`, more: object = {}): Promise<number> =>
    (await fetch(`${server.url}/api/calls`, { method: 'POST', body: JSON.stringify({ callId, eventId, events, ...more }) })).status;

  /** Waits until so many commands have been sent, and gives the last of them. */
  const nth = async (many: number): Promise<Sending> => {
    await until(() => sent.length >= many);
    return sent[many - 1]!;
  };

  return {
    service, sent, heard, lines, post, nth, server,
    rings: (callId = 'c', more: object = {}) => post(callId, [{ type: 'call.incoming', call: { id: callId, from: '+15550100', to: '+15550199', direction: 'inbound', headers: {} } }], 'incoming', more),
    /** Tells how the `many`th command ended. */
    ends: async (many: number, event: { readonly type: string; readonly [field: string]: unknown }, callId = 'c') => post(callId, [{ operationId: (await nth(many)).id, ...event } as ServiceEvent]),
    /** Moves time on by `ms`, and does what is due. */
    pass: async (ms: number) => {
      const end = now + ms;
      for (;;) {
        const [due] = [...timers].filter(({ at }) => at <= end).sort((a, b) => a.at - b.at);
        if (due === undefined) break;
        timers.delete(due);
        now = Math.max(now, due.at);
        due.work();
        for (let turn = 0; turn < 20; turn += 1) await new Promise((resolve) => setImmediate(resolve));
      }
      now = end;
    },
    close: () => server.close(),
  };
};
