/**
 * Kit — what every calling service has to pass, whatever its wire: written once, in the words of the seam, and held against each
 * by somebody who speaks that service's wire ({@link Speaker}).
 *
 * @module
 */
import { expect } from 'chai';
import fc from 'fast-check';
import { Readable } from 'node:stream';
import { callMachine, hangup, isCallError, prompt, recognize, task } from 'callchart';
import { type CallRequest, type CallService, memoryRecordings, memoryStore, type ServiceCommand, type ServiceMemory, serve } from 'callchart/transport';
import type { Batch, CallActionType, Capability, Operation } from '../../../src/actions/index.ts';
import { callActions } from '../../../src/actions/index.ts';
import type { Outcome } from '../../../src/machines/index.ts';
import { match, type OpenQuestion, understood } from '../../../src/machines/match.ts';
import { type LogLine, logInto, until } from '../rig.ts';

/** A request on the wire. */
export interface WireRequest {
  readonly method: string;
  readonly query: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** Somebody who speaks the wire of a service, with its signatures, to a bot on `path`. */
export interface Speaker {
  readonly name: string;
  readonly path: string;
  /** The service, with everything on that keeps strangers out. */
  make(): CallService | Promise<CallService>;
  /** A call comes in. */
  incoming(call: string): Promise<WireRequest>;
  /** The id that our side has for it. */
  callId(call: string): string;
  /** The operation `operationId` of a call that is answered ended in this way; `never` where nothing of the service can tell so, `response` where what it answers to a request of ours does. */
  outcome(call: string, operationId: string, ending: EndingName): Promise<WireRequest | 'never' | 'response'>;
  /** What the service has us remember of the call by then. Default: nothing. */
  remembers?(operationId: string, ending: EndingName): ServiceMemory;
  /** The caller has hung up. */
  ended(call: string): Promise<WireRequest>;
  /** Requests that nobody may be let in with, by what is wrong with them: made of one that is good. */
  strangers(good: WireRequest): Promise<Readonly<Record<string, WireRequest>>>;
  /** What must never be seen: in no reply, no command, no log, no error. */
  readonly secrets: readonly string[];
  /** Ends what was set up for it. */
  close?(): Promise<void>;
}

/** Every way in which an operation can end that a service can tell of, with the question that was open. */
const endings = {
  'answer.done': {}, 'answer.failed': {}, 'reject.done': {}, 'hangup.done': {}, 'play.done': {}, 'play.failed': {},
  'recognize.choice.sales': { question: 'choices' }, 'recognize.choice.sales said': { question: 'choices' }, 'recognize.digits.termchar': { question: 'digits' }, 'recognize.digits.interdigit': { question: 'digits' },
  'recognize.speech': { question: 'speech' }, 'recognize.noinput': { question: 'choices' }, 'recognize.nomatch.key': { question: 'choices' }, 'recognize.nomatch.interdigit': { question: 'choices' },
  'recognize.nomatch.speech': { question: 'choices' }, 'recognize.failed': { question: 'choices' },
  'record.done.finalsilence': { question: 'record' }, 'record.done.termchar': { question: 'record' }, 'record.done.maxspeech': { question: 'record' }, 'record.done.hangup': { question: 'record' }, 'record.noinput': { question: 'record' }, 'record.failed': { question: 'record' },
  'transfer.done': {}, 'transfer.busy': {}, 'transfer.noanswer': {}, 'transfer.failed': {}, 'hold.done': {}, 'hold.failed': {}, 'unhold.done': {}, 'unhold.failed': {},
  'createcall.done': {}, 'createcall.busy': {}, 'createcall.noanswer': {}, 'createcall.failed': {},
} as const satisfies Readonly<Record<string, { readonly question?: 'choices' | 'digits' | 'speech' | 'record' }>>;

export type EndingName = keyof typeof endings;

const questions: Readonly<Record<'choices' | 'digits' | 'speech' | 'record', OpenQuestion>> = {
  choices: { type: 'recognize', choices: [{ name: 'sales', key: '1', phrases: ['sales'] }, { name: 'support', key: '2', phrases: ['support'] }] },
  digits: { type: 'recognize', digits: true },
  speech: { type: 'recognize', choices: [], speech: true },
  record: { type: 'record' },
};

/** A plain operation of each kind, as any service that can do it has to take it. */
const operations: { readonly [K in CallActionType]?: Operation } = {
  answer: { type: 'answer', params: { modalities: ['audio'] }, operationId: 'o:1:0', state: 's' },
  reject: { type: 'reject', params: { reason: 'busy' }, operationId: 'o:1:0', state: 's' },
  hangup: { type: 'hangup', params: {}, operationId: 'o:1:0', state: 's' },
  play: { type: 'play', params: { prompts: [{ text: 'Hello <you> & "me".' }, { audio: 'https://media.example.test/a.wav' }] }, operationId: 'o:1:0', state: 's' },
  recognize: { type: 'recognize', params: { prompts: [{ text: 'Sales or support?' }], bargein: true, timeoutMs: 5_000, interdigitMs: 3_000, choices: [{ name: 'sales', key: '1', phrases: ['sales'] }, { name: 'support', key: '2', phrases: ['support'] }] }, operationId: 'o:1:0', state: 's' },
  record: { type: 'record', params: { prompts: [{ text: 'Speak.' }], beep: true, format: 'wav', timeoutMs: 5_000, finalSilenceMs: 3_000, maxMs: 60_000, termchars: ['#'] }, operationId: 'o:1:0', state: 's' },
  transfer: { type: 'transfer', params: { to: '+15550123' }, operationId: 'o:1:0', state: 's' },
  hold: { type: 'hold', params: { prompts: [] }, operationId: 'o:1:0', state: 's' },
  unhold: { type: 'unhold', params: {}, operationId: 'o:1:0', state: 's' },
  createcall: { type: 'createcall', params: { to: '+15550123', timeoutMs: 20_000 }, operationId: 'o:1:0', state: 's' },
  raw: { type: 'raw', params: { service: 'nobody', verb: 'Nothing', attributes: {}, endings: ['done'] }, operationId: 'o:1:0', state: 's' },
};

/** What an operation of this kind needs; the verb is one that no service has. */
const needed = (type: CallActionType): Capability => (type === 'raw' ? 'raw:nobody' : type);

const free: Operation = { type: 'recognize', params: { prompts: [{ text: 'Say it.' }], bargein: true, timeoutMs: 5_000, interdigitMs: 3_000, speech: true }, operationId: 'o:1:0', state: 's' };

const context = { callId: 'c', bot: 'b', path: '/api/x', call: { id: 'c', from: '+15550100', to: '+15550199', direction: 'inbound', headers: {} }, memory: {}, at: 0 } as const;

const written = (service: CallService, batch: Batch): string => (service.style === 'reply' ? service.encode(batch, context) : JSON.stringify(service.commands(batch, { ...context, busy: false })));

/** A request as the rim would hand it over; whoever reads its body is counted. */
const requestOf = ({ method, query, headers, body }: WireRequest, path: string) => {
  const reads = { streams: 0 };
  const request: CallRequest = { method, path, query, headers, text: async () => body, stream: () => ((reads.streams += 1), Readable.from([Buffer.from(body)], { objectMode: false })) };
  return { request, reads };
};

const bot = callMachine('kit', {
  initial: 'menu', apology: 'Sorry.',
  states: {
    menu: recognize({ prompt: 'Sales or support?', choices: { sales: '1', support: '2' }, on: { sales: 'sales', support: 'look', exhausted: 'bye' } }),
    sales: prompt('Sales it is.', 'bye'),
    look: task({ run: async () => {}, on: { done: 'bye', failed: 'bye' } }),
    bye: hangup('Goodbye.'),
  },
});

/** The tests of one service. `absent` are the endings that it never tells, each with why: what the table of services says. */
export const conforms = (speaker: Speaker, absent: Readonly<Partial<Record<EndingName, string>>>): void => {
  describe(`the service ${speaker.name}`, function () {
    this.timeout(20_000);
    let service: CallService;
    before(async () => {
      service = await speaker.make();
    });
    after(() => speaker.close?.());

    /** The bot behind the service, whose commands go to a list. */
    const line = async () => {
      const lines: LogLine[] = [];
      const commands: ServiceCommand[] = [];
      const store = memoryStore();
      const told = service.style === 'command' ? { ...service, send: async (command: ServiceCommand) => (commands.push(command), { kind: 'taken' as const }) } : service;
      const server = await serve({ service: told, bots: { [speaker.path]: bot }, store, log: logInto(lines), port: 0 });
      const post = async ({ method, query, headers, body }: WireRequest) => {
        const response = await fetch(server.url + speaker.path + query, { method, headers, ...(method !== 'GET' && method !== 'OPTIONS' && { body }) });
        return { status: response.status, text: await response.text() };
      };
      return { lines, commands, store, post, close: () => server.close() };
    };

    it('is from whom it says it is, and a stranger is told 401 before anything of his is understood', async () => {
      const good = await speaker.incoming('c1');
      const strangers = await speaker.strangers(good);
      expect(Object.keys(strangers)).to.have.length.above(2);
      for (const [what, request] of Object.entries(strangers)) {
        const { post, lines, close } = await line();
        const { status, text } = await post(request);
        expect(status, what).to.equal(401);
        expect(lines.some(({ message }) => message === 'call begun'), what).to.equal(false);
        for (const secret of speaker.secrets) expect(text + JSON.stringify(lines)).not.to.contain(secret);
        await close();
      }
      await service.authenticate(requestOf(good, speaker.path).request);
    });

    it('begins a call once, however often it rings: the same request is answered with the same bytes, and nothing is sent twice', async () => {
      const { post, lines, commands, close } = await line();
      const first = await post(await speaker.incoming('c1'));
      await until(() => service.style === 'reply' || commands.length > 0);
      const again = await post(await speaker.incoming('c1'));
      expect([first.status, again]).to.deep.equal([200, first]);
      expect(service.style === 'reply' ? first.text.length > 0 : commands.length === 1).to.equal(true);
      expect(lines.filter(({ message }) => message === 'call begun').map(({ call }) => call)).to.deep.equal([speaker.callId('c1')]);
      await close();
    });

    it('tells that the caller has gone, in any moment and as often as it likes', async () => {
      const { post, lines, close } = await line();
      await post(await speaker.incoming('c1'));
      for (let time = 0; time < 3; time += 1) expect((await post(await speaker.ended('c1'))).status).to.equal(200);
      expect(lines.filter(({ message }) => message === 'call ended').map(({ reason }) => reason)).to.deep.equal(['caller']);
      await close();
    });

    it('is told what it expects to hear of a call that nobody knows', async () => {
      const { post, close } = await line();
      const { status } = await post(await speaker.ended('nobody'));
      expect(status).to.equal(service.unknownCalls === 'ignored' ? 200 : 404);
      await close();
    });

    for (const [name, facts] of Object.entries(endings) as [EndingName, { readonly question?: keyof typeof questions }][]) {
      const action = name.split('.')[0] as CallActionType;
      it(`tells ${name.replace(' said', ', by voice')}, or says why it never does`, async function () {
        if (!service.capabilities.has(name === 'recognize.speech' ? 'speech' : needed(action))) return this.skip();
        const request = await speaker.outcome('c1', 'o:1:0', name);
        expect(request === 'never', `${absent[name] ?? 'not said to be absent'}`).to.equal(absent[name] !== undefined);
        if (request === 'never') return;
        if (request === 'response') {
          const operation = operations[action];
          const commands = service.style === 'command' && operation !== undefined ? service.commands([operation], { ...context, busy: false }) : [];
          expect(commands.at(-1)).to.deep.include({ id: 'o:1:0', done: 'response' });
          return;
        }
        await service.authenticate(requestOf(request, speaker.path).request);
        const { arrivals } = await service.decode(requestOf(request, speaker.path).request, memoryRecordings());
        const events = arrivals.flatMap((arrival) => [...(service.recall?.(arrival, speaker.remembers?.('o:1:0', name) ?? {}, 60_000) ?? arrival).events]);
        const outcome = events.find((event): event is Outcome => 'operationId' in event && event.operationId === 'o:1:0');
        const wanted = name.replace(' said', '');
        if (outcome === undefined) {
          // Where the line is down with it, its end is all there is to tell.
          expect(events.map(({ type }) => type), wanted).to.include('call.ended');
          expect(['hangup.done', 'reject.done', 'transfer.done']).to.include(wanted);
          return;
        }
        const ending = understood(outcome, action);
        const isEnd = action === 'hangup' || action === 'reject'; // what becomes of these is the end of the call, and no event of the bot
        expect(isEnd ? ending.type : match(ending, facts.question === undefined ? null : questions[facts.question]).type).to.equal(wanted);
      });
    }

    it('bears the same event id on a retry, and another for what comes next', async () => {
      const ids = async (request: WireRequest | 'never' | 'response') => (typeof request === 'string' ? [] : (await service.decode(requestOf(request, speaker.path).request, memoryRecordings())).arrivals.map(({ eventId }) => eventId));
      const request = await speaker.outcome('c1', 'o:1:0', 'play.done');
      expect(await ids(request)).to.deep.equal(await ids(request));
      expect(await ids(request)).not.to.deep.equal(await ids(await speaker.outcome('c1', 'o:2:0', 'play.done')));
    });

    it('takes a plain operation of everything that it says it can do, and refuses all else to the author, by state and action', () => {
      for (const type of Object.keys(callActions) as CallActionType[]) {
        const operation = operations[type];
        if (operation === undefined) continue;
        if (service.capabilities.has(needed(type))) {
          service.check([operation]);
          // What ends the call is told by its end, and needs no id.
          if (service.style === 'command' || (type !== 'hangup' && type !== 'reject')) expect(written(service, [operation]), type).to.contain('o:1:0');
          expect(written(service, [operation])).to.equal(written(service, JSON.parse(JSON.stringify([operation])) as Batch));
        } else expect(() => service.check([operation]), type).to.throw(`state \`s\``).with.property('code', 'ERR_BATCH_ILLEGAL');
      }
      if (service.capabilities.has('speech')) service.check([free]);
      else expect(() => service.check([free])).to.throw('state `s`').with.property('code', 'ERR_BATCH_ILLEGAL');
    });

    it('writes what is JSON and keeps its secrets to itself', () => {
      const batch = (['answer', 'play', 'recognize'] as const).map((type, index) => ({ ...operations[type]!, operationId: `o:1:${index}` }));
      const text = written(service, batch);
      for (const secret of speaker.secrets) expect(text).not.to.contain(secret);
      if (service.style === 'reply') return;
      const commands = service.commands(batch, { ...context, busy: false });
      expect(JSON.parse(JSON.stringify(commands))).to.deep.equal(commands);
      expect(new Set(commands.map(({ id }) => id)).size).to.equal(commands.length);
      for (const { operation } of commands) expect(batch.map(({ operationId }) => operationId)).to.include(operation.operationId);
    });

    it('is sent any bytes at all, and answers with one of our codes', async () => {
      const good = await speaker.incoming('c1');
      const bodies = fc.oneof(fc.string({ unit: 'binary' }), fc.json(), fc.string().map((text) => good.body.slice(0, text.length * 3) + text), fc.nat(good.body.length).map((at) => good.body.slice(0, at) + good.body.slice(at + 1)));
      await fc.assert(
        fc.asyncProperty(bodies, fc.constantFrom(undefined, 'application/json', 'application/x-www-form-urlencoded', 'text/plain'), async (body, type) => {
          const { request } = requestOf({ ...good, body, headers: { ...good.headers, ...(type !== undefined && { 'content-type': type }) } }, speaker.path);
          try {
            const { arrivals } = await service.decode(request, memoryRecordings());
            for (const { callId, eventId, events } of arrivals) expect([typeof callId, typeof eventId, Array.isArray(events)]).to.deep.equal(['string', 'string', true]);
          } catch (error) {
            expect(isCallError(error) && ['ERR_EVENT_MALFORMED', 'ERR_BODY_TYPE', 'ERR_BODY_TOO_LARGE'].includes(error.code), String(error)).to.equal(true);
          }
        }),
        { numRuns: 150 },
      );
    });
  });
};
