/** Outgoing calls: the bot rings somebody else for its caller, or has placed the call itself. */
import { answer, callMachine, createcall, hangup, prompt, recognize } from 'callchart';
import { dial } from 'callchart/testing';
import { expect } from 'chai';

const desk = callMachine('desk', {
  initial: 'menu',
  states: {
    menu: recognize({ prompt: 'For an advisor press 1.', choices: { advisor: '1' }, on: { advisor: 'advisor', exhausted: 'bye' } }),
    advisor: createcall({ to: '+15550123', from: '+15550199', timeoutMs: 20_000, on: { done: 'rating', busy: 'menu', failed: 'sorry' } }),
    rating: recognize({ prompt: 'Were you helped? Press 1 or 2.', choices: { yes: '1', no: '2' }, on: { yes: 'bye', no: 'bye', exhausted: 'bye' } }),
    sorry: hangup('Nobody is there.'),
    bye: hangup('Goodbye.'),
  },
});

const ringing = () => dial(desk).presses('1').isCalling('+15550123');

describe('an outgoing call', () => {
  it('joins the caller to whoever answers, and gives him back to the bot in the end', () => {
    const caller = ringing().partyAnswers().waits(600_000).partyHangsUp().hears('Were you helped').presses('1').hears('Goodbye').isHungUp();
    expect(caller.batches[1]).to.deep.equal([{ type: 'createcall', operationId: 'call-1:2:0', state: 'advisor', params: { to: '+15550123', from: '+15550199', timeoutMs: 20_000 } }]);
    expect(caller.transcript.split('\n').slice(4, 7)).to.deep.equal(['bot calls +15550123', '+15550123 answers', 'caller waits 600 s']);
  });

  it('may find the line busy, or nobody, or fail', () => {
    expect(ringing().partyFails('busy').hears('For an advisor').state).to.equal('menu');
    ringing().partyFails('noanswer').hears('Nobody is there').isHungUp();
    ringing().partyFails().hears('Nobody is there').isHungUp();
  });

  it('rings no longer than it may', () => {
    expect(ringing().waits(19_999).state).to.equal('advisor');
    ringing().waits(20_000).hears('Nobody is there').isHungUp();
    expect(dial(callMachine('short', { initial: 'on', states: { on: createcall({ to: 'sip:a@example.com', on: { done: 'bye', failed: 'bye' } }), bye: hangup() } })).waits(29_999).state).to.equal('on');
  });

  it('is over when the caller hangs up, ringing or talking', () => {
    ringing().hangsUp().endedWith('caller');
    ringing().partyAnswers().hangsUp().endedWith('caller');
  });

  it('has to be there, and be answered first, in words', () => {
    expect(() => dial(desk).partyAnswers()).to.throw('an outgoing call to be open: the other party answers');
    expect(() => ringing().partyHangsUp()).to.throw('expected the other party to have answered: the other party hangs up\ninstead it rings at +15550123');
    expect(() => ringing().partyAnswers().partyFails('busy')).to.throw('instead the caller talks with +15550123');
    expect(() => dial(desk).isCalling('+15550123')).to.throw('expected the bot to call +15550123');
    expect(() => ringing().presses('1')).to.throw('instead it rings at +15550123');
  });
});

describe('a call that the bot has placed', () => {
  const outbound = { call: { direction: 'outbound', from: '+15550199', to: '+15550100' } } as const;
  const reminder = callMachine('reminder', {
    initial: 'hello',
    states: {
      hello: prompt(({ context }) => (context.call.direction === 'outbound' ? 'You have an appointment.' : 'This is the dentist.'), 'coming'),
      coming: recognize({ prompt: 'Press 1 if you come.', choices: { yes: '1' }, on: { yes: 'bye', exhausted: 'bye' } }),
      bye: hangup('Goodbye.'),
    },
  });

  it('begins when whoever is called has answered: there is nothing to answer', () => {
    const caller = dial(reminder, outbound).isAnswered().hears('appointment').presses('1').hears('Goodbye').isHungUp();
    expect(caller.batches.map((batch) => batch.map(({ type }) => type).join(' '))).to.deep.equal(['play recognize', 'play hangup']);
    expect(caller.transcript).to.match(/^bot dials, and the caller answers\n/);
    expect(dial(reminder).hears('dentist').batches[0]?.[0]?.type).to.equal('answer');
  });

  it('is neither answered nor refused by the bot', () => {
    const bot = (state: object) => callMachine('odd', { initial: 'on', states: { on: state, bye: hangup() } });
    expect(dial(bot(answer('bye')), outbound).endedWith('error').error?.message).to.contain('a call is answered once');
    dial(bot(hangup()), outbound).isHungUp();
  });
});
