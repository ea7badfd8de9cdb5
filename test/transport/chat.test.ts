/** Chat beside the call, behind the real transport: who delivers, what the caller hears of it, what the log says. */
import { expect } from 'chai';
import { CallError, callMachine, chat, dialog, dialogMachine, hangup, recognize } from 'callchart';
import { botConnectorChat, type ChatSender, gatherBots, lmdbStore } from 'callchart/transport';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { rig, stubService } from './rig.ts';
import { appId, appPassword, botConnector } from './services/botframework/bot-connector.ts';

const bot = callMachine('writer', {
  initial: 'ask',
  states: {
    ask: recognize({ prompt: 'A message?', choices: { yes: '1' }, on: { yes: 'tell', exhausted: 'failed' } }),
    tell: chat({ message: { text: 'SAID in writing', cards: [{ title: 'A card' }] }, on: { sent: 'sent', failed: 'failed' } }),
    sent: hangup('It is on its way.'),
    failed: hangup('It could not be delivered.'),
  },
});

const patient = () => stubService({ replyWithinMs: 5_000 });

describe('a chat message from a served bot', () => {
  it('reaches the caller’s own address through the Bot Connector while the call goes on', async () => {
    const connector = await botConnector();
    const sender = await botConnectorChat({ appId, appPassword, serviceUrl: connector.serviceUrl, tokenUrl: connector.tokenUrl });
    const line = await rig(bot, { service: patient(), chat: sender });
    await line.caller('one').rings();
    const caller = line.caller('two');
    await caller.rings();
    expect((await caller.presses('yes')).heard).to.include('It is on its way.');
    expect(connector.activities).to.have.length(1);
    expect(connector.activities[0]).to.deep.include({ recipient: { id: '8:mona.lindqvist' }, from: { id: '28:the-app-id' }, text: 'SAID in writing' });
    await line.close();
    await connector.close();
  });

  it('that is not delivered is heard of, and the log has the code and no word of it', async () => {
    const connector = await botConnector();
    connector.whim = () => ({ status: 403, body: 'SAID in writing' });
    const line = await rig(bot, { service: patient(), chat: await botConnectorChat({ appId, appPassword, serviceUrl: connector.serviceUrl, tokenUrl: connector.tokenUrl }) });
    const caller = line.caller('one');
    await caller.rings();
    expect((await caller.presses('yes')).heard).to.include('It could not be delivered.');
    expect(line.said('task failed')[0]).to.include({ task: 'tell', code: 'ERR_CHAT_UNDELIVERED', level: 'warn' });
    expect(JSON.stringify(line.lines)).not.to.match(/SAID|mona|secret|token-/i);
    await line.close();
    await connector.close();
  });

  it('fails as well when whoever delivers throws anything at all', async () => {
    const chats: readonly ChatSender[] = [
      { send: async () => { throw new Error('down'); } },
      { send: () => { throw new CallError('ERR_CHAT_UNDELIVERED', 'no', { reason: 'unreachable' }); } },
    ];
    for (const sender of chats) {
      const line = await rig(bot, { service: patient(), chat: sender });
      const caller = line.caller('one');
      await caller.rings();
      expect((await caller.presses('yes')).heard).to.include('It could not be delivered.');
      await line.close();
    }
  });

  it('is sent again, as the same task, by the server that takes over from one that died while it sent', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'callchart-chat-'));
    const sent: string[] = [];
    const never: ChatSender = { send: (_, { taskId, signal }) => new Promise((_resolve, reject) => { sent.push(taskId); signal.addEventListener('abort', () => reject(new Error('aborted'))); }) };
    const first = await rig(bot, { store: await lmdbStore({ folder }), chat: never });
    const caller = first.caller('one');
    await caller.rings();
    await caller.presses('yes'); // the filler
    await first.close();
    let arrived = (): void => {};
    const again = new Promise<void>((resolve) => (arrived = resolve));
    const second = await rig(bot, { store: await lmdbStore({ folder }), chat: { send: async ({ message }, { taskId }) => (sent.push(taskId), expect(message.text).to.equal('SAID in writing'), arrived()) } });
    second.clock.now += 86_400_000; // whatever the lease was
    await again;
    expect(sent).to.have.length(2);
    expect(sent[1]).to.equal(sent[0]);
    await second.close();
    await rm(folder, { recursive: true });
  });
});

describe('a bot that sends chat messages', () => {
  it('is refused before the first call where nobody delivers them, also when a dialog of it does', () => {
    const refused = (machine: typeof bot): unknown => {
      try {
        gatherBots({ '/api/calls': machine }, stubService());
      } catch (error) {
        return error;
      }
      return 'served';
    };
    expect(refused(bot)).to.include({ code: 'ERR_CAPABILITY_MISSING', message: 'state `tell`: sends a chat message, and nobody delivers those: `chat` is missing beside `service`' });
    const tell = dialogMachine<Record<never, never>, undefined, string>()('telling', { initial: 'write', states: { write: chat({ message: 'x', on: { sent: 'end', failed: 'end' } }), end: { type: 'final', output: 'x' } } });
    expect(refused(callMachine('bot', { initial: 'run', states: { run: dialog(tell, { on: { done: 'bye' } }), bye: hangup('Bye.') } }) as never)).to.include({ code: 'ERR_CAPABILITY_MISSING' }).and.to.have.property('message').that.includes('`write`');
    expect(gatherBots({ '/api/calls': bot }, stubService(), { send: async () => {} }).all).to.deep.equal([bot]);
  });
});
