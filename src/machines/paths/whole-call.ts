/**
 * Whole call — the acts of a call, carried out from the ring to its end: what is heard, where the call stands, and what it really meets.
 *
 * @module
 */
import type { AnyStateMachine } from 'xstate';
import { activeStates, configurations } from '../configurations.ts';
import type { CallInput, EndReason } from '../service-event.ts';
import { type Done, type Kept, type PathAct, pause, perform, ring, type Said, settle } from './line.ts';
import { type ActAt, titleOf } from './title.ts';
import { usualCall, usualNow } from './usual-call.ts';

/** A call that was carried out. */
export interface WholeCall {
  readonly script: readonly PathAct[];
  readonly heard: readonly (readonly string[])[];
  readonly states: readonly string[];
  readonly ended: EndReason | null;
  readonly met: ReadonlySet<string>;
  readonly title: string;
}

/** Carries out `acts`, as far as something comes of them; a call that they do not end the caller hangs up on. */
export const wholeCall = (machine: AnyStateMachine, call: Partial<CallInput>, acts: readonly PathAct[]): WholeCall => {
  const met = new Set<string>();
  const script: ActAt[] = [];
  let told: readonly (Said & { readonly after: number })[] = [];
  let at: Kept;

  /** What came of the act before, or of the service's own telling. */
  const arrive = ({ kept, met: some, said }: Done, after: number): void => {
    at = kept;
    some.forEach((id) => met.add(id));
    told = [...told, ...said.map((one) => ({ ...one, after }))];
  };

  const act = (what: PathAct): boolean => {
    const after = script.length;
    const settled = settle(machine, at);
    const next = perform(machine, what.act === 'service' ? at : settled.kept, what);
    if (next === undefined) return false;
    const { unsaid } = next;
    const isEarlier = unsaid !== undefined && unsaid.revision < settled.kept.standing.snapshot.revision && unsaid.revision <= at.standing.snapshot.revision;
    const kept = isEarlier ? at : settled.kept;
    if (what.act !== 'service') arrive(settled, after);
    script.push({ what, kept, state: stateOf(kept) });
    arrive(next, after + 1);
    if (unsaid === undefined) return true;
    told = told.flatMap((one) => (one.revision > unsaid.revision ? [one] : one.revision === unsaid.revision && one.index >= unsaid.index ? [] : [{ ...one, after: Math.min(one.after, after) }]));
    return true;
  };

  const rung = ring(machine, { ...usualCall, ...call }, usualNow);
  at = rung.kept;
  arrive(rung, 0);
  for (const one of acts) if (!act(one)) break;
  const settled = settle(machine, at);
  if (settled.kept.standing.snapshot.ended === null) {
    const breath = settled.kept.standing.snapshot.revision === at.standing.snapshot.revision ? undefined : pause(settled.kept);
    if (breath !== undefined) act(breath);
    act({ act: 'hangup' });
  }
  arrive(settle(machine, at), script.length);
  const states = [...script.map(({ state }) => state), stateOf(at)];
  return {
    script: script.map(({ what }) => what), states, met, ended: at.standing.snapshot.ended, title: titleOf(call, script, states),
    heard: states.map((_, index) => told.flatMap(({ after, text }) => (after === index ? [text] : []))),
  };
};

/** The innermost state, as a test asks for it. */
const stateOf = ({ standing: { snapshot } }: Kept): string => {
  if (snapshot.ended !== null) return 'ended';
  const all = activeStates(snapshot);
  const innermost = configurations(snapshot).at(-1) ?? 'idle';
  return all.includes(innermost) ? innermost : (all.at(-1) ?? innermost);
};
