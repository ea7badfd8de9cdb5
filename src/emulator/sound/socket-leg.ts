/**
 * Socket leg — microphone and loudspeaker of a browser on a call, by the messages of a WebSocket: for browsers that cannot have WebRTC, as on a
 * machine in no network, and where no package of it is installed.
 *
 * Each message is 20 ms of sound: 320 samples at 16 kHz, two bytes each, the lower one first; the same both ways. They go down at the pace of the clock,
 * silent where nothing plays. One without any bytes says that what the browser holds back is not to be heard any more. Keys do not come with the sound.
 *
 * What the browser sends is not believed: messages of another length, and those that come faster than sound does, are left out.
 *
 * @module
 */
import type { Clock } from '../../transport/index.ts';
import { type Coding, downlink } from './downlink.ts';
import { frameLength, frameRate } from './frames.ts';
import type { LegListener, SoundLeg } from './leg.ts';
import { pace, packetMs } from './pace.ts';
import { stalledMs } from './uplink.ts';

/** What carries the sound: an open WebSocket, or what is like one. */
export interface SoundSocket {
  send(message: Uint8Array): void;
  /** So many bytes were sent and are still here. */
  waiting(): number;
  onMessage(heard: (message: Uint8Array) => void): void;
  /** It was closed, by whomever. */
  onClose(closed: () => void): void;
  close(): void;
}

export interface SocketLegOptions {
  /** How long the browser may take nothing of what is sent, before it counts as gone. */
  readonly patienceMs?: number;
  /** It must not be set. */
  readonly clock?: Pick<Clock, 'now' | 'setTimer'>;
}

/** Bytes that wait for the browser: two seconds of sound. What would be more is lost. */
const waitingLimit = 64 * 1024;
/** So many frames of the microphone may come at once: a browser that was busy sends what it has. */
const mostAtOnce = 50;

const width = 2;
const frameBytes = frameLength * width;
const nothing = new Uint8Array(0);

const linear: Coding = {
  rate: frameRate, width, silent: 0,
  encode: (samples) => {
    const bytes = Buffer.allocUnsafe(samples.length * width);
    for (const [index, sample] of samples.entries()) bytes.writeInt16LE(sample, index * width);
    return bytes;
  },
};

const steady: Pick<Clock, 'now' | 'setTimer'> = {
  now: () => performance.now(),
  setTimer: (at, work) => {
    const timer = setTimeout(work, at - performance.now());
    return () => clearTimeout(timer);
  },
};

/** Takes the sound that comes by `socket`; the leg is open from then on, and is to be closed. */
export function openSocketLeg(socket: SoundSocket, { onSound }: Pick<LegListener, 'onSound'> = {}, { patienceMs = 8_000, clock = steady }: SocketLegOptions = {}): SoundLeg {
  const gone = new AbortController();
  const down = downlink(linear);
  const sent = pace(clock.now());
  let isOver = false;
  let callOff = (): void => {};
  let stuckMs = 0;
  let room = mostAtOnce;
  let quietMs: number | undefined;

  /** 20 ms have passed. */
  function passed(): void {
    const message = down.next();
    const isStuck = socket.waiting() > waitingLimit;
    stuckMs = isStuck ? stuckMs + packetMs : 0;
    if (!isStuck) socket.send(message);
    room = Math.min(mostAtOnce, room + 1);
    if (quietMs === undefined) return;
    quietMs += packetMs;
    if (quietMs > stalledMs) onSound?.(new Int16Array(frameLength));
  }

  function turn(): void {
    const { packets } = sent.due(clock.now());
    for (let count = 0; count < packets && !isOver; count += 1) passed();
    if (stuckMs > patienceMs) leave();
    // Whoever listens may have closed it.
    else if (!isOver) callOff = clock.setTimer(clock.now() + sent.waitMs(clock.now()), turn);
  }

  function heard(message: Uint8Array): void {
    if (isOver || message.length !== frameBytes || room === 0) return;
    room -= 1;
    quietMs = 0;
    onSound?.(samplesOf(message));
  }

  /** The end of it, once. */
  function end(): boolean {
    if (isOver) return false;
    isOver = true;
    callOff();
    down.close();
    socket.close();
    return true;
  }

  function leave(): void {
    if (end()) gone.abort();
  }

  socket.onMessage(heard);
  socket.onClose(leave);
  turn();
  return {
    connected: Promise.resolve(!isOver),
    gone: gone.signal,
    async play(pcm, signal) {
      const how = await down.play(pcm, signal);
      if (how === 'cut' && !isOver) socket.send(nothing);
      return how;
    },
    close: async () => void end(),
  };
}

function samplesOf(message: Uint8Array): Int16Array {
  const view = new DataView(message.buffer, message.byteOffset, message.byteLength);
  return Int16Array.from({ length: frameLength }, (_, index) => view.getInt16(index * width, true));
}
