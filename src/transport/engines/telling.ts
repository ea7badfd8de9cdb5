/**
 * Telling — who hears of a step once it is committed: the log of the call, spans, hooks, detail records, observers, and the
 * lines of the log. Nothing here decides anything, and nothing that fails here harms the call.
 *
 * @module
 */
import type { Context } from '@opentelemetry/api';
import type { EndReason } from '../../machines/index.ts';
import { callLogDesk } from '../call-logs.ts';
import { type CallSpans, callSpans } from '../call-spans.ts';
import { detailDesk, detailOf } from '../detail.ts';
import { callHooks } from '../hooks.ts';
import type { CallRef } from '../host.ts';
import { codeOf, emit, tell, thrown } from '../log.ts';
import type { CallRecord } from '../record.ts';
import type { EngineOptions } from './engine-options.ts';
import type { Happening } from './happening.ts';
import type { CommittedStep } from './transact.ts';

/** Tells of steps. */
export interface Telling {
  /** Where there is a tracer. */
  readonly spans: CallSpans | undefined;
  /** `happened` came to `taken`. */
  committed(happened: Happening, taken: CommittedStep, trace?: Context): void;
  /** Resolves when everybody has been told. */
  close(): Promise<void>;
}

/** Makes the one that tells, by the time that `now` tells. */
export const stepTelling = (options: EngineOptions, now: () => number): Telling => {
  const { service, log, hooks, onDetail, callLogs, onStep, tracer } = options;
  const ofCalls = hooks?.call && callHooks(hooks.call, options, service.replyWithinMs);
  const details = onDetail && detailDesk(onDetail, options);
  const logs = callLogs && callLogDesk(callLogs, log);
  const spans = tracer && callSpans(tracer, log, now);

  /** The host has logged it when it happened; this is when the bot was told. */
  const tellFailure = (ref: CallRef, before: CallRecord | undefined, taskId: string, code: unknown): void =>
    emit(options, 'task.failed', { ...ref, task: before?.snapshot.tasks.find(({ id }) => id === taskId)?.name ?? '', ...codeOf(code) });

  const end = (ref: CallRef, record: CallRecord, reason: EndReason, at: number): void => {
    tell(options, 'info', 'call.ended', { call: ref.call, bot: ref.bot, chain: ref.chain, reason, durationMs: at - record.begunAt });
    if (ofCalls === undefined && details === undefined) return;
    const detail = detailOf(record, reason, at);
    ofCalls?.tell({ type: 'ended', callId: ref.call, bot: ref.bot, chain: ref.chain, call: record.snapshot.call, reason, detail });
    details?.hand(detail);
  };

  return {
    spans,
    committed: (happened, { machine, record, commit: { event, before, result, failures, refused, lost } }, trace) => {
      const { snapshot } = record;
      const ref = refOf(record);
      const isOurs = record.quarantined === undefined; // of the rest no bot of the author's has a part in it
      if (lost !== undefined) tell(options, 'error', 'call.quarantined', { ...ref, reason: lost.details.reason }, { ...thrown(lost), reason: lost.details.reason, rule: lost.message });
      else if (before !== undefined && before.snapshot.version !== snapshot.version) tell(options, 'info', 'call.moved', { ...ref, from: before.snapshot.version, to: snapshot.version });
      if (isOurs) logs?.take({ service: service.name, machine, event, before: before?.snapshot, result, failures: failures.map(({ code }) => code), refused });
      spans?.step({ ref, at: happened.at, before: before?.snapshot, result, failures, trace });
      if (before === undefined) {
        tell(options, 'info', 'call.begun', ref);
        ofCalls?.tell({ type: 'begun', callId: ref.call, bot: ref.bot, chain: ref.chain, call: snapshot.call });
      }
      if (happened.type === 'task' && happened.result.type === 'task.failed') tellFailure(ref, before, happened.taskId, happened.result.error.code);
      for (const error of failures) tell(options, 'error', 'bot.failed', { ...ref, revision: snapshot.revision, code: error.code }, thrown(error));
      if (snapshot.ended !== null && before?.snapshot.ended !== snapshot.ended) end(ref, record, snapshot.ended, happened.at);
      try {
        if (isOurs) onStep?.({ machine, event, result });
      } catch (error) {
        log.error({ ...ref, ...thrown(error) }, 'observer failed');
      }
    },
    close: async () => {
      await Promise.all([ofCalls?.settled(), details?.settled(), logs?.settled()]);
      spans?.close();
    },
  };
};

/** A call as log lines and tasks name it. */
export const refOf = ({ snapshot: { call, bot }, chain }: CallRecord): CallRef => ({ call: call.id, bot, chain });
