/**
 * Party — somebody else is rung or talks with the caller: what he does.
 *
 * @module
 */
import type { JSX } from 'preact';
import type { Doings } from './doings.ts';
import type { Wanted } from './protocol.ts';

type Acting = Parameters<Doings['party']>[0];
const acts: Readonly<Record<'ringing' | 'joined', readonly (readonly [Acting, string])[]>> = {
  ringing: [['answers', 'Answers'], ['busy', 'Is busy'], ['noanswer', 'Does not answer'], ['failed', 'Cannot be reached']],
  joined: [['hangs-up', 'Hangs up']],
};

export const Party = ({ wants: { kind, to }, doings }: { readonly wants: Extract<Wanted, { readonly kind: 'ringing' | 'joined' }>; readonly doings: Doings }): JSX.Element => (
  <div class="waits" role="group" aria-label={`What ${to} does`}>
    <p class="waits-head">{kind === 'ringing' ? <>The bot rings <b>{to}</b>, who…</> : <>You talk with <b>{to}</b>, who…</>}</p>
    <ul class="choices">
      {acts[kind].map(([act, words]) => <li key={act} class="choice"><button type="button" class="choice-say" onClick={() => doings.party(act)}>{words}</button></li>)}
    </ul>
  </div>
);
