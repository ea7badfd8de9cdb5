/** `callchart dev`: the phone process and the bot process, as a page without a browser meets them. */
import { expect } from 'chai';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { join } from 'node:path';
import { WebSocket } from 'ws';
import { asks, type DevPage, type DevPhone, isOver, startDev } from './dev-page.ts';
import { root, run, start } from './run.ts';

describe('callchart dev', function () {
  this.timeout(60_000);
  let phone: DevPhone;
  let page: DevPage;

  const opened = async (bot: string): Promise<void> => {
    phone = await startDev(bot);
    page = await phone.open();
  };
  const closed = async (): Promise<void> => {
    page.close();
    expect(await phone.stop('SIGINT')).to.equal(0);
  };

  describe('with the acme menu', () => {
    before(() => opened('examples/acme'));
    after(closed);

    it('prints one address and two processes, and says what there is', async () => {
      expect(phone.first).to.match(/^phone: http:\/\/127\.0\.0\.1:\d+\/\?token=[\w-]{32}$/);
      expect(phone.output().stdout).to.match(/^processes: phone \d+, bot \d+$/m);
      const { bot, services, calls } = await page.hears('hello');
      expect(bot).to.include({ name: 'acme', file: 'examples/acme/bot.ts', state: 'ready' });
      expect(services.map(({ name, places, modalities }) => ({ name, places, modalities }))).to.deep.equal([
        { name: 'botframework', places: false, modalities: ['audio', 'video'] }, { name: 'twilio', places: true, modalities: ['audio'] }, { name: 'azure', places: true, modalities: ['audio'] },
      ]);
      expect(calls).to.deep.equal([]);
    });

    for (const service of ['botframework', 'twilio', 'azure']) {
      it(`rings the bot by ${service}; a key cuts the menu, and each step stands beside what is heard`, async () => {
        page.say({ type: 'call', key: service, service });
        const { callId } = await page.hears('began', ({ key }) => key === service);
        expect((await page.call(({ id, ...call }) => id === callId && asks({ id, ...call }))).wants).to.include({ kind: 'question', bargein: true });
        page.say({ type: 'keys', callId, keys: '2' });
        const over = await page.call((call) => call.id === callId && isOver(call));
        expect(over).to.include({ ended: 'The bot hung up.', service });
        expect(page.notes(callId)).to.include.members(['bot.says Welcome to Acme. For sales press 1, for support press 2.', 'caller.keys 2', 'bot.says Support will call you back.', 'bot.hungup']);
        expect(page.steps(callId).map(({ step }) => step.batch.map(({ type }) => type))).to.deep.include.members([['answer', 'recognize'], ['play', 'hangup']]);
      });
    }

    it('lets a silence be over at once, and the caller hang up', async () => {
      page.say({ type: 'call', key: 'quiet', service: 'botframework' });
      const { callId } = await page.hears('began');
      await page.call(asks);
      page.say({ type: 'silence', callId });
      await page.hears('moment', ({ moment }) => moment.kind === 'entry' && moment.entry.kind === 'silence');
      page.say({ type: 'hangup', callId });
      expect(await page.call(isOver)).to.include({ ended: 'You hung up.' });
      page.say({ type: 'keys', callId, keys: '1' });
      expect(await page.hears('trouble')).to.deep.equal({ type: 'trouble', sentence: 'that call is over', callId });
    });

    it('shows a second page the same calls, and gives it the log of one that is over', async () => {
      const other = await phone.open();
      const { calls } = await other.hears('hello');
      const last = calls[0];
      expect(last).to.include({ state: 'over', ended: 'You hung up.' });
      other.say({ type: 'open', callId: last?.id ?? '' });
      const { moments } = await other.hears('log');
      expect(moments.map(({ n }) => n)).to.deep.equal(moments.map((_, index) => index));
      expect(moments.flatMap((moment) => (moment.kind === 'entry' ? [moment.entry.kind] : []))).to.include.members(['ringing', 'answered', 'silence', 'hungup']);
      other.say({ type: 'chart', id: last?.chart ?? '' });
      const { drawing } = await other.hears('chart');
      expect(drawing.svg).to.match(/^<svg/);
      const source = Object.values(drawing.states).find(({ title }) => title === 'menu')?.source;
      expect(source?.file).to.equal('examples/acme/bot.ts');
      other.say({ type: 'source', file: source?.file ?? '' });
      const { text } = await other.hears('source');
      expect(text.split('\n')[(source?.line ?? 0) - 1]).to.match(/menu:/);
      other.say({ type: 'source', file: 'package.json' });
      expect(await other.hears('trouble')).to.include({ sentence: "that file is none of the bot's" });
      other.close();
    });

    it('carries several calls at once, each with its own bad line', async () => {
      page.say({ type: 'call', key: 'one', service: 'botframework', trouble: { lost: true, twice: true } });
      page.say({ type: 'call', key: 'two', service: 'twilio', trouble: { delayMs: 50 } });
      const [one, two] = [(await page.hears('began', ({ key }) => key === 'one')).callId, (await page.hears('began', ({ key }) => key === 'two')).callId];
      page.say({ type: 'say', callId: one, words: 'sales' });
      page.say({ type: 'say', callId: two, words: 'support' });
      const ends = [await page.call((call) => [one, two].includes(call.id) && isOver(call)), await page.call((call) => [one, two].includes(call.id) && isOver(call))];
      expect(ends.map(({ id }) => id)).to.have.members([one, two]);
      expect(page.notes(one)).to.include('bot.says Sales will call you back.');
      expect(page.notes(two)).to.include('bot.says Support will call you back.');
    });

    describe('to a page that has no WebRTC', () => {
      const isLoud = (message: Buffer): boolean => message.some((byte) => byte !== 0);
      const loud = (came: readonly Buffer[]): number => came.filter(isLoud).length;
      const ring = async (key: string): Promise<string> => {
        page.say({ type: 'call', key, service: 'botframework', sound: true });
        return (await page.hears('began', (began) => began.key === key)).callId;
      };

      it('plays the prompt by its socket, throws away what it has of it when a key is pressed, and ends with the call', async () => {
        const callId = await ring('socket');
        const { came, until, closed } = await phone.bringSound(callId);
        await page.call((call) => call.id === callId && call.sound);
        await until(() => loud(came) > 10);
        expect(came.every(({ length }) => length === 640)).to.equal(true);
        page.say({ type: 'keys', callId, keys: '1' });
        await until(() => came.some(({ length }) => length === 0));
        const cut = came.findIndex(({ length }) => length === 0);
        expect(came.slice(cut, cut + 2).filter(isLoud)).to.deep.equal([]);
        await until(() => loud(came.slice(cut)) > 10);
        await page.call((call) => call.id === callId && isOver(call));
        expect(await closed).to.equal(1000);
        expect(page.notes(callId)).to.include('bot.says Sales will call you back.');
      });

      it('gives the sound to the page that wants it last, and tells the one before', async () => {
        const callId = await ring('taken');
        const first = await phone.bringSound(callId);
        await first.until((came) => came.length > 0);
        const second = await phone.bringSound(callId);
        expect(await first.closed).to.equal(4001);
        await second.until((came) => came.length > 5);
        second.socket.terminate();
        await page.call((call) => call.id === callId && call.sound);
        await page.call((call) => call.id === callId && !call.sound);
        page.say({ type: 'hangup', callId });
        await page.call((call) => call.id === callId && isOver(call));
      });

      it('does not mind what is no sound, and closes what is too long for any', async () => {
        const callId = await ring('garbage');
        const { socket, came, until, closed } = await phone.bringSound(callId);
        for (const message of ['', 'words', Buffer.alloc(0), Buffer.alloc(639, 7), Buffer.alloc(4_000, 7)]) socket.send(message);
        for (let count = 0; count < 500; count += 1) socket.send(Buffer.alloc(640));
        const from = came.length;
        await until(() => came.length > from + 10);
        socket.send(Buffer.alloc(5_000));
        expect(await closed).to.equal(1009);
        page.say({ type: 'hangup', callId });
        await page.call((call) => call.id === callId && isOver(call));
      });

      it('closes it at once where there is no such call', async () => {
        const { came, closed } = await phone.bringSound('nobody');
        expect(await closed).to.equal(1000);
        expect(came).to.deep.equal([]);
      });
    });

    it('answers what no page says with a sentence, and goes on', async () => {
      for (const garbage of ['', '{', 'null', '{"type":"call"}', '{"type":"keys","callId":"x","keys":"abc"}', JSON.stringify({ type: 'say', callId: 'x', words: 'w'.repeat(501) })]) {
        page.say(garbage);
        expect(await page.hears('trouble')).to.deep.equal({ type: 'trouble', sentence: 'the page asked for something that the phone does not know: reload it' });
      }
      page.say({ type: 'call', key: 'k', service: 'jambonz' });
      expect(await page.hears('trouble')).to.include({ sentence: 'there is no service jambonz here', key: 'k' });
      page.say({ type: 'ring-me', key: 'k', service: 'botframework' });
      expect(await page.hears('trouble')).to.include({ sentence: 'botframework places no calls: choose another service', key: 'k' });
    });

    it('shows nothing to whoever has no token, comes from another page, or by another name', async () => {
      const status = async (path: string, headers: Readonly<Record<string, string>> = {}): Promise<number> => (await fetch(phone.origin + path, { headers, redirect: 'manual' })).status;
      expect(await status('/')).to.equal(401);
      expect(await status('/?token=wrong')).to.equal(401);
      expect(await status('/', { cookie: phone.cookie })).to.equal(200);
      expect(await status('/../package.json', { cookie: phone.cookie })).to.equal(404);
      expect((await fetch(phone.origin, { method: 'POST', headers: { cookie: phone.cookie } })).status).to.equal(405);
      expect(await byHost(phone.origin, phone.cookie)).to.match(/^HTTP\/1\.1 403 /);
      for (const path of ['/phone', '/sound?call=x']) {
        const upgrade = (origin: string, cookie: string): Promise<string> =>
          new Promise((resolve) => new WebSocket(`${phone.origin.replace('http', 'ws')}${path}`, { origin, headers: { cookie } }).once('error', ({ message }) => resolve(message)).once('open', () => resolve('open')));
        expect(await upgrade('https://elsewhere.example', phone.cookie)).to.include('403');
        expect(await upgrade(phone.origin, 'callchart=x')).to.include('401');
      }
    });

    it('goes on after a request for what is no address', async () => {
      expect(await ofPath(phone.origin, phone.cookie, '//')).to.match(/^HTTP\/1\.1 404 /);
      expect(await ofPath(phone.origin, phone.cookie, '//', 'Connection: Upgrade\r\nUpgrade: websocket\r\n')).to.match(/^HTTP\/1\.1 403 /);
      expect((await fetch(phone.origin, { headers: { cookie: phone.cookie } })).status).to.equal(200);
    });

    it('says that a port is in use', async () => {
      const { port } = new URL(phone.origin);
      expect(await run(['dev', 'examples/watson', '--port', port])).to.deep.equal({ code: 2, stdout: '', stderr: `callchart: port ${port} is in use; choose another by --port (ERR_OPTION_INVALID)\n` });
    });

    it('says that there is no such bot', async () => {
      expect(await run(['dev', 'nosuch.ts'])).to.deep.equal({ code: 2, stdout: '', stderr: 'callchart: there is no file or folder nosuch.ts (ERR_BOT_LOAD)\n' });
    });

    it('is on another port where the usual one is taken', async () => {
      const taken = createServer();
      const isFree = await new Promise<boolean>((resolve) => taken.once('listening', () => resolve(true)).once('error', () => resolve(false)).listen(3990, '127.0.0.1')); // else somebody has it already
      const second = await start(['dev', 'examples/watson', '--no-check']);
      expect(second.first).not.to.include(':3990/');
      expect(second.output().stderr).to.include('port 3990 is in use: the phone is on another\n');
      expect(await second.stop('SIGINT')).to.equal(0);
      if (isFree) taken.close();
    });

    it('begins a bot again that was killed, and the call goes on from where it stood', async () => {
      page.say({ type: 'call', key: 'killed', service: 'botframework' });
      const { callId } = await page.hears('began', ({ key }) => key === 'killed');
      await page.call(asks);
      const hello = page.told.findLast((told) => told.type === 'hello' || told.type === 'bot');
      process.kill((hello as { readonly bot: { readonly pid: number } }).bot.pid, 'SIGKILL');
      expect((await page.hears('bot', ({ bot }) => bot.state === 'down')).bot.trouble).to.equal("the bot's process ended (SIGKILL); it is begun again");
      await page.hears('bot', ({ bot }) => bot.state === 'ready');
      page.say({ type: 'keys', callId, keys: '1' });
      expect(await page.call(isOver)).to.include({ ended: 'The bot hung up.' });
      expect(page.notes(callId)).to.include('bot.says Sales will call you back.');
    });
  });

  describe('while the bot is written', () => {
    let folder: string;
    const bot = (more: string): string => `import { callMachine, hangup, recognize } from 'callchart';
export default callMachine('shop', {
  initial: 'menu',
  states: {
${more}
  },
});
`;
    const menu = "    menu: recognize({ prompt: 'Press 1.', choices: { one: '1' }, on: { one: 'bye', exhausted: 'bye' } }),";
    const save = (text: string): Promise<void> => writeFile(join(folder, 'bot.ts'), text);
    const ring = async (): Promise<string> => {
      page.say({ type: 'call', key: 'k', service: 'botframework' });
      const { callId } = await page.hears('began');
      await page.call(asks);
      return callId;
    };

    before(async () => {
      await mkdir(join(root, 'test-results'), { recursive: true });
      folder = await mkdtemp(join(root, 'test-results/dev-'));
      await save(bot(`${menu}\n    bye: hangup('Goodbye.'),`));
      await opened(folder);
    });
    after(async () => {
      await closed();
      await rm(folder, { recursive: true, force: true });
    });

    it('has a saved bot take the calls, and one in flight goes on with it', async () => {
      const callId = await ring();
      await save(bot(`${menu}\n    bye: hangup('So long.'),`));
      await page.hears('bot', ({ bot: { state } }) => state === 'ready');
      page.say({ type: 'keys', callId, keys: '1' });
      await page.call(isOver);
      expect(page.notes(callId)).to.include('bot.says So long.');
    });

    it('says where a bot is wrong that does not load, and the one before goes on', async () => {
      await save(bot(`${menu}\n    bye hangup('Goodbye.'),`));
      const { bot: wrong } = await page.hears('bot', ({ bot: { state } }) => state === 'failed');
      expect(wrong.trouble).to.match(/bot\.ts:6:8: Expected/);
      expect(wrong.at?.line).to.equal(6);
      const callId = await ring();
      page.say({ type: 'keys', callId, keys: '1' });
      await page.call(isOver);
      expect(page.notes(callId)).to.include('bot.says So long.');
    });

    it('says which rule a bot breaks', async () => {
      await save(bot(`${menu.replace("one: 'bye', ", '')}\n    bye: hangup('So long.'),`));
      const { bot: wrong } = await page.hears('bot', ({ bot: { state } }) => state === 'failed');
      expect(wrong.trouble).to.include('state `menu`: outcome `one` is not handled');
      expect(wrong.at).to.include({ line: 2 });
    });

    it('ends a call with the apology whose state is there no more, and says so', async () => {
      const callId = await ring();
      await save(bot(`${menu.replaceAll('menu', 'door').replace('Press 1.', 'Knock 1.')}\n    bye: hangup('So long.'),`).replace("initial: 'menu'", "initial: 'door'"));
      await page.hears('bot', ({ bot: { state } }) => state === 'ready');
      page.say({ type: 'keys', callId, keys: '1' });
      const over = await page.call(isOver);
      expect(over.ended).to.include("The bot's code failed: the call stands in state `menu`, or in a dialog there, which this version of the bot does not have");
      expect(page.notes(callId)).to.include('bot.says Sorry, something went wrong. Please call again later.');
    });

    it('shows nowhere what is keyed at a secret question, by no service', async () => {
      await save(bot("    pin: recognize({ prompt: 'Your PIN.', digits: { max: 4 }, secret: true, on: { digits: 'bye', exhausted: 'bye' } }),\n    bye: hangup('So long.'),").replace("initial: 'menu'", "initial: 'pin'"));
      await page.hears('bot', ({ bot: { state } }) => state === 'ready');
      for (const service of ['botframework', 'twilio', 'azure']) {
        page.say({ type: 'call', key: 'k', service });
        const { callId } = await page.hears('began');
        await page.call((call) => call.id === callId && asks(call));
        page.say({ type: 'keys', callId, keys: '4711' });
        await page.call((call) => call.id === callId && isOver(call));
        expect(page.notes(callId), service).to.include('caller.keys ••••');
        expect(JSON.stringify(page.told), service).not.to.include('4711');
      }
    });

    it('takes the words that a question of Twilio expects for its choices', async () => {
      await save(bot(`${menu}\n    bye: hangup('So long.'),`));
      await page.hears('bot', ({ bot: { state } }) => state === 'ready');
      page.say({ type: 'call', key: 'k', service: 'twilio' });
      const { callId } = await page.hears('began');
      const { wants } = await page.call((call) => call.id === callId && asks(call));
      expect(wants?.kind === 'question' && wants.choices.map(({ name }) => name)).to.deep.equal(['one']);
      page.say({ type: 'hangup', callId });
      await page.call((call) => call.id === callId && isOver(call));
    });

    it('tells what the bot threw, with the place', async () => {
      await save(bot(`    menu: recognize({ prompt: 'Press 1.', choices: { one: '1' }, on: { one: { target: 'bye', actions: () => { throw new Error('no stock'); } }, exhausted: 'bye' } }),\n    bye: hangup('So long.'),`));
      await page.hears('bot', ({ bot: { state } }) => state === 'ready');
      const callId = await ring();
      page.say({ type: 'keys', callId, keys: '1' });
      expect((await page.call(isOver)).ended).to.match(/^The bot's code failed: .*bot\.ts:5: .*no stock/);
      expect(page.notes(callId).join('\n')).to.match(/line\.error the bot's code failed: .*bot\.ts:5: .*no stock/);
      expect(phone.output().stderr).to.match(/callchart: call .*bot\.ts:5: .*no stock/);
    });
  });

  describe('with a bot that places calls', () => {
    let folder: string;
    before(async () => {
      await mkdir(join(root, 'test-results'), { recursive: true });
      folder = await mkdtemp(join(root, 'test-results/dev-'));
      await writeFile(join(folder, 'bot.ts'), `import { callMachine, createcall, hangup } from 'callchart';
export default callMachine('caller', {
  initial: 'joining',
  states: {
    joining: createcall({ to: '+15550123', on: { done: 'bye', busy: 'bye', noanswer: 'bye', failed: 'bye' } }),
    bye: hangup('Goodbye.'),
  },
});
`);
      await opened(folder);
    });
    after(async () => {
      await closed();
      await rm(folder, { recursive: true, force: true });
    });

    it('says of a service that cannot carry the bot why not', async () => {
      const { services } = await page.hears('hello');
      expect(services.find(({ name }) => name === 'botframework')?.refused).to.match(/createcall/);
      page.say({ type: 'call', key: 'k', service: 'botframework' });
      expect((await page.hears('trouble')).sentence).to.match(/createcall/);
    });

    for (const service of ['twilio', 'azure']) {
      it(`rings the phone by ${service}, which is answered, and lets the page say what becomes of others`, async () => {
        page.say({ type: 'ring-me', key: service, service });
        const { id } = await page.call(({ state, service: own }) => state === 'offered' && own === service);
        page.say({ type: 'answer', callId: id });
        await page.call((call) => call.id === id && call.wants?.kind === 'ringing');
        page.say({ type: 'party', callId: id, act: 'answers' });
        await page.call((call) => call.id === id && call.wants?.kind === 'joined');
        page.say({ type: 'party', callId: id, act: 'hangs-up' });
        await page.call((call) => call.id === id && isOver(call));
        expect(page.notes(id)).to.include.members(['caller.answered', 'line.party +15550123 answers', 'line.party +15550123 hangs up', 'bot.says Goodbye.']);
        expect(page.steps(id)).not.to.have.length(0);
      });

      it(`may be declined by ${service}`, async () => {
        page.say({ type: 'ring-me', key: service, service });
        const { id } = await page.call(({ state, service: own }) => state === 'offered' && own === service);
        page.say({ type: 'decline', callId: id });
        expect(await page.call((call) => call.id === id && isOver(call))).to.include({ ended: 'You declined the call.' });
        expect(page.notes(id)).not.to.include('caller.answered');
      });
    }
  });
});

/** What is answered to one who knows this machine by another name. */
const byHost = (origin: string, cookie: string): Promise<string> => raw(origin, `GET / HTTP/1.1\r\nHost: elsewhere.example\r\nCookie: ${cookie}\r\nConnection: close\r\n\r\n`);

/** What is answered to a path that `fetch` would not ask for. */
const ofPath = (origin: string, cookie: string, path: string, headers = 'Connection: close\r\n'): Promise<string> =>
  raw(origin, `GET ${path} HTTP/1.1\r\nHost: ${new URL(origin).host}\r\nCookie: ${cookie}\r\n${headers}\r\n`);

const raw = (origin: string, request: string): Promise<string> =>
  new Promise((resolve, reject) => {
    const socket = connect(Number(new URL(origin).port), '127.0.0.1', () => socket.write(request));
    let answer = '';
    socket.setEncoding('utf8').on('data', (text: string) => (answer += text)).on('end', () => resolve(answer)).on('error', reject);
  });
