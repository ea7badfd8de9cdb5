/**
 * Confirm — the second opinion: what was found is tried on the real core, by the walker and by playing scripts, which share nothing with
 * what found it.
 *
 * @module
 */
import type { AnyStateMachine } from 'xstate';
import type { Examination } from './examine.ts';
import { type Finding, type Longest, type Rule, severities } from './finding.ts';
import { play } from './play.ts';
import { walk } from './walker.ts';

/** What the second opinion is. */
export type Opinion =
  /** The walker has been through every moment, and found the same. */
  | { readonly says: 'same'; readonly moments: number }
  /** There are more moments than it was to walk; none of those that it walked says otherwise. */
  | { readonly says: 'so far'; readonly moments: number }
  /** It found something else: the check is wrong, or the walker is. */
  | { readonly says: 'other'; readonly what: string }
  /** There is no certificate that it could look at. */
  | { readonly says: 'nothing' };

/** Moments that are walked, unless more are asked for: about a second's worth. */
const fewMoments = 400;

/** What the walker says of the certificate of `machine`, when it walks through `limit` moments at most. */
export const secondOpinion = (machine: AnyStateMachine, { certificate, followed, concluded }: Pick<Examination, 'certificate' | 'followed' | 'concluded'>, limit = fewMoments): Opinion => {
  if (certificate === null) return { says: 'nothing' };
  const { moments, complete, endless, restless, threw, withoutInput, whole } = walk(machine, { limit, followed, asked: concluded });
  if (moments === 0 && threw.size > 0) return { says: 'nothing' };
  if (endless) return { says: 'other', what: 'it can go round without the caller’s doing' };
  if (restless.size > 0) return { says: 'other', what: 'it does not come to rest' };
  if (withoutInput === null || !isWithin(withoutInput, certificate.withoutInput)) return { says: 'other', what: 'it can last longer without input' };
  if (certificate.whole !== null && (whole === null || !isWithin(whole, certificate.whole))) return { says: 'other', what: 'the whole call can last longer' };
  return { says: complete ? 'same' : 'so far', moments };
};

const isWithin = (one: Longest, most: Longest): boolean => one.prompts <= most.prompts && one.reprompts <= most.reprompts && one.silenceMs <= most.silenceMs;

/** Rounds that are made before a script is taken not to come round. */
const mostRounds = 8;

/** Rules that are broken by a batch which cannot be sent, or a chart that has to be stopped. */
const breaks: ReadonlySet<Rule> = new Set<Rule>(['batch-illegal', 'restless']);

/** What the bot's code throws as soon as it is rung, whoever calls: the caller hears the apology. Undefined where it does not. */
export const throwsAtOnce = (machine: AnyStateMachine): Finding | undefined => {
  const { error } = play(machine, []);
  if (error?.code !== 'ERR_BOT_THREW') return undefined;
  const { state } = error.details as { readonly state: string };
  return { id: `unexamined:${state}`, rule: 'unexamined', severity: severities.unexamined, state, script: [], message: `state \`${state}\`: the bot’s code throws as soon as it is rung, and whoever calls hears the apology` };
};

/** What stands in the way of a certificate that the walker does not agree with. */
export const disagreement = ({ what }: Opinion & { readonly says: 'other' }): Finding =>
  ({ id: 'unexamined:', rule: 'unexamined', severity: severities.unexamined, state: '', script: null, message: `stepped through on the real core, ${what}; the check found otherwise, so one of the two is wrong: please report it with the bot` });

/** Whether the script of `finding` does on the real core what the finding says: of something that goes round, that it comes back to where it has been; of what ends a call, that it does. */
export const comesTrue = (machine: AnyStateMachine, { rule, script, round }: Pick<Finding, 'rule' | 'script' | 'round'>): boolean => {
  if (script === null) return false;
  if (round === undefined) {
    const { idle, ended, error } = play(machine, script);
    return idle.length === 0 && (!breaks.has(rule) || error !== null) && (rule !== 'dead-end' || (ended !== null && error === null));
  }
  const again = script.slice(-1 - round, -1); // then the caller hangs up
  const { moments } = play(machine, [...script.slice(0, -1), ...Array.from({ length: mostRounds }, () => again).flat()]);
  const ends = Array.from({ length: mostRounds + 1 }, (_, index) => moments.at(-1 - index * round));
  return new Set(ends).size < ends.length && moments.at(-1)?.startsWith('ended') !== true;
};
