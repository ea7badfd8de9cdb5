/**
 * Requests — what becomes of each request about a call that runs.
 *
 * @module
 */
import { type Answer, refused, taken } from './answer.ts';
import type { Bodies } from './bodies.ts';
import { type Connection, propertiesOf } from './connection.ts';
import { type Fields, identifierOf, isPhone, rawIdIn } from './identity.ts';
import { type Manners, play, recognize } from './media.ts';
import { addParticipant, cancelAddParticipant, hold, moveParticipants, muteParticipant, removeParticipant, transfer } from './people.ts';
import type { Recordings } from './recordings.ts';
import { results } from './results.ts';
import type { Operation, Route } from './routes.ts';

type CallOperation = Exclude<Operation, 'createCall' | 'answer' | 'reject' | 'redirect' | 'connect' | 'getRecording' | 'stopRecording' | 'pauseRecording' | 'resumeRecording'>;

/** Each request about a call. */
export type CallRequests = { readonly [O in CallOperation]: (call: Connection, body: Bodies[O], route: Route) => Answer };

/** What they need besides the call. */
export interface CallRequestsOptions {
  readonly manners: Manners;
  readonly tapes: Recordings;
  /** A call that runs. */
  readonly running: (is: (call: Connection) => boolean) => Connection | undefined;
}

export const callRequests = ({ manners, tapes, running }: CallRequestsOptions): CallRequests => ({
  getCall: (call) => taken('getCall', propertiesOf(call)),
  hangup: (call) => hangup(call, 'hangup'),
  terminate: (call) => hangup(call, 'terminate'),
  transfer,

  play: (call, body) => media(call, 'play', play(call, body), body.interruptCallMediaOperation === true),
  recognize: (call, body) => {
    if (!call.participants.has(rawIdIn(body.recognizeOptions.targetParticipant) as string)) return refused('invalid');
    return media(call, 'recognize', recognize(call, body, manners), body.interruptCallMediaOperation === true);
  },
  cancelMedia: (call) => taken('cancelMedia', undefined, () => call.lanes.cancel()),
  startTones: (call, body) => listen(call, 'startTones', body),
  stopTones: (call, body) => listen(call, 'stopTones', body),
  sendTones,
  hold: (call, body) => hold(call, 'hold', body),
  unhold: (call, body) => hold(call, 'unhold', body),

  startStreaming: (call, body) => stream(call, 'startStreaming', body),
  stopStreaming: (call, body) => stream(call, 'stopStreaming', body),
  startTranscription: (call, body) => transcribe(call, 'startTranscription', body),
  updateTranscription: (call, body) => transcribe(call, 'updateTranscription', body),
  stopTranscription: (call, body) => transcribe(call, 'stopTranscription', body),

  listParticipants: (call) => taken('listParticipants', { value: [...call.participants.keys()].map((rawId) => participantOf(call, rawId)) }),
  getParticipant: (call, _, { participant = '' }) => (call.participants.has(participant) ? taken('getParticipant', participantOf(call, participant)) : refused('absent')),
  addParticipant,
  removeParticipant,
  muteParticipant,
  cancelAddParticipant,
  moveParticipants: (call, body) => moveParticipants(call, running(({ connectionId }) => connectionId === body.fromCall), body),

  startRecording: (call, body) => tapes.start(call, body),
});

const hangup = (call: Connection, operation: 'hangup' | 'terminate'): Answer => {
  call.state = 'disconnecting';
  return taken(operation, undefined, () => call.end('ended-by-app', 'app'));
};

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
