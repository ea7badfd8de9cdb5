/**
 * Lines — the calls that go on beside the one that is looked at.
 *
 * @module
 */
import type { JSX } from 'preact';
import type { Doings } from './doings.ts';
import { Icon } from './icons.tsx';
import { callsOf, isOpen, type Page } from './model.ts';

export function Lines({ page, doings }: { readonly page: Page; readonly doings: Doings }): JSX.Element | null {
  const open = callsOf(page).filter(isOpen).reverse();
  if (open.every(({ id }) => id === page.shown)) return null;
  return (
    <div class="lines" role="group" aria-label="Calls that go on">
      {open.map((call, at) => (
        <button type="button" key={call.id} class="line" data-state={call.state} aria-pressed={call.id === page.shown} onClick={() => doings.show(call.id)}>
          <Icon name={page.sound?.callId === call.id ? 'speaker' : 'phone'} />
          {call.state === 'offered' ? 'It rings' : `Line ${at + 1}`}
        </button>
      ))}
      <button type="button" class="line" aria-pressed={page.shown === undefined} onClick={() => doings.show()}>
        <Icon name="plus" />
        New
      </button>
    </div>
  );
}
