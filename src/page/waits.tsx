/**
 * Waits — what the bot waits for now: its choices, as keys to press and words to say, and how long it will.
 *
 * @module
 */
import type { JSX } from 'preact';
import { Countdown } from './countdown.tsx';
import type { Doings } from './doings.ts';
import type { Wanted } from './protocol.ts';
import { span } from './times.ts';

type Question = Extract<Wanted, { readonly kind: 'question' }>;
type Waited = Extract<Wanted, { readonly kind: 'question' | 'record' }>;

export function Waits({ wants, ends, doings }: { readonly wants: Waited | undefined; readonly ends?: number; readonly doings: Doings }): JSX.Element {
  return (
    <div class="waits" data-idle={wants === undefined} role="group" aria-label="What the bot waits for">
      {wants === undefined ? <p class="waits-head dim">The bot is at work; nothing is asked.</p> : wants.kind === 'record' ? <ToRecord wants={wants} /> : <Asked wants={wants} doings={doings} {...(ends !== undefined && { ends })} />}
    </div>
  );
}

const ToRecord = ({ wants: { maxMs, termchars } }: { readonly wants: Extract<Wanted, { readonly kind: 'record' }> }): JSX.Element => (
  <>
    <p class="waits-head"><span class="recording-dot" aria-hidden="true" />You are recorded</p>
    <p class="small-text dim">{span(maxMs)} at most{termchars.length > 0 ? `; ${termchars.join(' or ')} ends it` : ''}. Without a microphone, type what you say.</p>
  </>
);

const Asked = ({ wants, ends, doings }: { readonly wants: Question; readonly ends?: number; readonly doings: Doings }): JSX.Element => (
  <>
    <p class="waits-head">
      <span>{asked(wants)}</span>
      {ends === undefined ? <span class="dim small-text">{span(wants.timeoutMs)} of silence</span> : <Countdown ends={ends} ofMs={wants.timeoutMs} />}
    </p>
    {wants.choices.length > 0 && (
      <ul class="choices">
        {wants.choices.map(({ name, key, phrases }) => {
          const [phrase] = phrases;
          return (
            <li key={name} class="choice">
              {key !== undefined && <button type="button" class="choice-key" onClick={() => doings.press(key)} aria-label={`Press ${key} for ${name}`}><kbd>{key}</kbd></button>}
              {phrase === undefined ? <span class="choice-name">{name}</span> : (
                <button type="button" class="choice-say" onClick={() => doings.say(phrase)} aria-label={`Say “${phrase}” for ${name}`} title={`Say ${phrases.map((one) => `“${one}”`).join(' or ')}`}>{name}</button>
              )}
            </li>
          );
        })}
      </ul>
    )}
  </>
);

/** What may be done, in a few words. */
function asked({ choices, digits, speech }: Question): string {
  const most = digits?.max === undefined ? 'digits' : digits.max === 1 ? 'one digit' : `up to ${digits.max} digits`;
  const keyed = digits === undefined ? [] : [digits.termchars.length === 0 ? most : `${most}, then ${digits.termchars.join(' or ')}`];
  const ways = [...(choices.length > 0 ? ['a choice'] : []), ...keyed, ...(speech ? ['any words'] : [])];
  return `The bot waits for ${ways.length === 0 ? 'an answer' : ways.join(', or ')}`;
}
