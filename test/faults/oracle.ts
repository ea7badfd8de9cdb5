/**
 * Oracle — what must hold of every call, whatever was done to those who carried it.
 *
 * @module
 */
import type { CallSnapshot } from '../../src/machines/index.ts';
import type { Hold, Lag, Outage } from './fleet.ts';
import { explained } from './reference.ts';
import { revisionOf, type Story } from './story.ts';

/** What else is known when all is over. */
export interface Circumstances {
  readonly outages: readonly Outage[];
  /** How many processes there are. */
  readonly processes: number;
  /** Who had something to do for which call, and from when on. */
  readonly holds?: ReadonlyMap<string, readonly Hold[]>;
  /** Any process may have any part of any call in its hands, and nobody sees which: each that dies or freezes counts for all. */
  readonly isAnybodys?: boolean;
  /** The versions of the bot that the call may have gone by. Default: the first alone. */
  readonly versions?: readonly string[];
  /** How late the machine was with what was due, by when; ms. */
  readonly lags: readonly Lag[];
  /** The call as it is on record; undefined where it cannot be looked up. */
  readonly stateOf?: (story: Story) => Promise<CallSnapshot | undefined>;
}

/** How long a caller may hear nothing beyond an outage, ms. */
const deadAirMs = 2_000;

/** What is wrong with `story`: each sentence begins with its rule. */
export const faultsOf = async (story: Story, circumstances: Circumstances): Promise<readonly string[]> => {
  const { stateOf } = circumstances;
  const state = await stateOf?.(story);
  const found = [...story.problems, ...repliesOf(story), ...commandsOf(story), ...wrapUpsOf(story), ...deadAirOf(story, circumstances)];
  if (stateOf !== undefined && state === undefined) found.push('reference: the call is not on record');
  const wrong = await explained(story, { state, mayFail: circumstances.outages.some(({ what }) => what === 'store'), ...(circumstances.versions !== undefined && { versions: circumstances.versions }) });
  if (wrong !== undefined) found.push(wrong);
  return found.map((sentence) => `${story.id}: ${sentence}`);
};

/** All that a request is answered with is the same; one that is asked for again late is answered with nothing. */
const repliesOf = ({ sendings }: Story): readonly string[] => {
  const found: string[] = [];
  sendings.forEach(({ id, answers }, index) => {
    const bodies = new Set(answers.map(({ body }) => body));
    const said = [...bodies].filter((body) => body !== '');
    if (said.length > 1) found.push(`replies: ${id} was answered in ${said.length} ways`);
    const followed = sendings[index + 1]?.began ?? Infinity;
    if (said.length > 0) for (const { body, at } of answers) if (body === '' && at < followed) found.push(`replies: ${id} was answered with nothing before anything else had happened`);
  });
  return found;
};

/** Each command once, and in the order in which it was decided. */
const commandsOf = ({ commands }: Story): readonly string[] => {
  const found: string[] = [];
  const ids = commands.map(({ id }) => id);
  if (new Set(ids).size !== ids.length) found.push('commands: one was taken twice');
  const places = ids.map((id) => [revisionOf(id), id.endsWith(':break') ? -1 : Number(/:(\d+)(?::push)?$/.exec(id)?.[1] ?? 0)] as const);
  for (const [index, [revision, place]] of places.entries()) {
    const [before, ahead] = places[index - 1] ?? [0, 0];
    if (revision < before || (revision === before && place <= ahead)) found.push(`commands: ${ids[index]} came after ${ids[index - 1]}`);
  }
  return found;
};

/** The call's wrap-up is told at least once, always the same. */
const wrapUpsOf = ({ wrapUps }: Story): readonly string[] => {
  if (wrapUps.length === 0) return ['wrap-up: never'];
  return new Set(wrapUps.map((told) => JSON.stringify(told))).size > 1 ? ['wrap-up: told in two ways'] : [];
};

/** What is left of `from` to `to` beside `spans`, which do not touch and come in their order. */
const outside = ({ from, to }: Span, spans: readonly Span[]): readonly Span[] => {
  const left: Span[] = [];
  let at = from;
  for (const span of spans) {
    if (span.from > at) left.push({ from: at, to: Math.min(span.from, to) });
    at = Math.max(at, span.to);
  }
  return at < to ? [...left, { from: at, to }] : left;
};

/** When nobody could answer: the store was away, or all processes at once. */
const nobody = (outages: readonly Outage[], processes: number): readonly Span[] => {
  const away: Span[] = outages.filter(({ what }) => what === 'store');
  const down = outages.filter(({ what }) => what === 'dead');
  for (const { from } of down) {
    const at = down.filter((one) => one.from <= from && from < one.to);
    if (new Set(at.map(({ who }) => who)).size >= processes) away.push({ from, to: Math.min(...at.map(({ to }) => to)) });
  }
  return away;
};

interface Span {
  readonly from: number;
  readonly to: number;
}

/** How long a try that breaks may be known of before, or after, the death that broke it, ms. */
const knownWithinMs = 100;

/** What died or froze while it had the request, or something to do for the call: what was wanted of it may have to be taken up by another. */
const hitsOn = ({ id, sendings }: Story, { from, to }: Span, { outages, holds, isAnybodys }: Pick<Circumstances, 'outages' | 'holds' | 'isAnybodys'>): readonly Span[] => {
  const held = holds?.get(id) ?? [];
  const had: readonly (Span & { readonly url: string })[] = [
    ...sendings.flatMap(({ tries }) => tries),
    ...held.map(({ url, at }, index) => ({ url, from: at, to: held[index + 1]?.at ?? Infinity })),
  ];
  return outages.filter((outage) => {
    if (outage.what === 'store' || outage.from > to || outage.from < from - deadAirMs) return false;
    const until = outage.what === 'dead' ? outage.from : outage.to;
    return isAnybodys === true || had.some((one) => one.url === outage.url && one.from <= until + knownWithinMs && one.to >= outage.from - knownWithinMs);
  });
};

/** What hit the caller in a silence, as times that do not touch. */
const struck = (story: Story, span: Span, circumstances: Pick<Circumstances, 'outages' | 'processes' | 'holds' | 'isAnybodys'>): readonly Span[] => {
  const apart: Span[] = [];
  const all = [...nobody(circumstances.outages, circumstances.processes).filter(({ from, to }) => from <= span.to && to >= span.from), ...hitsOn(story, span, circumstances)];
  for (const one of all.sort((before, after) => before.from - after.from)) {
    const last = apart.at(-1);
    if (last !== undefined && one.from <= last.to) apart[apart.length - 1] = { from: last.from, to: Math.max(last.to, one.to) };
    else apart.push(one);
  }
  return apart;
};

/** The silences of a caller while everything that had his call was there: before, between and after what died with it. */
const stretchesOf = (story: Story, circumstances: Pick<Circumstances, 'outages' | 'processes' | 'holds' | 'isAnybodys'>): readonly Span[] =>
  story.silences.flatMap((span) => outside(span, struck(story, span, circumstances)));

/** How long the caller heard nothing while everything that had his call was there, at worst, ms. */
export const worstSilence = (story: Story, circumstances: Pick<Circumstances, 'outages' | 'processes' | 'holds' | 'isAnybodys'>): number => Math.max(0, ...stretchesOf(story, circumstances).map(({ from, to }) => to - from));

/** What the machine could not do in time meanwhile: the harness, and the process that was worst off; one that was frozen does not count. */
const lateWithin = ({ from, to }: Span, lags: readonly Lag[]): number => {
  const by = new Map<string, number>();
  for (const { who, at, ms } of lags) if (ms < 2_000 && at >= from && at - ms <= to) by.set(who, (by.get(who) ?? 0) + ms);
  const ours = by.get(harness) ?? 0;
  by.delete(harness);
  return ours + Math.max(0, ...by.values());
};

/** What the harness calls itself where somebody is late. */
export const harness = 'the harness';

/** However often something dies with a call, there are no more than two seconds before the next, and none more after the last. */
const deadAirOf = (story: Story, circumstances: Circumstances): readonly string[] =>
  stretchesOf(story, circumstances).flatMap((span) => {
    const silent = span.to - span.from - lateWithin(span, circumstances.lags);
    return silent <= deadAirMs ? [] : [`dead air: nothing was heard for ${Math.round(silent)} ms beyond the outage`];
  });
