/**
 * Serving — what acts of a script come to: the end of a recording, that of a task, and what of a batch is not the caller's to decide.
 *
 * @module
 */
import { isQuestion, type Operation } from '../../actions/index.ts';
import type { Ending } from '../outcomes.ts';
import type { Outcome } from '../service-event.ts';
import { taskDone, taskFailedBy, type TaskResult } from '../task-logic.ts';
import type { ScriptAct, ServiceOutcome } from './caller-script.ts';
import { says } from './standing.ts';

/** What ends a recording, and after how long. */
export const recorded = ({ recordMs, stop }: ScriptAct & { readonly act: 'record' }, { params: { maxMs, termchars = [] } }: Operation & { readonly type: 'record' }): Pick<Outcome & { readonly type: 'record.done' }, 'by'> & { readonly lengthMs: number } => ({
  by: recordMs >= maxMs ? 'maxspeech' : stop === 'hangup' ? 'hangup' : stop !== undefined && termchars.includes(stop) ? 'termchar' : 'finalsilence',
  lengthMs: Math.min(recordMs, maxMs),
});

/** What the task comes to that `act` ends. */
export const taskEnded = (act: ScriptAct & { readonly act: 'task' }): TaskResult => ('failed' in act ? taskFailedBy(act.failed) : taskDone(act.done));

/** How `outcome` ends the batch: undefined where it cannot. That a prompt fails has a word of its own; music that does not play is a hold that fails. */
export const served = (outcome: ServiceOutcome, batch: readonly Operation[], how?: string): { readonly ending: Ending; readonly index: number } | undefined => {
  const index = batch.length - 1;
  const type = batch[index]?.type;
  switch (outcome) {
    case 'prompt-failed': {
      const first = batch.findIndex((operation) => operation.type !== 'hold' && says(operation));
      return first < 0 ? undefined : { ending: { type: 'play.failed' }, index: first };
    }
    case 'busy':
    case 'noanswer':
      return type === 'transfer' || type === 'createcall' ? { ending: { type: `${type}.${outcome}` }, index } : undefined;
    case 'done':
      if (type === 'raw') return how === undefined ? undefined : { ending: { type: 'raw.ended', ending: how, fields: {} }, index };
      return type === undefined || how !== undefined || isQuestion(type) ? undefined : { ending: { type: `${type}.done` } as Ending, index };
    case 'failed':
      return type === undefined || type === 'play' || type === 'hangup' || type === 'reject' ? undefined : { ending: { type: `${type}.failed`, cause: 'system' } as Ending, index };
  }
};
