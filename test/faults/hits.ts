/**
 * Hits — what was done to those who carried a call, as far as the call can have felt it: the death or the freezing of a process that
 * had something of it, a store that was away, and a machine that had no time.
 *
 * @module
 */
import type { Lag, Outage } from './fleet.ts';
import type { Ledger } from './ledger.ts';
import type { Story } from './story.ts';

/** What was done to those who carried calls. */
export interface Fate {
  readonly outages: readonly Outage[];
  /** How many processes there are. */
  readonly processes: number;
  /** Who had something to do for which call. */
  readonly ledger?: Pick<Ledger, 'holds' | 'begun'>;
  /** Any process may have any part of any call in its hands, and nobody sees which: each that dies or freezes counts for all. */
  readonly isAnybodys?: boolean;
}

export interface Span {
  readonly from: number;
  readonly to: number;
}

/** How long a try that breaks may be known of before, or after, the death that broke it, ms. */
const knownWithinMs = 100;

export const touches = (one: Span, other: Span, byMs = 0): boolean => one.from <= other.to + byMs && one.to >= other.from - byMs;

/** The processes that died or froze in `span` while they had the request, or something to do for the call: what was wanted of them may have to be taken up by another. */
export const hitsOn = ({ id, sendings }: Story, span: Span, { outages, ledger, isAnybodys }: Pick<Fate, 'outages' | 'ledger' | 'isAnybodys'>): readonly Outage[] => {
  const had: readonly (Span & { readonly url: string | undefined })[] = [...sendings.flatMap(({ tries }) => tries), ...(ledger?.holds.get(id) ?? []).map(({ by: { url }, from, to }) => ({ url, from, to }))];
  return outages.filter((outage) => {
    const felt = { from: outage.from, to: outage.what === 'dead' ? outage.from : outage.to };
    if (outage.what === 'store' || !touches(felt, span)) return false;
    return isAnybodys === true || (outage.url !== undefined && had.some((one) => one.url === outage.url && touches(one, felt, knownWithinMs)));
  });
};

/** When the store was away in `span`, or was away of late: what it was asked before it came back is answered a moment later. */
export const storeAway = (span: Span, outages: readonly Outage[]): readonly Outage[] => outages.filter((outage) => outage.what === 'store' && touches(outage, span, knownWithinMs));

/** What is left of `from` to `to` beside `spans`. */
export const outside = ({ from, to }: Span, spans: readonly Span[]): readonly Span[] => {
  const left: Span[] = [];
  let at = from;
  for (const span of [...spans].sort((before, after) => before.from - after.from)) {
    if (span.from > at) left.push({ from: at, to: Math.min(span.from, to) });
    at = Math.max(at, span.to);
    if (at >= to) return left;
  }
  return [...left, { from: at, to }];
};

/** What the harness calls itself where somebody is late. */
export const harness = 'the harness';

/** What the machine could not do in time meanwhile: the harness, and the process that was worst off; that one was late which was frozen is no news. */
export const lateWithin = (span: Span, lags: readonly Lag[], outages: readonly Outage[]): number => {
  const by = new Map<string, number>();
  for (const { who, at, ms } of lags) {
    const late = { from: at - ms, to: at };
    if (!touches(late, span) || outages.some((outage) => outage.what === 'frozen' && outage.who === who && touches(outage, late))) continue;
    by.set(who, (by.get(who) ?? 0) + ms);
  }
  const ours = by.get(harness) ?? 0;
  by.delete(harness);
  return ours + Math.max(0, ...by.values());
};
