/**
 * Rest — the chart has come to rest: what it asked for, its timers and its tasks go into the snapshot.
 *
 * @module
 */
import { illegal, isQuestion } from '../actions/index.ts';
import { isMachineSnapshot, type LivingActor, openQuestions, taskInputOf, taskNameOf } from './chart.ts';
import type { Effects } from './observe.ts';
import type { Run } from './run.ts';
import type { Asking, Draft, PendingTask, PendingTimer } from './snapshot.ts';

/**
 * Moves what `run` did into `draft`, and says how it moved.
 *
 * @throws what the author's code threw; `ERR_BATCH_ILLEGAL` when two questions are open at once.
 */
export const rest = (run: Run, draft: Draft, at: number): Effects['moves'] => {
  const effects = run.effects();
  const { asked, living } = effects;
  if (draft.parked.length > 0) draft.parked = draft.parked.filter((one) => isStillWanted(one, asked, run));
  if (asked.length > 0) draft.parked = [...draft.parked, ...asked];
  checkOneQuestion(asked, living);
  draft.timers = timersOf(effects, draft.timers, living, at);
  draft.tasks = tasksOf(effects, draft, living, at);
  return effects.moves;
};

/** What was said waits for its turn; what waits for the caller, and was never sent, goes with the state that asked for it. */
const isStillWanted = ({ action: { type }, path, node }: Asking, asked: readonly Asking[], run: Run): boolean => {
  if (type === 'play' || type === 'answer' || type === 'hold' || type === 'unhold') return true;
  if (isQuestion(type) && asked.some((one) => isQuestion(one.action.type))) return false;
  return node === null || run.isActive(path, node);
};

/** A question of a maker's is open as long as its state is active; one that was written by hand, when it is asked. */
const checkOneQuestion = (asked: readonly Asking[], living: readonly LivingActor[]): void => {
  const question = asked.find(({ action }) => isQuestion(action.type));
  if (question === undefined) return;
  let open = question.node === null ? 1 : 0;
  for (const { ref } of living) {
    const snapshot: unknown = ref.getSnapshot();
    if (isMachineSnapshot(snapshot)) open += openQuestions(snapshot);
  }
  if (open > 1) throw illegal('question-last', { type: question.action.type, state: question.state });
};

const timersOf = ({ timers, begun }: Effects, before: readonly PendingTimer[], living: readonly LivingActor[], at: number): readonly PendingTimer[] => {
  if (timers.length === 0 && before.length === 0) return before;
  let set = before.filter(({ path }) => !begun.has(path));
  for (const { path, id, event, delayMs } of timers) {
    set = set.filter((timer) => timer.id !== id || timer.path !== path);
    if (event !== undefined) set.push({ id, path, event, dueAt: at + delayMs });
  }
  return set.filter(({ path }) => living.some((actor) => actor.path === path));
};

const tasksOf = ({ begun }: Effects, draft: Draft, living: readonly LivingActor[], at: number): readonly PendingTask[] =>
  living.flatMap(({ path, ref, machine }): readonly PendingTask[] => {
    const task = taskInputOf(ref);
    if (task === undefined) return [];
    const known = begun.has(path) ? undefined : draft.tasks.find((one) => one.path === path);
    if (known !== undefined) return [known];
    return [{ id: `${draft.call.id}:${draft.revision}:${path}`, path, machine, name: taskNameOf(ref), input: task.value, filler: task.filler, since: at }];
  });
