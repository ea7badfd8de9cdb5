/**
 * Phone — the telephone: its display, and below it what can be done now.
 *
 * @module
 */
import type { JSX } from 'preact';
import { Dialler } from './dialler.tsx';
import { Display } from './display.tsx';
import type { Doings } from './doings.ts';
import { Lines } from './lines.tsx';
import { isOpen, type Page, shownCall } from './model.ts';
import { Ringing } from './ringing.tsx';
import { Talking } from './talking.tsx';

export function Phone({ page, doings }: { readonly page: Page; readonly doings: Doings }): JSX.Element {
  const call = shownCall(page);
  const open = call !== undefined && isOpen(call) ? call : undefined;
  return (
    <section class="phone" aria-label="Telephone" data-call-state={call?.state ?? 'idle'}>
      <div class="earpiece" aria-hidden="true" />
      <Lines page={page} doings={doings} />
      <Display page={page} doings={doings} />
      {open === undefined ? <Dialler page={page} doings={doings} /> : open.state === 'offered' ? <Ringing call={open} doings={doings} /> : <Talking page={page} call={open} doings={doings} />}
    </section>
  );
}
