/** Functions of an author's that were rewritten between two versions: by masked logs nobody knows what comes of them. */
import { callMachine, type CallLog, dialog, hangup, prompt, recognize, type StepEvent, task, waterfall } from 'callchart';
import { dial } from 'callchart/testing';
import { expect } from 'chai';
import { type AnyStateMachine, assign } from 'xstate';
import { compare } from '../../../src/machines/log/compare.ts';
import { told } from './told.ts';

type Caller = ReturnType<typeof dial>;
type Context = { readonly context: { readonly age: string; readonly minutes: number } };
type Digits = { readonly digits: string };

const eventsOf = (bot: AnyStateMachine, does: (caller: Caller) => void): readonly StepEvent[] => {
  const caller = dial(bot, { tasks: (bot.id === 'quiz' ? { taxi: { minutes: 12 } } : {}) as never });
  does(caller);
  if (caller.state !== 'ended') caller.hangsUp();
  return caller.events;
};

const logsOf = (bot: AnyStateMachine, does: (caller: Caller) => void): { readonly seen: CallLog; readonly masked: CallLog } => {
  const events = eventsOf(bot, does);
  return { seen: told(bot, events), masked: told(bot, events, true) };
};

// ---- bots ----

interface Parts {
  readonly validate?: (args: Digits) => string | undefined;
  readonly keeps?: (args: { readonly event: Digits }) => string;
  readonly input?: (args: Context) => unknown;
  readonly says?: unknown;
  readonly culture?: (args: Context) => string;
  readonly bye?: string;
}

const quiz = ({ validate = ({ digits }) => (Number(digits) > 80 ? 'Too old.' : undefined), keeps = ({ event }) => event.digits, input = ({ context }) => context.age, says = ({ context }: Context) => (context.minutes > 10 ? 'Late.' : 'Soon.'), culture = () => 'en-GB', bye = 'Goodbye.' }: Parts = {}): AnyStateMachine =>
  callMachine('quiz', {
    context: { age: '', minutes: 0 }, initial: 'asking', tasks: { taxi: () => ({ minutes: 0 }) },
    states: {
      asking: recognize({ prompt: 'How old are you?', culture, digits: { max: 2, termchars: ['#'] }, validate, on: { digits: { target: 'looking', actions: assign({ age: keeps }) }, exhausted: 'bye' } } as never),
      looking: task({ run: 'taxi', input, on: { done: { target: 'saying', actions: assign({ minutes: ({ event }: { readonly event: { readonly output: { readonly minutes: number } } }) => event.output.minutes }) }, failed: 'bye' } } as never),
      saying: prompt(says as never, 'bye' as never),
      bye: hangup(bye),
    },
  } as never) as AnyStateMachine;

const tiles = (kind: string, words: (args: { readonly results: { readonly kind?: string } }) => string = ({ results }) => `You chose ${String(results.kind)}.`): AnyStateMachine => {
  const isLarge = ({ results }: { readonly results: { readonly kind?: string } }): boolean => results.kind === 'large';
  const isSmall = ({ results }: { readonly results: { readonly kind?: string } }): boolean => results.kind === 'small';
  const order = waterfall('order')
    .ask('kind', { prompt: 'Large or small?', choices: { large: '1', small: '2' } })
    .ask('colour', { prompt: 'Blue or white?', choices: { blue: '1', white: '2' }, when: (kind === 'large' ? isLarge : isSmall) as never })
    .say(words as never)
    .end();
  return callMachine('tiles', { initial: 'order', states: { order: dialog(order, { on: { done: 'bye' } } as never), bye: hangup('Bye.') } } as never) as AnyStateMachine;
};

const old = quiz();
const rewritten: readonly (readonly [what: string, parts: Parts, place: string])[] = [
  ['a prompt', { says: ({ context }: Context) => (context.minutes > 20 ? 'Late.' : 'Soon.') }, 'quiz.saying'],
  ['a prompt that was computed and is not', { says: 'Soon.' }, 'quiz.saying'],
  ['what is kept of an answer', { keeps: ({ event }) => event.digits.slice(1) }, 'quiz.asking recognize.digits.* 3'],
  ['the input of a task', { input: ({ context }) => `0${context.age}` }, 'quiz.looking'],
  ['an option of a question', { culture: ({ context }) => (context.age === '' ? 'en-GB' : 'en-US') }, 'quiz.asking'],
];

describe('a function that was rewritten between two versions', () => {
  const { seen, masked } = logsOf(old, (caller) => caller.presses('85').presses('30'));

  it('is of no account where it is the same', () => {
    expect(compare(old, quiz(), masked)).deep.include({ verdict: 'identical', why: null });
    expect(compare(old, quiz({ culture: () => 'en-GB' }), masked).verdict, 'nothing is given to it').equal('identical');
    expect(compare(tiles('large'), tiles('large'), logsOf(tiles('large'), (caller) => caller.presses('1').presses('2')).masked)).deep.include({ verdict: 'identical', why: null });
  });

  it('makes a call by a masked log not examined where it judges digits', () => {
    const next = quiz({ validate: ({ digits }) => (Number(digits) > 90 ? 'Too old.' : undefined) });
    expect(compare(old, next, seen).verdict).equal('hears-otherwise');
    expect(compare(old, next, masked)).deep.include({ verdict: 'not-examined', why: 'the guard `quiz.asking recognize.digits.* 1.1` looks at what a masked log leaves out' });
  });

  it('makes a call by a masked log not examined where it says whether a step of a waterfall is taken', () => {
    const logs = logsOf(tiles('large'), (caller) => caller.presses('2'));
    expect(compare(tiles('large'), tiles('small'), logs.seen).verdict).equal('ends-otherwise');
    expect(compare(tiles('large'), tiles('small'), logs.masked)).deep.include({ verdict: 'not-examined', why: 'the guard `order.before_2 always 1` looks at what a masked log leaves out' });
  });

  it('makes a call by a masked log not examined where a waterfall words with it', () => {
    const next = tiles('large', ({ results }) => `So ${String(results.kind)}.`);
    expect(compare(tiles('large'), next, logsOf(tiles('large'), (caller) => caller.presses('2')).masked)).deep.include({ verdict: 'not-examined' });
  });

  for (const [what, parts, place] of rewritten) {
    it(`makes a call by a masked log not examined from there on: ${what}`, () => {
      expect(compare(old, quiz(parts), masked)).deep.include({ verdict: 'not-examined', why: `what is computed at \`${place}\` is written otherwise, and a masked log may leave out what it looks at` });
      expect(compare(old, quiz(parts), seen).verdict, 'by a log that has all').not.equal('not-examined');
    });
  }

  it('leaves alone the calls that do not come there', () => {
    const silent = logsOf(old, (caller) => caller.staysSilent().staysSilent().staysSilent()).masked;
    for (const [what, parts, place] of rewritten) if (place !== 'quiz.asking') expect(compare(old, quiz(parts), silent).verdict, what).equal('identical');
  });

  it('is quoted of a masked call as its log has it, and not as it comes of what is left out', () => {
    expect(compare(old, quiz({ bye: 'So long.' }), seen).divergence).deep.include({ heard: ['Late.', 'Goodbye.'], hears: ['Late.', 'So long.'] });
    expect(compare(old, quiz({ bye: 'So long.' }), masked).divergence, 'and not `Soon.`').deep.include({ heard: ['••••', 'Goodbye.'], hears: ['••••', 'So long.'] });
  });
});
