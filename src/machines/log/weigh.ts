/**
 * Weigh — how much a caller notices of what two versions of a bot do otherwise, between two things that somebody decided.
 *
 * A prompt in two pieces is the same prompt, and so is one that another state says; choices are the same in any order.
 *
 * @module
 */
import { type Batch, type Choice, type Operation, type PromptItem, promptText, type Recognize } from '../../actions/index.ts';
import { says } from '../check/standing.ts';
import { promptsOf } from '../outcomes.ts';

/**
 * How much of it is noticed: nothing is other than the ids; other pieces, another order, other names; other questions and delays for other
 * callers, and the same for this one; other things heard.
 */
export const weights = ['identical', 'cosmetic', 'asks-otherwise', 'hears-otherwise'] as const;
export type Weight = (typeof weights)[number];

/** What a bot did between two things that somebody decided. */
export interface Turn {
  readonly batches: readonly Batch[];
  /** Delays of the timers that it set, ms. */
  readonly delays: readonly number[];
  /** The work that it asked for. */
  readonly tasks: readonly { readonly name: string; readonly input: unknown }[];
}

/** How much of what `is` done otherwise than it `was` is noticed. */
export const weigh = (was: Turn, is: Turn): Weight => {
  const [before, now] = [was.batches.flat(), is.batches.flat()];
  if (!isHeardAlike(before, now) || !same(now, before, decisive)) return 'hears-otherwise';
  if (!same(now, before, asked) || !isSame(sorted(is.delays), sorted(was.delays)) || !isSame(sorted(is.tasks.map(inputOf)), sorted(was.tasks.map(inputOf)))) return 'asks-otherwise';
  return isSame(is.batches.map((batch) => batch.map(plainly)), was.batches.map((batch) => batch.map(plainly))) && isSame(is.tasks, was.tasks) ? 'identical' : 'cosmetic';
};

/** The first operations of two turns that are not the same, and as much as there is of them: undefined where one turn has no more. */
export const firstOther = (was: Turn, is: Turn): readonly [Operation | undefined, Operation | undefined] => {
  const [before, now] = [was.batches.flat(), is.batches.flat()];
  const bare = (operation: Operation | undefined): unknown => operation && [operation.type, operation.params];
  const index = [...Array(Math.max(before.length, now.length)).keys()].find((at) => !isSame(bare(before[at]), bare(now[at])));
  return index === undefined ? [before.at(-1), now.at(-1)] : [before[index], now[index]];
};

/** What a caller hears of a batch, operation by operation. */
export const heardIn = (batch: Batch): readonly string[] => batch.flatMap((operation) => (says(operation) ? [promptText(promptsOf(operation))] : []));

const isSame = (one: unknown, other: unknown): boolean => JSON.stringify(one) === JSON.stringify(other);

const same = (these: Batch, those: Batch, part: (operation: Operation) => readonly unknown[]): boolean => isSame(these.flatMap(part), those.flatMap(part));

const sorted = (list: readonly unknown[]): readonly string[] => list.map((one) => JSON.stringify(one)).sort();

const plainly = ({ type, params, state }: Operation): unknown => [type, params, state];

const inputOf = ({ input }: Turn['tasks'][number]): unknown => input;

// ---- what is heard ----

const isHeardAlike = (before: Batch, now: Batch): boolean => {
  const [these, those] = [before.flatMap(promptsOf), now.flatMap(promptsOf)];
  return isSame(joined(these), joined(those)) || isSame(sorted(these), sorted(those));
};

/** Texts that are read out by the same voice, one after the other, as one. */
const joined = (items: readonly PromptItem[]): readonly PromptItem[] =>
  items.reduce<readonly PromptItem[]>((before, item) => {
    const last = before.at(-1);
    if (last === undefined || !('text' in last) || !('text' in item) || !isSame(byName({ ...last, text: '' }), byName({ ...item, text: '' }))) return [...before, 'text' in item ? byName({ ...item, text: item.text.trim() }) : item];
    return [...before.slice(0, -1), { ...last, text: `${last.text} ${item.text.trim()}` }];
  }, []);

const byName = <T extends object>(object: T): T => Object.fromEntries(Object.entries(object).sort(([one], [other]) => (one < other ? -1 : 1))) as T;

// ---- what is asked ----

/** What happens to a caller whatever is said: he is handed on, somebody is rung, a verb of the service does something, he is refused. */
const decisive = ({ type, params }: Operation): readonly unknown[] => {
  switch (type) {
    case 'transfer':
      return [[type, params.to]];
    case 'createcall':
      return [[type, params.to, params.from]];
    case 'raw':
      return [[type, params.service, params.verb, params.attributes]];
    case 'reject':
      return [[type, params.reason]];
    case 'hangup':
      return [type];
    default:
      return [];
  }
};

/** What the service is asked to take, and how long it waits for it. */
const asked = ({ type, params }: Operation): readonly unknown[] => {
  switch (type) {
    case 'play':
      return [];
    case 'recognize': {
      const { prompts: _, choices, ...others } = params;
      return [[type, byName(others), choices === undefined ? null : sorted(choices.map(meaning))]];
    }
    default: {
      const { prompts: _, ...others } = params as Partial<Pick<Recognize, 'prompts'>>;
      return [[type, byName(others)]];
    }
  }
};

/** What a choice is chosen by. Its name is the bot's own. */
const meaning = ({ key, phrases, command }: Choice): unknown => [key ?? null, [...phrases].sort(), command ?? null];
