/**
 * Record shape — what the JSON of a record has to be for a call to go on with it: whatever a store gives back is held against it.
 *
 * Charts and what a service remembers are their owners' to read, and are let through.
 *
 * @module
 */
import * as t from 'io-ts';
import { callActions } from '../actions/index.ts';

const Time = t.refinement(t.number, Number.isFinite);
const Count = t.refinement(t.number, (count) => Number.isSafeInteger(count) && count >= 0);
const Things = t.UnknownRecord;
const List = t.UnknownArray;

/** The shape of a record, where `oneOf` says what stands for a word of a closed list. */
const headWith = (oneOf: (words: { readonly [word: string]: unknown }) => t.Mixed): t.Mixed => {
  const Action = oneOf(callActions);

  const Call = t.type({ id: t.string, from: t.string, to: t.string, direction: oneOf({ inbound: 0, outbound: 0 }), headers: t.record(t.string, t.string) });

  const Awaiting = t.intersection([
    t.type({ revision: Count, types: t.array(Action), path: t.string, node: t.union([t.string, t.null]), question: t.union([Things, t.null]) }),
    t.partial({ filler: t.boolean, hold: List }),
  ]);
  const Asking = t.type({ action: t.type({ type: Action, params: Things }), path: t.string, state: t.string, node: t.union([t.string, t.null]) });
  const Timer = t.type({ id: t.string, path: t.string, event: t.type({ type: t.string }), dueAt: Time });
  const Task = t.type({ id: t.string, path: t.string, machine: t.string, name: t.string, filler: List, since: Time });

  const Snapshot = t.intersection([
    t.type({ format: t.number, bot: t.string, version: t.string, call: Call, revision: Count, answered: t.boolean }),
    t.partial({
      held: List, machine: Things, awaiting: Awaiting, parked: t.array(Asking), timers: t.array(Timer), tasks: t.array(Task), failed: t.boolean, parted: t.literal(true),
      ended: oneOf({ caller: 0, bot: 0, rejected: 0, transferred: 0, error: 0, service: 0 }),
    }),
  ]);

  const Command = t.intersection([
    t.type({ id: t.string, operation: t.type({ type: Action, operationId: t.string }), done: oneOf({ event: 0, response: 0, sent: 0 }), request: Things }),
    t.partial({ withinMs: Time, sentAt: Time, tolerant: t.boolean }),
  ]);

  return t.intersection([
    t.type({ heardAt: Time, seen: t.string, replies: t.array(t.type({ id: t.string, length: t.union([Count, t.null]) })), snapshot: Snapshot }),
    t.partial({ age: Time, rang: Time, again: Count, worked: Count, leasedBy: t.record(t.string, t.string), chain: t.string, memory: Things, outbox: t.array(Command), endAsked: t.type({ at: Time, apologise: t.boolean }), quarantined: oneOf({ version: 0, bot: 0, damaged: 0 }) }),
  ]);
};

const Head = headWith((words) => t.keyof({ ...words }));

/** As a later version may write it, whose lists have other words: actions and reasons that are not known here. */
const LaterHead = headWith(() => t.string);

/** What `head` is: that of a record, that of a record of a later version, or neither. */
export const readsAs = (head: unknown): 'record' | 'later' | 'damaged' => (Head.is(head) ? 'record' : LaterHead.is(head) ? 'later' : 'damaged');
