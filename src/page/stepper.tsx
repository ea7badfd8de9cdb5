/**
 * Stepper — walks through a call step by step, back and forth, while it goes on or when it is over.
 *
 * @module
 */
import type { JSX } from 'preact';
import { placeOf } from './call-log.ts';
import type { Doings } from './doings.ts';
import { Icon } from './icons.tsx';
import { isOpen, type Page, shownCall, shownSteps } from './model.ts';
import { minutes } from './times.ts';

export function Stepper({ page, doings }: { readonly page: Page; readonly doings: Doings }): JSX.Element {
  const steps = shownSteps(page);
  const call = shownCall(page);
  const at = placeOf(steps, page.standing);
  const step = steps[at];
  const last = steps.length - 1;
  const isLive = call !== undefined && isOpen(call);
  const caption = step === undefined ? (call === undefined ? 'No call' : 'No step yet') : `Step ${at + 1} of ${steps.length}`;
  const events = step?.step.events.join(', ') ?? '';
  return (
    <div class="stepper" role="group" aria-label="Walk through the call">
      <div class="stepper-keys">
        <button type="button" class="quiet-button" disabled={at <= 0} onClick={() => doings.stand(0)} aria-label="First step" title="First step"><Icon name="first" solid /></button>
        <button type="button" class="quiet-button" disabled={at <= 0} onClick={() => doings.stand(at - 1)} aria-label="Step back" title="Step back"><Icon name="back" solid /></button>
        <button type="button" class="quiet-button" disabled={at >= last} onClick={() => doings.stand(at + 1)} aria-label="Step forward" title="Step forward"><Icon name="forward" solid /></button>
        <button type="button" class="quiet-button" disabled={at >= last} onClick={() => doings.stand('live')} aria-label={isLive ? 'Back to the live call' : 'Last step'} title={isLive ? 'Live' : 'Last step'}><Icon name="last" solid /></button>
      </div>
      <input
        type="range" class="slider" min={0} max={Math.max(1, last)} step={1} value={Math.max(0, at)} disabled={last < 1} aria-label="Step of the call" aria-valuetext={`${caption}${events === '' ? '' : `: ${events}`}`}
        style={{ '--part': last < 1 ? 0 : at / last }} onInput={({ currentTarget }) => doings.stand(Number(currentTarget.value))}
      />
      <p class="stepper-caption">
        {isLive && page.standing === 'live' && <span class="live" data-state="talking">live</span>}
        <span>{caption}</span>
        {step !== undefined && <span class="time">{minutes(step.at)}</span>}
        {events !== '' && <code class="event">{events}</code>}
      </p>
    </div>
  );
}
