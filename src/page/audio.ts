/**
 * Audio — microphone and loudspeaker of this browser on a call, by WebRTC; and the tones that keys make here.
 *
 * Of browsers' own things alone: it knows no framework, and nobody's messages. What goes wrong is one of a few reasons; what to tell the person
 * is the page's.
 *
 * @module
 */
import type { Microphone } from './microphone.ts';
import { SoundError } from './sound-error.ts';

export interface SoundOptions {
  /** Takes a whole offer to the other end, and brings its answer. */
  signal(offerSdp: string): Promise<string>;
  /** Whom the other end hears. Without one there is the loudspeaker alone. It stays open whatever becomes of the sound. */
  readonly microphone?: Microphone;
  /** The other end has gone; the sound is closed. */
  lost?(): void;
}

/** Sound that flows. */
export interface Sound {
  /** What comes from the other end. */
  readonly remote: MediaStream;
  /** Presses a key, behind those that are still being pressed. `false`: it cannot be sent along here, as without a microphone. */
  sendKey(key: string): boolean;
  close(): void;
}

const gatheringMs = 2_000;
const connectingMs = 10_000;
const keyMs = 100;
const betweenKeysMs = 70;

/** Connects loudspeaker and, if there is one, microphone. @throws a {@link SoundError} */
export async function connectSound({ signal, microphone, lost }: SoundOptions): Promise<Sound> {
  if (typeof RTCPeerConnection === 'undefined') throw new SoundError('no-webrtc');
  const peer = new RTCPeerConnection({ iceServers: [] });
  const element = new Audio();
  let isOpen = true;

  const close = (): void => {
    isOpen = false;
    peer.close();
    element.srcObject = null;
  };

  try {
    const own = microphone?.stream;
    const [track] = own?.getAudioTracks() ?? [];
    const line = own === undefined || track === undefined ? peer.addTransceiver('audio', { direction: 'recvonly' }) : peer.addTransceiver(track, { direction: 'sendrecv', streams: [own] });
    // The other end is on this machine: nothing has to be waited for, and a prompt that is cut is quiet so much sooner.
    line.receiver.jitterBufferTarget = 0;
    const remote = new MediaStream([line.receiver.track]);
    element.srcObject = remote;
    // Where the browser wants a click first, it gets the next one.
    void element.play().catch(() => document.addEventListener('pointerdown', () => void element.play().catch(() => {}), { once: true }));
    await peer.setLocalDescription(await peer.createOffer());
    await gathered(peer);
    const offer = peer.localDescription?.sdp ?? '';
    if (!offer.includes('a=candidate:')) throw new SoundError('no-network');
    await peer.setRemoteDescription({ type: 'answer', sdp: await signal(offer) });
    await connected(peer);
    peer.addEventListener('connectionstatechange', () => {
      if (!isOpen || peer.connectionState !== 'failed') return;
      close();
      lost?.();
    });
    return { remote, sendKey: (key) => pressed(line.sender.dtmf, key), close };
  } catch (cause) {
    close();
    throw cause instanceof SoundError ? cause : new SoundError('failed', cause);
  }
}

/** All that the browser knows of its own addresses, or what it knows after two seconds. */
const gathered = (peer: RTCPeerConnection): Promise<void> => when(peer, 'icegatheringstatechange', gatheringMs, () => (peer.iceGatheringState === 'complete' ? 'yes' : undefined)).then(() => undefined);

async function connected(peer: RTCPeerConnection): Promise<void> {
  const how = await when(peer, 'connectionstatechange', connectingMs, () => (peer.connectionState === 'connected' ? 'yes' : peer.connectionState === 'failed' || peer.connectionState === 'closed' ? 'no' : undefined));
  if (how !== 'yes') throw new SoundError('failed');
}

/** Waits until `look` sees something, for `ms` at most. */
const when = (peer: RTCPeerConnection, event: string, ms: number, look: () => 'yes' | 'no' | undefined): Promise<'yes' | 'no' | 'late'> =>
  new Promise((resolve) => {
    const settle = (how: 'yes' | 'no' | 'late'): void => {
      clearTimeout(timer);
      peer.removeEventListener(event, check);
      resolve(how);
    };
    const check = (): void => {
      const seen = look();
      if (seen !== undefined) settle(seen);
    };
    const timer = setTimeout(() => settle('late'), ms);
    peer.addEventListener(event, check);
    check();
  });

function pressed(dtmf: RTCDTMFSender | null, key: string): boolean {
  if (dtmf === null || !dtmf.canInsertDTMF) return false;
  dtmf.insertDTMF(dtmf.toneBuffer + key, keyMs, betweenKeysMs);
  return true;
}

const rows = [697, 770, 852, 941] as const;
const columns = [1209, 1336, 1477, 1633] as const;
const keypad = '123A456B789C*0#D';
const toneMs = 120;
const toneLevel = 0.08;
/** As long as the loudness takes to come and to go, so that nothing clicks. */
const edgeSeconds = 0.008;

let tones: AudioContext | undefined;

/** Lets the person hear the two tones of a key; of what is no key he hears nothing. */
export function keyTone(key: string): void {
  const at = key.length === 1 ? keypad.indexOf(key.toUpperCase()) : -1;
  const [row, column] = [rows[Math.floor(at / 4)], columns[at % 4]];
  if (row === undefined || column === undefined || typeof AudioContext === 'undefined') return;
  tones ??= new AudioContext();
  void tones.resume().catch(() => {});
  const from = tones.currentTime;
  const to = from + toneMs / 1_000;
  const loudness = new GainNode(tones, { gain: 0 });
  loudness.gain.setValueAtTime(0, from);
  loudness.gain.linearRampToValueAtTime(toneLevel, from + edgeSeconds);
  loudness.gain.setValueAtTime(toneLevel, to - edgeSeconds);
  loudness.gain.linearRampToValueAtTime(0, to);
  loudness.connect(tones.destination);
  for (const frequency of [row, column]) {
    const tone = new OscillatorNode(tones, { frequency });
    tone.connect(loudness);
    tone.start(from);
    tone.stop(to);
    tone.addEventListener('ended', () => tone.disconnect());
  }
}
