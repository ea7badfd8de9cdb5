/**
 * Sentences — what the page says when something does not work: what happened, and what to do about it.
 *
 * @module
 */
import type { BotShown, SoundOffer, SoundPart } from './protocol.ts';

/** Why there is no sound, or only one way. */
export type SoundTrouble = 'refused' | 'no-device' | 'no-audio' | 'failed' | 'taken';

export const soundTroubles: Readonly<Record<SoundTrouble, string>> = {
  refused: 'The microphone is refused, so you only listen: allow it in the address bar and take the call here again, or type what you say.',
  'no-device': 'No microphone was found, so you only listen: plug one in and take the call here again, or type what you say.',
  'no-audio': 'This browser neither has WebRTC nor plays what a page brings, so there is no sound: use another one, or read and type.',
  failed: 'The sound did not come through: take the call here to try again, or read and type.',
  taken: 'The sound of this call has gone to another window: take the call here to have it back.',
};

export const linkTroubles = {
  lost: 'The phone process is gone: start `callchart dev` again, and this page comes back by itself.',
  refused: 'Open the address that `callchart dev` printed.',
} as const;

/** What is wrong with the bot, in a headline. */
export const botTroubles: Readonly<Record<BotShown['state'], string | undefined>> = {
  starting: undefined,
  ready: undefined,
  failed: 'The bot does not load',
  down: 'The bot’s process has ended',
};

/** What to do about a bot that cannot be called. */
export const botAdvice: Readonly<Record<BotShown['state'], string>> = {
  starting: 'It starts; a call rings it as soon as it is there.',
  ready: 'It takes calls.',
  failed: 'Correct the file and save it; what was loaded before takes the calls until then.',
  down: 'It is begun again by itself; saving its file begins it at once.',
};

const parts: readonly (readonly [keyof Omit<SoundOffer, 'install' | 'webrtc'>, string])[] = [
  ['voice', 'prompts are read, not heard'],
  ['recogniser', 'words are typed, not spoken'],
  ['line', 'microphone and loudspeaker are off'],
];

/** What there is no sound of, in a sentence; nothing where all is there. */
export function soundSentence(sound: SoundOffer): string | undefined {
  const without = parts.filter(([name]) => !sound[name].ready);
  if (without.length === 0) return undefined;
  const missing = [...new Set(without.flatMap(([name]) => sound[name].missing))];
  const troubles = without.map(([name]): SoundPart => sound[name]).flatMap(({ trouble }) => trouble ?? []);
  const what = without.map(([, effect]) => effect).join('; ');
  const why = missing.length === 0 ? troubles.join(' ') : `${listed(missing)} ${missing.length === 1 ? 'is' : 'are'} not installed.`;
  return `${what.charAt(0).toUpperCase()}${what.slice(1)}${why === '' ? '.' : `. ${why}`}`;
}

const listed = (things: readonly string[]): string => (things.length < 2 ? things.join('') : `${things.slice(0, -1).join(', ')} and ${things.at(-1) ?? ''}`);
