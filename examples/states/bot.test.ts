import { expect } from 'chai';
import { dial } from 'callchart/testing';
import { createActor } from 'xstate';
import bot from './bot.ts';

describe('the bot of states by name', () => {
  it('answers, greets, tells the news and asks, all in one batch', () => {
    const caller = dial(bot).isAnswered().hears('Hi').hears('open until six').hears('again?');
    expect(caller.state).to.equal('asking');
    expect(caller.batches).to.have.length(1);
    expect(caller.lastBatch.map(({ type }) => type)).to.deep.equal(['answer', 'play', 'play', 'recognize']);
  });

  it('tells the news again, and says goodbye when the caller has had enough', () => {
    dial(bot).presses('1').hears('open until six').says('No!').hears('Goodbye').isHungUp();
  });

  it('is an ordinary XState machine', () => {
    const actor = createActor(bot).start();
    actor.send({ type: 'call.incoming', call: { id: '1', from: 'a', to: 'b', direction: 'inbound', headers: {} } });
    expect(actor.getSnapshot().matches('asking')).to.equal(true);
    actor.send({ type: 'recognize.noinput' });
    expect(actor.getSnapshot().context.call.asked.attempts).to.equal(2);
    actor.send({ type: 'recognize.choice.no', via: 'dtmf' });
    expect(actor.getSnapshot().matches('bye')).to.equal(true);
    actor.send({ type: 'call.ended', reason: 'bot' });
    expect(actor.getSnapshot().status).to.equal('done');
  });
});
