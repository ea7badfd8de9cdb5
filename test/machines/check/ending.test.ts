/** A prompt comes to its end, whatever else happens: what goes round only while it is played is no loop. The check and the walker are asked alike; figures are counted by hand. */
import { callMachine, dialog, dialogMachine, hangup, hold, play, prompt, task } from 'callchart';
import { examine } from 'callchart/testing';
import { expect } from 'chai';
import type { AnyStateMachine } from 'xstate';
import { comesTrue, secondOpinion } from '../../../src/machines/check/confirm.ts';
import type { Longest } from '../../../src/machines/check/finding.ts';
import { walk } from '../../../src/machines/check/walker.ts';

const bot = (states: object): AnyStateMachine => callMachine('bot', { initial: 'menu', states: { ...states, bye: { ...hangup('Bye.'), id: 'bye' } } } as never) as unknown as AnyStateMachine;

const look = (on: object, more: object = {}): object => task({ run: () => null, ...more, on: { done: 'look', failed: 'look', ...on } } as never);

/** A dialog that says something and then runs a task; what the bot does about events that the dialog leaves alone stands in `on`. */
const looking = (on: object, work: object = look({}), say: object = prompt('One moment.', 'look')): object => {
  const looks = dialogMachine('looks', { initial: 'told', states: { told: say, look: work } } as never);
  return { menu: { ...(dialog(looks as never, { on: { done: 'bye' } } as never) as object), on } };
};

/** A state that two timers take turns in. */
const ticking = (more: object, tick: object = {}): object => ({ initial: 'tick', states: { tick: { ...tick, after: { 1_000: 'tock' } }, tock: { after: { 2_000: 'tick' } } }, ...more });

const isOpen = (): boolean => true;

const loops = (machine: AnyStateMachine): readonly string[] => examine(machine).findings.filter(({ rule }) => rule === 'endless' || rule.endsWith('-loop')).map(({ id }) => id);

/** Both say that every call ends, and that it is so long at most without input. */
const ends = (machine: AnyStateMachine, most: Longest): void => {
  const examination = examine(machine);
  expect(loops(machine)).to.deep.equal([]);
  expect(examination.certificate?.withoutInput).to.deep.equal(most);
  expect(walk(machine)).to.deep.include({ complete: true, endless: false, withoutInput: most, whole: examination.certificate?.whole });
  expect(secondOpinion(machine, examination).says).to.equal('same');
};

/** Both say that a call can go round, and a caller who is played does. */
const goesRound = (machine: AnyStateMachine, id: string): void => {
  const { findings, certificate } = examine(machine);
  expect(loops(machine)).to.deep.equal([id]);
  expect(certificate).to.equal(null);
  expect(walk(machine)).to.deep.include({ complete: true, endless: true, withoutInput: null, whole: null });
  const finding = findings.find((one) => one.id === id);
  expect(finding === undefined ? undefined : comesTrue(machine, finding)).to.equal(true);
};

describe('a prompt whose end leads out', () => {
  it('ends the round of a task that begins anew while it is played', () => {
    ends(bot(looking({ '*': 'bye' })), { prompts: 2, reprompts: 0, silenceMs: 0 });
  });

  it('ends the round of timers, which are no silence while it is played', () => {
    ends(bot(looking({ '*': 'bye' }, look({}, { timeoutMs: 9_000 }))), { prompts: 2, reprompts: 0, silenceMs: 0 });
    ends(bot({ menu: ticking({ entry: play('One moment.'), on: { 'play.*': 'bye' } }) }), { prompts: 2, reprompts: 0, silenceMs: 0 });
  });

  it('lets what comes before and after the round count as ever', () => {
    const rounds = ticking({ entry: play('One moment.'), on: { 'play.*': 'rest' } });
    ends(bot({ menu: { after: { 4_000: 'rounds' } }, rounds, rest: { after: { 5_000: 'bye' } } }), { prompts: 2, reprompts: 0, silenceMs: 9_000 });
  });

  it('ends the round of whoever joins and leaves meanwhile, so that the whole call has an end', () => {
    const machine = bot({ menu: { initial: 'alone', entry: play('One moment.'), on: { 'play.*': 'bye' }, states: { alone: { on: { 'call.roster': 'met' } }, met: { on: { 'call.roster': 'alone' } } } } });
    ends(machine, { prompts: 2, reprompts: 0, silenceMs: 0 });
    expect(examine(machine).certificate).to.deep.include({ whole: { prompts: 2, reprompts: 0, silenceMs: 0 }, rounds: [] });
  });

  it('may be one after which the caller is on hold', () => {
    ends(bot({ menu: { ...ticking({}), entry: (hold('Music.', 'bye') as { readonly entry: unknown }).entry, on: { 'hold.*': 'bye', 'play.failed': 'bye' } } }), { prompts: 2, reprompts: 0, silenceMs: 0 });
  });
});

describe('a prompt whose end does not lead out', () => {
  it('leaves the task that begins anew going round behind it', () => {
    goesRound(bot(looking({})), 'task-loop:menu/look');
    goesRound(bot(looking({ 'call.roster': 'bye' })), 'task-loop:menu/look');
  });

  it('is told with the guard by which it does not', () => {
    const machine = bot(looking({ '*': { target: 'bye', guard: isOpen } }));
    goesRound(machine, 'task-loop:menu/look');
    expect(examine(machine).findings.find(({ rule }) => rule === 'task-loop')?.message).to.contain('where the guard `bot.menu * 1` does not hold');
  });

  it('leaves a round that says something each time', () => {
    const machine = bot(looking({}, look({ done: 'told', failed: 'told' })));
    expect(loops(machine)).to.deep.equal(['task-loop:menu/look']);
    expect(walk(machine, { limit: 100 }).endless).to.equal(true); // what is parked behind the prompt has no end
  });

  it('leaves a round that its end is part of', () => {
    goesRound(bot({ menu: prompt('One moment.', { on: { done: 'rest', failed: 'bye' } } as never), rest: { after: { 1_000: 'menu' } } }), 'timer-loop:menu');
  });

  it('leaves a round that is told with the end of the prompt in it, and not by what can happen before', () => {
    const machine = bot({ menu: ticking({ entry: play('One moment.'), on: { 'play.done': 'rest', 'play.failed': 'bye' } }), rest: { after: { 3_000: 'menu' } } });
    goesRound(machine, 'timer-loop:menu.tick');
    expect(examine(machine).findings.find(({ rule }) => rule === 'timer-loop')?.message).to.contain('`menu.tick`, `rest`, `menu.tick`');
  });

  it('leaves a round in which tasks are faster than what is said each time: the end of that prompt means nothing any more', () => {
    const machine = bot(looking({ '*': 'bye' }, look({ done: 'told', failed: 'told' })));
    expect(loops(machine)).to.deep.equal(['task-loop:menu/look']);
    expect(walk(machine, { limit: 100 }).endless).to.equal(true);
  });
});

describe('a prompt behind which things to say pile up', () => {
  const tells = dialogMachine('tells', { initial: 'story', states: { story: prompt('A long story.', { on: { done: 'over', failed: 'over' } } as never), over: { type: 'final' } } } as never);
  const piling = (on: object): AnyStateMachine => bot({ menu: { type: 'parallel', states: { tick: { initial: 'tick', states: { tick: { entry: play('Tick.'), ...on } } }, story: { initial: 'told', states: { told: dialog(tells as never, { on: { done: '#bye' } } as never) } } } } });

  it('is counted with all of them, where they have an end', () => {
    const names = ['menu', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'bye'];
    ends(bot(Object.fromEntries(names.slice(0, -1).map((name, index) => [name, { entry: play('Still here.'), after: { 1_000: names[index + 1] } }]))), { prompts: 9, reprompts: 0, silenceMs: 8_000 });
  });

  it('ends the round, and nobody can say how long the call is', () => {
    const { findings, certificate } = examine(piling({ after: { 1_000: { target: 'tick', reenter: true } } }));
    expect(findings.map(({ rule }) => rule)).to.deep.equal(['unexamined']);
    expect(certificate).to.equal(null);
  });

  it('leaves the whole call without an end where it is people who join that are told of', () => {
    const { findings, certificate } = examine(piling({ on: { 'call.roster': { target: 'tick', reenter: true } } }));
    expect(findings).to.deep.equal([]);
    expect(certificate?.whole).to.equal(null);
  });
});
