/**
 * Oracle — what must hold of every call, whatever was done to those who carried it.
 *
 * @module
 */
import type { CallSnapshot } from '../../src/machines/index.ts';
import { deadAirOf } from './dead-air.ts';
import type { Lag } from './fleet.ts';
import { type Fate, hitsOn, lateWithin, type Span, storeAway } from './hits.ts';
import { explained } from './reference.ts';
import { revisionOf, type Story, type Work } from './story.ts';

/** What else is known when all is over. */
export interface Circumstances extends Fate {
  /** The versions of the bot that the call may have gone by. Default: the first alone. */
  readonly versions?: readonly string[];
  /** How late the machine was with what was due, by when; ms. */
  readonly lags: readonly Lag[];
  /** The call as it is on record; undefined where it cannot be looked up. */
  readonly stateOf?: (story: Story) => Promise<CallSnapshot | undefined>;
}

/** What is wrong with `story`: each sentence begins with its rule. */
export const faultsOf = async (story: Story, circumstances: Circumstances): Promise<readonly string[]> => {
  const { stateOf } = circumstances;
  const state = await stateOf?.(story);
  const found = [...story.problems, ...repliesOf(story), ...commandsOf(story), ...repeatsOf(story, circumstances), ...wrapUpsOf(story), ...deadAirOf(story, circumstances)];
  if (stateOf !== undefined && state === undefined) found.push('reference: the call is not on record');
  const wrong = await explained(story, { state, mayFail: storeAway(lifeOf(story), circumstances.outages).length > 0, ...(circumstances.versions !== undefined && { versions: circumstances.versions }) });
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
  return new Set(wrapUps.map(({ taskId, reason, context }) => JSON.stringify([taskId, reason, context]))).size > 1 ? ['wrap-up: told in two ways'] : [];
};

/** When the call was carried, for its caller. */
const lifeOf = ({ sendings, endedAt = Infinity }: Story): Span => ({ from: sendings[0]?.began ?? 0, to: endedAt });

/** A service gives its API so long for an answer, of which the half may be the machine's, ms: one that comes later may not be heard. */
const answeredWithinMs = 400;

/** What can have had something of the call done once more, between its first time and its last: how often at most. */
const causesOf = (story: Story, span: Span, circumstances: Circumstances): number => {
  const { outages, lags } = circumstances;
  // What a frozen process had on its way it may try again when it wakes, and another has taken it up meanwhile.
  const struck = hitsOn(story, { from: span.from - knownAfterMs, to: span.to }, circumstances).reduce((sum, { what }) => sum + (what === 'frozen' ? 2 : 1), 0);
  return struck + storeAway(span, outages).length + Math.floor(lateWithin(span, lags, outages) / answeredWithinMs);
};

/** What a process did at its death may be told a moment later, ms. */
const knownAfterMs = 100;

/** Where nothing hit the call, all that is to be done of it is done once: commands are sent, tasks begun and done, its end told. */
const repeatsOf = (story: Story, circumstances: Circumstances): readonly string[] => {
  const { id: callId, commands, works, wrapUps } = story;
  const begun = circumstances.ledger?.begun.get(callId) ?? [];
  const found: string[] = [];
  const judge = (what: string, times: number, span: Span, lost = 0): void => {
    const causes = times > 1 ? lost + causesOf(story, span, circumstances) : 0;
    if (times > 1 + causes) found.push(`${what} ${times} times, and ${causes === 0 ? 'nothing was' : `only ${causes} things were`} the cause`);
  };
  for (const { id, times, at, lastAt, lost } of commands) judge(`commands: ${id} was sent`, times, { from: at, to: lastAt }, lost);
  for (const [work, times] of byWork(begun.map(({ work: id, at }) => ({ taskId: id, at })))) judge(`work: ${work} was begun`, times.length, { from: times[0]!, to: times.at(-1)! }, commands.find(({ id }) => id === work)?.lost);
  for (const [task, times] of byWork([...works, ...wrapUps])) judge(`work: ${task} was done`, times.length, { from: Math.min(times[0]!, begun.find(({ work }) => work === task)?.at ?? Infinity), to: times.at(-1)! });
  return found;
};

/** When each was done. */
const byWork = (works: readonly Work[]): ReadonlyMap<string, readonly number[]> => {
  const by = new Map<string, number[]>();
  for (const { taskId, at } of works) by.set(taskId, [...(by.get(taskId) ?? []), at]);
  return by;
};
