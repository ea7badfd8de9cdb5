/**
 * Bad line — what shall go wrong between the calling service and the bot in the next call.
 *
 * @module
 */
import type { JSX } from 'preact';
import { Icon } from './icons.tsx';
import type { LineTrouble } from './protocol.ts';
import { span } from './times.ts';

const delays = [0, 250, 500, 1_000, 2_000, 5_000];
const wishes: readonly (readonly ['twice' | 'reordered' | 'lost', string])[] = [
  ['twice', 'Every message comes twice'],
  ['reordered', 'Messages overtake one another'],
  ['lost', 'Answers are lost once'],
];

export function BadLine({ trouble, set }: { readonly trouble: LineTrouble; readonly set: (trouble: LineTrouble) => void }): JSX.Element {
  const { delayMs = 0 } = trouble;
  const wished = wishes.filter(([name]) => trouble[name] === true).length + (delayMs > 0 ? 1 : 0);
  const change = (name: keyof LineTrouble, value: boolean | number): void => {
    const { [name]: _before, ...others } = trouble;
    set(value === false || value === 0 ? others : { ...others, [name]: value });
  };
  return (
    <details class="bad-line">
      <summary>
        <Icon name="line" />
        <span>Bad line</span>
        <span class="dim">{wished === 0 ? 'none' : `${wished} on`}</span>
      </summary>
      <div class="bad-line-wishes">
        <label class="field row">
          <span>Messages are late by</span>
          <span class="select">
            <select value={String(delayMs)} onChange={({ currentTarget }) => change('delayMs', Number(currentTarget.value))}>
              {delays.map((ms) => <option key={ms} value={String(ms)}>{ms === 0 ? 'nothing' : span(ms)}</option>)}
            </select>
            <Icon name="down" />
          </span>
        </label>
        {wishes.map(([name, words]) => (
          <label key={name} class="switch">
            <span>{words}</span>
            <input type="checkbox" role="switch" checked={trouble[name] === true} onChange={({ currentTarget }) => change(name, currentTarget.checked)} />
          </label>
        ))}
      </div>
    </details>
  );
}
