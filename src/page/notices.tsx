/**
 * Notices — what did not work, each in a sentence, until it is put away.
 *
 * @module
 */
import type { JSX } from 'preact';
import type { Doings } from './doings.ts';
import { Icon } from './icons.tsx';
import type { Notice } from './model.ts';

export const Notices = ({ notices, doings }: { readonly notices: readonly Notice[]; readonly doings: Doings }): JSX.Element => (
  <div class="notices" role="alert">
    {notices.map(({ id, sentence }) => (
      <div class="notice" key={id}>
        <Icon name="warning" />
        <p>{sentence}</p>
        <button type="button" class="quiet-button" onClick={() => doings.dismiss(id)} aria-label="Put this notice away"><Icon name="close" /></button>
      </div>
    ))}
  </div>
);
