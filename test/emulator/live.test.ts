/** Calls of people, on a clock that goes: several at once, with bots that are slow, down or back again, and callers who leave at any moment. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { callMachine, createcall, hangup, recognize, record, transfer } from 'callchart';
import { type Behind, type CallerAct, type CallingService, type CallReport, type EmulatedName, emulatedNames, emulator, type Entry, type LineTrouble, type PartyTurn, type QueuedCaller, queuedCaller, serveBehind, type Turn } from 'callchart/emulator';
import { azure, botframework, type CallServer, type CallService, lmdbStore, serve, silentLog, type TransportEvent, twilio } from 'callchart/transport';
import type { AnyStateMachine } from 'xstate';
import acme from '../../examples/acme/bot.ts';
import { errorOf } from '../testing/surprise.ts';
import { type Road, roadTo } from './road.ts';

/** What a call on the real clock is made of here: nothing takes long. */
const brisk = { clock: 'real', speechMs: () => 1 } as const;

const notes = ({ transcript }: CallReport): readonly string[] => transcript.map(({ who, kind, text = '' }) => `${who} ${kind} ${text}`.trim());
const heard = ({ transcript }: CallReport): readonly (string | undefined)[] => transcript.filter(({ kind }) => kind === 'says').map(({ text }) => text);

/** An emulation that is open, and what a bot is served with for it. */
const emulated = async (name: EmulatedName): Promise<{ readonly emulation: CallingService; readonly calling: CallService }> => {
  const publicUrl = 'https://bot.example.com';
  if (name === 'twilio') {
    const emulation = await emulator({ service: name, publicUrl });
    return { emulation, calling: twilio({ accountSid: emulation.accountSid, authToken: emulation.authToken, apiUrl: emulation.apiUrl, publicUrl }) };
  }
  if (name === 'azure') {
    const emulation = await emulator({ service: name });
    const { connectionString, resourceId, eventGridSecret, metadataUrl: openIdMetadataUrl, issuer } = emulation;
    return { emulation, calling: await azure({ connectionString, resourceId, eventGridSecret, openIdMetadataUrl, issuer, publicUrl, cognitiveServicesUrl: publicUrl, allowInsecureConnection: true }) };
  }
  const emulation = await emulator();
  const { appId, appPassword, issuer, metadataUrl: openIdMetadataUrl } = emulation;
  return { emulation, calling: botframework({ appId, appPassword, issuer, openIdMetadataUrl, callbackUrl: `${publicUrl}/api/calls` }) };
};

for (const service of emulatedNames) {
  describe(`people who call by ${service}`, function () {
    this.timeout(20_000);
    const opened: (() => Promise<void>)[] = [];
    afterEach(async () => {
      for (const close of opened.splice(0).toReversed()) await close();
    });

    /** `bot`, and a road to it. */
    const open = async (bot: AnyStateMachine = acme): Promise<{ readonly behind: Behind; readonly road: Road; readonly events: readonly TransportEvent[] }> => {
      const events: TransportEvent[] = [];
      const behind = await serveBehind(service, bot, { log: silentLog, onEvent: (event) => void events.push(event) });
      opened.push(() => behind.close());
      const road = await roadTo(behind.endpoint);
      opened.push(() => road.close());
      return { behind, road, events };
    };

    /** Has `person` do `deed` when the bot first asks. */
    const whenAsked = (deed: () => void): ((entry: Entry) => void) => {
      let isDone = false;
      return ({ kind }) => {
        if (kind !== 'asks' || isDone) return;
        isDone = true;
        setImmediate(deed);
      };
    };

    const pressing = (keys: string): { readonly caller: QueuedCaller; readonly onEntry: (entry: Entry) => void } => {
      const caller = queuedCaller();
      return { caller, onEntry: whenAsked(() => caller.push({ keys })) };
    };

    it('talk to it at once, each by himself and on a line of his own', async () => {
      const { behind } = await open();
      const leaver = queuedCaller();
      const call = (person: ReturnType<typeof pressing>, trouble: LineTrouble = {}): Promise<CallReport> => behind.service.call(behind.endpoint, { ...brisk, ...person, trouble });
      const [sales, support, gone] = await Promise.all([call(pressing('1'), { delayMs: 5, twice: true }), call(pressing('2'), { lost: true }), call({ caller: leaver, onEntry: whenAsked(() => leaver.hangUp()) })]);
      expect([heard(sales).at(-1), heard(support).at(-1), gone.endedBy]).to.deep.equal(['Sales will call you back.', 'Support will call you back.', 'caller']);
      expect([sales, support, gone].map((report) => notes(report).some((note) => note.startsWith('line retrying')))).to.deep.equal([false, true, false]);
    });

    it('wait for a slow bot as long as the service does', async () => {
      const { behind, road } = await open();
      if (service === 'azure') await behind.service.call(behind.endpoint, { ...brisk, ...pressing('1') }); // it has agreed to be told of calls by then
      road.holds.push(...(service === 'azure' ? [0, 450] : [450]));
      const report = await behind.service.call(road.url, { ...brisk, ...pressing('2'), replyTimeoutMs: 250, retryDelayMs: 10 });
      if (service === 'twilio') {
        expect([report.endedBy, report.reason]).to.deep.equal(['line', 'unreachable']);
        expect(notes(report)).to.deep.equal(['line ringing', 'line error the bot did not answer within 250 ms', 'line hungup the bot does not answer']);
        return;
      }
      expect(notes(report).filter((note) => note.startsWith('line retrying'))).to.deep.equal(['line retrying the bot did not answer within 250 ms; try 2 of 3']);
      expect(heard(report)).to.deep.equal(['Welcome to Acme. For sales press 1, for support press 2.', 'Support will call you back.']);
    });

    it('are told that the bot is down, and reach it when it is up', async () => {
      const { behind, road } = await open();
      road.isClosed = true;
      const call = (): Promise<CallReport> => behind.service.call(road.url, { ...brisk, ...pressing('2'), tries: 3, retryDelayMs: 1 });
      const lost = await call();
      expect([lost.endedBy, lost.reason, lost.rounds]).to.deep.equal(['line', 'unreachable', 0]);
      expect(notes(lost).slice(0, 5)).to.deep.equal([
        'line ringing', 'line retrying the bot cannot be reached; try 2 of 3', 'line retrying the bot cannot be reached; try 3 of 3', 'line error the bot cannot be reached', 'line hungup the bot does not answer',
      ]);
      road.isClosed = false;
      expect(heard(await call()).at(-1)).to.equal('Support will call you back.');
    });

    it('go on where they were when it goes down in the middle, and comes back', async () => {
      const { behind, road } = await open();
      const person = queuedCaller();
      const report = await behind.service.call(road.url, {
        ...brisk, caller: person, tries: 1, connectionTries: 8, retryDelayMs: 10,
        onEntry: whenAsked(() => {
          road.isClosed = true;
          person.push({ keys: '2' });
          setTimeout(() => (road.isClosed = false), 60);
        }),
      });
      expect([report.endedBy, heard(report).at(-1)]).to.deep.equal(['bot', 'Support will call you back.']);
      expect(notes(report)).to.include('line retrying the bot cannot be reached; try 2 of 8');
    });

    it('go on where they were when the bot is closed at a question, and another one has its calls by the time that they press a key', async () => {
      const folder = await mkdtemp(join(tmpdir(), 'callchart-live-'));
      opened.push(() => rm(folder, { recursive: true }));
      const { emulation, calling } = await emulated(service);
      const begin = async (port: number): Promise<CallServer> => serve({ service: calling, bots: acme as AnyStateMachine, store: await lmdbStore({ folder }), log: silentLog, port });
      let server = await begin(0);
      opened.push(() => server.close(), () => emulation.close());
      const { port, url } = server;
      const person = queuedCaller();
      const change = async (): Promise<void> => {
        await server.close();
        person.push({ keys: '2' });
        server = await begin(port);
      };
      let changed: Promise<void> | undefined;
      const report = await emulation.call(url + (calling.path ?? '/api/calls'), { ...brisk, caller: person, tries: 8, retryDelayMs: 10, onEntry: whenAsked(() => (changed = change())) });
      await changed;
      expect([report.endedBy, heard(report)]).to.deep.equal(['bot', ['Welcome to Acme. For sales press 1, for support press 2.', 'Support will call you back.']]);
    });

    it('are hung up on when it goes down in the middle, and stays so', async () => {
      const { behind, road } = await open();
      const person = queuedCaller();
      const onEntry = whenAsked(() => {
        road.isClosed = true;
        person.push({ keys: '2' });
      });
      const report = await behind.service.call(road.url, { ...brisk, caller: person, tries: 2, retryDelayMs: 1, onEntry });
      expect([report.endedBy, report.reason]).to.deep.equal(['line', 'unreachable']);
    });

    if (service !== 'azure') { // whose bots answer with nothing that is carried out
      it('hear no more of a bot whose answer cannot be carried out', async () => {
        const { behind, road, events } = await open();
        road.becomes.push(undefined, service === 'twilio' ? '<Response><Gather>' : '{"actions":[{"action":"playPrompt","operationId":"1"}]}');
        const report = await behind.service.call(road.url, { ...brisk, ...pressing('2') });
        expect(heard(report)).to.not.include('Support will call you back.');
        const told = notes(report).find((note) => /^line (?:refused|error)/.test(note));
        if (service === 'twilio') expect([report.reason, told, events.filter(({ type }) => type === 'call.ended').length]).to.deep.equal(['application-error', 'line error 12100: the document is no XML', 1]);
        else expect(told).to.match(/^line refused playPrompt lists its prompts/);
      });
    }

    it('have what the service knows of beside their voices, and nothing else', async () => {
      const bot = callMachine('seen', { initial: 'tell', states: { tell: hangup(({ context }) => `You have ${context.call.headers['modalities'] ?? 'audio'}.`) } });
      const { behind } = await open(bot);
      const { modalities } = behind.service;
      expect(modalities).to.deep.equal(service === 'botframework' ? ['audio', 'video'] : ['audio']);
      const call = (modality?: 'audio' | 'video'): Promise<CallReport> => behind.service.call(behind.endpoint, { ...brisk, caller: queuedCaller(), ...(modality !== undefined && { modality }) });
      expect([heard(await call()), heard(await call('audio'))]).to.deep.equal([['You have audio.'], ['You have audio.']]);
      if (modalities.includes('video')) return void expect(heard(await call('video'))).to.deep.equal(['You have audio,video.']);
      const error = await call('video').then(() => expect.fail('nothing was thrown'), errorOf);
      expect([error.code, error.message]).to.deep.equal(['ERR_OPTION_INVALID', `option \`modality\` must be audio: \`${service}\` knows no other`]);
    });

    it('are cut off at the longest call, in the middle of a question', async () => {
      const { behind, events } = await open();
      const since = performance.now();
      const report = await behind.service.call(behind.endpoint, { ...brisk, caller: queuedCaller(), maxCallMs: 150 });
      expect([report.endedBy, report.reason]).to.deep.equal(['line', 'length']);
      expect(performance.now() - since).to.be.within(140, 2_000);
      expect(events.filter(({ type }) => type === 'call.ended')).to.have.length(1);
    });

    it('are cut off after so many rounds, each by his own count', async () => {
      const { behind } = await open();
      const impatient = (): Pick<Parameters<Behind['service']['call']>[1], 'caller'> => ({ caller: { next: async () => ({ keys: '9' }) } });
      const [short, long] = await Promise.all([behind.service.call(behind.endpoint, { ...brisk, ...impatient(), maxRounds: 1 }), behind.service.call(behind.endpoint, { ...brisk, ...impatient() })]);
      expect([short.endedBy, short.reason, long.endedBy]).to.deep.equal(['line', 'rounds', 'bot']);
      expect(heard(long).at(-1)).to.equal('Goodbye.');
    });

    describe('and hang up', () => {
      const desk = callMachine('desk', {
        initial: 'menu',
        states: {
          menu: recognize({ prompt: 'Press 1 for a message, 2 for the desk, 3 to be put through.', choices: { message: '1', desk: '2', through: '3' }, on: { message: 'message', desk: 'ring', through: 'hand', exhausted: 'bye' } }),
          message: record({ prompt: 'Speak.', maxMs: 20_000, on: { done: 'bye', exhausted: 'bye' } }),
          ring: createcall({ to: '+15550123', on: { done: 'bye', busy: 'bye', noanswer: 'bye', failed: 'bye' } }),
          hand: transfer({ to: '+15550124', on: { busy: 'bye', noanswer: 'bye', failed: 'bye' } }),
          bye: hangup('Goodbye.'),
        },
      });
      const mailbox = callMachine('mailbox', { initial: 'message', states: { message: record({ prompt: 'Speak.', maxMs: 20_000, on: { done: 'bye', exhausted: 'bye' } }), bye: hangup('Goodbye.') } });

      /** When he hangs up: at an entry, or where the tape begins to run, of which there is none where the bot has no beep. */
      type Moment = readonly [when: string, bot: AnyStateMachine, keys: string | undefined, is: (entry: Entry | 'tape') => boolean, more?: { readonly speechMs?: () => number }];
      const isOne = (...kinds: readonly (Entry['kind'] | 'tape')[]) => (entry: Entry | 'tape'): boolean => kinds.includes(entry === 'tape' ? entry : entry.kind);
      /** Of a call that ends while its caller is handed on the bot of Azure is told by its transport that he was: the two can come in any order. */
      const isHandedOn = (when: string): boolean => service === 'azure' && when === 'while he is put through';
      const everywhere: readonly Moment[] = [
        ['while a prompt plays', acme, undefined, isOne('says'), { speechMs: () => 60_000 }],
        ['at a question', acme, undefined, isOne('asks')],
        ['before he has said a word to the tape', mailbox, undefined, isOne('tape')],
        ['while he speaks to the tape', mailbox, undefined, isOne('speech'), { speechMs: () => 60 }],
      ];
      const withOthers: readonly Moment[] = [
        ['while it rings at the desk', desk, '2', isOne('calls')],
        ['while he talks with the desk', desk, '2', isOne('party')],
        ['while he is put through', desk, '3', isOne('calls', 'transfers')],
      ];

      for (const [when, bot, keys, is, more = {}] of [...everywhere, ...(service === 'botframework' ? [] : withOthers)]) {
        it(`${when}: the call is over for both`, async () => {
          const { behind, events } = await open(bot);
          const person = queuedCaller();
          let isGone = false;
          const happens = (entry: Entry | 'tape'): void => {
            if (!is(entry) || isGone) return;
            isGone = true;
            setTimeout(() => person.hangUp(), 5);
          };
          const onEntry = (entry: Entry): void => {
            if (entry.kind === 'asks' && keys !== undefined) setImmediate(() => person.push({ keys }));
            happens(entry);
          };
          const next = (turn: Turn): Promise<CallerAct> => {
            if (turn.kind === 'record') happens('tape');
            if (turn.kind === 'record' && when === 'while he speaks to the tape') person.push({ says: 'Call me back.' });
            return person.next(turn);
          };
          const party = async ({ kind, signal }: PartyTurn): Promise<'answers' | 'hangs-up'> => {
            if (kind === 'ringing' && when !== 'while it rings at the desk' && when !== 'while he is put through') return 'answers';
            await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
            return 'hangs-up';
          };
          const report = await behind.service.call(behind.endpoint, { ...brisk, ...more, caller: { ...person, next, party }, onEntry, maxCallMs: 5_000 });
          expect([isGone, report.endedBy]).to.deep.equal([true, 'caller']);
          expect(report.transcript.filter(({ kind }) => kind === 'hungup').map(({ who }) => who)).to.deep.equal(['caller']);
          expect(events.flatMap((event) => (event.type === 'call.ended' ? [event.reason] : []))).to.deep.equal([isHandedOn(when) ? 'transferred' : 'caller']);
        });
      }

      it('before the bot has answered: it is noted at once, and not when the bot comes round', async () => {
        const { behind, road } = await open();
        if (service === 'azure') await behind.service.call(road.url, { ...brisk, ...pressing('1') });
        road.holds.push(300);
        const person = queuedCaller();
        setTimeout(() => person.hangUp(), 50);
        const report = await behind.service.call(road.url, { ...brisk, caller: person });
        expect(report.endedBy).to.equal('caller');
        expect(notes(report).filter((note) => note === 'caller hungup')).to.have.length(1);
        if (service !== 'azure') expect(report.transcript.find(({ kind }) => kind === 'hungup')?.at).to.be.within(45, 200); // Event Grid is told first, and the bot asks later
      });

      it('from a bot that is down: it was the caller who ended the call', async () => {
        const { behind, road } = await open();
        road.isClosed = true;
        const person = queuedCaller();
        setTimeout(() => person.hangUp(), 20);
        const report = await behind.service.call(road.url, { ...brisk, caller: person, tries: 4, retryDelayMs: 15 });
        expect(report).to.include({ endedBy: 'caller' }).and.not.have.property('reason');
      });
    });
  });
}
