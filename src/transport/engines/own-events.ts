/**
 * Own events — what happens to a call and was brought by no request: its tasks and commands are done, its timers and its
 * replies are due. Each answers the request that is held, if there is one.
 *
 * @module
 */
import type { CallSpans } from '../call-spans.ts';
import type { Clock } from '../clock.ts';
import type { CallRef } from '../host.ts';
import { type Log, thrown } from '../log.ts';
import { type CallRecord, replyTo } from '../record.ts';
import { type CallService, canTell } from '../service.ts';
import { mayComeRight } from './commits.ts';
import type { Happening, Taking } from './happening.ts';
import type { HeldRequests } from './held.ts';
import type { Turns } from './turns.ts';
import { freeWorks, paceMs } from './waiting.ts';

/** Makes an event; `reply`: whether anybody hears what is said to it. */
export type MakeEvent = (reply: boolean) => Happening;

export interface OwnEvents {
  /** Takes an event of a call whose turn it is. Gives the call as it is then. */
  take(callId: string, event: MakeEvent): Promise<CallRecord>;
  /**
   * The same with what is due to the held `request`, when it is the call's turn. The request may be answered before that: what was said then would
   * be said to nobody, in the place of what another process owes to the request after it.
   */
  fill(ref: CallRef, request: string | undefined, event: MakeEvent): Promise<void>;
  /** The same, when it is the call's turn, with what came of work that the call asked for: as often as it takes, while the store cannot be had. */
  bringHome(ref: CallRef, event: MakeEvent): Promise<void>;
  /** Nothing is put off any longer. */
  close(): void;
}

export interface OwnEventsOptions {
  readonly service: CallService;
  readonly clock: Clock;
  readonly log: Log;
  readonly turns: Turns;
  readonly held: HeldRequests;
  readonly spans: CallSpans | undefined;
  /** Takes an event and begins what comes of it. */
  readonly take: (taking: Taking) => Promise<{ readonly record: CallRecord }>;
  /** How a reply goes out. */
  readonly spoken: (given: string, record: CallRecord) => string;
  /** What the store could not take is brought again after so long, ms. */
  readonly againMs: number;
  readonly isClosing: () => boolean;
}

export const ownEvents = ({ service, clock, log, turns, held, spans, take: takeEvent, spoken, againMs, isClosing }: OwnEventsOptions): OwnEvents => {
  const take: OwnEvents['take'] = (callId, event) => (spans === undefined ? takeIn(callId, event) : spans.forCall(callId, () => takeIn(callId, event)));

  const takeIn = async (callId: string, make: MakeEvent): Promise<CallRecord> => {
    const request = held.of(callId);
    const event = make(request !== undefined || canTell(service));
    const { record } = await takeEvent({ callId, event, request });
    // Another process may have answered for us, or there may be nothing left to say: when it is due, a reply goes out.
    const body = request === undefined ? null : (replyTo(record, request) ?? (event.type === 'reply.due' ? '' : null));
    if (body !== null) held.answer(callId, spoken(body, record));
    return record;
  };

  const lost = (ref: CallRef, error: unknown): void => log.error({ ...ref, ...thrown(error) }, 'event lost');

  const pauses = new Set<() => void>();

  /** Resolves after `ms`, or when the engine closes. */
  const pause = (ms: number): Promise<void> =>
    new Promise((resolve) => {
      const end = (): void => {
        disarm();
        pauses.delete(end);
        resolve();
      };
      const disarm = clock.setTimer(clock.now() + ms, end);
      pauses.add(end);
    });

  return {
    take,
    fill: (ref, request, event) =>
      turns.take(ref.call, async () => {
        if (held.of(ref.call) === request) await take(ref.call, event);
      }).catch((error: unknown) => {
        lost(ref, error);
        held.fail(ref.call, error);
      }),
    bringHome: async (ref, event) => {
      if (turns.worked(ref.call) > freeWorks) await pause(paceMs);
      for (;;) {
        try {
          return void (await turns.take(ref.call, () => take(ref.call, event)));
        } catch (error) {
          lost(ref, error);
          if (!mayComeRight(error)) return held.fail(ref.call, error);
        }
        if (isClosing()) return;
        await pause(againMs);
      }
    },
    close: () => pauses.forEach((end) => end()),
  };
};
