/** The SDK's guide to audio calls, statement by statement: the chat beside the call. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { callMachine, chat, hangup, isCallError } from 'callchart';
import { dial } from 'callchart/testing';
import { type ChatSender, serve } from 'callchart/transport';
import { root } from '../cli/run.ts';
import { rig, stubService } from '../transport/rig.ts';

const bot = callMachine('desk', {
  initial: 'write',
  states: { write: chat({ message: 'Your number is 42.', on: { sent: 'told', failed: 'sorry' } }), told: hangup('Look at your phone.'), sorry: hangup('I cannot write to you.') },
});

describe('chat beside the call', () => {
  it('a bot writes to whoever it is on the line with, while they talk', async () => {
    const written: unknown[] = [];
    const line = await rig(bot, { chat: { send: async ({ to, message }) => void written.push([to, message.text]) } satisfies ChatSender });
    const { heard } = await line.caller('c').rings();
    await line.close();
    expect([heard, written]).to.deep.equal(['answer playPrompt“Look at your phone.” hangup', [['8:mona.lindqvist', 'Your number is 42.']]]);
  });

  it('a message is none of the call\'s actions: the line carries what is spoken alone', () => {
    const caller = dial(bot).reads('42').hears('Look at your phone').isHungUp();
    expect(caller.batches.flat().map(({ type }) => type)).to.deep.equal(['answer', 'play', 'hangup']);
    dial(bot, { undeliverable: /42/ }).hears('I cannot write to you').isHungUp();
  });

  it('cards and buttons are for chats, as words are for the line', () => {
    const shop = callMachine('shop', {
      initial: 'card',
      states: { card: chat({ card: { title: 'Acme', buttons: [{ title: 'Our shop', url: 'https://acme.example/' }] }, on: { sent: 'told', failed: 'told' } }), told: hangup('Look at your phone.') },
    });
    dial(shop).reads('Acme').reads('Our shop').hears(/^Look at your phone\.$/);
  });

  it('a bot that writes is not served where nobody delivers', async () => {
    const refused = await serve({ service: stubService(), bots: bot, port: 0 }).then((server) => server.close(), (error: unknown) => error);
    expect(isCallError(refused) && refused.code).to.equal('ERR_CAPABILITY_MISSING');
  });

  it('the chat side is the same registration: one app id, one password', () => {
    expect(readFileSync(join(root, 'docs/chat.md'), 'utf8')).to.match(/^\| `appId`, `appPassword` \| those of the bot/m);
  });
});
