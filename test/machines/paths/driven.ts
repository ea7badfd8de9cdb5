/** Driven — a generated call, done by the scripted caller of tests: what it meets there. */
import { type GeneratedCall, type ScriptAct, step, type StepResult, type CallSnapshot, tasksDeclared } from 'callchart';
import { type Caller, dial } from 'callchart/testing';
import type { AnyStateMachine } from 'xstate';
import { pointsMet } from '../../../src/machines/coverage/met.ts';

/** What became of a call. */
export interface Driven {
  readonly caller: Caller<object>;
  /** Ids of the points that it has met. */
  readonly met: ReadonlySet<string>;
}

/** Does `call` at `machine`. */
export const driven = (machine: AnyStateMachine, { call, now, script }: Pick<GeneratedCall, 'call' | 'now' | 'script'>): Driven => {
  let next = 0;
  const stub = (_: unknown, { taskId }: { readonly taskId: string }): unknown => {
    const act = script[next];
    if (act?.act !== 'task' || act.path !== taskId.split(':').slice(2).join(':')) return new Promise(() => {});
    next += 1;
    if ('failed' in act) throw Object.assign(new Error('the task failed'), act.failed === '' ? {} : { code: act.failed });
    return act.done;
  };
  const tasks = Object.fromEntries(tasksDeclared(machine).filter(({ name }) => name !== 'call.cleanup').map(({ machine: id, name }) => [`${id}/${name}`, stub]));
  const caller = dial(machine as never, { call, now, tasks }) as unknown as Caller<object>;
  while (next < script.length) {
    const act = script[next] as ScriptAct;
    next += 1;
    doneBy(caller, act);
  }
  return { caller, met: metIn(machine, caller) };
};

const doneBy = (caller: Caller<object>, act: ScriptAct): void => {
  switch (act.act) {
    case 'press':
      return void caller.presses(act.keys);
    case 'say':
      return void caller.says(act.words);
    case 'silence':
      return void caller.staysSilent();
    case 'wait':
      return void caller.waits(act.ms);
    case 'record':
      return void caller.records(act.recordMs, act.stop === undefined ? {} : { endedBy: act.stop === 'hangup' ? 'hangup' : 'termchar' });
    case 'hangup':
      return void caller.hangsUp();
    case 'service':
      return served(caller, act);
    default:
      throw new Error(`the script has \`${act.act}\` where nothing is to be done`);
  }
};

const served = (caller: Caller<object>, { outcome, ending }: ScriptAct & { readonly act: 'service' }): void => {
  const operation = caller.lastBatch.at(-1);
  if (outcome === 'prompt-failed') return void caller.promptFails();
  if (operation?.type === 'raw') return void (ending === undefined ? caller.verbFails() : caller.verbEnds(ending));
  if (operation?.type === 'transfer') return void (outcome === 'done' ? caller.transferAnswers() : caller.transferFails(outcome));
  if (operation?.type === 'createcall') return void (outcome === 'done' ? caller.partyAnswers().partyHangsUp() : caller.partyFails(outcome));
  if (operation === undefined) throw new Error('the service works on nothing');
  caller.serviceReports({ type: `${operation.type}.failed`, operationId: operation.operationId, cause: 'system' } as never);
};

/** The points that the events of the call have met, stepped again. */
const metIn = (machine: AnyStateMachine, { events }: Caller<object>): ReadonlySet<string> => {
  const met = new Set<string>();
  let snapshot: CallSnapshot | undefined;
  for (const event of events) {
    const result: StepResult = step(machine, snapshot, event);
    ({ snapshot } = result);
    pointsMet(machine, result).forEach((id) => met.add(id));
  }
  return met;
};
