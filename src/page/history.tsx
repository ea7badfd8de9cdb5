/**
 * History — all calls, those that go on first; each can be looked at, and walked through again.
 *
 * @module
 */
import type { JSX } from 'preact';
import type { Doings } from './doings.ts';
import { Icon } from './icons.tsx';
import { callsOf, isOpen, type Page } from './model.ts';
import type { CallShown } from './protocol.ts';
import { hour, minutes } from './times.ts';

const states: Readonly<Record<CallShown['state'], string>> = { offered: 'rings', dialing: 'calling', talking: 'talking', over: 'over' };

export function History({ page, doings }: { readonly page: Page; readonly doings: Doings }): JSX.Element {
  const calls = callsOf(page);
  const sorted = [...calls.filter(isOpen), ...calls.filter((call) => !isOpen(call))];
  return (
    <section class="card history" aria-label="Calls">
      <div class="card-head">
        <h2>Calls</h2>
        {calls.length > 0 && (
          <button type="button" class="button small" onClick={() => doings.show()}>
            <Icon name="plus" />
            New call
          </button>
        )}
      </div>
      {calls.length === 0 ? (
        <p class="empty">Every call stays here, to be walked through again.</p>
      ) : (
        <ul class="calls">
          {sorted.map((call) => (
            <li key={call.id}>
              <CallRow call={call} isShown={page.shown === call.id} hasSound={page.sound?.callId === call.id && page.sound.is === 'on'} show={() => doings.show(call.id)} />
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}

interface RowProps {
  readonly call: CallShown;
  readonly isShown: boolean;
  readonly hasSound: boolean;
  readonly show: () => void;
}

const CallRow = ({ call, isShown, hasSound, show }: RowProps): JSX.Element => (
  <button type="button" class="call-row" aria-current={isShown ? 'true' : undefined} onClick={show} data-call={call.id} data-state={call.state}>
    <span class="call-way" title={call.direction === 'inbound' ? 'You called' : 'The bot called'}>
      <Icon name={call.direction === 'inbound' ? 'outward' : 'inward'} />
    </span>
    <span class="call-who">
      <span class="call-number">{call.direction === 'inbound' ? call.from : call.to}</span>
      <span class="call-end">{call.state === 'over' ? (call.ended ?? 'over') : call.service}</span>
    </span>
    <span class="call-when">
      {isOpen(call) ? (
        <span class="live" data-state={call.state}>
          {hasSound && <Icon name="speaker" />}
          {states[call.state]}
        </span>
      ) : (
        <span>{call.lengthMs === undefined ? '' : minutes(call.lengthMs)}</span>
      )}
      <span class="call-hour">{hour(call.began)}</span>
    </span>
  </button>
);
