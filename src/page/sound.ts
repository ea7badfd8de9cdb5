/**
 * Sound — the sound of this page: on one call at a time, both ways where there is a microphone, else to listen.
 *
 * @module
 */
import { connectSound, type Sound } from './audio.ts';
import { type Microphone, openMicrophone } from './microphone.ts';
import type { PageSound } from './model.ts';
import type { Asked, Told } from './protocol.ts';
import type { SoundTrouble } from './sentences.ts';
import { connectSocket } from './socket-audio.ts';
import { SoundError } from './sound-error.ts';

export interface SoundOptions {
  readonly tell: (asked: Asked) => boolean;
  /** Whether the process has WebRTC. */
  readonly webrtc: () => boolean;
  readonly onSound: (sound: PageSound | undefined) => void;
}

export interface SoundDesk {
  /** Brings microphone and loudspeaker to the call. */
  take(callId: string): Promise<void>;
  /** What the process tells, of which the answer to an offer is for this desk. */
  hear(told: Told): void;
  mute(on: boolean): void;
  /** Sends a key with the sound; false where that cannot be. */
  press(callId: string, key: string): boolean;
  /** How loud the microphone is, from 0 to 1. */
  level(): number;
  drop(): void;
}

const answerWithinMs = 15_000;

interface Waiting {
  readonly callId: string;
  readonly answered: (sdp: string) => void;
  readonly refused: () => void;
}

/** What was brought to a call. */
interface Brought {
  readonly sound: Sound;
  readonly microphone?: Microphone;
  /** Why there is no microphone. */
  readonly listens?: SoundTrouble;
}

/** The desk at which the sound is kept. */
export function soundDesk({ tell, webrtc, onSound }: SoundOptions): SoundDesk {
  let leg: (Brought & { readonly callId: string }) | undefined;
  let waiting: Waiting | undefined;
  /** The call that the sound is on, or is being brought to. */
  let wanted: { readonly callId: string } | undefined;

  function drop(): void {
    wanted = undefined;
    waiting?.refused();
    if (leg !== undefined) letGo(leg);
    leg = undefined;
  }

  async function take(callId: string): Promise<void> {
    drop();
    const own = { callId };
    wanted = own;
    const isWanted = (): boolean => wanted === own;
    onSound({ callId, is: 'connecting', microphone: false, muted: false });
    const brought = await bring(callId, isWanted);
    if (!isWanted()) {
      if (typeof brought === 'object') letGo(brought);
      return;
    }
    if (typeof brought === 'string') {
      tell({ type: 'rtc.none', callId });
      return onSound({ callId, is: 'off', microphone: false, muted: false, trouble: brought });
    }
    leg = { callId, ...brought };
    onSound({ callId, is: 'on', microphone: brought.microphone !== undefined, muted: false, ...(brought.listens !== undefined && { trouble: brought.listens }) });
  }

  /** Microphone and loudspeaker, or the loudspeaker alone where there is no microphone. */
  async function bring(callId: string, isWanted: () => boolean): Promise<Brought | SoundTrouble> {
    const opened = await openMicrophone().catch(troubleOf);
    const [microphone, listens] = typeof opened === 'object' ? [opened, undefined] : [undefined, opened];
    if (listens === 'failed' || !isWanted()) {
      microphone?.close();
      return 'failed';
    }
    try {
      return { sound: await connect(callId, microphone), ...(microphone !== undefined && { microphone }), ...(listens !== undefined && { listens }) };
    } catch (error) {
      microphone?.close();
      return troubleOf(error);
    }
  }

  /** By WebRTC, where it is there and reaches anybody; else by a WebSocket. */
  async function connect(callId: string, own: Microphone | undefined): Promise<Sound> {
    const microphone = own !== undefined && { microphone: own };
    if (webrtc()) {
      try {
        return await connectSound({ ...microphone, signal: (offer) => signal(callId, offer), lost: () => lost(callId, 'failed') });
      } catch (error) {
        if (!(error instanceof SoundError) || (error.reason !== 'no-webrtc' && error.reason !== 'no-network')) throw error;
      }
    }
    return connectSocket({ ...microphone, callId, lost: (why) => lost(callId, why) });
  }

  function lost(callId: string, trouble: 'failed' | 'taken'): void {
    if (leg?.callId !== callId) return;
    leg.microphone?.close();
    leg = undefined;
    onSound({ callId, is: 'off', microphone: false, muted: false, trouble });
  }

  const signal = (callId: string, sdp: string): Promise<string> =>
    new Promise((done, failed) => {
      const settle = (end: () => void) => (): void => {
        window.clearTimeout(timer);
        waiting = undefined;
        end();
      };
      const refused = settle(() => failed(new Error('the offer was not answered')));
      const timer = window.setTimeout(refused, answerWithinMs);
      waiting = { callId, refused, answered: (answer) => settle(() => done(answer))() };
      if (!tell({ type: 'rtc.offer', callId, sdp })) refused();
    });

  function hear(told: Told): void {
    if (told.type === 'rtc.answer' && told.callId === waiting?.callId) waiting.answered(told.sdp);
    if (told.type === 'trouble' && told.callId !== undefined && told.callId === waiting?.callId) waiting.refused();
    if (told.type === 'rtc.gone' && told.callId === leg?.callId) drop();
    if (told.type === 'call' && told.call.state === 'over' && told.call.id === wanted?.callId) drop();
  }

  function press(callId: string, key: string): boolean {
    return leg?.callId === callId && leg.sound.sendKey(key);
  }

  return { take, hear, press, drop, mute: (on) => leg?.microphone?.mute(on), level: () => leg?.microphone?.level() ?? 0 };
}

function letGo({ sound, microphone }: Brought): void {
  sound.close();
  microphone?.close();
}

/** What the person is told of it: another way is taken where one of them is not there. */
function troubleOf(error: unknown): SoundTrouble {
  const reason = error instanceof SoundError ? error.reason : 'failed';
  return reason === 'no-webrtc' || reason === 'no-network' ? 'failed' : reason;
}
