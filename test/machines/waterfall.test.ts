import { expect } from 'chai';
import { assign } from 'xstate';
import { callMachine, dialog, type Dialog, dialogMachine, hangup, isCallError, recognize, waterfall, type WaterfallResult } from '../../src/index.ts';
import { dial } from '../../src/testing/index.ts';

/** A bot that runs `order` and says how it ended. */
const teller = <R>(order: Dialog<undefined, WaterfallResult<R>>) =>
  callMachine<{ readonly ended: string }>()('teller', {
    context: { ended: '' },
    initial: 'order',
    states: {
      order: dialog(order, { on: { done: { target: 'told', actions: assign({ ended: ({ event }) => JSON.stringify(event.output) }) } } }),
      told: hangup(({ context }) => context.ended),
    },
  });

const order = waterfall('order', { back: ['9', 'back'], cancel: 'never mind' })
  .say('Let us see.')
  .ask('size', { prompt: 'Large or small?', choices: { large: '1', small: '2' } })
  .ask('count', { prompt: ({ results }) => `How many ${results.size} ones?`, digits: { max: 2, termchars: ['#'] }, validate: ({ digits }) => (digits === '0' ? 'At least one.' : undefined) })
  .ask('glaze', { prompt: 'Which glaze?', choices: { blue: '1', white: '2' }, when: ({ results }) => results.size === 'large' })
  .confirm('sure', { prompt: ({ results: { count, size, glaze } }) => `${count} ${size} ${glaze ?? 'plain'} ones, right?` })
  .end();

describe('a waterfall', () => {
  it('asks one thing after the other, each knowing what came before, and gives all results', () => {
    dial(teller(order)).hears('Let us see.').hears('Large or small?').presses('1').hears('How many large ones?').presses('12').hears('Which glaze?').presses('2')
      .hears('12 large white ones, right?').says('yes').hears('{"status":"completed","results":{"size":"large","count":"12","glaze":"white","sure":true}}').isHungUp();
  });

  it('passes over a step that is not to be taken, by the result just given', () => {
    dial(teller(order)).hears('Large').presses('2').hears('How many small').presses('3#').hears('3 small plain ones, right?').says('no').hears('"sure":false}}');
  });

  it('looks at digits before they count', () => {
    dial(teller(order)).hears('Large').presses('2').hears('How many').presses('0#').hears('At least one. How many small');
  });

  it('goes back to the question before, and out of the first one', () => {
    const caller = dial(teller(order)).hears('Large').presses('1').hears('How many').presses('5#').hears('glaze').says('back').hears('How many large').presses('6#').hears('glaze').presses('1');
    caller.hears('6 large blue ones, right?').presses('9').hears('glaze').says('back').hears('How many');
    dial(teller(order)).hears('Large').presses('9').hears('{"status":"back","results":{},"error":null}').isHungUp();
    dial(teller(order)).hears('Large').presses('2').hears('How many').presses('3#').hears('right?').says('back').hears('How many small');
  });

  it('can be cancelled, and tells what it had', () => {
    dial(teller(order)).hears('Large').presses('2').hears('How many').presses('3#').hears('right?').says('never mind').hears('{"status":"cancelled","results":{"size":"small","count":"3"},"error":null}').isHungUp();
  });

  it('is not completed when a question was asked in vain', () => {
    dial(teller(order)).hears('Large').staysSilent().staysSilent().staysSilent().hears('{"status":"notCompleted","results":{},"error":null}').isHungUp();
  });

  it('goes on without an answer where that is allowed', () => {
    const bot = teller(waterfall('poll', { skip: 'skip' }).ask('age', { prompt: 'Young or old?', choices: { young: '1', old: '2' } }).ask('town', { prompt: 'North or south?', choices: { north: '1', south: '2' } }).end());
    dial(bot).hears('Young').says('skip').hears('North').presses('1').hears('{"status":"completed","results":{"town":"north"}}');
  });

  it('asks for choices that are known only then, with its ways beside them', () => {
    const tour = waterfall('tour', { back: ['9', 'back'], skip: ['8', 'skip'], cancel: 'never mind' })
      .run('towns', () => ['Lund', 'Malmö'])
      .ask('town', { prompt: ({ results }) => `Which: ${results.towns.join(' or ')}?`, choicesFrom: ({ results }) => Object.fromEntries(results.towns.map((town, index) => [town, [String(index + 1), town]])) })
      .ask('day', { prompt: ({ results }) => `When to ${results.town ?? 'nowhere'}?`, choicesFrom: () => ({ today: '1' }), noinput: ({ results }) => `To ${results.town}.` })
      .end();
    const call = () => dial(teller(tour), { tasks: { towns: ['Lund', 'Malmö'] } }).hears('Which: Lund or Malmö?');
    call().says('malmö').hears('When to Malmö?').staysSilent().hears('To Malmö. When').presses('1').hears('{"status":"completed","results":{"towns":["Lund","Malmö"],"town":"Malmö","day":"today"}}').isHungUp();
    call().presses('1').hears('When to Lund?').presses('9').hears('Which').says('skip').hears('When to nowhere?').says('never mind').hears('"status":"cancelled"');
    call().presses('9').hears('{"status":"back"');
    call().presses('3').hears('Which').staysSilent().staysSilent().hears('{"status":"notCompleted"');
  });

  it('records what the caller says, and goes back to it', () => {
    const memo = waterfall('memo', { back: ['9', 'back'] })
      .record('message', { prompt: ({ input }) => (input === null ? 'Speak after the tone.' : 'Again?'), maxMs: 10_000, termchars: ['#'], noinput: 'Nothing there.', attempts: 2 })
      .confirm('keep', { prompt: ({ results }) => `${results.message.lengthMs / 1_000} seconds. Keep it?` })
      .end();
    const caller = dial(teller(memo)).hears('Speak after the tone.').staysSilent().hears('Nothing there. Speak').records(4_000, { endedBy: 'termchar' }).hears('4 seconds. Keep it?');
    caller.says('back').hears('Speak').records(60_000).hears('10 seconds').says('yes').hears(/"message":\{"ref":"recording-2".*"keep":true/).isHungUp();
    dial(teller(memo)).staysSilent().staysSilent().hears('{"status":"notCompleted","results":{},"error":null}').isHungUp();
    dial(teller(waterfall('quiet').record('message', { prompt: 'Speak.', when: () => false }).end())).hears('{"status":"completed","results":{}}');
  });

  it('works between its questions, and tells what went wrong with that', async () => {
    const bot = teller(
      waterfall('price')
        .ask('size', { prompt: 'Large or small?', choices: { large: '1', small: '2' } })
        .run('price', async ({ results }) => ({ euros: results.size === 'large' ? 9 : 6 }))
        .say(({ results }) => `That is ${results.price.euros} euros.`)
        .end(),
    );
    (await dial(bot, { runTasks: true }).hears('Large').presses('1').settled()).hears('That is 9 euros.').hears('"status":"completed"').isHungUp();
    const failing = dial(bot, { tasks: { price: () => { throw Object.assign(new Error('no such size'), { code: 'E_SIZE' }); } } });
    failing.hears('Large').presses('2').hears('{"status":"notCompleted","results":{"size":"small"},"error":{"message":"no such size","code":"E_SIZE"}}').isHungUp();
  });

  for (const [sentence, write] of [
    ['has no steps', () => waterfall('empty').end()],
    ['two steps are called `size`', () => waterfall('twice').ask('size', { prompt: '?', choices: { a: '1' } }).ask('size', { prompt: '?', choices: { a: '1' } }).end()],
    ['option `bakc` does not exist; did you mean `back`?', () => waterfall('typo', { bakc: '9' } as never).ask('size', { prompt: '?', choices: { a: '1' } }).end()],
    ['step `size`: only digits are validated', () => waterfall('vain').ask('size', { prompt: '?', choices: { a: '1' }, validate: () => 'No.' } as never).end()],
    ['step `size`: only digits are validated', () => waterfall('vain2').ask('size', { prompt: '?', choicesFrom: () => ({ a: '1' }), validate: () => 'No.' } as never).end()],
    ['step `size`: asks for neither choices nor digits', () => waterfall('vague').ask('size', { prompt: '?' } as never).end()],
    ['step `size`: option `promt` does not exist; did you mean `prompt`?', () => waterfall('typo2').ask('size', { promt: '?', choices: { a: '1' } } as never).end()],
    ['step `memo`: option `nomatch` does not exist', () => waterfall('typo5').record('memo', { prompt: 'Speak.', nomatch: 'What?' } as never).end()],
    ['step `price`: option `timeout` does not exist; did you mean `timeoutMs`?', () => waterfall('typo3').run('price', () => 1, { timeout: 5 } as never).end()],
    ['step `say1`: option `wehn` does not exist; did you mean `when`?', () => waterfall('typo4').say('Hm.', { wehn: () => true } as never).end()],
    ['step `sure`: option `yse` does not exist; did you mean `yes`?', () => waterfall('typo5').confirm('sure', { prompt: '?', yse: '1' } as never).end()],
    ['step `inner`: option `inptu` does not exist; did you mean `input`?', () => waterfall('typo6').dialog('inner', order, { inptu: 1 } as never).end()],
    ['step `inner`: runs a waterfall that is not finished; call its `.end()`', () => waterfall('open').dialog('inner', waterfall('x') as never).end()],
    ['step `inner`: runs what is no dialog; make it with `dialogMachine` or `waterfall`', () => waterfall('open').dialog('inner', undefined as never).end()],
    ['no step can be called `completed`', () => waterfall('named').ask('completed', { prompt: '?', choices: { a: '1' } }).end()],
    ['step `size`: choice `back` is a way of the waterfall', () => waterfall('way', { back: '9' }).ask('size', { prompt: '?', choices: { back: '1' } }).end()],
  ] as const) {
    it(`is refused when it is made: ${sentence}`, () => {
      try {
        write();
      } catch (error) {
        expect(isCallError(error) && [error.code, error.message.endsWith(sentence)]).to.deep.equal(['ERR_BOT_INVALID', true]);
        return;
      }
      expect.fail('it was made');
    });
  }

  describe('with a dialog for a step', () => {
    const address = waterfall<{ readonly country: string }>('address', { back: ['9', 'back'], cancel: 'never mind' })
      .ask('town', { prompt: ({ input }) => `Which town in ${input.country}, north or south?`, choices: { north: '1', south: '2' } })
      .confirm('sure', { prompt: 'Is that where you live?' })
      .end();
    const parcel = waterfall('parcel', { back: ['9', 'back'] })
      .say('A parcel.')
      .ask('size', { prompt: 'Large or small?', choices: { large: '1', small: '2' } })
      .dialog('address', address, { input: ({ results }) => ({ country: results.size === 'large' ? 'Spain' : 'Sweden' }) })
      .confirm('sure', { prompt: ({ results: { address: told } }) => (told.status === 'completed' ? `To the ${told.results.town}, right?` : `${told.status}, right?`) })
      .end();
    const asked = () => dial(teller(parcel)).hears('A parcel.').hears('Large or small?').presses('1').hears('Which town in Spain');

    it('has its output for its result, as it is', () => {
      asked().presses('2').hears('where you live').presses('1').hears('To the south, right?').says('yes')
        .hears('{"status":"completed","results":{"size":"large","address":{"status":"completed","results":{"town":"south","sure":true}},"sure":true}}').isHungUp();
      asked().presses('2').hears('where you live').says('never mind').hears('cancelled, right?').says('yes').hears('"address":{"status":"cancelled","results":{"town":"south"},"error":null}');
      asked().staysSilent().staysSilent().staysSilent().hears('notCompleted, right?');
    });

    it('goes back from its first question to the question before it, and back into it from the one after', () => {
      asked().says('back').hears('Large or small?').presses('2').hears('Which town in Sweden').presses('1').hears('where you live').says('back').hears('Which town in Sweden');
      asked().presses('2').hears('where you live').presses('1').hears('right?').says('back').hears('Which town in Spain');
    });

    it('ends by `back` where no question is before it', () => {
      const only = waterfall('only').say('Hello.').dialog('address', address, { input: { country: 'Spain' } }).end();
      dial(teller(only)).hears('Hello').hears('Which town').says('back').hears('{"status":"back","results":{},"error":null}').isHungUp();
    });

    it('is passed over on the way back when it asks nothing', () => {
      const silent = dialogMachine<Record<never, never>, undefined, number>()('silent', { initial: 'done', states: { done: { type: 'final', output: 7 } } });
      const poll = waterfall('poll', { back: '9' }).ask('one', { prompt: 'One?', choices: { a: '1' } }).dialog('seven', silent).ask('two', { prompt: ({ results }) => `Two, and ${results.seven}?`, choices: { a: '1' } }).end();
      dial(teller(poll)).hears('One?').presses('1').hears('Two, and 7?').presses('9').hears('One?');
    });

    it('is not taken when it need not be', () => {
      const maybe = waterfall('maybe')
        .confirm('new', { prompt: 'A new address?' })
        .dialog('address', address, { input: { country: 'Spain' }, when: ({ results }) => results.new })
        .say(({ results }) => `It is ${results.address?.status ?? 'as before'}.`)
        .end();
      dial(teller(maybe)).hears('new address').says('no').hears('It is as before.').isHungUp();
      dial(teller(maybe)).hears('new address').says('yes').hears('Which town').presses('1').hears('where').presses('1').hears('It is completed.').isHungUp();
    });

    it('is given what it wants, and nothing else', () => {
      // @ts-expect-error: it wants to be told the country
      waterfall('x').dialog('address', address);
      // @ts-expect-error: which is a text
      waterfall('x').dialog('address', address, { input: { country: 7 } });
    });
  });

  it('is missed where it was not finished', () => {
    const open = waterfall('open').ask('size', { prompt: '?', choices: { a: '1' } });
    expect(() => callMachine('bad', { initial: 'x', states: { x: dialog(open as never, { on: { done: 'bye' } }), bye: hangup() } })).to.throw('state `x`: runs a waterfall that is not finished; call its `.end()`');
  });

  it('knows the type of each result', () => {
    const typed: Dialog<undefined, WaterfallResult<{ readonly size: 'large' | 'small' } & { readonly count: string } & { readonly glaze: 'blue' | 'white' | undefined } & { readonly sure: boolean }>> = order;
    expect(typed.id).to.equal('order');
    // @ts-expect-error: a misspelt option, of a question
    expect(() => waterfall('x').ask('size', { prompt: '?', choices: { a: '1' }, wehn: () => true }).end()).to.throw('wehn');
    // @ts-expect-error: of digits
    expect(() => waterfall('x').ask('size', { prompt: '?', digits: { max: 1 }, timeout: 5 }).end()).to.throw('timeout');
    // @ts-expect-error: of a recording
    expect(() => waterfall('x').record('memo', { prompt: '?', nomatch: 'What?' }).end()).to.throw('nomatch');
    // @ts-expect-error: a recording is no text
    waterfall('x').record('memo', { prompt: '?' }).confirm('sure', { prompt: ({ results }) => results.memo });
    // @ts-expect-error: of work
    expect(() => waterfall('x').run('size', () => 1, { timeout: 5 }).end()).to.throw('timeout');
    // @ts-expect-error: nothing is called `colour` here
    waterfall('x').ask('size', { prompt: '?', choices: { a: '1' } }).say(({ results }) => results.colour);
  });

  it('goes on without a result after a dialog that ends with the status `forward`', () => {
    const extras = dialogMachine('extras', {
      initial: 'ask',
      states: {
        ask: recognize({ prompt: 'Extras?', choices: { cheese: '1', none: '2' }, on: { cheese: 'cheese', none: 'forward', exhausted: 'forward' } }),
        cheese: { type: 'final', output: { status: 'completed', extra: 'cheese' } },
        forward: { type: 'final', output: { status: 'forward' } },
      },
    });
    const order = waterfall('order').dialog('extras', extras).say(({ results }) => (results.extras === undefined ? 'Plain it is.' : `With ${results.extras.extra}.`)).end();
    const bot = callMachine('bot', { initial: 'order', states: { order: dialog(order, { on: { done: 'bye' } }), bye: hangup('Bye.') } });
    dial(bot).presses('2').hears('Plain it is.').hears('Bye.');
    dial(bot).presses('1').hears('With cheese.').hears('Bye.');
  });
});
