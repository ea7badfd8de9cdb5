/**
 * Offer — a call that the bot's application has placed, as long as it rings: whoever it is for takes it, or does not, while he is rung.
 *
 * Where nobody decides, he takes it at once.
 *
 * @module
 */
import type { LineClock } from './clock.ts';

/** A phone that rings. */
export interface RingingPhone {
  readonly callId: string;
  /** Who calls, and who is called, as identities of the service. */
  readonly from: string;
  readonly to: string;
  /** For how long it rings at most, ms. */
  readonly timeoutMs: number;
  /** Aborts when it does not ring any more: the bot has given up, the service has, or the emulator was closed. */
  readonly signal: AbortSignal;
}

/** What becomes of a phone that rings. */
export type PickedUp = 'answered' | 'busy' | 'noanswer' | 'failed';

/** Is told that it rings, and says what becomes of it; what comes after {@link RingingPhone.signal} is nobody's. */
export type Ring = (phone: RingingPhone) => Promise<PickedUp>;

/** A call that rings. */
export interface Offer {
  readonly call: { readonly id: string; readonly from: string; readonly to: string; /** That it is not taken, where that is settled before it rings. */ readonly untaken?: Exclude<PickedUp, 'answered'> };
  readonly ring: Ring | undefined;
  readonly clock: LineClock;
  /** Aborts when the line is dead. */
  readonly dead: AbortSignal;
}

/** Rings for `timeoutMs` at most; `over` where whoever calls, or whoever is called, has put the receiver down. */
export const ringPhone = async ({ call, ring, clock, dead }: Offer, timeoutMs: number, stop?: AbortSignal): Promise<PickedUp | 'over'> => {
  const signal = stop === undefined ? dead : AbortSignal.any([dead, stop]);
  if (signal.aborted) return 'over';
  const { id: callId, from, to, untaken } = call;
  if (untaken === 'noanswer' && (await clock.silence(timeoutMs, signal)).came === 'signal') return 'over';
  if (untaken !== undefined || ring === undefined) return untaken ?? 'answered';
  const over = new AbortController();
  try {
    const first = await clock.within(timeoutMs, ring({ callId, from, to, timeoutMs, signal: over.signal }), signal);
    if (first.came === 'signal') return 'over';
    return first.came === 'time' ? 'noanswer' : first.act;
  } finally {
    over.abort();
  }
};
