/**
 * Saying — words for those who have no microphone, or rather type.
 *
 * @module
 */
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import type { Doings } from './doings.ts';
import { Icon } from './icons.tsx';

export function Saying({ doings }: { readonly doings: Doings }): JSX.Element {
  const [words, setWords] = useState('');
  const say = (event: Event): void => {
    event.preventDefault();
    if (words.trim() === '') return;
    doings.say(words.trim());
    setWords('');
  };
  const leave = (event: KeyboardEvent & { readonly currentTarget: HTMLInputElement }): void => {
    if (event.key === 'Escape') event.currentTarget.blur();
  };
  return (
    <form class="saying" onSubmit={say}>
      <input type="text" aria-label="Say" placeholder="Say something…" autoComplete="off" value={words} onInput={({ currentTarget }) => setWords(currentTarget.value)} onKeyDown={leave} />
      <button type="submit" class="send-button" aria-label="Say it" disabled={words.trim() === ''}><Icon name="send" /></button>
    </form>
  );
}
