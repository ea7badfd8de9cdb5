/**
 * Resting — what goes to the service when a call has come to rest, what waits for it, and who waits for the service: what `rest` and
 * `reply` do to a real call.
 *
 * @module
 */
import { type CallActionType, heldAfter, isQuestion, needsCaller } from '../../actions/index.ts';
import type { Delivery } from './delivery.ts';
import { type ActorAt, actorIn, type Asking, isPending, type Moment, type TimerAt, type Waiting } from './moment.ts';
import { mayTake } from './taking.ts';

/** The moment at which the call rests, and what the service is given. While it works on something, what is asked for is parked. */
export const resting = (root: ActorAt, before: Pick<Moment, 'waiting' | 'parked' | 'answered' | 'held'>, asked: readonly Asking[], timers: readonly TimerAt[], done: boolean, delivery: Delivery): { readonly rest: Moment; readonly sent: readonly Asking[] } => {
  const list = [...before.parked.filter((one) => isStillWanted(one, asked, root)), ...asked];
  const { answered } = before;
  const held = heldBefore(before, delivery);
  if ((before.waiting !== null && delivery.to !== 'waiting') || delivery.to === 'line') return { rest: { root, timers, done, answered, held, waiting: before.waiting, parked: list }, sent: [] };
  const last = list.at(-1);
  const holds = list.reduce((was, { ask: { type } }) => (needsCaller.has(type) ? false : heldAfter(was, [type])), held);
  return { rest: { root, timers, done: false, held: holds, answered: answered || list.length > 0, parked: [], waiting: last === undefined ? null : waitingFor({ root, timers }, list, last, { answered, held }) }, sent: list };
};

/** Whether the caller is on hold when an event is taken: what should have changed that may have failed. */
const heldBefore = ({ waiting, held }: Pick<Moment, 'waiting' | 'held'>, delivery: Delivery): boolean =>
  waiting !== null && delivery.to === 'waiting' && (delivery.event.type === 'unhold.failed' || delivery.event.type === 'hold.failed') ? waiting.held : held;

/** What was said waits for its turn; what waits for the caller, and was never sent, goes with the state that asked for it. */
const isStillWanted = ({ ask: { type }, path, node }: Asking, asked: readonly Asking[], root: ActorAt): boolean => {
  if (speaks.has(type)) return true;
  if (isQuestion(type) && asked.some(({ ask }) => isQuestion(ask.type))) return false;
  return node === null || actorIn(root, path)?.active.includes(node) === true;
};

/** Who waits for what was asked; null where the service only has something to say or to do, and nothing comes after it. */
const waitingFor = (rest: Pick<Moment, 'root' | 'timers'>, asked: readonly Asking[], { path, node, ask }: Asking, { answered, held }: Pick<Moment, 'answered' | 'held'>): Waiting | null => {
  const { root } = rest;
  if (speaks.has(ask.type) && !mayTake(root, path, `${ask.type}.done`) && !isPending(rest)) return null; // nobody waits for anything
  const types = asked.map(({ ask: { type } }) => type);
  const batch = new Set<CallActionType>([...(answered ? [] : ['answer' as const]), ...(held && types.some((type) => needsCaller.has(type)) ? ['unhold' as const] : []), ...types]);
  const told = [...batch].filter((type) => type === ask.type || type === 'play' || mayTake(root, path, `${type}.failed`));
  return { path, node, ask, types: told, held: held && told.some((type) => type === 'hold' || type === 'unhold') };
};

/** What comes to its end without anybody. */
export const speaks: ReadonlySet<CallActionType> = new Set<CallActionType>(['play', 'answer', 'hold', 'unhold']);
