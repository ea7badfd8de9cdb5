/**
 * Socket audio — microphone and loudspeaker of this browser on a call by a WebSocket: where WebRTC cannot be had, as on a machine in no network.
 *
 * What goes over it is told in `protocol.ts`; what is played and heard is made by a worklet. Keys do not go with the sound.
 *
 * @module
 */
import type { Sound } from './audio.ts';
import type { Microphone } from './microphone.ts';
import type { SoundTaken } from './protocol.ts';
import { SoundError } from './sound-error.ts';
import worklet from './worklet.ts?worker&url';

export interface SocketSoundOptions {
  readonly callId: string;
  /** Whom the other end hears. Without one there is the loudspeaker alone. It stays open whatever becomes of the sound. */
  readonly microphone?: Microphone;
  /** The other end has gone, or another window has the sound; this one is closed. Not told at the end of the call. */
  lost(why: 'failed' | 'taken'): void;
}

const connectingMs = 10_000;
/** What has come by the end of a call is still heard. */
const lingerMs = 300;
const taken: SoundTaken = 4001;
const ended = 1000;
/** Bytes that wait to be sent: a second of sound. What would be more is lost. */
const waitingLimit = 32 * 1024;

/** Connects loudspeaker and, if there is one, microphone. @throws a {@link SoundError} */
export async function connectSocket({ callId, microphone, lost }: SocketSoundOptions): Promise<Sound> {
  if (typeof AudioWorkletNode === 'undefined') throw new SoundError('no-audio');
  const context = new AudioContext();
  let socket: WebSocket | undefined;
  let isOpen = true;

  const close = (): void => {
    isOpen = false;
    socket?.close();
    window.setTimeout(() => void context.close().catch(() => {}), lingerMs);
  };

  try {
    begin(context);
    await context.audioWorklet.addModule(worklet);
    const loudspeaker = new AudioWorkletNode(context, 'loudspeaker', { numberOfInputs: 0, outputChannelCount: [1] });
    const remote = new MediaStreamAudioDestinationNode(context);
    loudspeaker.connect(context.destination);
    loudspeaker.connect(remote);
    const opened = new WebSocket(addressOf(callId));
    socket = opened;
    opened.binaryType = 'arraybuffer';
    opened.addEventListener('message', ({ data }: MessageEvent<ArrayBuffer>) => {
      // Nobody takes them from a browser that wants a click first.
      if (context.state === 'running') loudspeaker.port.postMessage(data, [data]);
    });
    await begun(opened);
    opened.addEventListener('close', ({ code }) => {
      if (!isOpen) return;
      close();
      if (code !== ended) lost(code === taken ? 'taken' : 'failed');
    });
    if (microphone !== undefined) {
      const listener = new AudioWorkletNode(context, 'listener', { channelCount: 1, channelCountMode: 'explicit' });
      listener.port.onmessage = ({ data }: MessageEvent<ArrayBuffer>) => {
        if (opened.readyState === WebSocket.OPEN && opened.bufferedAmount < waitingLimit) opened.send(data);
      };
      // It is silent; what leads nowhere is not run.
      new MediaStreamAudioSourceNode(context, { mediaStream: microphone.stream }).connect(listener).connect(context.destination);
    }
    return { remote: remote.stream, sendKey: () => false, close };
  } catch (cause) {
    close();
    throw cause instanceof SoundError ? cause : new SoundError('failed', cause);
  }
}

/** Where the browser wants a click first, it gets the next one. */
function begin(context: AudioContext): void {
  void context.resume().catch(() => {});
  if (context.state !== 'running') document.addEventListener('pointerdown', () => void context.resume().catch(() => {}), { once: true });
}

function addressOf(callId: string): URL {
  const address = new URL('/sound', window.location.href);
  address.protocol = address.protocol === 'https:' ? 'wss:' : 'ws:';
  address.searchParams.set('call', callId);
  return address;
}

/** The first message is there. */
const begun = (socket: WebSocket): Promise<void> =>
  new Promise((done, failed) => {
    const fail = (): void => failed(new SoundError('failed'));
    const timer = window.setTimeout(fail, connectingMs);
    socket.addEventListener('close', fail, { once: true });
    socket.addEventListener('message', () => {
      window.clearTimeout(timer);
      done();
    }, { once: true });
  });
