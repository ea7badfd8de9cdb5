/** Changes to the desk, each with the calls that it touches, told from what was recorded of them and from nothing else. */
import { type CallLog, hangup, type LogStep, play, prompt, recognize, transfer } from 'callchart';
import type { AnyStateMachine } from 'xstate';
import type { Verdict } from '../../../src/machines/log/compare.ts';
import { desk, isOpen, isOurs, keeps, looking, menu, menuChoices, number, turn } from './desk.ts';

/** What was changed, and what has to be found. */
export interface Planted {
  readonly what: string;
  readonly next: AnyStateMachine;
  /** What is to be said of a call; `identical` of each that is not touched. Several where an oracle that reads logs alone cannot tell them apart. */
  readonly verdict: (log: CallLog) => Verdict | readonly Verdict[];
  /** States at which some calls part. */
  readonly parts?: readonly (readonly [was: string, is: string])[];
}

const says = ({ steps }: CallLog, text: string): boolean => JSON.stringify(steps.map(({ batch }) => batch)).includes(text);
const asksFor = ({ steps }: CallLog, part: (operation: LogStep['batch'][number]) => boolean): boolean => steps.some(({ batch }) => batch.some(part));
const taken = ({ steps }: CallLog): readonly string[] => steps.flatMap(({ moves }) => moves.flatMap(({ transitions }) => transitions));
const takes = (log: CallLog, transition: string): boolean => taken(log).some((one) => one.startsWith(transition));
const where = (touched: (log: CallLog) => boolean, verdict: Verdict) => (log: CallLog): Verdict => (touched(log) ? verdict : 'identical');
const ended = ({ steps }: CallLog): string | undefined => steps.at(-1)?.ended;

/** How often the menu was asked in a row, at most. */
const menusInARow = (log: CallLog): number => {
  let [most, row] = [0, 0];
  for (const transition of taken(log)) {
    if (/^desk\.(welcome|unknown|closed) always/.test(transition)) row = 1;
    else if (/^desk\.menu recognize\.(noinput|nomatch\.\*) 1$/.test(transition)) row += 1;
    most = Math.max(most, row);
  }
  return most;
};

const pressed = (log: CallLog, ...names: readonly string[]): boolean =>
  log.steps.some(({ event }) => event.type === 'service' && event.events.some((one) => one.type === 'recognize.input' && one.via === 'dtmf' && one.input.kind === 'choice' && names.includes(one.input.name)));

const hasStrayKey = ({ steps }: CallLog): boolean => steps.some(({ event, moves }) => event.type === 'service' && event.events.some((one) => one.type === 'recognize.nomatch' && one.by === 'key') && moves.some(({ transitions }) => transitions.some((one) => one.startsWith('desk.menu'))));

export const planted: readonly Planted[] = [
  { what: 'nothing', next: desk(), verdict: () => 'identical' },
  { what: 'a prompt is worded anew', next: desk((states) => { states['unknown'] = prompt('We have no such ticket.', 'menu' as never); }), verdict: where((log) => says(log, 'There is no such ticket.'), 'hears-otherwise'), parts: [['unknown', 'unknown']] },
  { what: 'a voice is another', next: desk((states) => { states['unknown'] = prompt({ text: 'There is no such ticket.', voice: 'male' }, 'menu' as never); }), verdict: where((log) => says(log, 'There is no such ticket.'), 'hears-otherwise') },
  {
    what: 'a choice leads elsewhere', next: desk((states) => { states['menu'] = menu({ on: { sales: 'sorry', ticket: 'number', wait: 'waiting', exhausted: 'bye' } }); }),
    verdict: (log) => (takes(log, 'desk.menu recognize.choice.sales') ? ['hears-otherwise', 'ends-otherwise'] : 'identical'), parts: [['sales', 'sorry']],
  },
  {
    what: 'two keys are swapped', next: desk((states) => { states['turn'] = turn({ choices: { yes: ['2', 'yes'], no: ['1', 'no'] } }); }),
    verdict: (log) => (!says(log, 'It is your turn.') ? 'identical' : takes(log, 'desk.turn recognize.choice') ? ['hears-otherwise', 'ends-otherwise'] : 'asks-otherwise'),
  },
  {
    what: 'a choice has another key, and its word still', next: desk((states) => { states['menu'] = menu({ choices: { ...menuChoices, ticket: ['4', 'ticket'] } }); }),
    // A key that meant nothing is not in the log, and may have been the one that means something now.
    verdict: (log) => (pressed(log, 'ticket') ? ['hears-otherwise', 'ends-otherwise', 'not-examined'] : hasStrayKey(log) ? 'not-examined' : 'asks-otherwise'),
  },
  {
    what: 'a question is asked twice instead of three times', next: desk((states) => { states['menu'] = menu({ attempts: 2 }); }),
    verdict: (log) => (menusInARow(log) > 2 ? ['hears-otherwise', 'ends-otherwise'] : 'identical'), parts: [['menu', 'bye']],
  },
  {
    what: 'a state is put before another', next: desk((states) => { Object.assign(states, { notice: prompt('Calls are recorded.', 'number' as never), menu: menu({ on: { sales: 'sales', ticket: 'notice', wait: 'waiting', exhausted: 'bye' } }) }); }),
    verdict: where((log) => takes(log, 'desk.menu recognize.choice.ticket'), 'hears-otherwise'), parts: [['number', 'notice']],
  },
  { what: 'a silent state is put before another', next: desk((states) => { Object.assign(states, { quiet: { always: 'number' }, menu: menu({ on: { sales: 'sales', ticket: 'quiet', wait: 'waiting', exhausted: 'bye' } }) }); }), verdict: () => 'identical' },
  { what: 'a prompt is split in two', next: desk((states) => { states['closed'] = prompt(['Your ticket is closed.', 'Is there anything else?'], 'menu' as never); }), verdict: where((log) => says(log, 'Your ticket is closed.'), 'cosmetic'), parts: [['closed', 'closed']] },
  { what: 'a prompt is split in two states', next: desk((states) => { Object.assign(states, { closed: prompt('Your ticket is closed.', 'else' as never), else: prompt('Is there anything else?', 'menu' as never) }); }), verdict: where((log) => says(log, 'Your ticket is closed.'), 'cosmetic') },
  { what: 'a prompt is waited for', next: desk((states) => { states['closed'] = prompt('Your ticket is closed. Is there anything else?', { on: { done: 'menu' as never, failed: 'menu' as never } }); }), verdict: where((log) => says(log, 'Your ticket is closed.'), 'cosmetic') },
  {
    what: 'a guard is turned round', next: desk((states) => { states['number'] = number([{ guard: (args: never) => !isOurs(args), target: 'looking', actions: keeps }, 'unknown']); }),
    // A ticket that was not looked up has no result in the log.
    verdict: (log) => (takes(log, 'desk.number recognize.digits') ? ['hears-otherwise', 'ends-otherwise', 'not-examined'] : 'identical'),
  },
  {
    what: 'the guard of a result is turned round', next: desk((states) => { states['looking'] = looking('lookup', { done: [{ guard: (args: never) => !isOpen(args), target: 'open' }, 'closed'] }); }),
    verdict: (log) => (takes(log, 'desk.looking invoke.onDone') ? ['hears-otherwise', 'ends-otherwise'] : 'identical'),
  },
  {
    what: 'callers are handed on to another number', next: desk((states) => { states['sales'] = transfer({ to: '+15550222', on: { failed: 'sorry' as never } }); }),
    verdict: (log) => (asksFor(log, ({ type }) => type === 'transfer') ? (ended(log) === 'transferred' ? 'ends-otherwise' : 'hears-otherwise') : 'identical'), parts: [['sales', 'sales']],
  },
  { what: 'a silence is waited for less', next: desk((states) => { states['turn'] = turn({ timeoutMs: 3_000 }); }), verdict: where((log) => says(log, 'It is your turn.'), 'asks-otherwise'), parts: [['turn', 'turn']] },
  {
    what: 'a timer is set for less', next: desk((states) => { states['waiting'] = { entry: play('Please hold.'), after: { 6_000: 'turn' } }; }),
    // Who has hung up after seven seconds would have heard something.
    verdict: (log) => (takes(log, 'desk.menu recognize.choice.wait') ? (says(log, 'It is your turn.') ? 'asks-otherwise' : ['asks-otherwise', 'hears-otherwise']) : 'identical'),
  },
  { what: 'a timer is set for more', next: desk((states) => { states['waiting'] = { entry: play('Please hold.'), after: { 9_000: 'turn' } }; }), verdict: where((log) => takes(log, 'desk.menu recognize.choice.wait'), 'asks-otherwise') },
  { what: 'a task has another name', next: desk((states) => { states['looking'] = looking('find'); }, ['find']), verdict: where((log) => takes(log, 'desk.number recognize.digits.* 1'), 'cosmetic') },
  { what: 'the state that ends a call has another name', next: desk((states) => { Object.assign(states, { farewell: states['bye'], bye: undefined, menu: menu({ on: { sales: 'sales', ticket: 'number', wait: 'waiting', exhausted: 'farewell' } }), turn: turn({ on: { yes: 'sales', no: 'farewell', exhausted: 'farewell' } }), number: recognize({ prompt: 'Key your ticket, then pound.', digits: { max: 4, termchars: ['#'] }, on: { digits: [{ guard: isOurs, target: 'looking', actions: keeps }, 'unknown'], exhausted: 'farewell' } } as never) }); delete states['bye']; }), verdict: where((log) => says(log, 'Goodbye.'), 'cosmetic'), parts: [['bye', 'farewell']] },
  { what: 'choices stand in another order', next: desk((states) => { states['turn'] = turn({ choices: { no: ['2', 'no'], yes: ['1', 'yes'] } }); }), verdict: where((log) => says(log, 'It is your turn.'), 'cosmetic') },
  {
    what: 'a question is put before another', next: desk((states) => { Object.assign(states, { which: recognize({ prompt: 'Is it a new one?', choices: { yes: '7', no: '8' }, on: { yes: 'number', no: 'number', exhausted: 'number' } } as never), menu: menu({ on: { sales: 'sales', ticket: 'which', wait: 'waiting', exhausted: 'bye' } }) }); }),
    verdict: (log) => (takes(log, 'desk.menu recognize.choice.ticket') ? ['hears-otherwise', 'ends-otherwise'] : 'identical'), parts: [['number', 'which']],
  },
  {
    what: 'what was waited for is hung up on', next: desk((states) => { states['waiting'] = hangup('Please hold.'); }),
    verdict: (log) => (takes(log, 'desk.menu recognize.choice.wait') ? ['hears-otherwise', 'ends-otherwise'] : 'identical'), parts: [['waiting', 'waiting']],
  },
  {
    what: 'a task that fails leads elsewhere', next: desk((states) => { states['looking'] = looking('lookup', { failed: 'closed' }); }),
    verdict: (log) => (takes(log, 'desk.looking invoke.onError') ? ['hears-otherwise', 'ends-otherwise'] : 'identical'), parts: [['sorry', 'closed']],
  },
  {
    what: 'a ticket has three digits', next: desk((states) => { states['number'] = number([{ guard: isOurs, target: 'looking', actions: keeps }, 'unknown'], { max: 3, termchars: ['#'] }); }),
    verdict: (log) => (!says(log, 'Key your ticket') ? 'identical' : log.steps.some(({ event }) => JSON.stringify(event).includes('"4711"')) ? ['not-examined', 'hears-otherwise'] : 'asks-otherwise'),
  },
];
