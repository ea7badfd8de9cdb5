/**
 * Dead air — how long a caller hears nothing while there is somebody who could have told him something.
 *
 * What a process had that died is taken up by another that sees for a while that it is dead. So a silence is measured from one thing that hit
 * the call to the next, and in it by the process that lived through most of it: one that has just been started, or that dies itself before it has
 * seen enough, takes nothing up, and one that lives has to.
 *
 * @module
 */
import type { Lag, Outage } from './fleet.ts';
import { type Fate, hitsOn, lateWithin, outside, type Span } from './hits.ts';
import type { Story } from './story.ts';

/** How long a caller may hear nothing beyond an outage, ms. */
const deadAirMs = 2_000;

const lengthOf = ({ from, to }: Span): number => to - from;

const longest = (spans: readonly Span[]): Span | undefined => [...spans].sort((one, other) => lengthOf(other) - lengthOf(one))[0];

/** The longest time in `span` that one and the same process was there. */
const livedThrough = (span: Span, outages: readonly Outage[], processes: number): readonly Span[] => {
  const down = outages.filter(({ what, from, to }) => what !== 'store' && from < span.to && to > span.from);
  const who = [...new Set(down.map((outage) => outage.who))];
  if (who.length < processes) return [span];
  const one = longest(who.flatMap((process) => outside(span, down.filter((outage) => outage.who === process))));
  return one === undefined ? [] : [one];
};

/** The silences of a caller while there was somebody: before, between and after what hit his call. */
const stretchesOf = (story: Story, fate: Fate): readonly Span[] =>
  story.silences.flatMap((span) => {
    const away = fate.outages.filter(({ what, from, to }) => what === 'store' && from <= span.to && to >= span.from);
    return outside(span, [...away, ...story.troubles, ...hitsOn(story, { from: span.from - deadAirMs, to: span.to }, fate)]).flatMap((stretch) => livedThrough(stretch, fate.outages, fate.processes));
  });

/** How long the caller heard nothing while there was somebody, at worst, ms. */
export const worstSilence = (story: Story, fate: Fate): number => Math.max(0, ...stretchesOf(story, fate).map(lengthOf));

/** However often something dies with a call, there are no more than two seconds before the next, and none more after the last. */
export const deadAirOf = (story: Story, fate: Fate & { readonly lags: readonly Lag[] }): readonly string[] =>
  stretchesOf(story, fate).flatMap((span) => {
    const silent = lengthOf(span) - lateWithin(span, fate.lags, fate.outages);
    return silent <= deadAirMs ? [] : [`dead air: nothing was heard for ${Math.round(silent)} ms beyond the outage`];
  });
