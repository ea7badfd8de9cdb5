/**
 * Front — requests of the calling service, handed to the server of Restate, and the replies that come back, all in time.
 *
 * What the server does not answer by the deadline may yet be done: a service that can be kept on the line is told to wait and to
 * ask again, and every other one that the store cannot be had, so that it sends the request again and finds its reply.
 *
 * @module
 */
import { type Context, trace } from '@opentelemetry/api';
import { CallError, isCallError } from '../../../errors.ts';
import type { Clock } from '../../clock.ts';
import type { Delivery, Engine, Reply } from '../../deliver.ts';
import { thrown } from '../../log.ts';
import { eventHash } from '../../record.ts';
import type { EngineOptions } from '../engine-options.ts';
import type { Ingress } from './ingress.ts';
import type { Answer, CallMessages, HeldAnswer, Names, Told, ToldEvent } from './messages.ts';

export interface FrontOptions extends EngineOptions {
  readonly names: Names;
  readonly ingress: Ingress;
  readonly clock: Clock;
}

/** Takes requests. */
export interface Front extends Pick<Engine, 'deliver' | 'drain'> {
  /** What is held gets its filler; resolves when nothing is in hand. */
  close(): Promise<void>;
}

/** So much longer than the calling service waits the server has to take what it was told, ms. */
const afterwardsMs = 30_000;

/** So often a server that has gone is asked for a reply that is owed, ms. */
const againMs = 250;

/** So long a reply is given again without the server being asked, ms. */
const rememberedMs = 2_000;

/** What is left of the margin for the way back, at most, ms. */
const wayBackMs = 150;

/** Makes it. */
export const front = ({ names, ingress, clock, bots, service, secrets, log, marginMs = 500 }: FrontOptions): Front => {
  const { now } = clock;
  const inHand = new Set<Promise<unknown>>();
  /** By request: its reply, when it is there; */
  const underWay = new Map<string, Promise<Reply>>();
  /** and by call what it was of the last one, for a moment. */
  const given = new Map<string, { readonly request: string; readonly reply: Reply; readonly at: number }>();
  /** Asks for the filler of what is held here. */
  const held = new Set<() => void>();
  /** Ends what goes on though nobody waits for it. */
  const broken = new AbortController();
  let draining = false;
  let closing = false;

  /** Bots that ask for secrets have all that is told sealed: nothing that is keyed stands in clear in the journal. */
  const sealed = (told: Told, place: string): Told | string => (bots.confidential.size === 0 || secrets === undefined ? told : secrets.seal(JSON.stringify(told), place));

  const messageOf = ({ arrival: { callId, eventId, events, memory, asks }, chain, path, deadlineAt, trace: exchange }: Delivery, at: number): ToldEvent => {
    const request = eventHash(eventId);
    const span = exchange && spanOf(exchange);
    return {
      at, request, told: sealed({ events, ...(memory !== undefined && { memory }) }, `${callId} ${request}`), asks: asks === true, path, fillBy: closing ? at : deadlineAt - marginMs, drains: draining,
      ...(chain !== undefined && { chain }), ...(span !== undefined && { trace: span }),
    };
  };

  /** The reply that is owed, when it is there; or, once its time is over, the filler. */
  const owed = (callId: string, request: string, until: number, withinMs: () => number): Promise<string> =>
    new Promise((resolve, reject) => {
      const over = new AbortController();
      const end = (answer: HeldAnswer): void => {
        finish();
        if ('refused' in answer) reject(refusal(answer));
        else resolve(answer.body);
      };
      const fail = (error: unknown): void => {
        if (over.signal.aborted) return; // it was answered otherwise
        finish();
        reject(error);
      };
      const fill = (): void => {
        disarm();
        held.delete(fill);
        const message: CallMessages['due'] = { request, at: Math.max(now(), until) };
        ingress.call<HeldAnswer>(names.call, callId, 'due', message, { reason: 'write', withinMs: withinMs(), afterwardsMs, onBroken: () => {}, signal: broken.signal }).then(end, fail);
      };
      const disarm = clock.setTimer(until, fill);
      /** A server that goes away meanwhile is asked again until the filler is due. */
      const wait = (): Promise<void> =>
        ingress.call<HeldAnswer>(names.wait, undefined, 'held', { call: callId, request }, { reason: 'read', withinMs: withinMs(), signal: over.signal }).then(end, (error: unknown) => {
          if (over.signal.aborted || now() >= until) return;
          log.warn({ call: callId, ...thrown(error) }, 'held reply not looked for');
          clock.setTimer(now() + againMs, () => void (over.signal.aborted || wait()));
        });
      const finish = (): void => {
        disarm();
        held.delete(fill);
        over.abort();
      };
      held.add(fill);
      if (closing || until <= now()) fill();
      else void wait();
    });

  const take = async (delivery: Delivery): Promise<Reply> => {
    const { arrival: { callId }, deadlineAt } = delivery;
    const message = messageOf(delivery, now());
    const withinMs = (): number => deadlineAt - Math.min(wayBackMs, marginMs / 3) - now();
    let isDoubted = false;
    const answer = await ingress.call<Answer>(names.call, callId, 'event', message, { reason: 'write', withinMs: withinMs(), afterwardsMs, onBroken: () => void (isDoubted = true), signal: broken.signal });
    if ('refused' in answer) throw refusal(answer);
    const { kind, bot, body, until } = answer;
    // What is on record after a broken connection was most likely taken by this request; what came along with it must not be thrown away.
    const known = isDoubted && kind === 'repeated' ? 'taken' : kind;
    if (known === 'taken') delivery.taken?.(bot);
    return { kind: known, bot, body: body ?? (await owed(callId, message.request, until, withinMs)) };
  };

  /**
   * A request that comes again while it is in hand here, or as the next of its call, has the same reply: a service that is impatient would
   * have the server do the more the slower it is.
   */
  const takeOnce = async (delivery: Delivery): Promise<Reply> => {
    const { callId, eventId } = delivery.arrival;
    for (const [one, { at }] of given) {
      if (now() - at < rememberedMs) break; // they are in their order
      given.delete(one);
    }
    const last = given.get(callId);
    if (last?.request === eventId) return again(last.reply);
    given.delete(callId);
    const key = JSON.stringify([callId, eventId]);
    for (let first = underWay.get(key); first !== undefined; first = underWay.get(key)) {
      const reply = await first.catch(() => undefined); // its time was over: there is more of this one's
      if (reply !== undefined && reply.kind !== 'ignored') return again(reply);
    }
    const taking = take(delivery).finally(() => underWay.delete(key));
    underWay.set(key, taking);
    const reply = await taking;
    given.delete(callId);
    if (reply.kind !== 'ignored') given.set(callId, { request: eventId, reply, at: now() });
    return reply;
  };

  const deliver = async (delivery: Delivery): Promise<Reply> => {
    try {
      return await takeOnce(delivery);
    } catch (error) {
      const body = mayBeDone(error) ? keptOnTheLine(delivery) : undefined;
      if (body === undefined) throw error;
      return { kind: 'taken', bot: '', body };
    }
  };

  /** What keeps a line where the service asks again by itself; a call that begins is better tried again. */
  const keptOnTheLine = ({ arrival: { events }, path }: Delivery): string | undefined =>
    service.style === 'command' || events.some(({ type }) => type === 'call.incoming' || type === 'call.ended') ? undefined : service.idle?.({ over: false, path });

  return {
    deliver: (delivery) => {
      const work = deliver(delivery);
      const ours = work.then(() => {}, () => {}).finally(() => inHand.delete(ours));
      inHand.add(ours);
      clock.working?.(work);
      return work;
    },
    drain: () => void (draining = true),
    close: async () => {
      closing = true;
      for (const fill of held) fill();
      await Promise.all(inHand);
      broken.abort();
    },
  };
};

/** `reply`, to a request that had it before. */
const again = (reply: Reply): Reply => ({ ...reply, kind: 'repeated' });

const mayBeDone = (error: unknown): boolean => isCallError(error) && error.code === 'ERR_STORE_UNAVAILABLE' && error.details.reason === 'write';

const spanOf = (exchange: Context): ToldEvent['trace'] => {
  const span = trace.getSpanContext(exchange);
  return span && { traceId: span.traceId, spanId: span.spanId, traceFlags: span.traceFlags };
};

/** A refusal as it was thrown where it was met; what has no code is a defect, and was logged there. */
const refusal = ({ refused: { code, message, details } }: Extract<Answer, { readonly refused: unknown }>): Error => (code === null ? new Error('the call could not be taken') : new CallError(code, message, details as never));
