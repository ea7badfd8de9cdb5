/**
 * Sound — the sound of this page: on one call at a time, both ways where there is a microphone, else to listen.
 *
 * @module
 */
import { connectSound, type Sound, SoundError } from './audio.ts';
import type { PageSound } from './model.ts';
import type { Asked, Told } from './protocol.ts';
import type { SoundTrouble } from './sentences.ts';

export interface SoundOptions {
  readonly tell: (asked: Asked) => boolean;
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

/** The desk at which the sound is kept. */
export function soundDesk({ tell, onSound }: SoundOptions): SoundDesk {
  let leg: { readonly callId: string; readonly sound: Sound } | undefined;
  let waiting: Waiting | undefined;
  let taken = 0;

  function drop(): void {
    taken += 1;
    waiting?.refused();
    leg?.sound.close();
    leg = undefined;
  }

  async function take(callId: string): Promise<void> {
    drop();
    const turn = taken;
    onSound({ callId, is: 'connecting', microphone: false, muted: false });
    const both = await connect(callId, true);
    const listens = both === 'refused' || both === 'no-device' ? both : undefined;
    const connected = listens !== undefined && turn === taken ? await connect(callId, false) : both;
    if (turn !== taken) {
      if (typeof connected === 'object') connected.close();
      return;
    }
    if (typeof connected === 'string') {
      tell({ type: 'rtc.none', callId });
      return onSound({ callId, is: 'off', microphone: false, muted: false, trouble: connected });
    }
    const { microphone } = connected;
    leg = { callId, sound: connected };
    onSound({ callId, is: 'on', microphone, muted: false, ...(listens !== undefined && { trouble: listens }) });
  }

  const connect = async (callId: string, microphone: boolean): Promise<Sound | SoundTrouble> => {
    try {
      return await connectSound({ microphone, signal: (offer) => signal(callId, offer), lost: () => lost(callId) });
    } catch (error) {
      return error instanceof SoundError ? error.reason : 'failed';
    }
  };

  function lost(callId: string): void {
    if (leg?.callId !== callId) return;
    leg = undefined;
    onSound({ callId, is: 'off', microphone: false, muted: false, trouble: 'failed' });
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
    if (told.type === 'call' && told.call.state === 'over' && told.call.id === (leg ?? waiting)?.callId) drop();
  }

  function press(callId: string, key: string): boolean {
    return leg?.callId === callId && leg.sound.sendKey(key);
  }

  return { take, hear, press, drop, mute: (on) => leg?.sound.mute(on), level: () => leg?.sound.level() ?? 0 };
}
