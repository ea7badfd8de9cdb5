/**
 * Warm calls — recent calls as they were last committed, with their live actors: a bounded cache and never the truth.
 *
 * A call is not in it while it is worked on and comes back as it was committed, so nobody ever meets an actor whose step was
 * not.
 *
 * @module
 */
import type { AnyStateMachine } from 'xstate';
import { type CallSnapshot, openRun, type Run, type StepEvent } from '../../machines/index.ts';
import { type CallRecord, readRecord } from '../record.ts';
import { farewell } from './quarantine.ts';
import type { StoredRecord } from './store.ts';

/** A call as it is on record. */
export interface Looked {
  readonly revision: number;
  readonly record: CallRecord;
  /** When it is due; not known of one that was committed here. */
  readonly dueAt?: number | undefined;
}

/** A call as it was last committed, with its actor if that is still warm. */
export interface Known extends Looked {
  readonly run: Run | undefined;
}

/** The call that is `stored`, without an actor. @throws `ERR_RECORD_UNKNOWN` */
export const readStored = ({ revision, dueAt, text }: StoredRecord): Known => ({ revision, record: readRecord(text), dueAt, run: undefined });

export interface WarmCalls {
  /** What is known of a call, which nobody else gets until it is kept again. */
  take(key: string): Known | undefined;
  /** Keeps a call that nobody works on any more. */
  keep(key: string, known: Known): void;
  /** What is known of a call that nobody works on. */
  of(key: string): CallRecord | undefined;
  /** An actor to keep for a call that `event` comes to; a finished one needs none. */
  actorOf(machine: AnyStateMachine, before: CallSnapshot | undefined, event: StepEvent): Run | undefined;
}

/**
 * The place of a warm call. It stays while the call lasts and is emptied while the call is worked on: to remove and add
 * it each time would make V8 copy the map's table each time, and a copy in the old generation holds on to what it held.
 */
interface Place {
  known: Known | undefined;
}

/** Makes a cache of at most `most` calls. */
export const warmCalls = (most: number): WarmCalls => {
  const places = new Map<string, Place>();

  const take: WarmCalls['take'] = (key) => {
    const place = places.get(key);
    const known = place?.known;
    if (place !== undefined) place.known = undefined;
    return known;
  };

  return {
    take,
    keep: (key, known) => {
      if (most === 0) return;
      const place = places.get(key);
      if (known.record.snapshot.ended !== null) places.delete(key);
      else if (place !== undefined) place.known = known;
      else {
        places.set(key, { known });
        const [oldest] = places.size > most ? places.keys() : [];
        if (oldest === undefined) return;
        take(oldest);
        places.delete(oldest);
      }
    },
    of: (key) => places.get(key)?.known?.record,
    actorOf: (machine, before, event) => {
      if (most === 0 || machine === farewell || (before?.ended ?? null) !== null) return undefined;
      if (before !== undefined) return reopened(machine, before);
      const incoming = event.type === 'service' ? event.events.find(({ type }) => type === 'call.incoming') : undefined;
      return incoming?.type === 'call.incoming' ? openRun(machine, incoming.call) : undefined;
    },
  };
};

/** The actor of a call that is on record; of one that no longer fits its bot there is none, and `step` says why. */
const reopened = (machine: AnyStateMachine, { call, machine: chart }: CallSnapshot): Run | undefined => {
  try {
    return openRun(machine, call, chart ?? undefined);
  } catch {
    return undefined; // `step` meets the same, and abandons the call
  }
};
