/** Chat messages through the Bot Connector: the real client, over real HTTP, to a chat service on loopback. */
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { type CallError, type ChatMessage } from 'callchart';
import { botConnectorChat, type BotConnectorChatOptions, type ChatSender } from 'callchart/transport';
import { runFile } from '../../../cli/run.ts';
import { appId, appPassword, type BotConnector, botConnector, scope, type Whim } from './bot-connector.ts';

const from = '28:the-app-id';
const to = '8:mona.lindqvist';

describe('the Bot Connector', () => {
  let connector: BotConnector;
  const clock = { now: 1_760_000_000_000 };
  beforeEach(async () => void (connector = await botConnector()));
  afterEach(() => connector.close());

  const opened = (options: Partial<BotConnectorChatOptions> = {}): Promise<ChatSender> =>
    botConnectorChat({ appId, appPassword, serviceUrl: connector.serviceUrl, tokenUrl: connector.tokenUrl, pauseMs: 0, now: () => clock.now, ...options });
  const send = (sender: ChatSender, message: ChatMessage = { text: 'Hello.' }, signal = new AbortController().signal): Promise<void> =>
    sender.send({ to, from, message }, { signal, callId: 'c1', taskId: 'c1:1:0' });
  const failure = (sent: Promise<unknown>): Promise<CallError<'ERR_CHAT_UNDELIVERED'>> => sent.then(() => expect.fail('it was sent'), (error: CallError<'ERR_CHAT_UNDELIVERED'>) => error);
  /** Answers with `statuses`, one request after the other, and then lets the service do. */
  const first = (...statuses: readonly number[]): Whim => {
    const left = [...statuses];
    return () => {
      const status = left.shift();
      return status === undefined ? undefined : { status, headers: { 'retry-after': '0' }, body: '{}' };
    };
  };

  it('gets a hero card, in a conversation with the person alone, whatever signs are in its id', async () => {
    const sender = await opened();
    await send(sender, {
      cards: [{ title: 'T', subtitle: 'S', text: 'X', images: [{ url: 'https://bot.test/a.png', alt: 'A' }], buttons: [{ title: 'O', url: 'https://bot.test/' }, { title: 'R', reply: 'yes' }, { title: 'C', call: '+15550100' }] }],
    });
    expect(connector.asked.map(({ path, status }) => [path, status])).to.deep.equal([['/bot/v3/conversations', 201], ['/bot/v3/conversations/a%3A1%2Fx%3Fy%23z/activities', 201]]);
    expect(connector.asked[0]?.body).to.deep.equal({ isGroup: false, bot: { id: from }, members: [{ id: to }] });
    expect(connector.activities).to.deep.equal([{
      type: 'message', from: { id: from }, recipient: { id: to }, conversation: { id: 'a:1/x?y#z' },
      attachments: [{
        contentType: 'application/vnd.microsoft.card.hero',
        content: {
          title: 'T', subtitle: 'S', text: 'X', images: [{ url: 'https://bot.test/a.png', alt: 'A' }],
          buttons: [{ type: 'openUrl', title: 'O', value: 'https://bot.test/' }, { type: 'imBack', title: 'R', value: 'yes' }, { type: 'call', title: 'C', value: 'tel:+15550100' }],
        },
      }],
    }]);
  });

  it('gets plain text, several cards side by side, and the tenant of a bot that has one', async () => {
    const sender = await opened({ tenantId: 'contoso' });
    await send(sender, { text: '*Hello*', cards: [{ title: '1' }, { title: '2' }] });
    expect(connector.asked[0]?.body).to.include({ tenantId: 'contoso' }).and.to.deep.include({ channelData: { tenant: { id: 'contoso' } } });
    expect(connector.activities[0]).to.include({ text: '*Hello*', textFormat: 'plain', attachmentLayout: 'carousel' });
    expect(connector.activities[0]?.['attachments']).to.have.length(2);
  });

  describe('wants a token, which', () => {
    it('is asked for once, however many messages there are at once', async () => {
      const sender = await opened();
      await Promise.all([send(sender), send(sender), send(sender)]);
      await send(sender);
      expect([connector.tokens(), connector.activities.length]).to.deep.equal([1, 4]);
    });

    it('is renewed five minutes before it expires, and one that lives shorter after half its life', async () => {
      const sender = await opened();
      const asks = async (laterMs: number): Promise<number> => {
        clock.now += laterMs;
        await send(sender);
        return connector.tokens();
      };
      expect(await asks(0)).to.equal(1);
      expect(await asks(3_299_999)).to.equal(1);
      connector.expiresIn = '60'; // some endpoints write it so
      expect(await asks(1)).to.equal(2);
      expect(await asks(29_999)).to.equal(2);
      expect(await asks(1)).to.equal(3);
    });

    it('is renewed once where the service refuses it', async () => {
      const sender = await opened();
      await send(sender);
      connector.revoke();
      await send(sender);
      expect([connector.tokens(), connector.activities.length]).to.deep.equal([2, 2]);
      connector.whim = () => ({ status: 401, body: '{}' });
      const asked = connector.asked.length;
      expect((await failure(send(sender))).details).to.deep.equal({ reason: 'refused', status: 401 });
      expect([connector.tokens(), connector.asked.length - asked]).to.deep.equal([3, 2]);
    });

    it('is not given to a wrong secret, app or scope: the message fails, and the secret is in no message', async () => {
      for (const wrong of [{ appPassword: 'WRONG-SECRET' }, { appId: 'another' }, { scope: `${scope}x` }]) {
        const error = await failure(send(await opened(wrong)));
        expect(error).to.include({ code: 'ERR_CHAT_UNDELIVERED', message: 'a chat message was not sent: the token endpoint answered 401' }).and.not.to.have.property('cause');
        expect(error.details).to.deep.equal({ reason: 'token', status: 401 });
      }
      expect(connector.asked).to.deep.equal([]);
    });

    it('is asked for again when its endpoint is busy, and is no token when it is none', async () => {
      const sender = await opened();
      connector.tokenWhim = first(503, 429);
      await send(sender);
      expect(connector.tokens()).to.equal(3);
      for (const body of ['', '{}', '{"access_token":"","expires_in":60}', '{"access_token":"x","expires_in":"soon"}']) {
        connector.tokenWhim = () => ({ status: 200, body });
        expect((await failure(send(await opened()))).details, body).to.deep.equal({ reason: 'token' });
      }
      connector.tokenWhim = () => ({ status: 307, headers: { location: 'http://127.0.0.1:9/' } });
      expect((await failure(send(await opened()))).details, 'a redirect').to.deep.equal({ reason: 'token' });
    });

    it('may be given by the application instead, which is told when it was refused', async () => {
      const asked: boolean[] = [];
      let token = 'stale';
      await send(await opened()); // from here on token-1 holds
      const sender = await botConnectorChat({ appId, serviceUrl: connector.serviceUrl, pauseMs: 0, token: async (fresh) => (asked.push(fresh), (token = fresh ? 'token-1' : token)) });
      await send(sender);
      expect(asked).to.deep.equal([false, true, false]);
      expect([connector.tokens(), connector.activities.length]).to.deep.equal([1, 2]);
      expect((await failure(send(await opened({ token: async () => '' })))).details).to.deep.equal({ reason: 'token' });
    });
  });

  describe('that does not take a message', () => {
    it('because it is busy or down is asked again, four times in all', async () => {
      const sender = await opened();
      connector.whim = first(429, 503, 502);
      await send(sender);
      expect(connector.asked.map(({ status }) => status)).to.deep.equal([429, 503, 502, 201, 201]);
      connector.whim = first(500, 500, 500, 500);
      expect((await failure(send(sender))).details).to.deep.equal({ reason: 'refused', status: 500 });
    });

    it('and says when to come again is not asked before, nor waited for beyond the time of a message', async () => {
      const sender = await opened({ timeoutMs: 5_000 });
      connector.whim = () => ({ status: 429, headers: { 'retry-after': '5' }, body: '{}' });
      expect((await failure(send(sender))).details).to.deep.equal({ reason: 'refused', status: 429 });
      connector.whim = () => ({ status: 503, headers: { 'retry-after': new Date(clock.now + 60_000).toUTCString() }, body: '{}' });
      expect((await failure(send(sender))).details).to.deep.equal({ reason: 'refused', status: 503 });
      expect(connector.asked).to.have.length(2);
    });

    it('because it will not is asked once, and its words are in no error, since they may quote the message', async () => {
      const sender = await opened();
      connector.whim = () => ({ status: 403, body: '{"error":"SAID"}' });
      const error = await failure(send(sender, { text: 'SAID' }));
      expect(error).to.include({ code: 'ERR_CHAT_UNDELIVERED', message: 'a chat message was not delivered: the chat service answered 403' }).and.not.to.have.property('cause');
      expect(error.details).to.deep.equal({ reason: 'refused', status: 403 });
      expect(JSON.stringify({ ...error })).not.to.include('SAID');
      expect(connector.asked).to.have.length(1);
    });

    it('since it gives no conversation, is not there, or does not answer in time', async () => {
      const sender = await opened();
      connector.whim = () => ({ status: 200, body: '{}' });
      expect((await failure(send(sender))).details).to.deep.equal({ reason: 'malformed' });
      connector.whim = () => 'silence';
      expect((await failure(send(await opened({ timeoutMs: 50 })))).details).to.deep.equal({ reason: 'timeout' });
      const { serviceUrl, tokenUrl } = connector;
      await connector.close();
      expect((await failure(send(sender))).details).to.deep.equal({ reason: 'unreachable' });
      expect((await failure(send(await opened({ serviceUrl, tokenUrl })))).details).to.deep.equal({ reason: 'token' });
      connector = await botConnector();
    });

    it('before nobody waits for it any more is let go', async () => {
      const given = new AbortController();
      connector.whim = () => (given.abort(new Error('given up')), 'silence');
      expect((await failure(send(await opened(), undefined, given.signal))).message).to.equal('given up');
    });
  });

  it('is not opened without its client, and says what to install', async () => {
    const { stdout } = await runFile(fileURLToPath(new URL('without-client.ts', import.meta.url)), []);
    expect(stdout).to.equal('ERR_OPTION_INVALID chat messages through the Bot Connector need the package `@microsoft/agents-hosting`: npm install @microsoft/agents-hosting\n');
  });

  it('is not opened with options that cannot be', async () => {
    const told = (options: Partial<BotConnectorChatOptions>): Promise<string> => opened(options).then(() => 'opened', ({ message }: Error) => message);
    expect(await Promise.all([
      told({ appId: ' ' }), told({ appPassword: '' }), told({ serviceUrl: 'http://bot.test/' }), told({ tokenUrl: 'ftp://127.0.0.1/' }), told({ timeoutMs: 0 }), told({ pauseMs: -1 }),
    ])).to.deep.equal([
      'option `appId` is required', 'option `appPassword` is required', 'option `serviceUrl` is an https URL, or http on loopback', 'option `tokenUrl` is an https URL, or http on loopback',
      'option `timeoutMs` is a time in milliseconds', 'option `pauseMs` is a time in milliseconds',
    ]);
  });
});
