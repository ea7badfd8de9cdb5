/**
 * Resource — Azure Communication Services as one customer has it: calls that ring, calls that run, recordings, and what becomes
 * of each request.
 *
 * A call that has ended is remembered: requests for its media are told that it is not established, all others that there is no
 * such call. Streams are taken to have begun and ended; nothing is sent to their addresses.
 *
 * @module
 */
import { randomBytes, randomUUID } from 'node:crypto';
import { type Answer, refused, taken } from './answer.ts';
import type { Bodies } from './bodies.ts';
import { type Agreement, type Connection, connection, ofAgreement, propertiesOf } from './connection.ts';
import type { Delivery } from './delivery.ts';
import { type GridEvent, incomingCall } from './event-grid.ts';
import { isPhone, rawIdIn } from './identity.ts';
import { type Manners, tellKeys } from './media.ts';
import type { Parties, Pickup } from './parties.ts';
import { failureOf, leave } from './people.ts';
import { recordings } from './recordings.ts';
import { callRequests, type CallRequests } from './requests.ts';
import { results } from './results.ts';
import type { Operation, Route } from './routes.ts';

/** What carries one call: who is at its ends, and the ways to its bot. */
export interface Carriage {
  readonly parties: Parties;
  readonly delivery: Delivery;
  /** The time, epoch ms. */
  readonly now: () => number;
  /** Tells something by Event Grid. */
  readonly announce: (event: GridEvent) => void;
  /** Told that the bot has asked for what cannot be had, while the call runs. */
  readonly onRefusal?: (text: string) => void;
}

/** A call that is to ring. Raw ids. */
export interface Incoming extends Carriage {
  /** Default: a new one. */
  readonly correlationId?: string;
  readonly from: string;
  readonly to: string;
  readonly name?: string;
}

/** A call that rings, from its caller's side. */
export interface Ringing {
  readonly correlationId: string;
  /** The event that announces it. */
  readonly event: GridEvent;
  /** The call once it was answered. */
  connection(): Connection | undefined;
  /** Nobody took it in time: by now nobody can. */
  lose(): void;
  /** The caller puts the receiver down. */
  hangUp(): void;
}

/** A call that an application places. Raw ids. */
export interface Placed {
  readonly from: string;
  readonly to: string;
  readonly correlationId: string;
}

export interface ResourceOptions extends Manners {
  /** Where files are fetched from: an origin. */
  readonly filesAt: () => string;
  /** The numbers that are the customer's to call from. Default: any. */
  readonly numbers?: readonly string[];
  /** Carries a call that is placed. Absent: whom it is for cannot be reached. */
  readonly carry?: (placed: Placed) => Carriage | undefined;
}

export interface Resource {
  rings(call: Incoming): Ringing;
  /** The answer to a request whose body was read. */
  handle<O extends Operation>(route: Route & { readonly operation: O }, body: Bodies[O]): Answer;
  /** A request was refused: whoever listens in on its call is told. */
  refused(route: Route, text: string): void;
  /** Somebody presses keys, whether anybody listens or not. */
  keys(call: Connection, who: string, keys: string): void;
  /** Somebody puts the receiver down. */
  hangUp(call: Connection, who: string): void;
  /** Calls that run. */
  calls(): readonly Connection[];
  /** The call with this correlation id. */
  call(correlationId: string): Connection | undefined;
  /** The file at `path`. */
  file(path: string): Uint8Array | undefined;
  /** Resolves when no event is on its way. */
  idle(): Promise<void>;
}

interface Waiting extends Incoming {
  readonly serverCallId: string;
  readonly correlationId: string;
  isGone: boolean;
  taken?: Connection;
}

/** What may be asked of a call that is not put through: of all else it is told that it is not. */
const anytime: ReadonlySet<Operation> = new Set<Operation>(['getCall', 'hangup', 'terminate', 'listParticipants', 'getParticipant']);

/** Who is on a call that there is not. */
const nobody: Parties = {
  answer: async () => false, reject: () => {}, redirect: () => {}, hear: async () => 'end', ask: async () => ({ end: 'failed', result: 'unknown' }),
  ring: async () => 'unreachable', transfer: async () => 'unreachable', join: async () => 'unreachable', hold: async () => 'unknown', unhold: async () => 'unknown', ended: () => {},
};

export const resource = ({ filesAt, numbers, carry, endsQuietly = false, ...manners }: ResourceOptions): Resource => {
  const app = `8:acs:${randomUUID()}_${randomUUID()}`;
  const waiting = new Map<string, Waiting>();
  const calls = new Map<string, Connection>();
  const carriages = new Map<Connection, Carriage>();
  const tapes = recordings({ filesAt, announce: (call, event) => carriages.get(call)?.announce(event) });

  const open = (facts: Pick<Connection, 'direction' | 'from' | 'to' | 'serverCallId' | 'correlationId'>, agreement: Agreement, carriage: Carriage): Connection => {
    const call = connection({ ...facts, agreement, app, now: carriage.now, endsQuietly, delivery: carriage.delivery, parties: carriage.parties, onEnd: tapes.ended });
    calls.set(call.connectionId, call);
    carriages.set(call, carriage);
    return call;
  };

  const answer = ({ incomingCallContext: context, ...agreement }: Bodies['answer']): Answer => {
    const call = waiting.get(context);
    if (call === undefined) return refused('invalid');
    waiting.delete(context);
    const { from, to, serverCallId, correlationId } = call;
    const made = open({ direction: 'inbound', from, to, serverCallId, correlationId }, agreement, call);
    call.taken = made;
    const putThrough = async (): Promise<void> => {
      if (!call.isGone && (await call.parties.answer())) return made.connect();
      made.state = 'disconnected';
      made.tell('AnswerFailed', { resultInformation: results['answer-failed'] }, ofAgreement(agreement));
    };
    return taken('answer', propertiesOf(made), () => void putThrough());
  };

  /** Takes a ringing call away from the bot. */
  const giveAway = (operation: 'reject' | 'redirect', context: string, then: (call: Waiting) => void): Answer => {
    const call = waiting.get(context);
    if (call === undefined) return refused('invalid');
    waiting.delete(context);
    return taken(operation, undefined, () => then(call));
  };

  const createCall = ({ targets, sourceCallerIdNumber, ...agreement }: Bodies['createCall']): Answer => {
    const all = targets.map((target) => rawIdIn(target) as string);
    const [to] = all as [string];
    const number = sourceCallerIdNumber?.value;
    if (number === undefined && all.some(isPhone)) return refused('invalid');
    if (number !== undefined && numbers?.includes(number) === false) return refused('source');
    const facts = { direction: 'outbound' as const, from: number === undefined ? app : `4:${number}`, to, serverCallId: newServerCallId(), correlationId: randomUUID() };
    const carriage = carry?.({ from: facts.from, to, correlationId: facts.correlationId });
    if (carriage === undefined) return refused('identity');
    const made = open(facts, agreement, carriage);
    return taken('createCall', propertiesOf(made), () => void dial(made, all));
  };

  const dial = async (call: Connection, all: readonly string[]): Promise<void> => {
    const pickups = await Promise.all(all.map(async (who): Promise<[string, Pickup]> => [who, await call.parties.ring(who, { ringMs: setUpMs, signal: call.over })]));
    if (call.over.aborted) return;
    const came = pickups.filter(([, pickup]) => pickup === 'answered').map(([who]) => who);
    const [first] = pickups as [[string, Pickup]];
    if (came.length === 0) {
      const result = failureOf(first[1] as Exclude<Pickup, 'answered'>);
      call.tell('CreateCallFailed', { resultInformation: results[result] }, ofAgreement(call.agreement));
      return call.end(result, 'other');
    }
    if (!came.includes(call.to)) call.participants.delete(call.to);
    for (const who of came) call.participants.set(who, { isMuted: false, isOnHold: false });
    call.connect();
  };

  const connect = ({ callLocator, ...agreement }: Bodies['connect']): Answer => {
    const there = callLocator.kind === 'serverCallLocator' ? running(({ serverCallId }) => serverCallId === callLocator.serverCallId) : undefined;
    const { from, to, serverCallId, correlationId } = there ?? { from: app, to: app, serverCallId: newServerCallId(), correlationId: randomUUID() };
    const carriage = there === undefined ? ([...carriages.values()][0] ?? [...waiting.values()][0]) : carriages.get(there);
    if (carriage === undefined) return refused('absent');
    const call = open({ direction: 'inbound', from, to, serverCallId, correlationId }, agreement, there === undefined ? { ...carriage, parties: nobody } : carriage);
    return taken('connect', propertiesOf(call), () => {
      if (there !== undefined) return call.connect();
      call.state = 'disconnected';
      call.tell('ConnectFailed', { resultInformation: results['call-unknown'] }, ofAgreement(agreement));
    });
  };

  const running = (is: (call: Connection) => boolean): Connection | undefined => [...calls.values()].find((call) => call.state !== 'disconnected' && is(call));

  const requests = callRequests({ manners, tapes, running });

  /** What concerns no call that runs. */
  const others: { readonly [O in Exclude<Operation, keyof CallRequests>]: (body: Bodies[O], recording: string) => Answer } = {
    createCall,
    answer,
    connect,
    reject: ({ incomingCallContext }) => giveAway('reject', incomingCallContext, ({ parties }) => parties.reject()),
    redirect: ({ incomingCallContext, target }) => giveAway('redirect', incomingCallContext, ({ parties }) => parties.redirect(rawIdIn(target) as string)),
    getRecording: (_, recording) => tapes.get(recording),
    stopRecording: (_, recording) => tapes.stop(recording),
    pauseRecording: (_, recording) => tapes.pause(recording),
    resumeRecording: (_, recording) => tapes.resume(recording),
  };

  const handle = <O extends Operation>(route: Route & { readonly operation: O }, body: Bodies[O]): Answer => {
    const { operation, recording = '' } = route;
    if (isOther(operation)) return (others[operation] as (given: unknown, recording: string) => Answer)(body, recording);
    const call = operation === 'startRecording' ? recorded(body as Bodies['startRecording']) : calls.get(route.call ?? '');
    if (call === undefined) return refused('absent');
    const isEstablished = call.state === 'connected' || (call.state === 'transferring' && operation === 'transfer');
    if (!anytime.has(operation) && !isEstablished) return refused('not-established');
    if (call.state === 'disconnected') return refused('absent');
    return (requests[operation as keyof CallRequests] as (on: Connection, given: unknown, of: Route) => Answer)(call, body, route);
  };

  const isOther = (operation: Operation): operation is keyof typeof others => operation in others;

  const recorded = ({ callConnectionId, callLocator }: Bodies['startRecording']): Connection | undefined =>
    callConnectionId !== undefined ? calls.get(callConnectionId)
    : callLocator?.kind === 'serverCallLocator' ? running(({ serverCallId }) => serverCallId === callLocator.serverCallId)
    : undefined;

  return {
    rings: ({ name = '', correlationId: given = randomUUID(), ...call }) => {
      const context = `${part({ alg: 'none', typ: 'JWT' })}.${part({ cc: randomBytes(48).toString('base64') })}.`;
      const own: Waiting = { ...call, serverCallId: newServerCallId(), correlationId: given, isGone: false };
      waiting.set(context, own);
      const { from, to, serverCallId, correlationId } = own;
      return {
        correlationId,
        event: incomingCall({ from, to, name, serverCallId, correlationId, incomingCallContext: context }, call.now()),
        connection: () => own.taken,
        lose: () => void waiting.delete(context),
        hangUp: () => {
          own.isGone = true;
          if (own.taken !== undefined) leave(own.taken, from);
        },
      };
    },
    handle,
    refused: ({ call = '' }, text) => {
      const about = calls.get(call);
      if (about !== undefined && about.state !== 'disconnected') carriages.get(about)?.onRefusal?.(text);
    },
    keys: tellKeys,
    hangUp: (call, who) => leave(call, who),
    calls: () => [...calls.values()].filter(({ state }) => state !== 'disconnected'),
    call: (correlationId) => [...calls.values()].find((call) => call.correlationId === correlationId),
    file: tapes.file,
    idle: async () => {
      await Promise.all([...new Set([...carriages.values()].map(({ delivery }) => delivery))].map((delivery) => delivery.idle()));
    },
  };
};

/** How long it may take until a call that was placed is put through, ms. */
const setUpMs = 115_000;

const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
const newServerCallId = (): string => Buffer.from(`https://calls.emulated.invalid/conv/${randomUUID()}?i=1`).toString('base64');
