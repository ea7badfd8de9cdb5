import { expect } from 'chai';
import { CallError, type CallSnapshot, callMachine, prompt, hangup, recognize, step } from 'callchart';
import { dial } from 'callchart/testing';
import { createMachine } from 'xstate';
import { bank, broken, closed, jingle, voicemail } from './bots.ts';

const surprise = (does: () => unknown): string => {
  try {
    does();
  } catch (error) {
    expect(error).to.be.instanceOf(CallError);
    expect((error as CallError).code).to.equal('ERR_EXPECTATION');
    return (error as CallError).message;
  }
  return expect.fail('nothing was thrown');
};

describe('a scripted caller', () => {
  describe('listening', () => {
    it('hears words in any part of a prompt, case and all', () => {
      dial(bank).hears('your balance').hears('advisor');
      surprise(() => dial(bank).hears('BALANCE'));
      dial(bank).hears(/BALANCE/i);
    });

    it('hears words in the order in which they were said', () => {
      surprise(() => dial(bank).hears('advisor').hears('balance'));
    });

    it('does not hear the same words twice', () => {
      surprise(() => dial(bank).hears('For your balance').hears('For your balance'));
      surprise(() => dial(bank).hears(/^For/).hears(/^For/));
    });

    it('hears what was said since he last did something, and nothing older', () => {
      dial(bank).staysSilent().hears('did not hear you').hears('For your balance');
      surprise(() => dial(bank).presses('1').hears('For your balance'));
    });

    it('may wait without losing what was said', () => {
      dial(bank).waits(1_000).hears('For your balance');
    });

    it('hears each prompt as a line of its own', () => {
      const bot = callMachine('lines', { initial: 'one', states: { one: prompt('One.', 'two'), two: hangup('Two.') } });
      dial(bot).hears(/^One\.$/).hears(/^Two\.$/);
      surprise(() => dial(bot).hears(/One.*Two/s));
    });
  });

  describe('answering', () => {
    it('presses a key, or says a word, or says nothing', () => {
      expect(dial(bank).presses('1').state).to.equal('account');
      expect(dial(bank).says('A human').state).to.equal('advisor');
      expect(dial(bank).staysSilent().context.call.asked).to.include({ attempts: 2, noinput: 1 });
      expect(dial(bank).presses('9').says('what?').context.call.asked).to.include({ attempts: 3, nomatch: 2 });
    });

    it('enters digits up to the pound key, or up to a pause', () => {
      expect(dial(bank).presses('1').presses('42#').context.account).to.equal('42');
      expect(dial(bank).presses('1').presses('42').context.account).to.equal('42');
    });

    it('presses keys ahead, which interrupt the prompts that may be interrupted', () => {
      const caller = dial(bank).presses('142#').hears('Enter your account number').hears('Account 42');
      expect(caller.state).to.equal('confirm');
      expect(caller.context.account).to.equal('42');
    });

    it('loses the keys pressed ahead of a prompt that may not be interrupted', () => {
      const caller = dial(bank).presses('142#1');
      expect(caller.state).to.equal('confirm');
      expect(caller.transcript).to.contain('(keyed ahead and lost: 1)');
      caller.presses('1').hears('Goodbye').isHungUp();
    });

    it('presses only keys that a telephone has', () => {
      expect(surprise(() => dial(bank).presses('1x'))).to.contain('expected keys of a telephone');
      surprise(() => dial(bank).presses(''));
    });

    it('hangs up whenever he likes, while the call lasts', () => {
      const caller = dial(bank).presses('1').hangsUp().endedWith('caller');
      expect(caller.state).to.equal('ended');
      expect(surprise(() => caller.hangsUp())).to.contain('the caller has hung up');
    });
  });

  describe('leaving a message', () => {
    it('speaks until he is silent, or presses a key', () => {
      const caller = dial(voicemail).hears('Leave a message').records(4_000).hears('Thank you').isHungUp();
      expect(caller.context).to.include({ ref: 'recording-1', lengthMs: 4_000 });
      expect(dial(voicemail).records(4_000, { endedBy: 'termchar' }).events.at(-2)).to.have.nested.property('events[0].by', 'termchar');
    });

    it('is cut off at the longest length', () => {
      expect(dial(voicemail).records(Infinity).hears('That was long').context.lengthMs).to.equal(60_000);
      expect(dial(voicemail).records(5, { endedBy: 'maxspeech' }).context.lengthMs).to.equal(60_000);
    });

    it('hangs up when he is done, and the message is kept', () => {
      expect(dial(voicemail).records(4_000, { endedBy: 'hangup' }).endedWith('caller').context.lengthMs).to.equal(4_000);
    });

    it('says nothing, and is asked again', () => {
      dial(voicemail).staysSilent().hears('did not hear you').hears('Leave a message');
    });

    it('ends it with a key only where a key does that', () => {
      surprise(() => dial(voicemail).records(0));
      surprise(() => dial(bank).records(1_000));
    });
  });

  describe('being transferred', () => {
    it('is handed on, and the call is over for the bot', () => {
      dial(bank).presses('2').isTransferredTo('+15550123').transferAnswers().isTransferredTo('+15550123').endedWith('transferred');
    });

    it('comes back when the line is busy, or nobody answers, or it fails', () => {
      expect(dial(bank).presses('2').transferFails('busy').hears('For your balance').state).to.equal('menu');
      dial(bank).presses('2').transferFails('noanswer').hears('Nobody is there').isHungUp();
      dial(bank).presses('2').transferFails().hears('Nobody is there').isHungUp();
    });

    it('has to be transferred first', () => {
      expect(surprise(() => dial(bank).isTransferredTo('+15550123'))).to.contain('instead the bot listens for balance (1, "balance")');
      surprise(() => dial(bank).transferAnswers());
    });
  });

  describe('when the service fails', () => {
    it('does not hear the prompt, and is asked again', () => {
      const caller = dial(bank).promptFails().hears('went wrong').hears('For your balance');
      expect(caller.context.call.asked).to.include({ attempts: 2, failed: 1 });
    });

    it('does not hear a file that cannot be played, wherever it comes', () => {
      dial(jingle).hears('jingle.wav').hears('You heard it');
      const caller = dial(jingle, { unplayable: /jingle/ }).hears('You missed it').isHungUp();
      expect(surprise(() => caller.hears('jingle'))).to.contain('heard instead: "You missed it."');
    });

    it('is not answered where the service cannot', () => {
      const caller = dial(bank, { failing: ['answer'] }).endedWith('service');
      expect(caller.transcript).to.equal('caller dials\n(the service fails: answer)');
    });

    it('does not hear the next prompt alone, and what leads there is said after it', () => {
      const spoken = callMachine('spoken', {
        initial: 'menu',
        states: {
          menu: recognize({ prompt: 'Press 1.', choices: { one: '1' }, on: { one: 'jingle', exhausted: 'bye' } }),
          jingle: prompt('A jingle.', { on: { done: 'menu', failed: 'missed' } }), missed: prompt('You missed it.', 'menu'), bye: hangup('Goodbye.'),
        },
      });
      dial(spoken).failsNext('prompt').presses('1').hears('You missed it').hears('Press 1').presses('1').hears('A jingle').hears('Press 1');
      expect(surprise(() => dial(spoken).failsNext('prompt').presses('1').hears('A jingle'))).to.contain('heard instead: "You missed it.", "Press 1."');
      dial(spoken, { failsNext: ['prompt', 'prompt'] }).hears('Press 1').presses('1').hears('A jingle');
      expect(dial(spoken, { failsNext: ['answer'] }).endedWith('service').transcript).to.equal('caller dials\n(the service fails: answer)');
      surprise(() => dial(spoken).hangsUp().failsNext('prompt'));
    });

    it('is asked again where the service fails at the question or at the recording itself', () => {
      dial(bank).questionFails().hears('went wrong').hears('For your balance');
      dial(voicemail).questionFails().hears('went wrong').hears('Leave a message');
      surprise(() => dial(bank).presses('2').questionFails());
    });

    it('hears a closing word or not: the bot hangs up', () => {
      dial(bank, { unplayable: 'Goodbye' }).waits(60_000).isHungUp();
    });

    it('may be told whatever a service can tell', () => {
      const caller = dial(bank);
      caller.serviceReports({ type: 'recognize.failed', cause: 'system', operationId: caller.lastBatch.at(-1)?.operationId ?? '' }).hears('went wrong');
      caller.serviceReports({ type: 'call.ended', reason: 'service' }).endedWith('service');
    });
  });

  describe('when the bot fails', () => {
    it('hears the apology, and the bot hangs up', () => {
      const caller = dial(broken).presses('1').hears('Sorry, something went wrong').endedWith('error');
      expect(caller.error?.code).to.equal('ERR_BOT_THREW');
    });

    it('is told why by whatever was expected instead', () => {
      const message = surprise(() => dial(broken).presses('1').isHungUp());
      expect(message).to.contain('no such table');
    });

    it('is not called when it is no bot', () => {
      expect(() => dial(createMachine({}))).to.throw(CallError).with.property('code', 'ERR_BOT_INVALID');
    });

    it('that never comes to rest is stopped', () => {
      const bot = callMachine('parrot', { initial: 'say', states: { say: prompt('Again.', { on: { done: { target: 'say', reenter: true }, failed: 'say' } }) } });
      const message = surprise(() => dial(bot));
      expect(message).to.contain('expected the call to come to rest').and.to.contain('lines …');
      expect(message.length).to.be.lessThan(2_000);
    });
  });

  describe('looking at the call', () => {
    it('sees that the bot answered, refused, or hung up', () => {
      dial(bank).isAnswered();
      dial(closed).isRejected().endedWith('rejected');
      surprise(() => dial(closed).isAnswered());
      surprise(() => dial(closed).isHungUp());
      surprise(() => dial(bank).isRejected());
    });

    it('sees every batch, and what the bot was told', () => {
      const caller = dial(bank).presses('1');
      expect(caller.batches.map((batch) => batch.map(({ type }) => type))).to.deep.equal([['answer', 'recognize'], ['recognize']]);
      expect(caller.lastBatch).to.equal(caller.batches[1]);
      expect(caller.events.map(({ type }) => type)).to.deep.equal(['service', 'service']);
    });

    it('calls from where he says, and in his language', () => {
      const { call } = dial(bank, { call: { from: '+441632960000', language: 'en-GB', headers: { 'x-campaign': 'spring' } }, now: 0 }).context;
      expect(call).to.deep.include({ id: 'call-1', from: '+441632960000', to: '+15550199', language: 'en-GB', headers: { 'x-campaign': 'spring' } });
    });

    it('makes the same batches when its events are taken again, through JSON', () => {
      const caller = dial(bank).staysSilent().presses('142#').presses('1');
      let stored: CallSnapshot | undefined;
      const batches = caller.events.flatMap((event) => {
        const { snapshot, batch } = step(bank, stored, event);
        stored = JSON.parse(JSON.stringify(snapshot)) as CallSnapshot;
        return batch.length === 0 ? [] : [batch];
      });
      expect(batches).to.deep.equal(caller.batches);
      expect(stored?.ended).to.equal('bot');
    });
  });

  describe('being surprised', () => {
    it('tells the call so far, what was expected and what was heard instead', () => {
      expect(surprise(() => dial(bank).hears('balance').presses('1').hears(/advisor/))).to.equal([
        'call to `bank`:',
        '  caller dials',
        '  bot answers',
        '  bot: For your balance press 1, for an advisor press 2.',
        '  caller presses 1',
        '  bot: Enter your account number, then pound.',
        'expected to hear /advisor/',
        'heard instead: "Enter your account number, then pound."; the bot listens for digits (up to 6, ended by #)',
      ].join('\n'));
    });

    it('cannot press or say anything when nobody listens', () => {
      const caller = dial(bank).presses('9').presses('9').presses('9').hears('Goodbye').isHungUp();
      expect(surprise(() => caller.presses('1'))).to.match(/bot: Goodbye\.\n {2}bot hangs up\nexpected a question to be open: caller presses 1\ninstead the bot has hung up$/);
      surprise(() => caller.says('hello'));
      surprise(() => caller.staysSilent());
      surprise(() => caller.waits(1));
      surprise(() => caller.promptFails());
    });
  });
});
