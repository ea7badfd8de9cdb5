/**
 * Literals — what stands in a bot as its author wrote it: it is the same in every call, and tells nothing of any caller.
 *
 * @module
 */
import type { AnyStateMachine } from 'xstate';
import { onceFor } from '../constant.ts';
import { defaultTexts } from '../default-texts.ts';
import { isMachine } from '../naming.ts';
import { behind } from '../noted.ts';
import { paramsBy } from '../states/question.ts';

/** What stands in a bot. */
export interface Literals {
  /** Texts: prompts, names of states and choices, phrases, the messages of catalogues that take no arguments; also the names of properties. */
  readonly texts: ReadonlySet<string>;
  readonly numbers: ReadonlySet<number>;
  /** Words of the source of its functions, such as the names of what they look at. */
  readonly words: ReadonlySet<string>;
}

/** The literals of `machine`. */
export const literalsOf = onceFor((machine: AnyStateMachine): Literals => gathered([machine, defaultTexts]));

const gathered = (roots: readonly unknown[]): Literals => {
  const texts = new Set<string>();
  const numbers = new Set<number>();
  const words = new Set<string>();
  const seen = new Set<unknown>();
  const ahead: unknown[] = [...roots];
  for (let one = ahead.pop(); ahead.length > 0 || one !== undefined; one = ahead.pop()) {
    if (typeof one === 'string') texts.add(one);
    else if (typeof one === 'number') numbers.add(one);
    if ((typeof one !== 'object' && typeof one !== 'function') || one === null || seen.has(one)) continue;
    seen.add(one);
    if (isMachine(one)) {
      ahead.push(one.id, one.config, one.implementations);
      continue;
    }
    if (typeof one === 'function') {
      for (const [word] of Function.prototype.toString.call(one).matchAll(/[A-Za-z_$][\w$]*/g)) words.add(word);
      ahead.push(behind(one), paramsBy(one, (value) => { ahead.push(value); return [] as never; }));
    }
    for (const [name, value] of Object.entries(one)) {
      texts.add(name);
      ahead.push(value);
    }
  }
  return { texts, numbers, words };
};
