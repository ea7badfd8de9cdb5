import { expect } from 'chai';
import { type Caller, dial } from 'callchart/testing';
import voicemail, { delivered } from './bot.ts';
import { calls } from './calls.ts';

/** What is handed over of a call in which `does` happens: how long the message is, ms, and who left it. */
const handedOver = async (id: string, does: (caller: Caller) => Caller): Promise<readonly unknown[]> => {
  await does(dial(voicemail, { runTasks: true, call: { id, from: '+15550123' } })).settled();
  const { from, message } = delivered.get(id) ?? {};
  return [from, message?.lengthMs];
};

describe('the voicemail', () => {
  for (const [title, { script, ...scene }] of Object.entries(calls)) it(title, () => void script(dial(voicemail, scene)));

  it('hands over the message that was kept, with who left it', async () => {
    expect(await handedOver('kept', (caller) => caller.records(4_000).presses('1').isHungUp())).eql(['+15550123', 4_000]);
  });

  it('hands over the second one of two', async () => {
    expect(await handedOver('again', (caller) => caller.records(4_000).presses('2').records(7_000).presses('1'))).eql(['+15550123', 7_000]);
  });

  it('hands over the first one when the second was never spoken', async () => {
    expect(await handedOver('mute', (caller) => caller.records(4_000).presses('2').staysSilent().staysSilent().hears('We listen to it').isHungUp())).eql(['+15550123', 4_000]);
    expect(await handedOver('gone', (caller) => caller.records(4_000).presses('2').hangsUp())).eql(['+15550123', 4_000]);
  });

  it('hands over what was said before the caller hung up, in the message or after it', async () => {
    expect(await handedOver('middle', (caller) => caller.records(6_000, { endedBy: 'hangup' }).endedWith('caller'))).eql(['+15550123', 6_000]);
    expect(await handedOver('after', (caller) => caller.records(6_000).hears('To keep').hangsUp())).eql(['+15550123', 6_000]);
  });

  it('hands over nothing when there is nothing, or it was cancelled', async () => {
    expect(await handedOver('nothing', (caller) => caller.staysSilent().staysSilent().isHungUp())).eql([undefined, undefined]);
    expect(await handedOver('cancelled', (caller) => caller.records(4_000).says('cancel').isHungUp())).eql([undefined, undefined]);
    expect(await handedOver('early', (caller) => caller.hangsUp())).eql([undefined, undefined]);
  });

  it('ends a message after two minutes, and says so', async () => {
    expect(await handedOver('long', (caller) => caller.records(600_000).hears('as long as a message can be').hears('To keep').presses('1'))).eql(['+15550123', 120_000]);
  });
});
