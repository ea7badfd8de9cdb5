import { expect } from 'chai';
import type { Recognize, Record } from '../../src/actions/index.ts';
import { type Caller, queuedCaller } from '../../src/emulator/caller.ts';
import { realClock, virtualClock } from '../../src/emulator/clock.ts';
import { type Operations, operations } from '../../src/emulator/operations.ts';
import { keysActs, parseScript, scriptedCaller } from '../../src/emulator/script.ts';

const ask = (more: Partial<Recognize> = {}): Recognize => ({
  prompts: [{ text: 'One.' }, { text: 'Two.' }], bargein: true, timeoutMs: 15, interdigitMs: 8,
  choices: [{ name: 'sales', key: '1', phrases: ['sales'] }, { name: 'help', key: '2', phrases: [] }], ...more,
});
const collect = (digits: NonNullable<Recognize['digits']>, more: Partial<Recognize> = {}): Recognize => {
  const { choices: _, ...rest } = ask({ digits, ...more });
  return rest;
};
const record = (more: Partial<Record> = {}): Record => ({ prompts: [], beep: true, format: 'wav', timeoutMs: 15, finalSilenceMs: 3, maxMs: 10_000, ...more });

interface Line extends Operations {
  /** What was noted: `who.kind text`. */
  readonly notes: readonly string[];
}

function line(caller: Caller, clock = virtualClock(), speechMs = () => 3): Line {
  const notes: string[] = [];
  const dead = caller.gone ?? new AbortController().signal;
  const note = (who: string, kind: string, text?: string) => void notes.push(`${who}.${kind}${text === undefined ? '' : ` ${text}`}`);
  return { ...operations({ clock, caller, note, dead, speechMs }), notes };
}

/** A line whose caller goes by a script, in no time. */
const scripted = (script: string): Line => line(scriptedCaller(parseScript(script)));

/** A line with a person at the other end, and a real clock; `act` is what the person does at each entry. */
function live(act: Readonly<{ [note: string]: (person: ReturnType<typeof queuedCaller>) => void }> = {}): Line {
  const person = queuedCaller();
  const clock = realClock();
  const notes: string[] = [];
  const note = (who: string, kind: string, text?: string) => {
    const entry = `${who}.${kind}${text === undefined ? '' : ` ${text}`}`;
    notes.push(entry);
    act[entry]?.(person);
  };
  return { ...operations({ clock, caller: person, note, dead: person.gone, speechMs: () => 4 }), notes };
}

describe('a question on the line', () => {
  it('is answered by a key, by a phrase, or wrongly', async () => {
    expect(await scripted('press 2').ask(ask())).deep.equal({ end: 'choice', name: 'help', via: 'dtmf' });
    expect(await scripted('say Sales!').ask(ask())).deep.equal({ end: 'choice', name: 'sales', via: 'speech' });
    expect(await scripted('press 9').ask(ask())).deep.equal({ end: 'wrong', by: 'key' });
    expect(await scripted('hangup').ask(ask())).deep.equal({ end: 'left' });
  });

  it('is asked in full, then waited for', async () => {
    const phone = scripted('silence');
    expect(await phone.ask(ask())).deep.equal({ end: 'silence' });
    expect(phone.notes).deep.equal(['bot.says One.', 'bot.says Two.', 'bot.asks sales (1), help (2)', 'caller.silence 0 s']);
  });

  it('takes no time by a script, and its clock goes on all the same', async () => {
    const clock = virtualClock();
    await line(scriptedCaller([]), clock, () => 1_000).ask(ask({ timeoutMs: 30_000, prompts: [{ text: 'Hi' }, { audio: 'https://a.example/a.wav' }, { silenceMs: 500 }] }));
    expect(clock.now()).equal(1_000 + 2_000 + 500 + 30_000);
  });

  it('does not hear a phrase that is no choice', async () => {
    const phone = scripted('say nonsense\npress 1');
    expect(await phone.ask(ask())).deep.equal({ end: 'silence' });
    expect(phone.notes.slice(-3)).deep.equal(['caller.speech nonsense', 'line.unheard it is none of the choices', 'caller.silence 0 s']);
    expect(await scripted('say one two').ask(collect({ max: 2 }))).deep.equal({ end: 'silence' });
  });

  it('for digits ends at the stop tone, at the last digit, or at a pause', async () => {
    expect(await scripted('press 12#').ask(collect({ termchars: ['#'] }))).deep.equal({ end: 'digits', digits: '12', by: 'termchar' });
    expect(await scripted('press 12').ask(collect({ max: 2 }))).deep.equal({ end: 'digits', digits: '12', by: 'interdigit' });
    expect(await scripted('press 12').ask(collect({ max: 4 }))).deep.equal({ end: 'digits', digits: '12', by: 'interdigit' });
    expect(await scripted('press #').ask(collect({ max: 4, termchars: ['#'] }))).deep.equal({ end: 'digits', digits: '', by: 'termchar' });
    expect(await scripted('press *1').ask(collect({ max: 2, termchars: ['#'] }))).deep.equal({ end: 'digits', digits: '*1', by: 'interdigit' });
  });

  it('takes keys that were keyed ahead, and is cut by them', async () => {
    const phone = scripted('press 12');
    await phone.ask(ask());
    expect(await phone.ask(ask())).deep.equal({ end: 'choice', name: 'help', via: 'dtmf' });
    expect(phone.notes.slice(-4)).deep.equal(['bot.says One.', 'line.bargein', 'bot.asks sales (1), help (2)', 'caller.keys 2']);
  });

  it('without barge-in forgets what was keyed ahead, unless it has no prompt', async () => {
    const phone = scripted('press 12\npress 1');
    await phone.ask(ask());
    expect(await phone.ask(ask({ bargein: false }))).deep.equal({ end: 'choice', name: 'sales', via: 'dtmf' });
    const other = scripted('press 12');
    await other.ask(ask());
    expect(await other.ask(ask({ bargein: false, prompts: [] }))).deep.equal({ end: 'choice', name: 'help', via: 'dtmf' });
  });

  it('keeps what was keyed ahead through a prompt of its own', async () => {
    const phone = line(scriptedCaller(keysActs('12')));
    await phone.ask(ask());
    await phone.play([{ text: 'Well.' }]);
    expect(await phone.ask(ask())).deep.equal({ end: 'choice', name: 'help', via: 'dtmf' });
  });
});

describe('a person on the line', () => {
  it('may interrupt where barge-in is allowed', async () => {
    const phone = live({ 'bot.says One.': (person) => person.push({ keys: '2' }) });
    expect(await phone.ask(ask())).deep.equal({ end: 'choice', name: 'help', via: 'dtmf' });
    expect(phone.notes).deep.equal(['bot.says One.', 'line.bargein', 'bot.asks sales (1), help (2)', 'caller.keys 2']);
  });

  it('is not heard during a prompt where it is forbidden', async () => {
    const phone = live({
      'bot.says One.': (person) => person.push({ keys: '2' }),
      'bot.asks sales (1), help (2)': (person) => setTimeout(() => person.push({ keys: '1' }), 1),
    });
    expect(await phone.ask(ask({ bargein: false }))).deep.equal({ end: 'choice', name: 'sales', via: 'dtmf' });
    expect(phone.notes).deep.equal(['bot.says One.', 'bot.says Two.', 'bot.asks sales (1), help (2)', 'caller.keys 1']);
  });

  it('may key ahead while a prompt of its own plays', async () => {
    const phone = live({ 'bot.says Well.': (person) => person.push({ keys: '1' }) });
    expect(await phone.play([{ text: 'Well.' }])).deep.equal({ end: 'done' });
    expect(await phone.ask(ask())).deep.equal({ end: 'choice', name: 'sales', via: 'dtmf' });
  });

  it('who does nothing is silent after the real time', async () => {
    const since = performance.now();
    expect(await live().ask(ask())).deep.equal({ end: 'silence' });
    expect(performance.now() - since).within(20, 500);
  });

  it('may try again after a phrase that is no choice', async () => {
    const phone = live({
      'bot.asks sales (1), help (2)': (person) => person.push({ says: 'nonsense' }),
      'line.unheard it is none of the choices': (person) => person.push({ says: 'sales' }),
    });
    expect(await phone.ask(ask({ timeoutMs: 500 }))).deep.equal({ end: 'choice', name: 'sales', via: 'speech' });
  });

  it('may key digits one by one, until a pause', async () => {
    const phone = live({
      'bot.asks at most 4 digits, then #': (person) => person.push({ keys: '1' }),
      'caller.keys 1': (person) => setTimeout(() => person.push({ keys: '2' }), 1),
    });
    expect(await phone.ask(collect({ max: 4, termchars: ['#'] }, { interdigitMs: 60 }))).deep.equal({ end: 'digits', digits: '12', by: 'interdigit' });
    const stopped = live({
      'bot.asks digits, then #': (person) => person.push({ keys: '1' }),
      'caller.keys 1': (person) => person.push({ keys: '2#3' }),
    });
    expect(await stopped.ask(collect({ termchars: ['#'] }, { interdigitMs: 500 }))).deep.equal({ end: 'digits', digits: '12', by: 'termchar' });
  });

  it('may hang up whenever it pleases', async () => {
    const hangUp = (person: ReturnType<typeof queuedCaller>) => person.hangUp();
    expect(await live({ 'bot.says One.': hangUp }).play(ask().prompts)).deep.equal({ end: 'left' });
    expect(await live({ 'bot.says One.': hangUp }).ask(ask())).deep.equal({ end: 'left' });
    expect(await live({ 'bot.asks sales (1), help (2)': hangUp }).ask(ask({ timeoutMs: 5_000 }))).deep.equal({ end: 'left' });
    expect(await live({ 'caller.keys 1': hangUp, 'bot.asks digits': (person) => person.push({ keys: '1' }) }).ask(collect({}, { interdigitMs: 5_000 }))).deep.equal({ end: 'left' });
    expect(await live({ 'line.beep': hangUp }).record(record({ timeoutMs: 5_000 }))).deep.equal({ end: 'left' });
  });

  it('is recorded until a stop tone', async () => {
    const phone = live({
      'line.beep': (person) => {
        person.push({ recordMs: 5_000 });
        setTimeout(() => person.push({ keys: '7' }), 2);
        setTimeout(() => person.push({ keys: '#' }), 6);
      },
    });
    const ending = await phone.record(record({ termchars: ['#'], timeoutMs: 1_000 }));
    expect(ending).include({ end: 'recorded', by: 'termchar' });
    expect(ending).property('lengthMs').within(1, 2_000);
  });

  it('is recorded until hanging up, or until silence', async () => {
    const gone = live({
      'line.beep': (person) => {
        person.push({ recordMs: 5_000 });
        setTimeout(() => person.hangUp(), 3);
      },
    });
    expect(await gone.record(record())).include({ end: 'recorded', by: 'hangup' });
    const quiet = live({ 'line.beep': (person) => person.push({ recordMs: 4 }) });
    expect(await quiet.record(record())).deep.equal({ end: 'recorded', by: 'finalsilence', lengthMs: 4 });
  });
});

describe('a recording on the line', () => {
  it('beeps after its prompt, if asked to', async () => {
    const phone = scripted('record 7');
    expect(await phone.record(record({ prompts: [{ text: 'Speak.' }] }))).deep.equal({ end: 'recorded', by: 'finalsilence', lengthMs: 7_000 });
    expect(phone.notes).deep.equal(['bot.says Speak.', 'line.beep', 'caller.recording 7 s']);
    const mute = scripted('record 7');
    await mute.record(record({ beep: false }));
    expect(mute.notes).deep.equal(['caller.recording 7 s']);
  });

  it('ends at the longest length, at a stop tone, or with the caller', async () => {
    expect(await scripted('record 7').record(record({ maxMs: 2_000 }))).deep.equal({ end: 'recorded', by: 'maxspeech', lengthMs: 2_000 });
    expect(await scripted('record 7 #').record(record({ termchars: ['#', '*'] }))).deep.equal({ end: 'recorded', by: 'termchar', lengthMs: 7_000, key: '#' });
    expect(await scripted('record 7 5').record(record({ termchars: ['#'] }))).deep.equal({ end: 'recorded', by: 'finalsilence', lengthMs: 7_000 });
    expect(await scripted('record 7 hangup').record(record())).deep.equal({ end: 'recorded', by: 'hangup', lengthMs: 7_000 });
    expect(await scripted('press #').record(record({ termchars: ['#'] }))).deep.equal({ end: 'recorded', by: 'termchar', lengthMs: 500, key: '#' });
    expect(await scripted('say hello').record(record())).deep.equal({ end: 'recorded', by: 'finalsilence', lengthMs: 3 });
  });

  it('of nothing is none', async () => {
    expect(await scripted('silence').record(record())).deep.equal({ end: 'silence' });
    expect(await scripted('press 1').record(record({ termchars: ['#'] }))).deep.equal({ end: 'silence' });
    expect(await scripted('hangup').record(record())).deep.equal({ end: 'left' });
  });

  it('forgets what was keyed ahead', async () => {
    const phone = scripted('press 1#\nsilence');
    await phone.ask(ask());
    expect(await phone.record(record({ termchars: ['#'] }))).deep.equal({ end: 'silence' });
  });
});

describe('a line of a service that can do more', () => {
  const free = (more: Partial<Recognize> = {}): Recognize => {
    const { choices: _, ...rest } = ask({ speech: true, ...more });
    return rest;
  };

  it('takes whatever is said where a question does, and keys beside it', async () => {
    expect(await scripted('say anything at all').ask(free())).deep.equal({ end: 'speech', phrase: 'anything at all' });
    expect(await scripted('press 12').ask(free({ digits: { max: 2 } }))).deep.equal({ end: 'digits', digits: '12', by: 'interdigit' });
    const phone = scripted('press 1');
    expect(await phone.ask(free())).deep.equal({ end: 'silence' });
    expect(phone.notes).include('line.unheard words are waited for').and.include('bot.asks words');
  });

  it('ends a question by words that are no choice, where the service does', async () => {
    expect(await scripted('say nonsense').ask(ask(), { strayWords: 'nomatch' })).deep.equal({ end: 'wrong', by: 'speech' });
    expect(await scripted('say nonsense').ask(collect({ max: 2 }), { strayWords: 'nomatch' })).deep.equal({ end: 'silence' });
  });

  it('breaks off what it does, whatever that is', async () => {
    for (const at of ['bot.says One.', 'bot.asks sales (1), help (2)']) {
      const stop = new AbortController();
      const phone = live({ [at]: () => setTimeout(() => stop.abort(), 0) });
      expect(await phone.ask(ask({ timeoutMs: 5_000 }), {}, stop.signal), at).deep.equal({ end: 'interrupted' });
    }
    const stop = new AbortController();
    expect(await live({ 'bot.says One.': () => stop.abort() }).play([{ text: 'One.' }, { text: 'Two.' }], stop.signal)).deep.equal({ end: 'interrupted' });
    for (const speaks of [false, true]) {
      const cut = new AbortController();
      const phone = live({ 'line.beep': (person) => (speaks && person.push({ recordMs: 5_000 }), setTimeout(() => cut.abort(), 3)) });
      expect(await phone.record(record({ timeoutMs: 5_000 }), {}, cut.signal)).deep.equal({ end: 'interrupted' });
    }
  });

  it('is dead rather than broken off, where it is both', async () => {
    const stop = new AbortController();
    stop.abort();
    const phone = live({ 'bot.says One.': (person) => person.hangUp() });
    expect(await phone.play([{ text: 'One.' }], stop.signal)).deep.equal({ end: 'left' });
  });
});

describe('a voice on the line', () => {
  /** A caller with ears: each prompt lasts until it is told to have ended or is stopped. */
  const voiced = (act: Parameters<typeof live>[0] = {}, clock = realClock()) => {
    const person = queuedCaller();
    const notes: string[] = [];
    const heard: string[] = [];
    const cuts: number[] = [];
    const caller: Caller = {
      ...person,
      ears: {
        play: (item, stop) => {
          const name = item === 'beep' ? item : 'text' in item ? item.text : 'sound';
          heard.push(name);
          return new Promise((resolve) => {
            const over = (): void => {
              clearTimeout(timer);
              stop.removeEventListener('abort', over);
              heard.push(stop.aborted ? `${name} stopped` : `${name} ended`);
              resolve();
            };
            const timer = setTimeout(over, 5);
            stop.addEventListener('abort', over, { once: true });
          });
        },
        tape: () => ({
          cut: (lengthMs) => {
            cuts.push(lengthMs);
            return new Uint8Array([1]);
          },
        }),
      },
    };
    const note = (who: string, kind: string, text?: string) => {
      const entry = `${who}.${kind}${text === undefined ? '' : ` ${text}`}`;
      notes.push(entry);
      act[entry]?.(person);
    };
    return { ...operations({ clock, caller, note, dead: person.gone, speechMs: () => 10_000 }), notes, heard, cuts, person };
  };
  const says = (words: string | undefined) => ({ speaks: Promise.resolve({ words }) });

  it('hears each prompt to its end, however long it would take to be said', async () => {
    const phone = voiced();
    expect(await phone.play([{ text: 'One.' }, { text: 'Two.' }])).deep.equal({ end: 'done' });
    expect(phone.heard).deep.equal(['One.', 'One. ended', 'Two.', 'Two. ended']);
  });

  it('cuts the prompt when it begins, and not when it has ended', async () => {
    let spoken = (_said: { readonly words: string }): void => {};
    const speaks = new Promise<{ readonly words: string }>((resolve) => (spoken = resolve));
    const phone = voiced({
      'bot.says One.': (person) => person.push({ speaks }),
      'line.bargein': () => setTimeout(spoken, 30, { words: 'sales' }),
    });
    // Twice as long as the silence that is waited for: nobody is silent who speaks.
    expect(await phone.ask(ask())).deep.equal({ end: 'choice', name: 'sales', via: 'speech' });
    expect(phone.heard).deep.equal(['One.', 'One. stopped']);
    expect(phone.notes).deep.equal(['bot.says One.', 'line.bargein', 'bot.asks sales (1), help (2)', 'caller.speech sales']);
  });

  it('that cannot be made out is speech that is no choice: waited on where such words end nothing, else a wrong answer', async () => {
    const murmur = { 'bot.asks sales (1), help (2)': (person: ReturnType<typeof queuedCaller>) => person.push(says(undefined)) };
    const patient = voiced(murmur);
    expect(await patient.ask(ask())).deep.equal({ end: 'silence' });
    expect(patient.notes.slice(-3)).deep.equal(['caller.speech', 'line.unheard nothing could be made out', 'caller.silence 0 s']);
    expect(await voiced(murmur).ask(ask(), { strayWords: 'nomatch' })).deep.equal({ end: 'wrong', by: 'speech' });
  });

  it('does not keep a key from being heard', async () => {
    const phone = voiced({
      'bot.asks sales (1), help (2)': (person) => {
        person.push({ speaks: new Promise<never>(() => {}) });
        person.push({ keys: '2' });
      },
    });
    expect(await phone.ask(ask())).deep.equal({ end: 'choice', name: 'help', via: 'dtmf' });
  });

  it('is recorded after the beep, until it has been silent for long enough, and its file is there', async () => {
    const phone = voiced({ 'line.beep': (person) => person.push(says(undefined)) });
    const ending = await phone.record(record({ finalSilenceMs: 1 }));
    expect(ending).to.include({ end: 'recorded', by: 'finalsilence' });
    expect(ending).to.have.property('wav').deep.equal(new Uint8Array([1]));
    expect(phone.heard).deep.equal(['beep', 'beep ended']);
    expect(phone.cuts).deep.equal([(ending as { readonly lengthMs: number }).lengthMs]);
  });

  it('is recorded up to a stop tone, the longest length, or hanging up', async () => {
    const speaks = new Promise<never>(() => {});
    const during = (then: (person: ReturnType<typeof queuedCaller>) => void) => ({
      'line.beep': (person: ReturnType<typeof queuedCaller>) => {
        person.push({ speaks });
        then(person);
      },
    });
    const keyed = await voiced(during((person) => person.push({ keys: '#' }))).record(record({ termchars: ['#'] }));
    expect(keyed).to.include({ by: 'termchar', key: '#' }).and.to.have.property('wav');
    expect(await voiced(during(() => {})).record(record({ maxMs: 8 }))).to.include({ by: 'maxspeech', lengthMs: 8 });
    expect(await voiced(during((person) => void setTimeout(() => person.hangUp(), 10))).record(record())).to.include({ by: 'hangup' }).and.to.have.property('wav');
  });

  it('that is not raised leaves no tape running', async () => {
    const phone = voiced();
    expect(await phone.record(record({ timeoutMs: 1 }))).deep.equal({ end: 'silence' });
    expect(phone.cuts).deep.equal([0]);
  });

  it('need not be waited for: a silence that times out is over at once, but no prompt is cut by it', async () => {
    const phone = live({ 'bot.says One.': (person) => person.push('times-out') });
    expect(await phone.ask(ask({ timeoutMs: 60_000 }))).deep.equal({ end: 'silence' });
    expect(phone.notes).deep.equal(['bot.says One.', 'bot.says Two.', 'bot.asks sales (1), help (2)', 'caller.silence 60 s']);
  });
});
