/**
 * Talking — a call that goes on: what the bot waits for, words, keys, and the keys of the telephone itself.
 *
 * @module
 */
import type { JSX } from 'preact';
import type { Doings } from './doings.ts';
import { Icon } from './icons.tsx';
import { Keypad } from './keypad.tsx';
import { type Page, silenceEnds } from './model.ts';
import { Party } from './party.tsx';
import type { CallShown } from './protocol.ts';
import { Saying } from './saying.tsx';
import { Waits } from './waits.tsx';

export function Talking({ page, call, doings }: { readonly page: Page; readonly call: CallShown; readonly doings: Doings }): JSX.Element {
  const { wants, id } = call;
  const own = page.sound?.callId === id && page.sound.is === 'on' && page.sound.microphone ? page.sound : undefined;
  const ends = silenceEnds(page, call);
  return (
    <div class="talking">
      {wants !== undefined && 'to' in wants ? <Party wants={wants} doings={doings} /> : <Waits wants={wants} doings={doings} {...(ends !== undefined && { ends })} />}
      <Saying doings={doings} />
      <Keypad doings={doings} />
      <div class="handset">
        <button type="button" class="handset-key" aria-pressed={own?.muted ?? false} disabled={own === undefined} onClick={() => doings.mute(own?.muted !== true)} title={own === undefined ? 'There is no microphone on this call' : undefined}>
          <Icon name={own?.muted === true ? 'muted' : 'microphone'} />
          Mute
        </button>
        <button type="button" class="hangup-button" onClick={() => doings.hangUp(id)}><Icon name="ends" solid />Hang up</button>
        <button type="button" class="handset-key" onClick={() => doings.staySilent()} disabled={wants?.kind !== 'question' && wants?.kind !== 'record'} title="The silence that the bot waits for is over at once">
          <Icon name="silent" />
          Stay silent
        </button>
      </div>
    </div>
  );
}
