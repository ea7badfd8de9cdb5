/**
 * Follow — a call along its chart by the transitions that it took alone, as its log has them: what it came by, step by step.
 *
 * @module
 */
import type { AnyStateMachine, AnyStateNode } from 'xstate';
import type { LogMove } from '../log/call-log.ts';
import { arrivedBy, beginning, type Histories } from '../ways.ts';
import { arrived, type Happened, type KnownWay, stateId, together, wayOf } from './met.ts';

/** Takes the moves of one step after the other, and says what happened; or which transition the bot does not have. */
export type Follower = (moves: readonly LogMove[]) => Happened | { readonly unknown: string };

/** Where an actor stands. */
interface Standing {
  readonly active: readonly AnyStateNode[];
  readonly histories: Histories;
  /** How often the question at hand was asked. */
  readonly asked: number;
}

/** Follows a call of `machine` from its beginning. */
export const follower = (machine: AnyStateMachine): Follower => {
  const actors = new Map<string, Standing>();

  const follow = (path: string, transitions: readonly string[], taken: readonly KnownWay[]): Happened => {
    const [first] = taken;
    if (first === undefined) return nothing;
    const before = actors.get(path) ?? { active: beginning(first.way.source.machine.root as AnyStateNode), histories: {}, asked: 0 };
    const { active, histories } = arrivedBy(taken.map(({ way }) => way), before.active, before.histories);
    const asked = before.asked + taken.filter(({ asksAgain }) => asksAgain).length;
    const happened = arrived(transitions, taken, active, () => asked);
    const asks = active.some((node) => asksFirst(node) && happened.states.includes(stateId(node)));
    actors.set(path, { active, histories, asked: asks ? 1 : asked });
    return happened;
  };

  return (moves) => {
    const happened: Happened[] = [];
    for (const { path, event, transitions } of moves) {
      if (event === 'xstate.init') actors.delete(path);
      const taken: KnownWay[] = [];
      for (const id of transitions) {
        const way = wayOf(machine, id);
        if (way === undefined) return { unknown: id };
        taken.push(way);
      }
      happened.push(follow(path, transitions, taken));
    }
    return together(happened);
  };
};

const nothing: Happened = { states: [], transitions: [], askings: [] };

/** Whether a question is asked for the first time where `node` is entered. */
const asksFirst = ({ config: { entry } }: AnyStateNode): boolean => ([entry].flat() as readonly unknown[]).some((action) => (action as { readonly type?: unknown } | undefined)?.type === 'call.ask');
