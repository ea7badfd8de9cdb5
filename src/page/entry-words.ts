/**
 * Entry words — how an entry of the transcript is told to the one who holds the phone.
 *
 * Leaf but for types.
 *
 * @module
 */
import type { Entry } from '../emulator/transcript.ts';

/** An entry on the page: what somebody said or did is a bubble, what the line did a note between them. */
export type EntryShown =
  | { readonly as: 'bubble'; readonly side: 'bot' | 'caller'; readonly means: 'words' | 'keys' | 'sound' | 'chat'; readonly text: string }
  | { readonly as: 'note'; readonly tone: 'plain' | 'bad'; readonly text: string };

const plain = (text: string): EntryShown => ({ as: 'note', tone: 'plain', text });
const bad = (text: string): EntryShown => ({ as: 'note', tone: 'bad', text });
const bubble = (side: 'bot' | 'caller', means: 'words' | 'keys' | 'sound' | 'chat', text: string): EntryShown => ({ as: 'bubble', side, means, text });

type Key = { [W in Entry['who']]: `${W}.${Extract<Entry, { readonly who: W }>['kind']}` }[Entry['who']];

const words: { readonly [K in Key]: (text: string) => EntryShown } = {
  'line.ringing': () => plain('It rings'),
  'bot.answered': () => plain('The bot answers'),
  'caller.answered': () => plain('You answer'),
  'bot.rejected': () => plain('The bot refuses the call'),
  'bot.says': (text) => bubble('bot', 'words', text),
  'bot.plays': (text) => bubble('bot', 'sound', text),
  'bot.writes': (text) => bubble('bot', 'chat', text),
  'bot.pauses': (text) => plain(`Silence of ${text}`),
  'bot.asks': (text) => plain(`Listens for ${text}`),
  'bot.transfers': (text) => plain(`The bot hands you on to ${text}`),
  'bot.calls': (text) => plain(`The bot rings ${text}`),
  'bot.holds': () => plain('You are on hold'),
  'bot.unholds': () => plain('You are taken back'),
  'bot.hungup': () => plain('The bot hung up'),
  'caller.keys': (text) => bubble('caller', 'keys', text),
  'caller.speech': (text) => bubble('caller', 'words', text === '' ? '(speaks)' : text),
  'caller.silence': (text) => plain(text === '' ? 'You are silent' : `You are silent for ${text}`),
  'caller.recording': (text) => bubble('caller', 'sound', text === '' ? 'Recording' : `Recording, ${text}`),
  'caller.waits': (text) => plain(`You wait ${text}`),
  'caller.hungup': () => plain('You hung up'),
  'line.beep': () => plain('Beep'),
  'line.bargein': () => plain('You interrupt the bot'),
  'line.unheard': (text) => plain(`Not understood: ${text}`),
  'line.refused': (text) => bad(`The bot’s answer is illegal: ${text}`),
  'line.retrying': (text) => bad(text),
  'line.failed': (text) => bad(text),
  'line.hungup': (text) => bad(text === '' ? 'The line hung up' : `The line hung up: ${text}`),
  'line.error': (text) => bad(text),
  'line.task': (text) => plain(`Task ${text}`),
  'line.assumed': (text) => plain(`Assumed: ${text}`),
  'line.party': (text) => plain(text),
  'line.warned': (text) => bad(text),
};

/** How `entry` is shown. */
export const shownAs = ({ who, kind, text = '' }: Entry): EntryShown => words[`${who}.${kind}` as Key](text);
