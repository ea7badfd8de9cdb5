/**
 * Ringing — the bot calls: it is answered, or not.
 *
 * @module
 */
import type { JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import type { Doings } from './doings.ts';
import { Icon } from './icons.tsx';
import type { CallShown } from './protocol.ts';
import { ring } from './ringer.ts';

export function Ringing({ call: { id, from }, doings }: { readonly call: CallShown; readonly doings: Doings }): JSX.Element {
  const answer = useRef<HTMLButtonElement>(null);
  useEffect(() => answer.current?.focus(), [id]);
  useEffect(ring, [id]);
  return (
    <div class="ringing">
      <div class="ringing-sign" aria-hidden="true"><Icon name="phone" solid /></div>
      <p role="status">{from} calls you</p>
      <div class="ringing-keys">
        <button type="button" class="hangup-button" onClick={() => doings.decline(id)}><Icon name="ends" solid />Decline</button>
        <button type="button" class="call-button" ref={answer} onClick={() => doings.answer(id)}><Icon name="phone" solid />Answer</button>
      </div>
    </div>
  );
}
