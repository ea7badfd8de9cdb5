/**
 * Recordings — calls at Azure Communication Services that are taped: begun, paused, ended, and announced by Event Grid once
 * the file is there.
 *
 * What becomes of a recording is told where the bot said that it wants to know, and nowhere else. The file is what a caller with a
 * voice has said, else a tone as long as the recording was on, up to a minute.
 *
 * @module
 */
import { randomUUID } from 'node:crypto';
import { toneWav } from '../../tone.ts';
import { type Answer, refused, taken } from './answer.ts';
import type { Bodies } from './bodies.ts';
import type { Connection } from './connection.ts';
import { timestamp } from './envelope.ts';
import { type GridEvent, recordingFile } from './event-grid.ts';
import type { Fields } from './identity.ts';
import { results } from './results.ts';

/** The recordings of a resource. */
export interface Recordings {
  start(call: Connection, body: Bodies['startRecording']): Answer;
  get(recordingId: string): Answer;
  stop(recordingId: string): Answer;
  pause(recordingId: string): Answer;
  resume(recordingId: string): Answer;
  /** The call is over, and its recording with it. */
  ended(call: Connection): void;
  /** The file at `path`. */
  file(path: string): Uint8Array | undefined;
}

/** What recordings are made with. */
export interface RecordingsOptions {
  /** Where the files are: an origin. */
  readonly filesAt: () => string;
  /** Tells by Event Grid. */
  readonly announce: (call: Connection, event: GridEvent) => void;
}

interface Tape {
  readonly id: string;
  readonly call: Connection;
  readonly callbackUri: string | undefined;
  readonly startedAt: number;
  state: 'active' | 'inactive';
  isOver: boolean;
}

export const recordings = ({ filesAt, announce }: RecordingsOptions): Recordings => {
  const tapes = new Map<string, Tape>();
  /** What is on each, or how long it is, by its path. */
  const files = new Map<string, Uint8Array | number>();

  const tell = ({ id, call, callbackUri, state, startedAt }: Tape): void => {
    if (callbackUri === undefined) return;
    const about = `calling/recordings/${call.serverCallId}/${id}/RecordingStateChanged`;
    call.tell('RecordingStateChanged', { recordingId: id, state, startDateTime: timestamp(startedAt), recordingKind: kind, resultInformation: results.done }, { operationCallbackUri: callbackUri }, about);
  };

  const change = (tape: Tape, state: Tape['state']): void => {
    if (tape.state === state) return;
    tape.state = state;
    tell(tape);
  };

  const end = (tape: Tape, reason: 'CallEnded' | 'SessionEnded'): void => {
    if (tape.isOver) return;
    tape.isOver = true;
    tape.call.isTaped = false;
    change(tape, 'inactive');
    const lengthMs = Math.max(1, tape.call.now() - tape.startedAt);
    const documentId = `0-emu-d1-${randomUUID()}`;
    const location = `${filesAt()}/v1/objects/${documentId}`;
    files.set(`/v1/objects/${documentId}/content/video`, tape.call.taped ?? lengthMs);
    tape.call.taped = undefined;
    announce(tape.call, recordingFile({ recordingId: tape.id, serverCallId: tape.call.serverCallId, documentId, location, startedAt: tape.startedAt, lengthMs, reason }, tape.call.now()));
  };

  /** Does `work` with a recording that is on. */
  const withTape = (id: string, work: (tape: Tape) => Answer): Answer => {
    const tape = tapes.get(id);
    return tape === undefined || tape.isOver ? refused('absent') : work(tape);
  };

  return {
    start: (call, { recordingStateCallbackUri: callbackUri, pauseOnStart }) => {
      if ([...tapes.values()].some((tape) => tape.call === call && !tape.isOver)) return refused('recording-runs');
      const id = Buffer.from(JSON.stringify({ PlatformEndpointId: call.connectionId, ResourceSpecificId: randomUUID() })).toString('base64url');
      const tape: Tape = { id, call, callbackUri, startedAt: call.now(), state: pauseOnStart === true ? 'inactive' : 'active', isOver: false };
      tapes.set(id, tape);
      return taken('startRecording', propertiesOf(tape), () => {
        call.isTaped = true;
        tell(tape);
      });
    },
    get: (id) => {
      const tape = tapes.get(id);
      return tape === undefined ? refused('absent') : taken('getRecording', propertiesOf(tape));
    },
    stop: (id) => withTape(id, (tape) => taken('stopRecording', undefined, () => end(tape, 'SessionEnded'))),
    pause: (id) => withTape(id, (tape) => taken('pauseRecording', undefined, () => change(tape, 'inactive'))),
    resume: (id) => withTape(id, (tape) => taken('resumeRecording', undefined, () => change(tape, 'active'))),
    ended: (call) => {
      for (const tape of tapes.values()) if (tape.call === call) end(tape, 'CallEnded');
    },
    file: (path) => {
      const file = files.get(path);
      return typeof file === 'number' ? toneWav(Math.min(file, longestFileMs)) : file;
    },
  };
};

/** A longer file has no more to tell. */
const longestFileMs = 60_000;

const kind = 'azureCommunicationServices';

const propertiesOf = ({ id, state }: Tape): Fields => ({ recordingId: id, recordingState: state, recordingKind: kind });
