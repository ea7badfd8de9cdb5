/**
 * Accepted — bots that have to compile, and what an author's editor has to know inside of them.
 *
 * Nothing here runs. Each `const x: T = …` is an assertion: it does not compile when the type it pins is lost, and
 * `noImplicitAny` reports every handler whose arguments are not typed by the machine any more.
 *
 * @module
 */
import {
  answer, botframework, callMachine, type CallData, calls, type CallService, type CallsOptions, catalogue, createcall, dialog, dialogMachine, type EndReason, hangup, hold, play, prompt, raw, rawAction, type Recording, recognize, record, reject, type ReplyService, requestListener, serve, type ServiceLimits, task, type TaskFailure, transfer, unhold,
} from 'callchart';
import { dial } from 'callchart/testing';
import { botframeworkLimits } from 'callchart/transport';
import { type AnyStateMachine, assign, createActor, raise } from 'xstate';

/** Fails to compile unless `A` and `B` are the same type. */
type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
const holds = <T extends true>(): T | undefined => undefined;

interface Order {
  readonly id: string;
  readonly eta: number;
}

interface Account {
  readonly n: number;
  readonly pin: string | null;
  readonly order: Order | null;
}

const pin = dialogMachine<{ readonly tries: number; readonly pin: string }, { readonly digits: number }, string>()('pin', {
  context: ({ input }) => {
    const digits: number = input.digits;
    return { tries: digits, pin: '' };
  },
  initial: 'ask',
  states: {
    ask: recognize({
      prompt: ({ context }) => `Enter your ${context.tries} digits.`,
      digits: { max: 4, termchars: ['#'] },
      on: { digits: { target: 'done', actions: assign({ pin: ({ event }) => event.digits }) }, exhausted: 'gaveUp' },
    }),
    done: { type: 'final', output: ({ context }) => context.pin },
    gaveUp: { type: 'final', output: '' },
  },
});

/** Every maker, every place for a target, and every place where the author writes a function. */
export const big = callMachine<Account>()('big', {
  context: ({ input }) => {
    const from: string = input.from;
    return { n: from.length, pin: null, order: null };
  },
  initial: 'ringing',
  version: '2',
  apology: ['Sorry.', { audio: 'https://example.com/sorry.wav' }],
  filler: { silenceMs: 500 },
  cleanup: async ({ callId, reason, context }) => {
    const why: EndReason = reason;
    const n: number | undefined = context.n;
    return { callId, why, n };
  },
  tasks: {
    lookup: async (order: string): Promise<Order> => ({ id: order, eta: 3 }),
  },
  on: {
    'call.roster': { actions: assign({ n: ({ event }) => event.participants }) },
    'call.state': '.hung',
  },
  states: {
    ringing: answer('welcome'),
    ringingWaits: answer({ modalities: ['audio'], on: { done: 'welcome', failed: [{ target: 'hung' }] } }),
    ringingChecks: answer([{ target: 'refused', guard: ({ context }) => context.n > 3 }, 'welcome']),

    // prompts: to a name, to a transition, to guarded transitions, and waiting
    welcome: prompt('Welcome.', 'menu'),
    welcomeBack: prompt(({ context }) => `You called ${context.n} times from ${context.call.from}.`, {
      target: 'menu',
      actions: assign({ n: ({ context }) => context.n + 1 }),
    }),
    sorted: prompt(['One', { silenceMs: 200 }, { ssml: '<speak>two</speak>' }], [{ target: 'hung', guard: ({ context }) => context.n > 9 }, 'menu']),
    waits: prompt('Please hold.', {
      on: {
        done: { target: 'menu', actions: assign({ n: ({ context, event }) => { const type: 'play.done' = event.type; return context.n + type.length; } }) },
        failed: { target: 'hung', guard: ({ event }) => event.type === 'play.failed' },
      },
    }),

    // choices
    menu: recognize({
      prompt: ({ context }) => [{ text: `Account ${context.n}.`, sayAs: 'cardinal' }, 'Sales or support?'],
      choices: { sales: '1', support: ['2', 'help', 'help me'], agent: { key: '0' }, repeat: { phrases: ['again'] } },
      attempts: 2, maxNoinput: 1, maxNomatch: 2, bargein: false, timeoutMs: 0, interdigitMs: 1_000, culture: 'en-GB',
      noinput: ['Hello?', ['Still there?', { silenceMs: 100 }]],
      nomatch: ({ context }) => [`${context.call.asked.nomatch}`],
      reprompt: false,
      on: {
        sales: 'shop',
        support: {
          target: 'order',
          actions: assign(({ context, event }) => {
            holds<Same<typeof event.type, 'recognize.choice.support'>>();
            const via: 'dtmf' | 'speech' = event.via;
            const call: CallData = context.call;
            return { n: context.n + via.length + call.asked.attempts };
          }),
        },
        agent: [
          { target: 'agent', guard: ({ context, event }) => context.n > 0 && event.via === 'dtmf' },
          { actions: ({ context }) => { const n: number = context.n; void n; } },
          'hung',
        ],
        repeat: { target: 'menu', reenter: true, description: 'says it all again' },
        exhausted: { target: 'hung', actions: assign({ n: ({ event }) => event.type === 'recognize.failed' ? event.cause.length : 0 }) },
        noinput: { target: 'hung', guard: ({ event }) => { holds<Same<typeof event.type, 'recognize.noinput'>>(); return true; } },
      },
    }),
    runTime: recognize({
      choicesFrom: ({ context }) => ({ [context.order?.id ?? 'none']: '1' }),
      on: { choice: { target: 'menu', actions: assign({ pin: ({ event }) => event.choice }) }, exhausted: 'hung' },
    }),
    code: recognize({
      prompt: 'Your code, then pound.', digits: { termchars: ['#'] },
      on: { digits: { target: 'menu', actions: assign({ pin: ({ event }) => event.digits }) }, exhausted: 'hung', nomatch: 'hung', failed: 'hung' },
    }),
    slow: { ...recognize({ choices: { yes: '1' }, on: { yes: 'menu', exhausted: 'hung' } }), after: { 5_000: 'hung' }, tags: 'slow' },

    // other makers
    message: record({
      prompt: 'After the tone.', maxMs: 60_000, termchars: ['#'], format: 'mp3',
      on: {
        done: { target: 'hung', actions: assign({ pin: ({ event }) => { const recording: Recording = event.recording; return recording.ref; } }) },
        maxspeech: { target: 'menu', guard: ({ event }) => event.type === 'record.done.maxspeech' },
        exhausted: 'hung', noinput: 'hung', failed: 'hung',
      },
    }),
    agent: transfer({
      to: ({ context }) => `sip:${context.n}@example.com`,
      on: { failed: 'hung', busy: 'menu', noanswer: [{ target: 'menu', guard: ({ event }) => event.type === 'transfer.noanswer' }, 'hung'], done: 'hung' },
    }),
    holding: hold({ audio: 'https://media.example.test/waltz.wav' }, 'byName'),
    holdingSome: hold(({ context }) => `Number ${context.n} in the queue.`, [{ target: 'byName', guard: ({ context }) => context.n > 0 }, 'hung']),
    holdingOn: hold('', { on: { done: { target: 'byName', actions: assign({ pin: ({ event }) => event.type }) }, failed: { target: 'hung', actions: assign({ pin: ({ event }) => event.reason ?? '' }) } } }),
    back: unhold('menu'),
    backOn: unhold({ on: { done: 'menu', failed: { target: 'hung', actions: assign({ pin: ({ event }) => { holds<Same<typeof event.type, 'unhold.failed' | 'play.failed'>>(); return event.type; } }) } } }),
    colleague: createcall({
      to: ({ context }) => `sip:${context.n}@example.com`, from: '+15550100', timeoutMs: 20_000,
      on: { done: 'menu', failed: 'hung', busy: 'menu', noanswer: [{ target: 'menu', guard: ({ event }) => event.type === 'createcall.noanswer' }, 'hung'] },
    }),
    wish: recognize({
      prompt: 'What can I do for you?', speech: true,
      on: { speech: { target: 'byName', actions: assign({ pin: ({ event }) => { const phrase: string = event.phrase; const sure: number = event.confidence ?? 1; return `${phrase} ${sure}`; } }) }, exhausted: 'hung' },
    }),
    wishOrAgent: recognize({ choices: { agent: '0' }, speech: true, on: { agent: { target: 'agent', guard: ({ event }) => event.via === 'dtmf' }, speech: 'byName', exhausted: 'hung', nomatch: 'hung' } }),
    wishOrNumber: recognize({ digits: { max: 8 }, speech: true, on: { digits: 'byName', speech: 'byName', exhausted: 'hung' } }),
    wishAtRunTime: recognize({ choicesFrom: ({ context }) => ({ [context.pin ?? 'none']: '1' }), speech: true, on: { choice: { target: 'menu', actions: assign({ pin: ({ event }) => event.choice }) }, speech: 'byName', exhausted: 'hung' } }),
    order: task({
      run: async (id: string): Promise<Order> => ({ id, eta: 2 }),
      input: ({ context }) => context.pin ?? '',
      timeoutMs: 2_000, filler: 'One moment.',
      on: {
        done: {
          target: 'tell',
          guard: ({ event }) => event.output.eta > 1,
          actions: assign(({ event }) => { const order: Order = event.output; return { order }; }),
        },
        failed: { target: 'hung', actions: assign({ pin: ({ event }) => { const error: TaskFailure = event.error; return error.message; } }) },
        timeout: 'hung',
      },
    }),
    told: task({
      run: async (id: string, { signal, taskId }) => { holds<Same<typeof signal, AbortSignal>>(); return `${id}${taskId}`; },
      input: ({ context }) => context.pin ?? '',
      on: { done: { target: 'hung', actions: assign({ pin: ({ event }) => { holds<Same<typeof event.output, string>>(); return event.output; } }) }, failed: 'hung' },
    }),
    byName: task({ run: 'lookup', input: ({ context }) => context.pin, on: { done: [{ target: 'tell', guard: ({ event }) => event.output !== null }], failed: 'hung' } }),
    tell: prompt(({ context }) => `In ${context.order?.eta ?? 0} days.`, 'menu'),
    login: dialog(pin, {
      input: ({ context }) => ({ digits: context.n }),
      on: { done: { target: 'menu', actions: assign(({ event }) => { holds<Same<typeof event.output, string>>(); return { pin: event.output }; }) } },
    }),
    loginAgain: dialog(pin, { input: { digits: 4 }, on: { done: 'menu' } }),
    refused: reject('busy'),
    hung: hangup(({ context }) => `Goodbye ${context.n}.`),
    silent: hangup(),

    // written by hand
    thanks: {
      entry: [play('Thanks.'), assign({ n: ({ context }) => context.n + 1 }), ({ context }) => { const n: number = context.n; void n; }, raise({ type: 'play.done' })],
      exit: assign({ n: 0 }),
      on: {
        'play.done': { target: 'menu', actions: assign({ pin: ({ event }) => event.type }) },
        'play.failed': [{ target: 'hung', guard: ({ context }) => context.n > 0 }, 'menu'],
        'recognize.choice.sales': { target: 'shop', actions: assign({ pin: ({ event }) => event.via }) },
        'recognize.nomatch.*': { actions: assign({ pin: ({ event }) => { const type: `recognize.nomatch.${string}` = event.type; return type; } }) },
        'recognize.*': { target: 'menu', guard: ({ context, event }) => { const type: `recognize.${string}` = event.type; return context.n > type.length; } },
        '*': { target: 'hung', actions: assign({ pin: ({ event }) => event.type }) },
      },
      after: { 5_000: 'hung', 9_000: { target: 'menu', guard: ({ context }) => context.n > 0 }, 10_000: [{ target: 'menu', guard: ({ context }) => context.n > 1 }, 'hung'] },
    },
    routed: { always: [{ target: 'menu', guard: ({ context }) => context.call.direction === 'inbound' }, { target: 'hung', actions: assign({ n: ({ context }) => context.n + 1 }) }] },
    asked: { entry: { type: 'recognize', params: { prompts: [{ text: 'Yes?' }], bargein: true, timeoutMs: 1, interdigitMs: 1, digits: { max: 1 } } }, on: { 'recognize.digits.*': { target: 'menu', actions: assign({ pin: ({ event }) => event.digits }) }, 'recognize.noinput': 'hung' } },

    // nested, two levels, with a target at the top by id, history and parallel
    shop: {
      initial: 'counter',
      entry: assign({ n: ({ context }) => context.n + 1 }),
      on: { 'recognize.noinput': '.counter', 'call.roster': { target: '.counter.paying', guard: ({ event }) => event.participants > 1 } },
      onDone: { target: 'menu', actions: assign({ n: ({ context }) => context.n + 1 }) },
      states: {
        counter: {
          initial: 'size',
          states: {
            size: recognize({
              prompt: ({ context }) => `Size? ${context.n}`,
              choices: { small: '1', large: '2' },
              on: { small: 'paying', large: { target: 'paying', actions: assign({ pin: ({ context, event }) => `${context.n} ${event.via}` }) }, exhausted: '#big.hung' },
            }),
            paying: { always: { target: 'paid', guard: ({ context }) => context.n > 0 } },
            paid: { type: 'final' },
          },
          onDone: 'done',
        },
        back: { type: 'history', history: 'deep', target: 'counter' },
        done: { type: 'final' },
      },
    },
    both: {
      type: 'parallel',
      states: {
        left: { initial: 'on', states: { on: { on: { 'call.state': 'off' } }, off: {} } },
        right: { initial: 'on', states: { on: { on: { 'call.state': 'off' } }, off: {} } },
      },
      on: { 'call.roster': 'menu' },
    },
  },
});

/** Without data of its own a bot needs no type argument, and still has `context.call`. */
export const small = callMachine('small', {
  initial: 'menu',
  states: {
    menu: recognize({
      prompt: ({ context }) => `Hello ${context.call.from}.`,
      choices: { sales: '1' },
      on: { sales: [{ target: 'shop', guard: ({ event }) => event.via === 'dtmf' }, 'bye'], exhausted: 'bye' },
    }),
    shop: { initial: 'till', states: { till: recognize({ choices: { pay: '1' }, on: { pay: 'paid', exhausted: 'paid' } }), paid: { always: '#small.bye' } } },
    bye: hangup(),
  },
});

/** Context as a value; a list that a function made; states that only lead on. */
export const values = callMachine<{ readonly tags: readonly string[] }>()('values', {
  context: { tags: [] },
  initial: 'a',
  states: {
    a: prompt(({ context }) => [...context.tags], 'b'),
    b: { always: 'c' },
    c: prompt({ text: 'Bye', voice: 'female', culture: 'en-GB', emphasis: true }, { target: 'd', actions: [assign({ tags: ({ context }) => [...context.tags, 'c'] })] }),
    d: reject(),
  },
});

const yesNo = recognize({ choices: { yes: '1', no: '2' }, on: { yes: 'b', no: 'b', exhausted: 'bye' } });
const telling = <const Next extends string>(text: string, next: Next) => prompt(text, next);

/** States that stand outside of the machine, with more handlers than their maker wrote; and makers of the author's own. */
export const spread = callMachine('spread', {
  initial: 'a',
  states: {
    a: { ...yesNo, on: { ...yesNo.on, 'call.roster': 'bye' }, after: { 1_000: 'bye' } },
    b: telling('Yes.', 'c'),
    c: { ...hangup('Bye.'), on: { 'call.state': 'bye' }, description: 'waits', tags: ['last'], meta: { call: hangup().meta.call, author: 'me' } },
    bye: { ...hangup(), id: 'bye' },
  },
});

/** A deep chart. */
export const deep = callMachine('deep', {
  initial: 'a',
  states: {
    a: { initial: 'a', states: { a: { initial: 'a', states: { a: { initial: 'a', states: { a: { initial: 'a', states: { a: { initial: 'a', states: { a: {
      initial: 'ask',
      states: {
        ask: recognize({ prompt: ({ context }) => context.call.from, choices: { yes: '1' }, on: { yes: [{ target: 'next', guard: ({ event }) => event.via === 'dtmf' }], exhausted: '#deep.b' } }),
        next: { on: { 'call.state': '#deep.a.a.a' } },
      },
    } } } } } } } } } }, on: { 'call.roster': '.a.a.a.a.a.ask', 'call.state': 'b' } },
    b: prompt('Again.', 'a.a.a.a.a.a.next'),
  },
});

/** The one-state bot. */
export const one = callMachine('one', { initial: 'speak', states: { speak: hangup('Watson… come here!') } });

/** The machine is an ordinary XState machine. */
export const driven = (): void => {
  const actor = createActor(small, { input: { id: '1', from: '+1', to: '+2', direction: 'inbound', headers: {} } });
  createActor(small).start();
  actor.send({ type: 'recognize.choice.sales', via: 'speech' });
  actor.send({ type: 'recognize.choice.pay', via: 'dtmf' });
  actor.send({ type: 'recognize.nomatch.key' });
  actor.send({ type: 'call.ended', reason: 'caller' });
  const snapshot = actor.getSnapshot();
  const at: boolean[] = [snapshot.matches('menu'), snapshot.matches('idle'), snapshot.matches('ended'), snapshot.matches('shop'), snapshot.matches({ shop: 'till' })];
  const asked: number = snapshot.context.call.asked.attempts;
  const rich = createActor(big).getSnapshot();
  const n: number = rich.context.n;
  at.push(rich.matches({ shop: { counter: 'size' } }), rich.matches({ both: { left: 'on' } }), rich.matches({ both: { left: 'on', right: 'off' } }), rich.matches('silent'));
  void [at, asked, n];
};

// ---- catalogues ----

const say = catalogue('en', {
  en: { hello: 'Hello.', items: '{who, select, me {I have {n, plural, one {# item} other {# items of {shop}}}} other {none}} at { when , time, short}.', quoted: "l''{n}", words: ['sales'] },
  de: { hello: 'Hallo.', items: '{who, select, other {{n, plural, other {# von {shop}}}}} {when, time, short}', quoted: "''{n}", words: ['Verkauf', 'Bestellung'] },
});
const file: { readonly en: { readonly hello: string }; readonly de: { readonly hello: string } } = { en: { hello: 'Hello {name}.' }, de: { hello: 'Hallo {name}.' } };
const fromFile = catalogue('en', file);

export const localised = callMachine<Account>()('localised', {
  context: { n: 1, pin: null, order: null },
  language: say.language, apology: say('hello'), filler: fromFile('hello', { name: 'you' }), reprompts: { noinput: say('hello'), failed: ({ call }) => [call.from, 'Again?'] },
  commands: { operator: { phrases: say.phrases('words'), target: 'bye' } },
  initial: 'items',
  states: {
    // The types of the arguments are read from the message, and the context of the function from the machine.
    items: prompt(say('items', ({ context }) => ({ who: context.pin ?? 'me', n: context.n, shop: 'Acme', when: 0 })), 'ask'),
    ask: recognize({
      prompt: (at) => [say('hello')(at), { silenceMs: 200 }, say('quoted', { n: at.context.n })(at)],
      nomatch: say('hello'), language: say.language,
      choices: { sales: { key: '1', phrases: say.phrases('words') }, other: { phrases: ({ call }) => [call.to] } },
      on: { sales: 'bye', other: 'bye', exhausted: 'bye' },
    }),
    bye: hangup(fromFile('hello', ({ context }) => ({ name: context.call.from }))),
  },
});

// ---- commands ----

/** Commands stand before the states that they lead to, and the functions inline among these are typed all the same. */
export const commanded = callMachine<Account>()('commanded', {
  context: { n: 1, pin: null, order: null },
  commands: { operator: { key: '0', phrases: ['operator'], target: 'desk' }, start: { phrases: ({ call }) => [call.to], target: 'hello' }, repeat: { key: '*', repeat: true } },
  initial: 'hello',
  states: {
    hello: { entry: play('Hello.'), always: [{ guard: ({ context }) => context.call.from === '' && context.n > 1, target: 'desk' }, { target: 'bye', actions: assign({ n: ({ context }) => context.n + 1 }) }] },
    desk: hangup(),
    bye: hangup(({ context }) => `Goodbye, ${context.n}.`),
  },
});
export const commandedOnly = callMachine('commanded', {
  commands: { operator: { target: 'desk' } }, initial: 'hello', states: { hello: { always: [{ guard: ({ context }) => context.call.from === '', target: 'desk' }, 'desk'] }, desk: hangup() },
});

// ---- beside a service ----

const porter = callMachine('porter', { initial: 'desk', states: { desk: transfer({ to: '+15550123', on: { failed: 'bye' } }), bye: hangup() } });

/** Verbs of services: what they are given, and what is told of their ends. */
export const paying = callMachine<{ readonly n: number; readonly told: string }>()('paying', {
  context: { n: 1, told: '' },
  initial: 'pay',
  states: {
    pay: raw('twilio', {
      verb: 'Pay', attributes: { chargeAmount: '10.00', validCardTypes: ['visa', 'amex'] },
      on: {
        success: { target: 'queue', actions: assign({ told: ({ event }) => { holds<Same<typeof event.type, 'raw.done.success'>>(); const fields: Readonly<Record<string, string>> = event.fields; return fields['PaymentToken'] ?? ''; } }) },
        'validation-error': [{ target: 'pay', guard: ({ context, event }) => { holds<Same<typeof event.type, 'raw.done.validation-error'>>(); return context.n < 3; } }, 'bye'],
        failed: { target: 'bye', actions: assign({ told: ({ event }) => { holds<Same<typeof event.type, 'raw.failed' | 'play.failed'>>(); return event.reason ?? ''; } }) },
      },
    }),
    queue: raw('twilio', { verb: 'Enqueue', attributes: ({ context }) => ({ name: `desk-${context.n}` }), on: { bridged: 'tones', leave: 'bye', failed: 'bye' } }),
    tones: raw('azure', { verb: 'sendDtmfTones', attributes: { tones: '12#' }, on: { sent: 'byHand', failed: 'bye' } }),
    invited: raw('azure', { verb: 'addParticipant', attributes: ({ context }) => ({ participant: context.call.from }), on: { added: 'bye', declined: 'bye', failed: 'bye' } }),
    byHand: {
      entry: [play('One moment.'), rawAction('azure', { verb: 'stopRecording', attributes: {}, endings: ['stopped'] })],
      on: { 'raw.done.stopped': { target: 'bye', actions: assign({ told: ({ event }) => event.fields['recordingId'] ?? event.type }) }, 'raw.*': { target: 'bye', guard: ({ event }) => { const type: `raw.${string}` = event.type; return type.length > 4; } } },
    },
    bye: hangup(({ context }) => context.told),
  },
});

/** A bot is held against a service where both are known; what was loaded while the program runs is held against it at the start. */
export const served = async (anybody: CallService, able: ReplyService<'able', 'transfer' | 'hangup' | 'raw:twilio' | 'raw:azure' | 'play'>, loaded: AnyStateMachine, options: CallsOptions): Promise<void> => {
  const service = botframework({ appId: 'app', appPassword: 'none', callbackUrl: 'https://bot.example/api/calls', openIdMetadataUrl: 'https://login.example/openid', issuer: 'https://login.example' });
  const name: 'botframework' = service.name;
  calls({ service, bots: small });
  calls({ service, bots: { '/api/calls': small, '/api/more': { '+15550100': one, '*': loaded } } });
  calls({ service, bots: loaded });
  calls({ service: anybody, bots: porter });
  calls({ service: able, bots: porter });
  calls({ service: able, bots: paying });
  calls(options);
  requestListener({ service, bots: values });
  await serve({ service, bots: localised, port: 0 });
  calls({ service, bots: callMachine<{ readonly n: number }>()('inline', { context: { n: 1 }, initial: 'a', states: { a: prompt(({ context }) => `${context.n + 1}`, 'b'), b: hangup() } }) });
  dial(porter);
  dial(small, { service: botframeworkLimits }).hears(name);
  const tags: readonly string[] = dial(values, { service: botframeworkLimits as ServiceLimits }).context.tags;
  void tags;
};
