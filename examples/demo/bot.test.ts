/** The demo of the Calling SDK, row by row. */
import { expect } from 'chai';
import fc from 'fast-check';
import { type Caller, dataStore, dial, type DialOptions } from 'callchart/testing';
import demo, { ended, visitor } from './bot.ts';

/** Somebody who has called before: the short menu is all that he hears. */
const known = (options: DialOptions = {}): Caller => {
  const data = dataStore();
  data.write(visitor, { user: '+15550100' }, { welcomed: true });
  return dial(demo, { data, ...options }).hears('Good to have you back').hears(menu);
};

const menu = /^Which demo is next\?$/;
const full = /^Pick a demo: .*“options”.*“help”.*“quit”/;
const canceled = /^We leave it at that\.$/;

/** What the bot asked of the service last, and how often it has asked `type` in all. */
const last = ({ lastBatch }: Caller): readonly string[] => lastBatch.map(({ type }) => type);
const asked = ({ batches }: Caller, type = 'recognize'): number => batches.flat().filter((action) => action.type === type).length;
/** What the caller may key and say at the open question. */
const offered = ({ lastBatch }: Caller): unknown => {
  const question = lastBatch.at(-1);
  return question?.type === 'recognize' ? (question.params.choices ?? question.params.digits) : undefined;
};

const silent = (caller: Caller, times: number): Caller => (times === 0 ? caller : silent(caller.staysSilent(), times - 1));

describe('the demo', () => {
  it('row 1: a caller who is new is told what this is, and asked by the whole menu, in one go', () => {
    const data = dataStore();
    const caller = dial(demo, { data }).isAnswered().hears('Hello, this is the Callchart demo').hears(full);
    expect(caller.batches.map((batch) => batch.map(({ type }) => type))).eql([['answer', 'play', 'recognize']]);
    expect(offered(caller)).satisfies((choices: readonly object[]) => choices.every((choice) => !('key' in choice)), 'words only');
    expect(data.read(visitor, { user: '+15550100' })).eql({ welcomed: true });
  });

  it("row 1': whoever calls again is welcomed back, and asked by the short menu", () => {
    const data = dataStore();
    dial(demo, { data }).hears('Hello').hangsUp();
    expect(last(dial(demo, { data }).hears('Good to have you back').hears(menu))).eql(['answer', 'play', 'recognize']);
    dial(demo, { data, call: { from: '+15550111' } }).hears('Hello').hears(full);
  });

  for (const words of ['choices', 'options', 'list'])
    it(`row 2: “${words}” lists the demos, and the short menu comes again`, () => void known().says(words).hears('There are DTMF, digits, recordings and chat').hears(menu));

  for (const words of ['help', 'repeat'])
    it(`row 3: “${words}” says the whole menu again`, () => void known().says(words).hears(full));

  it('row 4: “dtmf” asks for one of three keys, and for no words', () => {
    const caller = known().says('dtmf').hears('Here you choose by key').hears('For A press 1');
    expect(offered(caller)).eql([{ name: 'A', phrases: [], key: '1' }, { name: 'B', phrases: [], key: '2' }, { name: 'C', phrases: [], key: '3' }]);
  });

  it('row 4a: the key 2 is the option B, and the short menu comes again', () => void known().says('dtmf').presses('2').hears('That was option B').hears(menu));

  it('row 5: “digits” asks for at most ten, up to the pound key', () => {
    const caller = known().says('digits').hears('Here you key a number').hears('Five to ten digits');
    expect(offered(caller)).eql({ max: 10, termchars: ['#'] });
  });

  it('row 5a: three digits are too few, and it asks again without its intro', () => {
    const caller = known().says('digits').hears('Here you key').presses('123#').hears(/^That is too short\. Five to ten digits/);
    expect(last(caller)).eql(['recognize']);
  });

  it('row 5b: seven digits are read back, with a question of yes and no', () => {
    const caller = known().says('digits').presses('123#').presses('1234567#').hears('Is this your number: 1234567');
    expect(last(caller)).eql(['recognize']);
  });

  for (const no of ['no', '2'])
    it(`row 5c: “${no}” asks for digits again without the intro`, () => {
      const caller = known().says('digits').presses('1234567#');
      expect(last((no === '2' ? caller.presses(no) : caller.says(no)).hears(/^Five to ten digits/))).eql(['recognize']);
    });

  for (const yes of ['yes', '1'])
    it(`row 5d: “${yes}” leads back to the short menu`, () => {
      const caller = known().says('digits').presses('1234567#');
      expect(last((yes === '1' ? caller.presses(yes) : caller.says(yes)).hears(menu))).eql(['recognize']);
    });

  for (const words of ['record', 'recordings'])
    it(`row 6: “${words}” records after a beep`, () => {
      const recording = known().says(words).hears('Say something after the tone').lastBatch.at(-1);
      expect(recording?.type).equal('record');
      expect(recording?.params).include({ beep: true, format: 'wav', timeoutMs: 5_000, finalSilenceMs: 3_000, maxMs: 180_000 });
    });

  for (const [lengthMs, told] of [[7_000, '7 seconds'], [6_700, '7 seconds'], [1_200, '1 second']] as const)
    it(`row 6a: ${lengthMs / 1_000} s of speech were ${told}, and the short menu comes again`, () => void known().says('record').records(lengthMs).hears(`You spoke for ${told}.`).hears(menu));

  for (const words of ['chat', 'chat message'])
    it(`row 7: “${words}” asks whether to write`, () => void known().says(words).hears('Here you get a card').hears('Shall I write to you?'));

  it('row 7a: yes sends a card to the caller, and says whether it was delivered', () => {
    const caller = known().says('chat').says('yes').reads('Callchart').hears('It is on its way to you').hears(menu);
    expect(caller.messages.map(({ to, from, message }) => [to, from, message.cards?.length])).eql([['+15550100', '+15550199', 1]]);
    expect(known({ undeliverable: /Callchart/ }).says('chat').presses('1').hears('It could not be delivered').hears(menu).messages).eql([]);
  });

  it('row 7b: no sends nothing, and the short menu comes again', () => {
    expect(known().says('chat').says('no').hears(canceled).hears(menu).messages).eql([]);
  });

  for (const words of ['quit', 'end call', 'hangup', 'goodbye'])
    it(`row 8: “${words}” says goodbye and hangs up`, () => {
      expect(last(known().says(words).hears('So long!').isHungUp())).eql(['play', 'hangup']);
    });

  it('row 9: whoever is silent is asked three times in all, then it says goodbye and hangs up', () => {
    for (const [first, question] of [[known(), menu], [dial(demo), full]] as const) {
      const again = new RegExp(`^Sorry, I did not hear you\\. ${question.source.replace(/^\^/, '')}`);
      const caller = first.staysSilent().hears(again).staysSilent().hears(again);
      expect(asked(caller)).equal(3);
      expect(last(caller.staysSilent().hears(canceled).hears('So long!').isHungUp())).eql(['play', 'play', 'hangup']);
      expect(asked(caller)).equal(3);
    }
  });

  for (const [at, way, type] of [
    ['dtmf', (caller: Caller) => caller.says('dtmf'), 'recognize'],
    ['digits', (caller: Caller) => caller.says('digits'), 'recognize'],
    ['digits.confirming', (caller: Caller) => caller.says('digits').presses('12345#'), 'recognize'],
    ['record', (caller: Caller) => caller.says('record'), 'record'],
    ['chat', (caller: Caller) => caller.says('chat'), 'recognize'],
  ] as const)
    it(`row 10: a question that fails three times, at ${at}, is given up, and the short menu comes again`, () => {
      const caller = way(known());
      const before = asked(caller, type);
      silent(caller, 2);
      expect(asked(caller, type), 'three times in all').equal(before + 2);
      expect(last(caller.staysSilent().hears(canceled).hears(menu))).eql(['play', 'recognize']);
    });

  it('row 10: digits that are too short three times are given up as well', () => void known().says('digits').presses('1#').presses('12#').presses('123#').hears(canceled).hears(menu));

  it('row 11: whoever hangs up, whenever it is, hears nothing more, and the end is on record', async () => {
    const seen = new Set<string>();
    const property = fc.asyncProperty(fc.array(fc.constantFrom(...deeds), { maxLength: 12 }), async (doing) => {
      const id = `call-${(calls += 1)}`;
      const caller = dial(demo, { call: { id }, data, runTasks: true });
      for (const deed of doing) act(caller, deed);
      if (caller.state === 'ended') return; // it was the bot who hung up
      seen.add(caller.transcript.split('\n').slice(-2).join(' '));
      const batches = caller.batches.length;
      await caller.hangsUp().endedWith('caller').settled();
      expect(caller.batches.slice(batches).flat(), caller.transcript).eql([]);
      expect(ended.get(id)).equal('caller');
    });
    let calls = 0;
    const data = dataStore();
    await fc.assert(property, { numRuns: 300, examples: [[['digits', '1234567#']], [['record']], [['chat']], [['dtmf', '2']]] });
    for (const question of ['Pick a demo', 'Which demo', 'For A press 1', 'Five to ten digits', 'Is this your number', 'Say something', 'Shall I write'])
      expect([...seen].some((moment) => moment.includes(question)), question).equal(true);
  });
});

/** What callers do. */
const deeds = ['silence', 'dtmf', 'digits', 'record', 'chat', 'options', 'help', 'quit', 'yes', 'no', '2', '123#', '1234567#'] as const;

/** Does `deed` where it makes sense. */
const act = (caller: Caller, deed: (typeof deeds)[number]): void => {
  const open = caller.lastBatch.at(-1)?.type;
  if (caller.state === 'ended') return;
  if (deed === 'silence') caller.staysSilent();
  else if (open === 'record') caller.records(2_000);
  else if (/^[\d#]+$/.test(deed)) caller.presses(deed);
  else caller.says(deed);
};
