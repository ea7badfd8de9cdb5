/**
 * Call desk — the calls of a store for whoever looks after it: listed, shown, and asked to end. It needs neither the bots nor the
 * service, and works on a store that servers are using.
 *
 * An end is asked for in the record, by the same compare-and-set as everything that happens to a call: whichever process
 * serves the call finds it due and hangs up.
 *
 * @module
 */
import { CallError, isCallError } from '../errors.ts';
import { dataPrefix, requireKnown } from '../machines/index.ts';
import { type CallSummary, type CallView, summaryOf, viewOf } from './call-view.ts';
import { processPrefix } from './engines/heartbeat.ts';
import { quarantineKey, quarantinePrefix, readQuarantined } from './engines/quarantine.ts';
import type { CallStore, StoredRecord } from './engines/store.ts';
import { asksEnd, type CallRecord, readRecord } from './record.ts';

/** Which calls are listed. */
export interface ListedCalls {
  /** Of this service. Default: of all. */
  readonly service?: string | undefined;
  /** Of this bot. What cannot be read is of no bot. */
  readonly bot?: string | undefined;
  /** Those too that have ended and are still remembered. */
  readonly ended?: boolean | undefined;
}

/** Which call is meant: of a service, where the id of the call alone does not say. */
export interface ShownCall {
  readonly service?: string | undefined;
  /** With who the caller is and what he said and keyed. */
  readonly unmasked?: boolean | undefined;
}

/** How a call is to end. */
export interface EndedCall {
  readonly service?: string | undefined;
  /** Whether the caller hears the bot's apology before. Default: a plain hangup. */
  readonly apologise?: boolean | undefined;
}

/** What became of the wish that a call end: it is on record now; the call has ended already; there is no such call; or its record cannot be read. */
export type EndAsking = 'asked' | 'ended' | 'unknown' | 'unreadable';

/** All methods reject with `ERR_STORE_UNAVAILABLE` when the store does, and with `ERR_OPTION_INVALID` where several services have a call of that id. */
export interface CallDesk {
  /** The calls in the store's own order, read as they are asked for. */
  list(listed?: ListedCalls): AsyncIterable<CallSummary>;
  show(callId: string, shown?: ShownCall): Promise<CallView | undefined>;
  /** Writes on record that the call is to end, due now. @throws `ERR_CALL_CONFLICT` */
  end(callId: string, ended?: EndedCall): Promise<EndAsking>;
}

const page = 256;
const mostAttempts = 16;

/** What is kept in the same store and is no call: the documents of bots, signs of life of processes. */
const otherKinds = [dataPrefix, processPrefix];

const isCall = (key: string): boolean => !otherKinds.some((kind) => key.startsWith(kind));

const listOptions = { service: 0, bot: 0, ended: 0 } satisfies Record<keyof ListedCalls, 0>;
const showOptions = { service: 0, unmasked: 0 } satisfies Record<keyof ShownCall, 0>;
const endOptions = { service: 0, apologise: 0 } satisfies Record<keyof EndedCall, 0>;

/**
 * The desk of `store`.
 *
 * @example
 * ```ts
 * for await (const { call, states } of callDesk(store).list({ bot: 'acme' })) console.log(call, states);
 * ```
 */
export const callDesk = (store: CallStore, { now = Date.now }: { readonly now?: () => number } = {}): CallDesk => {
  /** The keys of calls and of records that were put aside, `service`'s or all. */
  const keys = async function* (service: string | undefined): AsyncGenerator<string> {
    for (const prefix of service === undefined ? [''] : [`${service}:`, quarantineKey(`${service}:`)]) {
      let found: readonly string[] = [];
      do {
        found = await store.list(prefix, page, found.at(-1));
        for (const key of found) if (isCall(key)) yield key;
      } while (found.length === page);
    }
  };

  /** The keys that the call `callId` is kept as. Where its service is not said, with it or before it, all of them are looked through. */
  const keysOf = async (callId: string, service: string | undefined): Promise<readonly string[]> => {
    const found: string[] = [];
    const whole = service === undefined ? callId : `${service}:${callId}`;
    for (const key of [whole, quarantineKey(whole)]) if (isCall(key) && (await store.load(key)) !== undefined) found.push(key);
    if (found.length > 0) return found;
    if (service === undefined) for await (const key of keys(undefined)) if (partsOf(key).call === callId) found.push(key);
    const services = new Set(found.map((key) => partsOf(key).service));
    if (services.size > 1) throw new CallError('ERR_OPTION_INVALID', `several services have a call of this id: ${[...services].join(', ')}; say which`, { option: 'service' });
    return found.sort((one, other) => Number(one.startsWith(quarantinePrefix)) - Number(other.startsWith(quarantinePrefix)));
  };

  return {
    list: async function* (listed = {}) {
      requireKnown('list', listed, listOptions);
      for await (const key of keys(listed.service)) {
        const stored = await store.load(key);
        if (stored === undefined) continue; // it was forgotten meanwhile
        const summary = summaryAt(key, stored);
        if (listed.bot !== undefined && summary.bot !== listed.bot) continue;
        if (summary.status !== 'ended' || listed.ended === true) yield summary;
      }
    },

    show: async (callId, shown = {}) => {
      requireKnown('show', shown, showOptions);
      for (const key of await keysOf(callId, shown.service)) {
        const stored = await store.load(key);
        if (stored !== undefined) return viewAt(key, stored, shown.unmasked === true);
      }
      return undefined;
    },

    end: async (callId, { service, apologise = false, ...more } = {}) => {
      requireKnown('end', { service, apologise, ...more }, endOptions);
      const [key] = await keysOf(callId, service);
      for (let attempt = 0; attempt < mostAttempts; attempt += 1) {
        const stored = key === undefined ? undefined : await store.load(key);
        if (key === undefined || stored === undefined) return 'unknown';
        const record = key.startsWith(quarantinePrefix) ? undefined : recordIn(stored);
        if (record === undefined) return 'unreadable';
        if (record.snapshot.ended !== null) return 'ended';
        if (record.endAsked !== undefined || record.snapshot.parted === true) return 'asked';
        const { expiresAt: _, ...kept } = stored;
        // Due as of when the service was last heard of: that is past by the clock of whoever serves the call, too.
        const due = Math.min(now(), record.heardAt, stored.dueAt ?? Infinity);
        if (await store.commit(key, stored.revision, { ...kept, revision: stored.revision + 1, text: asksEnd(stored.text, { at: now(), apologise }), dueAt: due })) return 'asked';
      }
      throw new CallError('ERR_CALL_CONFLICT', 'other writers kept winning the commit', { attempts: mostAttempts });
    },
  };
};

/** The service and the call that a key names. */
const partsOf = (key: string): { readonly service: string; readonly call: string } => {
  const own = key.startsWith(quarantinePrefix) ? key.slice(quarantinePrefix.length) : key;
  const at = own.indexOf(':');
  return { service: own.slice(0, Math.max(0, at)), call: own.slice(at + 1) };
};

/** The record, as far as this version can read it. */
const recordIn = ({ text }: StoredRecord): CallRecord | undefined => {
  try {
    return readRecord(text);
  } catch (error) {
    if (isCallError(error) && error.code === 'ERR_RECORD_UNKNOWN') return undefined;
    throw error;
  }
};

/** Of a record that was put aside it is told why the newest was, and of any other nothing. */
const unread = (key: string, { text }: StoredRecord): CallSummary => {
  if (!key.startsWith(quarantinePrefix)) return { ...partsOf(key), status: 'unreadable' };
  const reason = readQuarantined(text).at(-1)?.reason;
  return { ...partsOf(key), status: 'quarantined', ...(reason !== undefined && { quarantined: reason }) };
};

const summaryAt = (key: string, stored: StoredRecord): CallSummary => {
  const record = key.startsWith(quarantinePrefix) ? undefined : recordIn(stored);
  return record === undefined ? unread(key, stored) : summaryOf(record, partsOf(key).service);
};

const viewAt = (key: string, stored: StoredRecord, isUnmasked: boolean): CallView => {
  const { text: _, ...times } = stored;
  const record = key.startsWith(quarantinePrefix) ? undefined : recordIn(stored);
  return record === undefined ? { ...unread(key, stored), ...times } : viewOf(record, partsOf(key).service, times, isUnmasked);
};
