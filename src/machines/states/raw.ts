/**
 * The state `raw` — has a service do a verb that it has and no other, and waits for the end of it.
 *
 * @module
 */
import type { MachineContext } from 'xstate';
import type { RawEvents, RawVerb, RawVerbs, VerbEvent, VerbOf } from '../../actions/index.ts';
import type { FixedEvents } from '../call-event.ts';
import { computed, type Kind, kinds, noted, oddities } from '../options.ts';
import { type Computed, type Facts, type Handler, type MadeState, targetsOf, transitions } from '../state-config.ts';
import { verbOddities, verbOf } from '../verbs.ts';
import { askAction, isDynamic } from './question.ts';

/** Whatever is not handled by itself: `event.reason` is its name. Also when what was to be said before the verb cannot be played. */
type Failed = RawEvents['raw.failed'] | FixedEvents['play.failed'];

/** All handlers in one mapped type: of two, an event would have to be that of both while the verb is not settled yet. */
type Handlers<C extends MachineContext, V extends RawVerb> = { readonly [K in V['endings'] | V['failures'] | 'failed']?: Handler<C, K extends 'failed' ? Failed : VerbEvent<K>> };

/** A verb that wants attributes gets them. */
type AttributesOption<C extends MachineContext, A> = Record<never, never> extends A ? { readonly attributes?: Computed<C, A> } : { readonly attributes: Computed<C, A> };

/**
 * A state that has `service` do one of its own verbs. A bot with it runs on that service alone: any other is refused, by the compiler
 * and at the start. Each good ending of the verb must be handled, and `failed`, which catches the other endings where these are not
 * handled themselves. What the service tells besides is `event.fields`.
 *
 * @example
 * ```ts
 * raw('twilio', { verb: 'Pay', attributes: { chargeAmount: '10.00' }, on: { success: 'thanks', failed: 'sorry' } })
 * ```
 */
export function raw<C extends MachineContext, const Service extends keyof RawVerbs & string, const Verb extends keyof RawVerbs[Service] & string, const On extends Handlers<C, VerbOf<Service, Verb>>>(
  service: Service,
  options: { readonly verb: Verb; readonly on: On } & AttributesOption<C, VerbOf<Service, Verb>['attributes']>,
): MadeState<C, Facts<'raw', VerbOf<Service, Verb>['endings'] | 'failed', VerbOf<Service, Verb>['failures'], On, never, never, `raw:${Service}`>>;
export function raw(service: string, options: { readonly verb: string; readonly attributes?: Computed<never, unknown>; readonly on: Readonly<Record<string, unknown>> }): unknown {
  const { verb, attributes = {}, on = {} } = options;
  const known = verbOf(service, verb);
  const endings = Object.keys(on).filter((ending) => ending !== 'failed');
  return noted([...oddities(options, rawOptions), ...verbOddities(service, verb, attributes)], {
    entry: [askAction('raw', isDynamic(attributes), (evaluate) => ({ service, verb, attributes: evaluate(attributes), endings }))],
    on: {
      ...Object.fromEntries(endings.map((ending) => [`raw.done.${ending}`, transitions(on[ending])])),
      'raw.failed': transitions(on['failed']),
      'play.failed': transitions(on['failed']),
    },
    meta: {
      call: {
        kind: 'raw', required: [...(known?.endings ?? []), 'failed'], optional: known?.failures ?? endings,
        handled: Object.keys(on), targets: targetsOf(on), choices: [], actions: ['raw'], task: [], raw: { service, verb },
      },
    },
  });
}

const rawOptions = { verb: kinds.text, attributes: computed(kinds.object), on: kinds.object } satisfies Record<'verb' | 'attributes' | 'on', Kind>;
