/** A bot that has something of everything, changes to it, and calls of people who do what they like. */
import { type CallLog, callMachine, hangup, play, prompt, recognize, type StepEvent, task, transfer } from 'callchart';
import { dial } from 'callchart/testing';
import { type AnyStateMachine, assign } from 'xstate';
import { told } from './told.ts';

type States = Record<string, unknown>;
type Args = { readonly event: { readonly digits: string } };

export const isOurs = ({ event }: Args): boolean => event.digits.startsWith('4');
export const isOpen = ({ event }: { readonly event: { readonly output: { readonly open: boolean } } }): boolean => event.output.open;
export const keeps = assign({ number: ({ event }: Args) => event.digits });

export const menuChoices = { sales: ['1', 'sales'], ticket: ['2', 'ticket'], wait: ['3', 'wait'] };
export const menu = (changed: object = {}): unknown =>
  recognize({ prompt: 'For sales press 1, for a ticket press 2, to wait press 3.', choices: menuChoices, on: { sales: 'sales', ticket: 'number', wait: 'waiting', exhausted: 'bye' }, ...changed } as never);
export const turn = (changed: object = {}): unknown => recognize({ prompt: 'It is your turn. To go on press 1.', choices: { yes: ['1', 'yes'], no: ['2', 'no'] }, on: { yes: 'sales', no: 'bye', exhausted: 'bye' }, ...changed } as never);
export const number = (on: unknown, digits: object = { max: 4, termchars: ['#'] }): unknown => recognize({ prompt: 'Key your ticket, then pound.', digits, on: { digits: on, exhausted: 'bye' } } as never);
export const looking = (run = 'lookup', on: object = {}): unknown =>
  task({ run, input: ({ context }: { readonly context: { readonly number: string } }) => context.number, on: { done: [{ guard: isOpen, target: 'open' }, 'closed'], failed: 'sorry', ...on } } as never);

const states = (): States => ({
  welcome: prompt('Welcome to the desk.', 'menu' as never),
  menu: menu(),
  sales: transfer({ to: '+15550111', on: { failed: 'sorry' as never } }),
  number: number([{ guard: isOurs, target: 'looking', actions: keeps }, 'unknown']),
  looking: looking(),
  open: hangup('Your ticket is open.'),
  closed: prompt('Your ticket is closed. Is there anything else?', 'menu' as never),
  unknown: prompt('There is no such ticket.', 'menu' as never),
  waiting: { entry: play('Please hold.'), after: { 8_000: 'turn' } },
  turn: turn(),
  sorry: hangup('Nobody is there.'),
  bye: hangup('Goodbye.'),
});

/** The bot, with `change` made to its states. */
export const desk = (change: (states: States) => void = () => {}, tasks: readonly string[] = ['lookup']): AnyStateMachine => {
  const all = states();
  change(all);
  return callMachine('desk', { context: { number: '' }, initial: 'welcome', tasks: Object.fromEntries(tasks.map((name) => [name, () => ({ open: true })])), states: all } as never) as AnyStateMachine;
};

/** Numbers that look like chance, and are the same each time. */
const chance = (seed: number): ((sides: number) => number) => {
  let state = seed * 2_654_435_761 + 1;
  return (sides) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * sides);
  };
};

const results = [{ open: true }, { open: false }, (): never => { throw new Error('down'); }];

/** What was told in a call of somebody who presses, says and does what chance has him do. */
const called = (bot: AnyStateMachine, seed: number): readonly StepEvent[] => {
  const die = chance(seed);
  const caller = dial(bot, { tasks: { lookup: results[die(3)]! } as never });
  for (let acts = 0; acts < 12 && caller.state !== 'ended' && caller.batches.length > 0; acts += 1) {
    const last = caller.lastBatch.at(-1);
    const roll = die(20);
    if (roll === 0) caller.hangsUp();
    else if (last?.type === 'recognize' && last.params.digits !== undefined) [() => caller.presses('4711'), () => caller.presses('47#'), () => caller.presses('12#'), () => caller.staysSilent()][die(4)]!();
    else if (last?.type === 'recognize') [() => caller.presses('1'), () => caller.presses('2'), () => caller.presses('3'), () => caller.presses('9'), () => caller.staysSilent(), () => caller.staysSilent(), () => caller.says('ticket'), () => caller.says('hm')][die(8)]!();
    else if (last?.type === 'transfer') [() => caller.transferAnswers(), () => caller.transferFails()][die(2)]!();
    else caller.waits(7_000);
  }
  if (caller.state !== 'ended') caller.hangsUp();
  return caller.events;
};

/** The logs of so many calls of `bot`. */
export const callsOf = (bot: AnyStateMachine, count: number, masked = false): readonly CallLog[] => Array.from({ length: count }, (_, index) => told(bot, called(bot, index + 1), masked));
