/**
 * Set aside — what becomes of a call that nobody here can go on with: it is left to other processes, or what was found of it
 * is kept aside (`quarantine.ts`) and its end begins, with an apology where one can be said.
 *
 * @module
 */
import type { AnyStateMachine } from 'xstate';
import { CallError, isCallError } from '../../errors.ts';
import { abandon, type StepEvent, type StepResult } from '../../machines/index.ts';
import type { Bots } from '../bots.ts';
import type { CallRecord } from '../record.ts';
import { type CallService, canTell } from '../service.ts';
import type { VersionsOptions } from '../versions.ts';
import { type AttentionOptions, defaultSilentCallMs } from './attention.ts';
import type { Decided, Decider } from './decide.ts';
import { type Happening, hungUp, type Taking } from './happening.ts';
import { farewell, isEnd, keepAside, lastEvent, remains } from './quarantine.ts';
import type { CallStore, StoredRecord } from './store.ts';

export interface SetAsideOptions extends Pick<VersionsOptions, 'unknownVersions'>, Pick<AttentionOptions, 'silentCallMs'> {
  readonly store: CallStore;
  readonly bots: Bots;
  readonly service: CallService;
  /** How long a record that nobody can go on with is kept aside, ms. Default 30 days. */
  readonly quarantineMs?: number;
}

/** A call that nobody here can go on with, as it is on record. */
export interface Unknown {
  readonly key: string;
  readonly found: StoredRecord;
  readonly error: CallError<'ERR_RECORD_UNKNOWN'>;
  /** As far as it could be read. */
  readonly record: CallRecord | undefined;
}

/** The beginning of its end, to be committed. */
export interface Ending {
  readonly event: StepEvent;
  /** What is left of the call. */
  readonly before: CallRecord;
  readonly decided: Decided;
}

/** For so long after something of it was due a call is left to other processes, which may have its bot or its version, ms. */
const othersMs = 60_000;

/** Makes what sets calls aside: it has kept aside what was found when it resolves. @throws `ERR_CALL_ELSEWHERE`, `ERR_STORE_UNAVAILABLE` */
export const settingAside = ({ store, bots, service, unknownVersions, quarantineMs = 30 * 86_400_000, silentCallMs = defaultSilentCallMs }: SetAsideOptions, decide: Decider['decide']) => {
  /** Whether the call is left to other processes. */
  const isForOthers = (isAsked: boolean, at: number, dueAt: number): boolean => {
    if (isAsked) return unknownVersions === 'retry';
    return at < dueAt + (unknownVersions === 'retry' ? silentCallMs : othersMs);
  };

  /** The apology and the hangup of a call that is lost; of one that is over there is nothing to say. `isBusy`: the service may well be working on something that is not known. */
  const lastWords = (bot: AnyStateMachine, before: CallRecord, event: StepEvent, error: CallError, request: Taking['request'], isBusy: boolean): Decided => {
    const { snapshot, memory, outbox } = before;
    const nothingMore = (result: StepResult): Decided => ({ result, failures: [], refused: 0, body: '', outbox: [], memory });
    if (snapshot.ended !== null) return nothingMore({ ...abandon(farewell, snapshot, hungUp(event.at), error), snapshot: { ...snapshot, revision: snapshot.revision + 1 } });
    if (isEnd(event)) return nothingMore(abandon(farewell, snapshot, event, error));
    try {
      const decided = decide({ machine: bot, before: snapshot, event, settled: { outbox, memory, parting: [] }, first: () => abandon(bot, snapshot, event, error), request, isHeard: true, isBusy });
      return { ...decided, failures: [], refused: 0 }; // that the call is lost is told, and not what its apology met
    } catch {
      return nothingMore(abandon(farewell, snapshot, hungUp(event.at), error)); // not even the hangup can be written: the line is the service's to clear
    }
  };

  return async ({ callId, event: told, request, arrival }: Taking, { key, found, error, record }: Unknown): Promise<Ending> => {
    const { reason } = error.details;
    const { revision } = found;
    const { at } = told;
    if (reason !== 'damaged' && isForOthers(arrival !== undefined, at, found.dueAt ?? at)) throw new CallError('ERR_CALL_ELSEWHERE', error.message, { reason }, { cause: error });
    await keepAside(store, key, { reason, at, revision, text: found.text }, quarantineMs);
    const over = found.expiresAt !== undefined;
    const bot = (record && bots.served(record.snapshot.bot)) ?? routed(arrival) ?? (bots.all.length === 1 ? bots.all[0] : undefined);
    const before = remains({ callId, error, record, revision, over, bot }, told, arrival?.memory);
    const event = lastEvent(told, canTell(service), request !== undefined);
    return { event, before, decided: lastWords(bot ?? farewell, before, event, error, request, record === undefined) };
  };
};

/** Whether a call that was kept aside has not heard its apology yet, and can hear it now. */
export const owesApology = (before: CallRecord | undefined, told: Happening, request: string | undefined): boolean =>
  before?.quarantined !== undefined && before.snapshot.parked.length > 0 && request !== undefined && !isEnd(told);

/** The bot that the request would begin a call with; undefined where it does not say which. */
const routed = (arrival: Taking['arrival']): AnyStateMachine | undefined => {
  try {
    return arrival?.bot();
  } catch (error) {
    if (isCallError(error)) return undefined;
    throw error;
  }
};
