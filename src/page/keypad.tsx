/**
 * Keypad — the twelve keys, by mouse, by touch, and by the keyboard whenever nobody writes.
 *
 * @module
 */
import type { JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import type { Doings } from './doings.ts';

const keys: readonly (readonly [string, string])[] = [
  ['1', ''], ['2', 'abc'], ['3', 'def'],
  ['4', 'ghi'], ['5', 'jkl'], ['6', 'mno'],
  ['7', 'pqrs'], ['8', 'tuv'], ['9', 'wxyz'],
  ['*', ''], ['0', '+'], ['#', ''],
];
const names: Readonly<Record<string, string>> = { '*': 'star', '#': 'hash' };
const litMs = 160;

export function Keypad({ doings }: { readonly doings: Doings }): JSX.Element {
  const [lit, setLit] = useState<string>();
  const timer = useRef(0);
  const press = (key: string): void => {
    doings.press(key);
    setLit(key);
    window.clearTimeout(timer.current);
    timer.current = window.setTimeout(() => setLit(undefined), litMs);
  };
  const pressing = useRef(press);
  pressing.current = press;
  useEffect(() => {
    const keyed = (event: KeyboardEvent): void => {
      if (event.ctrlKey || event.metaKey || event.altKey || event.repeat || event.isComposing || isWriting(event.target)) return;
      if (!keys.some(([key]) => key === event.key)) return;
      event.preventDefault();
      pressing.current(event.key);
    };
    window.addEventListener('keydown', keyed);
    return () => {
      window.removeEventListener('keydown', keyed);
      window.clearTimeout(timer.current);
    };
  }, []);
  return (
    <div class="keypad" role="group" aria-label="Keypad">
      {keys.map(([key, letters]) => (
        <button type="button" key={key} class="key" data-lit={lit === key} aria-label={names[key] ?? key} onClick={() => press(key)}>
          <span class="key-name">{key}</span>
          <span class="key-letters" data-letters={letters} />
        </button>
      ))}
    </div>
  );
}

/** Whether keys that are pressed there are letters of a text. */
const isWriting = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement && (target.isContentEditable || target instanceof HTMLTextAreaElement || target instanceof HTMLSelectElement || (target instanceof HTMLInputElement && !['range', 'checkbox', 'radio', 'button'].includes(target.type)));
