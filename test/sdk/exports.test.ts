/** What the old SDK exported, row by row: what stands for it, as an author would reach for it. */
import { expect } from 'chai';
import { assign } from 'xstate';
import * as callchart from 'callchart';
import { answer, botframework, callMachine, calls, confirm, dialog, dialogMachine, hangup, library, memoryStore, play, prompt, type Prompt, recognize, record, type RecordingFormat, reject, SayAs, waterfall } from 'callchart';
import { dial } from 'callchart/testing';
import { stubService } from '../transport/rig.ts';
import { openings } from '../defects/opened.ts';
import { botOf, everyRowOf, workflowOf } from './kit.ts';

const { opened, closeAll } = openings();

const menu = { prompt: 'Sales?', choices: { sales: '1' }, on: { sales: 'sales', exhausted: 'bye' } } as const;
const acme = botOf({ ask: recognize(menu), sales: hangup('Here is sales.') });

const typesOf = (first: unknown): readonly string[] => dial(botOf({ first, ask: recognize(menu), sales: hangup() })).batches[0]?.map(({ type }) => type) ?? [];

/** Tells the type of the event that ended what `ask` asked, and what it carried. */
const tells = (ask: (done: object) => unknown) => botOf({
  ask: ask({ target: 'told', actions: assign({ event: ({ event }: { event: { type: string } }) => event.type }) }),
  told: hangup((({ context }: { context: { event: string } }) => context.event) as never),
}, { context: { event: '' } });

const choosing = () => tells((done) => recognize({ ...menu, on: { sales: done, exhausted: 'bye' } } as never));
const keying = () => tells((done) => recognize({ prompt: 'PIN?', digits: { max: 4, termchars: ['#'] }, on: { digits: done, exhausted: 'bye' } } as never));
const recording = () => tells((done) => record({ prompt: 'Speak.', maxMs: 10_000, termchars: ['#'], on: { done, exhausted: 'bye' } } as never));

describe('A.1 exports of the old SDK', () => {
  afterEach(closeAll);

  const exports: readonly (readonly [row: string, title: string, proof: () => unknown])[] = [
    ['AnswerAction', 'the state `answer` answers a call', () => expect(typesOf(answer('ask'))).to.deep.equal(['answer', 'recognize'])],
    ['CallConnector', 'a service, and what takes its calls', async () => {
      const middleware = calls({ service: stubService(), bots: acme });
      await middleware.close();
      expect([botframework, callchart.serve, callchart.requestListener].map((one) => typeof one)).to.deep.equal(['function', 'function', 'function']);
    }],
    ['CallSession', 'the bot’s functions get the context of the call and the event', () =>
      dial(botOf({ hello: hangup((({ context }: { context: { call: { from: string } } }) => `You are ${context.call.from}.`) as never) })).hears('You are +15550100.')],
    ['CallState', 'the state of the line is told by an event, and its end by another', () => {
      const bot = botOf({ ask: recognize(menu), sales: hangup() }, { context: { line: '' }, on: { 'call.state': { actions: assign({ line: ({ event }: { event: { state: string } }) => event.state }) } } });
      const caller = dial(bot).serviceReports({ type: 'call.state', state: 'hold' });
      expect(caller.context.line).to.equal('hold');
      caller.hangsUp().endedWith('caller');
    }],
    ['Dialog', '`dialogMachine` makes a dialog, and a state runs it', () =>
      dial(botOf({ inner: dialog(dialogMachine()('inner', { initial: 'say', states: { say: prompt('Inside.', 'over'), over: { type: 'final' } } }), { on: { done: 'bye' } }) })).hears('Inside.').hears('Bye.')],
    ['DialogAction', 'a state is a value and may stand in as many places as need it', () => {
      const moment = prompt('One moment.', 'ask');
      dial(botOf({ first: { ...moment, always: 'second' }, second: moment, ask: recognize(menu), sales: hangup() } as never)).hears('One moment.').hears('One moment.').hears('Sales?');
    }],
    ['DigitCollectionCompletionReason', 'how the digits ended is the type of the event', () => {
      dial(keying()).presses('12#').hears('recognize.digits.termchar');
      dial(keying()).presses('12').hears('recognize.digits.interdigit');
    }],
    ['HangupAction', 'the state `hangup` hangs up', () => dial(botOf({ over: hangup('Goodbye.') })).hears('Goodbye.').isHungUp()],
    ['Library', 'a library is a value that a module exports', () => expect(library('shop', { dialogs: { size: waterfall('size').say('Large.').end() } }).dialog('size').id).to.equal('shop:size')],
    ['MemoryBotStorage', 'memoryStore keeps calls', async () => {
      const line = await opened(acme, { store: memoryStore() });
      await line.caller('c').rings();
      expect((await line.record('c'))?.snapshot.bot).to.equal('bot');
    }],
    ['ModalityType', 'a call is answered with sound, or with sound and pictures', async () => {
      const reply = await (await opened(botOf({ hello: answer({ modalities: ['audio', 'video'], on: { done: 'bye', failed: 'bye' } }) }))).caller('c').rings();
      expect(workflowOf(reply).actions[0]).to.deep.include({ acceptModalityTypes: ['audio', 'video'] });
    }],
    ['NotificationType', 'a change of the line or of who is on it is an event that a bot may take', async () => {
      const line = await opened(botOf({ ask: recognize(menu), sales: hangup((({ context }: { context: { people: number } }) => `You are ${context.people}.`) as never) }, { context: { people: 0 }, on: { 'call.roster': { actions: assign({ people: ({ event }: { event: { participants: number } }) => event.participants }) } } }));
      const caller = line.caller('c');
      await caller.rings();
      const stream = { mediaType: 'audio', mediaStreamDirection: 'sendReceive' };
      await caller.post({ id: 'c', type: 'rosterUpdate', participants: ['8:mona', '8:ada', '8:eva'].map((identity) => ({ identity, ...stream })) });
      expect((await caller.presses('sales')).heard).to.contain('You are 3.');
    }],
    ['OperationOutcome', 'done and failed are endings of their own', () => {
      const bot = botOf({ song: prompt({ audio: 'https://media.example/song.wav' }, { on: { done: 'heard', failed: 'missed' } }), heard: hangup('That was it.'), missed: hangup('There is none today.') });
      dial(bot).hears('That was it.');
      dial(bot, { unplayable: /song/ }).hears('There is none today.');
    }],
    ['PlayPromptAction', 'the state `prompt`, and `play` in a state by hand', () => {
      expect(typesOf(prompt('Hello.', 'ask'))).to.deep.equal(['answer', 'play', 'recognize']);
      expect(typesOf({ entry: play('Hello.'), always: 'ask' })).to.deep.equal(['answer', 'play', 'recognize']);
    }],
    ['Prompt', 'a text, a file or a silence is an object', () => {
      const what: Prompt = [{ text: 'Hello.', voice: 'female' }, { silenceMs: 10 }, { audio: 'https://media.example/a.wav' }];
      expect(dial(botOf({ hello: hangup(what) })).lastBatch[1]?.params).to.deep.equal({ prompts: what });
    }],
    ['PromptType', 'each kind of question is a state of its own', () => {
      const kinds = [recognize(menu), confirm({ on: { yes: 'bye', no: 'bye', exhausted: 'bye' } }), record({ on: { done: 'bye', exhausted: 'bye' } }), prompt('Hello.', 'bye')] as unknown as readonly { meta: { call: { kind: string } } }[];
      expect(kinds.map(({ meta }) => meta.call.kind)).to.deep.equal(['recognize', 'recognize', 'record', 'prompt']);
    }],
    ['Prompts', 'a caller is asked for a choice, for yes or no, for digits, and to speak', () => {
      dial(choosing()).presses('1').hears('recognize.choice.sales');
      dial(tells((done) => confirm({ on: { yes: done, no: 'bye', exhausted: 'bye' } } as never))).says('yes').hears('recognize.choice.yes');
      dial(keying()).presses('12#').hears('recognize.digits');
      dial(recording()).records(2_000).hears('record.done');
    }],
    ['RecognitionCompletionReason', 'what came of a question is the type of the event, and what is unknown is one as well', () => {
      dial(choosing()).says('sales').hears('recognize.choice.sales');
      for (const [act, type] of [['9', 'recognize.nomatch.key'], ['', 'recognize.noinput']] as const) {
        const caller = dial(tells((done) => recognize({ ...menu, on: { sales: 'bye', exhausted: 'bye', noinput: done, nomatch: done, failed: done } } as never)));
        (act === '' ? caller.staysSilent() : caller.presses(act)).hears(type);
      }
      const failing = dial(tells((done) => recognize({ ...menu, on: { sales: 'bye', exhausted: 'bye', failed: done } } as never)));
      failing.serviceReports({ type: 'recognize.failed', cause: 'unknown', operationId: failing.lastBatch.at(-1)!.operationId }).hears('recognize.failed');
    }],
    ['RecognizeAction', 'the state `recognize` asks', () => expect(typesOf(recognize({ ...menu, on: { sales: 'bye', exhausted: 'bye' } }))).to.deep.equal(['answer', 'recognize'])],
    ['RecordAction', 'the state `record` records', () => expect(typesOf(record({ on: { done: 'bye', exhausted: 'bye' } }))).to.deep.equal(['answer', 'record'])],
    ['RecordingCompletionReason', 'how a recording ended is the type of the event', () => {
      dial(recording()).records(2_000).hears('record.done.finalsilence');
      dial(recording()).records(2_000, { endedBy: 'termchar' }).hears('record.done.termchar');
      dial(recording()).records(20_000).hears('record.done.maxspeech');
      expect(dial(recording()).records(2_000, { endedBy: 'hangup' }).endedWith('caller').context.event).to.equal('record.done.hangup');
    }],
    ['RecordingFormat', 'a recording is wav, mp3 or wma', async () => {
      const formats: readonly RecordingFormat[] = ['wav', 'mp3', 'wma'];
      for (const format of formats) expect(dial(botOf({ speak: record({ format, on: { done: 'bye', exhausted: 'bye' } }) })).lastBatch.at(-1)?.params).to.include({ format });
    }],
    ['RejectAction', 'the state `reject` refuses a call', () => dial(botOf({ no: reject('busy') })).isRejected()],
    ['ResumeReason', 'how a dialog ended is its status, and of a question the name of the outcome', () => {
      const order = waterfall('order', { back: 'back', skip: 'skip', cancel: 'stop' }).ask('size', { prompt: 'Large?', choices: { large: '1' } }).end();
      const bot = callMachine<{ ended: string }>()('bot', { context: { ended: '' }, initial: 'order', states: { order: dialog(order, { on: { done: { target: 'told', actions: assign({ ended: ({ event }) => event.output.status }) } } }), told: hangup(({ context }) => context.ended) } });
      for (const [words, status] of [['large', 'completed'], ['skip', 'completed'], ['back', 'back'], ['stop', 'cancelled']] as const) dial(bot).says(words).hears(status);
      dial(bot).staysSilent().staysSilent().staysSilent().hears('notCompleted');
    }],
    ['SayAs', 'a text may be read in the same eighteen ways', () => expect(Object.keys(SayAs.keys)).to.deep.equal([
      'yearMonthDay', 'monthDayYear', 'dayMonthYear', 'yearMonth', 'monthYear', 'monthDay', 'dayMonth', 'day', 'month', 'year', 'cardinal', 'ordinal', 'letters', 'time12', 'time24', 'telephone', 'name', 'phoneticName',
    ])],
    ['SimpleDialog', 'a state is a dialog of one step', () => dial(botOf({ hello: prompt('Hello.', 'bye') })).hears('Hello.').hears('Bye.').isHungUp()],
    ['UniversalCallBot', '`callMachine` makes a bot, which is a machine of XState', () => {
      const bot = callMachine('hello', { initial: 'bye', states: { bye: hangup('Hello, world.') } });
      expect([bot.id, typeof bot.transition]).to.deep.equal(['hello', 'function']);
      dial(bot).isAnswered().hears('Hello, world.').isHungUp();
    }],
    ['VoiceGender', 'a text is read by a man, by a woman, or as the service will', async () => {
      const reply = await (await opened(botOf({ hello: hangup([{ text: 'One.', voice: 'male' }, { text: 'Two.', voice: 'female' }, 'Three.']) }))).caller('c').rings();
      expect(workflowOf(reply).actions[1]).to.deep.include({ prompts: [{ value: 'One.', voice: 'male' }, { value: 'Two.', voice: 'female' }, { value: 'Three.' }] });
    }],
    ['callback style', 'work is a promise, and the caller waits for it', async () => {
      const bot = botOf({ find: callchart.task({ run: async () => 'noon', on: { done: { target: 'told', actions: assign({ eta: ({ event }: { event: { output: string } }) => event.output }) }, failed: 'bye' } } as never), told: hangup((({ context }: { context: { eta: string } }) => `At ${context.eta}.`) as never) }, { context: { eta: '' } });
      (await dial(bot, { runTasks: true }).settled()).hears('At noon.');
    }],
  ];
  for (const [row, title, proof] of exports) {
    it(`A.1 ${row}: ${title}`, async () => {
      await proof();
    });
  }

  everyRowOf('A.1');
});
