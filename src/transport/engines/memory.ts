/**
 * Memory — a store of calls that lives and dies with the process: for tests, for `callchart dev`, and for a bot whose
 * calls need not survive a restart.
 *
 * Small: a parked call costs its text (one byte a character, where all are Latin-1) and about 250 bytes around it. Text
 * is kept as one flat string: 100,000 texts of 1,200 bytes take 1,225 bytes each so, 1,463 as `JSON.stringify` gives
 * them (a rope of pieces), and 1,390 and more as Buffers (Node 20).
 *
 * @module
 */
import { CallError } from '../../errors.ts';
import { type Ordered, orderedIds, type OrderedRows, orderedRows, type Row } from './ordered.ts';
import type { CallStore } from './store.ts';

/** A record, and its rows in the two orders. The rows carry the times, so that no time is kept twice. */
interface Kept {
  readonly revision: number;
  readonly text: string;
  readonly due: Row | undefined;
  readonly expiry: Row | undefined;
}

/** The row of `callId` in `rows` once it stands at `at`, which is nearly always where it stood. */
const moved = (rows: OrderedRows, before: Row | undefined, callId: string, at: number | undefined): Row | undefined => {
  if (before?.at === at) return before;
  if (before !== undefined) rows.remove(before);
  if (at === undefined) return undefined;
  const row: Row = { at, callId };
  rows.add(row);
  return row;
};

/** Makes an empty store. Two of them share nothing. */
export function memoryStore(): CallStore {
  const calls = new Map<string, Kept>();
  const dues = orderedRows();
  const expiries = orderedRows();
  /** The ids in order, from when they are first asked for: who never lists them does not pay for it. */
  let ids: Ordered<string> | undefined;
  let closed = false;

  const isOpen = (reason: 'read' | 'write'): void => {
    if (closed) throw new CallError('ERR_STORE_UNAVAILABLE', 'the store of calls is closed', { reason });
  };
  const forget = (kept: Kept): void => {
    if (kept.due !== undefined) dues.remove(kept.due);
    if (kept.expiry !== undefined) expiries.remove(kept.expiry);
  };

  return {
    durable: false,

    async load(callId) {
      isOpen('read');
      const kept = calls.get(callId);
      return kept && {
        revision: kept.revision,
        text: kept.text,
        ...(kept.due && { dueAt: kept.due.at }),
        ...(kept.expiry && { expiresAt: kept.expiry.at }),
      };
    },

    async commit(callId, expected, { revision, text, dueAt, expiresAt }) {
      isOpen('write');
      const before = calls.get(callId);
      if ((before?.revision ?? 0) !== expected) return false;
      const due = moved(dues, before?.due, callId, dueAt);
      const expiry = moved(expiries, before?.expiry, callId, expiresAt);
      /./s.test(text); // makes the rope flat, in place; a read of one character would too, until a compiler leaves it out
      calls.set(callId, { revision, text, due, expiry });
      if (before === undefined) ids?.add(callId);
      return true;
    },

    async due(until, limit, after, prefix = '') {
      isOpen('read');
      const found = [];
      for (const { at, callId } of dues.rows(after && { at: after.dueAt, callId: after.callId })) {
        if (at > until || found.length >= limit) break;
        if (callId.startsWith(prefix)) found.push({ callId, dueAt: at });
      }
      return found;
    },

    async list(prefix, limit, after) {
      isOpen('read');
      ids ??= orderedIds(calls.keys());
      const found = [];
      for (const id of after === undefined || after < prefix ? ids.rows(prefix, 'at') : ids.rows(after)) {
        if (found.length >= limit || !id.startsWith(prefix)) break;
        found.push(id);
      }
      return found;
    },

    async expire(now, limit) {
      isOpen('write');
      let dropped = 0;
      for (; dropped < limit; dropped += 1) {
        const first = expiries.first();
        if (first === undefined || first.at > now) break;
        const kept = calls.get(first.callId);
        if (kept !== undefined) forget(kept);
        calls.delete(first.callId);
        ids?.remove(first.callId);
      }
      return dropped;
    },

    async close() {
      closed = true;
    },
  };
}
