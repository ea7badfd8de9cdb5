/**
 * Play — a caller's script, played against the real core: what is said, and where the call stands after each act. A counterexample
 * is confirmed by it, or is none.
 *
 * Prompts take no time, and what nobody has to decide (that a prompt was played, that the call was hung up) the service tells by
 * itself; not at once, but before the next act that is not the service's own: a script that wants a prompt to fail says so first.
 *
 * @module
 */
import type { AnyStateMachine } from 'xstate';
import { type CallerInput, isQuestion, listen, type Operation, promptText } from '../../actions/index.ts';
import type { CallError } from '../../errors.ts';
import { type Ending, endingOf, losesKeys, outcomeOf, ownEnds, promptsOf } from '../outcomes.ts';
import type { CallInput, EndReason, ServiceEvent } from '../service-event.ts';
import { type CallSnapshot, operationId, timerKey } from '../snapshot.ts';
import { step, type StepEvent } from '../step.ts';
import type { CallerScript, ScriptAct } from './caller-script.ts';
import { recorded, served, taskEnded } from './serving.ts';
import { momentOf, says, type Standing, standingAfter } from './standing.ts';
import { guardPlaces, supposing } from './supposing.ts';

/** What came of a script. */
export interface Played {
  /** Where the call stood when it had begun, then after each act: the same text again where it had stood before. */
  readonly moments: readonly string[];
  /** What the caller heard, in order. */
  readonly said: readonly string[];
  /** Why the call has ended when the script is over and the service has told what it tells by itself; null when it lasts. */
  readonly ended: EndReason | null;
  /** Numbers of the acts, from 0, that nothing came of: nobody asked, there is no such task or guard, the call was over. */
  readonly idle: readonly number[];
  /** What the author's code threw, or the batch that could not be sent. */
  readonly error: CallError | null;
}

const call: CallInput = { id: 'play', from: '+10000000000', to: '+10000000001', direction: 'inbound', headers: {} };

/** Plays `script` to `machine`. Guards hold as it assumes; those of which it says nothing, as they are. */
export const play = (machine: AnyStateMachine, script: CallerScript): Played => {
  const places = guardPlaces(machine);
  const assumed = new Map<string, boolean>();
  const line = lineTo(supposing(machine, (guard, evaluate) => assumed.get(guard) ?? evaluate()));
  const moments: string[] = [];
  const idle: number[] = [];

  const assume = ({ guard, holds }: ScriptAct & { readonly act: 'assume' }): boolean => {
    const name = places.get(guard);
    if (name !== undefined) assumed.set(name, holds);
    return name !== undefined;
  };

  const begins = script.findIndex(({ act }) => act !== 'assume');
  const before = begins < 0 ? script.length : begins; // what is assumed first holds when the phone rings
  for (const act of script.slice(0, before)) assume(act as ScriptAct & { readonly act: 'assume' });
  line.ring();
  moments.push(line.moment());
  script.forEach((act, index) => {
    if (!(act.act === 'assume' ? assume(act) : line.act(act))) idle.push(index);
    moments.push(line.moment());
  });
  line.settle();
  return { moments, said: line.said, ended: line.ended(), idle, error: line.error() };
};

// ---- the line ----

type Acting = Exclude<ScriptAct, { readonly act: 'assume' }>;

interface Line {
  readonly said: readonly string[];
  ring(): void;
  /** Does `act`; says whether it came to anything. */
  act(act: Acting): boolean;
  /** Has the service tell what nobody has to decide. */
  settle(): void;
  moment(): string;
  ended(): EndReason | null;
  error(): CallError | null;
}

/** More events than this in one act: the call goes round by itself. */
const mostEvents = 1_000;

const lineTo = (machine: AnyStateMachine): Line => {
  const said: string[] = [];
  const delays = new Map<string, number>();
  let standing: Standing | undefined;
  let error: CallError | null = null;
  let now = 0;
  let askedAt = 0;
  let ahead = ''; // keys that no question has taken yet
  let events = 0;

  const stored = (): CallSnapshot => (standing as Standing).snapshot;
  const last = (): Operation | undefined => (stored().awaiting === null ? undefined : standing?.batch.at(-1));

  const take = (event: StepEvent): void => {
    events += 1;
    const result = step(machine, standing?.snapshot, event);
    standing = standingAfter(standing, result);
    error ??= result.error ?? null;
    for (const timer of stored().timers) delays.set(timerKey(timer), delays.get(timerKey(timer)) ?? timer.dueAt - now);
    if (result.batch.length === 0) return;
    askedAt = now;
    for (const operation of result.batch) {
      if (says(operation)) said.push(promptText(promptsOf(operation)));
      if (losesKeys(operation)) ahead = '';
    }
  };

  const tell = (...told: readonly ServiceEvent[]): void => take({ type: 'service', at: now, events: told });

  /** Tells that the operation at `index` of the batch came to `ending`. */
  const end = (ending: Ending, index = (standing as Standing).batch.length - 1): void => tell(outcomeOf(ending, operationId(call.id, stored().awaiting?.revision ?? 0, index)));

  /** Has the service tell one thing that nobody has to decide; whether there was one. */
  const settleOne = (): boolean => {
    const { awaiting, parked, timers, tasks, ended } = stored();
    const operation = last();
    const ownEnd = operation && ownEnds[operation.type];
    if (ended !== null || events > mostEvents) return false;
    if (awaiting === null && (parked.length > 0 || (timers.length === 0 && tasks.length === 0))) take({ type: 'reply.due', at: now });
    else if (ownEnd !== undefined) end({ type: ownEnd });
    else if (operation?.type === 'recognize' && ahead !== '') hear(operation, { keys: ahead });
    else return false;
    return true;
  };

  const settle = (): void => {
    while (settleOne());
  };

  const hear = ({ params }: Operation & { readonly type: 'recognize' }, input: CallerInput): void => {
    const heard = listen(params, input);
    ahead = heard.rest;
    end(endingOf(heard));
  };

  // ---- time ----

  /** What the clock comes to next: a timer; or that the open question or the other party is given up. */
  const tick = (): { readonly at: number; readonly gaveUp: boolean; readonly happen: () => void } | undefined => {
    const { timers, ended, awaiting } = stored();
    if (ended !== null) return undefined;
    const operation = last();
    const ticks = [
      ...timers.map((timer) => ({ at: timer.dueAt, gaveUp: false, happen: () => take({ type: 'timer', at: now, timer, reply: awaiting === null }) })),
      ...(operation?.type === 'recognize' || operation?.type === 'record' || operation?.type === 'createcall'
        ? [{ at: askedAt + operation.params.timeoutMs, gaveUp: true, happen: () => end({ type: operation.type === 'createcall' ? 'createcall.noanswer' : `${operation.type}.noinput` } as Ending) }]
        : []),
    ];
    return ticks.reduce<(typeof ticks)[number] | undefined>((first, one) => (first === undefined || one.at < first.at ? one : first), undefined);
  };

  /** Lets time pass until `until`, or until something has happened that is `enough`; says whether anything has. */
  const pass = (until: number, enough: (gaveUp: boolean) => boolean): boolean => {
    let happened = false;
    for (let next = tick(); next !== undefined && next.at <= until && events <= mostEvents; next = tick()) {
      now = Math.max(now, next.at);
      next.happen();
      happened = true;
      if (enough(next.gaveUp)) return true;
      settle();
    }
    if (Number.isFinite(until)) now = Math.max(now, until);
    return happened;
  };

  // ---- acts ----

  const serve = ({ outcome, ending }: ScriptAct & { readonly act: 'service' }): boolean => {
    for (;;) {
      const found = stored().ended === null && stored().awaiting !== null ? served(outcome, (standing as Standing).batch, ending) : undefined;
      if (found !== undefined) {
        end(found.ending, found.index);
        return true;
      }
      if (!settleOne()) return false;
    }
  };

  const record = (act: ScriptAct & { readonly act: 'record' }): boolean => {
    const operation = last();
    if (operation?.type !== 'record') return false;
    const { by, lengthMs } = recorded(act, operation);
    end({ type: 'record.done', by, recording: { ref: 'recording', bytes: 1, contentType: 'audio/wav', lengthMs } });
    if (by === 'hangup') tell({ type: 'call.ended', reason: 'caller' });
    return true;
  };

  const endTask = (act: ScriptAct & { readonly act: 'task' }): boolean => {
    const task = stored().tasks.find(({ path }) => path === act.path);
    if (task === undefined) return false;
    take({ type: 'task', at: now, taskId: task.id, result: taskEnded(act), reply: stored().awaiting === null });
    return true;
  };

  const answer = (input: CallerInput): boolean => {
    const operation = last();
    if (operation?.type !== 'recognize') return false;
    hear(operation, input);
    return true;
  };

  const perform = (act: Acting): boolean => {
    switch (act.act) {
      case 'press':
        return answer({ keys: act.keys });
      case 'say':
        return answer({ says: act.words });
      case 'silence': {
        const operation = last();
        const isAsked = operation !== undefined && isQuestion(operation.type);
        return pass(Infinity, (gaveUp) => gaveUp || !isAsked); // where nobody asks, until the next timer
      }
      case 'wait':
        pass(now + act.ms, () => false);
        return true;
      case 'record':
        return record(act);
      case 'task':
        return endTask(act);
      case 'service':
        return serve(act);
      case 'hangup':
        tell({ type: 'call.ended', reason: 'caller' });
        return true;
    }
  };

  return {
    said,
    ring: () => tell({ type: 'call.incoming', call }),
    act: (act) => {
      events = 0;
      if (act.act !== 'service' && act.act !== 'hangup') settle();
      return stored().ended === null && perform(act);
    },
    settle: () => {
      events = 0;
      settle();
    },
    moment: () => momentOf(machine, standing as Standing, (timer) => delays.get(timerKey(timer)) ?? 0),
    ended: () => stored().ended,
    error: () => error,
  };
};
