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
import { type Fields, identifierOf, isPhone, rawIdIn } from './identity.ts';
import { type Manners, play, recognize, tellKeys } from './media.ts';
import type { Parties, Pickup } from './parties.ts';
import { addParticipant, cancelAddParticipant, failureOf, hold, leave, moveParticipants, muteParticipant, removeParticipant, transfer } from './people.ts';
import { recordings } from './recordings.ts';
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

/** What a request for a call that runs needs: that the call is put through. */
const establishedOnly: ReadonlySet<Operation> = new Set<Operation>([
  'play', 'recognize', 'cancelMedia', 'startTones', 'stopTones', 'sendTones', 'hold', 'unhold', 'transfer', 'addParticipant', 'cancelAddParticipant', 'removeParticipant', 'muteParticipant', 'moveParticipants',
  'startStreaming', 'stopStreaming', 'startTranscription', 'updateTranscription', 'stopTranscription', 'startRecording',
]);

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

  /** A request for a call that runs. */
  const handleCall = ({ operation, participant = '' }: Route, call: Connection, body: Fields): Answer => {
    const as = <O extends Operation>(_: O): Bodies[O] => body as Bodies[O];
    switch (operation) {
      case 'getCall':
        return taken(operation, propertiesOf(call));
      case 'hangup':
      case 'terminate':
        call.state = 'disconnecting';
        return taken(operation, undefined, () => call.end('ended-by-app', 'app'));
      case 'play':
        return media(call, operation, play(call, as('play')), as('play').interruptCallMediaOperation === true);
      case 'recognize':
        if (!call.participants.has(rawIdIn(as('recognize').recognizeOptions.targetParticipant) as string)) return refused('invalid');
        return media(call, operation, recognize(call, as('recognize'), manners), as('recognize').interruptCallMediaOperation === true);
      case 'cancelMedia':
        return taken(operation, undefined, () => call.lanes.cancel());
      case 'startTones':
      case 'stopTones':
        return listen(call, operation, as('startTones'));
      case 'sendTones':
        return sendTones(call, as('sendTones'));
      case 'hold':
      case 'unhold':
        return hold(call, operation, as(operation));
      case 'startStreaming':
      case 'stopStreaming':
        return stream(call, operation, as(operation));
      case 'startTranscription':
      case 'updateTranscription':
      case 'stopTranscription':
        return transcribe(call, operation, as(operation));
      case 'listParticipants':
        return taken(operation, { value: [...call.participants.keys()].map((rawId) => participantOf(call, rawId)) });
      case 'getParticipant':
        return call.participants.has(participant) ? taken(operation, participantOf(call, participant)) : refused('absent');
      case 'transfer':
        return transfer(call, as('transfer'));
      case 'addParticipant':
        return addParticipant(call, as('addParticipant'));
      case 'removeParticipant':
        return removeParticipant(call, as('removeParticipant'));
      case 'muteParticipant':
        return muteParticipant(call, as('muteParticipant'));
      case 'cancelAddParticipant':
        return cancelAddParticipant(call, as('cancelAddParticipant'));
      case 'moveParticipants':
        return moveParticipants(call, running(({ connectionId }) => connectionId === as('moveParticipants').fromCall), as('moveParticipants'));
      case 'startRecording':
        return tapes.start(call, as('startRecording'));
      default:
        return refused('absent');
    }
  };

  const handle = <O extends Operation>(route: Route & { readonly operation: O }, given: Bodies[O]): Answer => {
    const body = given as unknown;
    const recording = route.recording ?? '';
    switch (route.operation as Operation) {
      case 'createCall':
        return createCall(body as Bodies['createCall']);
      case 'answer':
        return answer(body as Bodies['answer']);
      case 'connect':
        return connect(body as Bodies['connect']);
      case 'reject':
        return giveAway('reject', (body as Bodies['reject']).incomingCallContext, ({ parties }) => parties.reject());
      case 'redirect':
        return giveAway('redirect', (body as Bodies['redirect']).incomingCallContext, ({ parties }) => parties.redirect(rawIdIn((body as Bodies['redirect']).target) as string));
      case 'getRecording':
        return tapes.get(recording);
      case 'stopRecording':
        return tapes.stop(recording);
      case 'pauseRecording':
        return tapes.pause(recording);
      case 'resumeRecording':
        return tapes.resume(recording);
    }
    const call = route.operation === 'startRecording' ? recorded(body as Bodies['startRecording']) : calls.get(route.call ?? '');
    if (call === undefined) return refused('absent');
    const isEstablished = call.state === 'connected' || (call.state === 'transferring' && route.operation === 'transfer');
    if (establishedOnly.has(route.operation) && !isEstablished) return refused('not-established');
    return call.state === 'disconnected' ? refused('absent') : handleCall(route, call, body as Fields);
  };

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

const participantOf = ({ participants }: Connection, rawId: string): Fields => ({ identifier: identifierOf(rawId), ...participants.get(rawId) });

/** Whether somebody by himself is busy with something already. */
const hasRoom = (call: Connection, lane: 'main' | 'side'): boolean => lane === 'main' || (call.lanes.hasRoom('side') && call.listening.size === 0);

const media = (call: Connection, operation: 'play' | 'recognize', asked: ReturnType<typeof play>, interrupts: boolean): Answer => {
  if (!interrupts && !hasRoom(call, asked.lane)) return refused('incompatible');
  return taken(operation, undefined, () => {
    if (interrupts) call.lanes.cancel();
    call.lanes.add(asked);
  });
};

const listen = (call: Connection, operation: 'startTones' | 'stopTones', { targetParticipant, operationContext, operationCallbackUri }: Bodies['startTones']): Answer => {
  const who = rawIdIn(targetParticipant) as string;
  const of = { operationContext, operationCallbackUri };
  if (!call.participants.has(who)) return refused('invalid');
  if (operation === 'startTones' && !hasRoom(call, 'side')) return refused('incompatible');
  return taken(operation, undefined, () => {
    if (operation === 'startTones') call.listening.set(who, { ...of, sequence: 0 });
    else if (call.listening.delete(who)) call.tell('ContinuousDtmfRecognitionStopped', { resultInformation: results.done }, of);
  });
};

const sendTones = (call: Connection, { targetParticipant, operationContext, operationCallbackUri }: Bodies['sendTones']): Answer => {
  const who = rawIdIn(targetParticipant) as string;
  if (!isPhone(who) || !call.participants.has(who)) return refused('invalid');
  if (!hasRoom(call, 'side')) return refused('incompatible');
  return taken('sendTones', operationContext === undefined ? {} : { operationContext }, () =>
    call.tell('SendDtmfTonesCompleted', { resultInformation: results.done }, { operationContext, operationCallbackUri }));
};

const stream = (call: Connection, operation: 'startStreaming' | 'stopStreaming', of: Bodies['startStreaming']): Answer => {
  if (call.agreement.mediaStreamingOptions === undefined) return refused('no-streaming');
  const word = operation === 'startStreaming' ? 'Started' : 'Stopped';
  return taken(operation, undefined, () =>
    call.tell(`MediaStreaming${word}`, {
      mediaStreamingUpdate: { contentType: 'Audio', mediaStreamingStatus: `mediaStreaming${word}`, mediaStreamingStatusDetails: `subscription${word}` }, resultInformation: results.completed,
    }, of));
};

const transcribe = (call: Connection, operation: 'startTranscription' | 'updateTranscription' | 'stopTranscription', of: Bodies['startTranscription']): Answer => {
  if (call.agreement.transcriptionOptions === undefined) return refused('no-transcription');
  const [word, details] = ({
    startTranscription: ['Started', 'subscriptionStarted'], updateTranscription: ['Updated', 'transcriptionLocaleUpdated'], stopTranscription: ['Stopped', 'subscriptionStopped'],
  } as const)[operation];
  return taken(operation, undefined, () =>
    call.tell(`Transcription${word}`, { transcriptionUpdate: { transcriptionStatus: `transcription${word}`, transcriptionStatusDetails: details }, resultInformation: results.completed }, of));
};
