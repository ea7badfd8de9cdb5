/**
 * Faults, planted in the example bots by small changes of their source: one or more for every rule of `docs/check.md`, and what somebody
 * who rings the bot then hears.
 */
import type { Rule } from '../../src/machines/check/finding.ts';

/** A change of a file of an example. */
export interface Change {
  /** Default: bot.ts. */
  readonly file?: string;
  readonly from: string;
  readonly to: string;
}

export interface Planted {
  readonly rule: Rule;
  readonly example: 'watson' | 'acme' | 'states' | 'demo';
  /** What the author has done, as the end of a sentence. */
  readonly mistake: string;
  readonly changes: readonly Change[];
  /** The finding. */
  readonly id: string;
  /** Findings that come with it, and why they have to. */
  readonly besides?: { readonly ids: readonly string[]; readonly because: string };
  /** What there is to hear of it, and who hears it. */
  readonly shown: Shown;
}

export type Shown =
  /** The script of the finding, `heard` being all that happens on the line; `noticed` is what a listener makes of it. */
  | { readonly by: 'finding'; readonly noticed: string; readonly heard: readonly string[] }
  /** The finding has none: a caller of the table's own. */
  | { readonly by: 'caller'; readonly script: string; readonly language?: string; readonly noticed: string; readonly heard: readonly string[] }
  /** The bot cannot even be rung. */
  | { readonly by: 'refusal'; readonly code: string }
  /** Nobody can hear it. */
  | { readonly by: 'nothing'; readonly because: string };

const importing = (more: string): Change => ({ from: "import { callMachine,", to: `import { callMachine, ${more},` });

/** The question of `states`, and the same written by hand with `handled` beside its choices. */
const asking = "asking: recognize({\n      prompt: 'Do you want to hear that again?',\n      choices: { yes: '1', no: '2' },\n      attempts: 2,\n      on: { yes: 'news', no: 'bye', exhausted: 'bye' },\n    })";
const byHand = (handled: string): string => `asking: {
      entry: { type: 'recognize', params: { prompts: [{ text: 'Again?' }], bargein: true, timeoutMs: 5_000, interdigitMs: 3_000, choices: [{ name: 'yes', key: '1', phrases: ['yes'] }, { name: 'no', key: '2', phrases: ['no'] }] } },
      on: { 'recognize.choice.yes': 'news', 'recognize.choice.no': 'bye', ${handled}, 'recognize.failed': 'bye', 'play.failed': 'bye' },
    }`;

// ---- what is heard, as the transcript has it ----

const acmeMenu = 'bot says Welcome to Acme. For sales press 1, for support press 2.';
const unheard = 'bot says Sorry, I did not hear you.';
const notUnderstood = 'bot says Sorry, I did not get that.';
const apology = 'bot says Sorry, something went wrong. Please call again later.';
const hi = 'bot says Hi';
const news = 'bot says We are open until six.';
const again = 'bot says Do you want to hear that again?';
const watson = 'bot says Watson… come here!';
const hello = 'bot says Hello, this is the Callchart demo.';
const help = 'bot says Pick a demo: DTMF, digits, recordings or chat. Say “options” for the list, “help” to hear this again, or “quit” to hang up.';
const which = 'bot says Which demo is next?';
const leave = 'bot says We leave it at that.';
const intro = 'bot says Here you key a number.';
const digits = 'bot says Five to ten digits, please, then pound.';
const silence = 'caller silence 5 s';
const callerGone = 'caller hungup';
const botGone = 'bot hungup';
const sales = 'bot says Sales will call you back.';
const support = 'bot says Support will call you back.';
const goodbye = 'bot says Goodbye.';
const back = 'bot says Good to have you back.';
const forgotten = 'line task `recall` failed';

/** `entries`, so many times over. */
const times = (count: number, ...entries: readonly string[]): readonly string[] => Array.from({ length: count }, () => entries).flat();

export const faults: readonly Planted[] = [
  {
    rule: 'invalid', example: 'acme', mistake: 'an option leads nowhere', id: 'invalid:menu',
    changes: [{ from: "support: 'support', exhausted", to: 'exhausted' }],
    shown: { by: 'refusal', code: 'ERR_BOT_INVALID' },
  },
  {
    rule: 'invalid', example: 'demo', mistake: 'a state leads to one that was renamed', id: 'invalid:canceled',
    changes: [{ from: "prompt('We leave it at that.', 'menu')", to: "prompt('We leave it at that.', 'mainMenu')" }],
    shown: { by: 'refusal', code: 'ERR_BOT_INVALID' },
  },
  {
    rule: 'unreachable', example: 'acme', mistake: 'an option leads to the state of another', id: 'unreachable:support',
    changes: [{ from: "support: 'support', exhausted", to: "support: 'sales', exhausted" }],
    shown: {
      by: 'caller', script: 'press 2', noticed: 'who wants support gets sales',
      heard: [acmeMenu, 'caller keys 2', sales, botGone],
    },
  },
  {
    rule: 'unreachable', example: 'demo', mistake: 'a file has the wrong dialog at an option', id: 'unreachable:chat',
    changes: [{ file: 'menu.ts', from: "chat: 'chat', options:", to: "chat: 'record', options:" }],
    shown: {
      by: 'caller', script: 'task recall failed\nsay chat\nhangup', noticed: 'who wants a chat message is recorded',
      heard: [forgotten, hello, help, 'caller speech chat', 'bot says Say something after the tone.', 'line beep', callerGone],
    },
  },
  {
    rule: 'dead-end', example: 'states', mistake: 'the goodbye is left for later', id: 'dead-end:bye',
    changes: [{ from: "hangup('Goodbye.')", to: '{}' }],
    shown: {
      by: 'finding', noticed: 'nothing before the line is hung up on',
      heard: [hi, news, again, 'caller keys 2', botGone],
    },
  },
  {
    rule: 'dead-end', example: 'acme', mistake: 'what is said leads to itself', id: 'dead-end:sales',
    changes: [importing('prompt'), { from: "hangup('Sales will call you back.')", to: "prompt('Sales will call you back.', 'sales')" }],
    shown: {
      by: 'finding', noticed: 'the same words twice, and nothing more before the line is hung up on',
      heard: [acmeMenu, 'caller keys 1', sales, sales, botGone],
    },
  },
  {
    rule: 'unhandled', example: 'acme', mistake: 'an option has a guard and no other way', id: 'unhandled:menu:recognize.choice.support',
    changes: [{ from: "support: 'support', exhausted", to: "support: { guard: ({ context }) => context.call.from !== 'anonymous', target: 'support' }, exhausted" }],
    shown: {
      by: 'finding', noticed: 'nothing before the line is hung up on',
      heard: [acmeMenu, 'caller keys 2', botGone],
    },
  },
  {
    rule: 'unhandled', example: 'states', mistake: 'a question is written by hand, and silence forgotten', id: 'unhandled:asking:recognize.noinput',
    changes: [{ from: asking, to: byHand("'recognize.nomatch.*': 'bye'") }],
    shown: {
      by: 'finding', noticed: 'nothing after a silence before the line is hung up on',
      heard: [hi, news, 'bot says Again?', silence, botGone],
    },
  },
  {
    rule: 'unhandled', example: 'states', mistake: 'a question is written by hand, and wrong keys are told apart but for one kind', id: 'unhandled:asking:recognize.nomatch.interdigit',
    changes: [{ from: asking, to: byHand("'recognize.noinput': 'bye', 'recognize.nomatch.key': 'bye', 'recognize.nomatch.speech': 'bye'") }],
    shown: { by: 'nothing', because: 'it is the service that tells a pause between keys from a wrong key: a caller cannot have it do so' },
  },
  {
    rule: 'unhandled', example: 'demo', mistake: 'both answers of a task have a guard', id: 'unhandled:recall:invoke.onDone',
    changes: [{ from: "'remember']", to: "{ guard: ({ event }) => event.output.value?.welcomed === false, target: 'remember' }]" }],
    shown: {
      by: 'finding', noticed: 'not even an answer: the call is refused',
      heard: ['line task `recall` is done', 'bot rejected'],
    },
  },
  {
    rule: 'silent-loop', example: 'acme', mistake: 'silence leads back to the menu', id: 'silent-loop:menu',
    changes: [{ from: "exhausted: 'bye'", to: "noinput: 'menu', exhausted: 'bye'" }],
    shown: {
      by: 'finding', noticed: 'the menu, and again, and again',
      heard: [...times(2, acmeMenu, silence), acmeMenu, callerGone],
    },
  },
  {
    rule: 'silent-loop', example: 'states', mistake: 'who was silent twice hears the news again', id: 'silent-loop:asking',
    changes: [{ from: "exhausted: 'bye'", to: "exhausted: 'news'" }],
    shown: {
      by: 'finding', noticed: 'all of the news, and all of it again',
      heard: [hi, ...times(2, news, again, silence, unheard, again, silence), news, again, callerGone],
    },
  },
  {
    rule: 'silent-loop', example: 'demo', mistake: 'who gave up comes back to the menu', id: 'silent-loop:menu',
    changes: [{ from: "gaveUp: prompt('We leave it at that.', 'bye')", to: "gaveUp: prompt('We leave it at that.', 'menu')" }],
    shown: {
      by: 'finding', noticed: '“We leave it at that”, which it does not, twice',
      heard: ['line task `recall` is done', back, ...times(2, which, silence, unheard), which, silence, leave, ...times(2, which, silence, unheard), which, silence, leave, which, callerGone],
    },
  },
  {
    rule: 'silent-loop', example: 'demo', mistake: 'silence asks for the digits again, in a dialog', id: 'silent-loop:digits/asking',
    changes: [{ file: 'digits.ts', from: "actions: assign({ keyed: ({ event }) => event.digits }) }, exhausted:", to: "actions: assign({ keyed: ({ event }) => event.digits }) }, noinput: 'asking', exhausted:" }],
    shown: {
      by: 'finding', noticed: 'the wish for digits four times',
      heard: [forgotten, hello, help, 'caller speech digits', intro, ...times(3, digits, silence), digits, callerGone],
    },
  },
  {
    rule: 'nomatch-loop', example: 'acme', mistake: 'a wrong key leads back to the menu', id: 'nomatch-loop:menu',
    changes: [{ from: "exhausted: 'bye'", to: "nomatch: 'menu', exhausted: 'bye'" }],
    shown: {
      by: 'finding', noticed: 'the menu after each wrong key, as if nothing had been keyed',
      heard: [...times(2, acmeMenu, 'caller keys 9'), acmeMenu, callerGone],
    },
  },
  {
    rule: 'nomatch-loop', example: 'demo', mistake: 'what is no dialog of the menu leads to the list of them', id: 'nomatch-loop:menu',
    changes: [{ file: 'menu.ts', from: "quit: 'bye', exhausted", to: "quit: 'bye', nomatch: 'options', exhausted" }],
    shown: {
      by: 'finding', noticed: 'the list of the dialogs after each key',
      heard: ['line task `recall` is done', back, which, ...times(2, 'caller keys 9', 'bot says There are DTMF, digits, recordings and chat.', which), callerGone],
    },
  },
  {
    rule: 'nomatch-loop', example: 'demo', mistake: 'what is no digit asks for the digits again', id: 'nomatch-loop:digits/asking',
    changes: [{ file: 'digits.ts', from: "actions: assign({ keyed: ({ event }) => event.digits }) }, exhausted:", to: "actions: assign({ keyed: ({ event }) => event.digits }) }, nomatch: 'asking', exhausted:" }],
    shown: {
      by: 'finding', noticed: 'the end of the dialog, and no round: this service does not notice words, and says so below the script',
      heard: [forgotten, hello, help, 'caller speech digits', intro, ...times(2, digits, 'caller speech mumble', 'line unheard keys are waited for', silence, unheard), digits, 'caller speech mumble', 'line unheard keys are waited for', silence, leave, which, callerGone],
    },
  },
  {
    rule: 'failure-loop', example: 'acme', mistake: 'a prompt that cannot be played is tried again', id: 'failure-loop:menu',
    changes: [{ from: "exhausted: 'bye'", to: "failed: 'menu', exhausted: 'bye'" }],
    shown: {
      by: 'finding', noticed: 'the menu after each failure',
      heard: [...times(2, acmeMenu, 'line failed recognize: it failed'), acmeMenu, callerGone],
    },
  },
  {
    rule: 'task-loop', example: 'demo', mistake: 'the caller is remembered again until it works', id: 'task-loop:remember',
    changes: [{ from: "on: { done: 'welcome', failed: 'welcome' } }),\n    welcome", to: "on: { done: 'welcome', failed: 'remember' } }),\n    welcome" }],
    shown: {
      by: 'finding', noticed: 'not a word while the line is open',
      heard: ['line task `recall` is done', 'line task `remember` failed', 'line task `remember` failed', callerGone],
    },
  },
  {
    rule: 'timer-loop', example: 'watson', mistake: 'he is called every ten seconds', id: 'timer-loop:waiting',
    changes: [{ from: 'hangup }', to: 'prompt }' }, { from: "speak: hangup('Watson… come here!')", to: "speak: prompt('Watson… come here!', 'waiting'), waiting: { after: { 10_000: 'speak' } }" }],
    shown: {
      by: 'finding', noticed: 'the same words every ten seconds',
      heard: [...times(2, watson, 'caller waits 10 s'), watson, callerGone],
    },
  },
  {
    rule: 'endless', example: 'demo', mistake: 'who gave up is welcomed again', id: 'endless:help',
    changes: [{ from: "gaveUp: prompt('We leave it at that.', 'bye')", to: "gaveUp: prompt('We leave it at that.', 'recall')" }],
    shown: {
      by: 'finding', noticed: 'the welcome three times',
      heard: [forgotten, hello, ...times(2, help, silence, unheard), help, silence, leave, forgotten, hello, ...times(2, help, silence, unheard), help, silence, leave, forgotten, hello, help, callerGone],
    },
  },
  {
    rule: 'restless', example: 'acme', mistake: 'two states that only say something lead to one another', id: 'restless:sales',
    changes: [importing('prompt'), { from: "sales: hangup('Sales will call you back.')", to: "sales: prompt('Sales will call you back.', 'again'),\n    again: prompt('Or do you want support?', 'sales')" }],
    shown: {
      by: 'finding', noticed: 'the apology',
      heard: [acmeMenu, 'caller keys 1', apology, botGone],
    },
  },
  {
    rule: 'batch-illegal', example: 'acme', mistake: 'a call that was answered is refused', id: 'batch-illegal:support',
    changes: [importing('reject'), { from: "support: hangup('Support will call you back.')", to: 'support: reject()' }],
    shown: {
      by: 'finding', noticed: 'the apology in place of support',
      heard: [acmeMenu, 'caller keys 2', apology, botGone],
    },
  },
  {
    rule: 'batch-illegal', example: 'states', mistake: 'the goodbye comes after the hangup', id: 'batch-illegal:bye',
    changes: [{ from: "bye: hangup('Goodbye.')", to: "bye: { entry: [{ type: 'hangup', params: {} }, play('Goodbye.')] }" }],
    shown: {
      by: 'finding', noticed: 'the apology in place of the goodbye',
      heard: [hi, news, again, 'caller keys 2', apology, botGone],
    },
  },
  {
    rule: 'unsupported', example: 'acme', mistake: 'the caller is handed on', id: 'unsupported:support:transfer',
    changes: [importing('transfer'), { from: "support: hangup('Support will call you back.')", to: "support: transfer({ to: '+15550123', on: { failed: 'bye' } })" }],
    shown: { by: 'refusal', code: 'ERR_CAPABILITY_MISSING' },
  },
  {
    rule: 'service-limit', example: 'demo', mistake: 'a message may last an hour', id: 'service-limit:record/message',
    changes: [{ file: 'record.ts', from: "'Say something after the tone.'", to: "'Say something after the tone.', maxMs: 3_600_000" }],
    shown: { by: 'refusal', code: 'ERR_BATCH_ILLEGAL' },
  },
  {
    rule: 'untranslated', example: 'states', mistake: 'one text of many is not in the catalogue', id: 'untranslated:bye',
    changes: [
      { from: "import { answer,", to: "import { catalogue, answer," },
      { from: "export default callMachine('states', {", to: "const say = catalogue('en', {\n  en: { hi: 'Hi', news: 'We are open until six.', again: 'Do you want to hear that again?' },\n  de: { hi: 'Hallo', news: 'Wir haben bis sechs geöffnet.', again: 'Möchten Sie das noch einmal hören?' },\n});\n\nexport default callMachine('states', {\n  language: say.language," },
      { from: "{ entry: play('Hi'), always: 'news' }", to: "prompt(say('hi'), 'news')" },
      { from: "'We are open until six.', 'asking'", to: "say('news'), 'asking'" },
      { from: "prompt: 'Do you want to hear that again?'", to: "prompt: say('again')" },
    ],
    shown: {
      by: 'caller', script: 'press 2', language: 'de', noticed: 'German, and then English',
      heard: ['bot says Hallo', 'bot says Wir haben bis sechs geöffnet.', 'bot says Möchten Sie das noch einmal hören?', 'caller keys 2', goodbye, botGone],
    },
  },
  {
    rule: 'secret-told', example: 'demo', mistake: 'the number is a secret and is read back', id: 'secret-told:digits/confirming',
    changes: [{ file: 'digits.ts', from: 'digits: { max: 10', to: 'secret: true, digits: { max: 10' }, { file: 'digits.ts', from: "validate: ({ digits }) => (digits.length < 5 ? 'That is too short.' : undefined),", to: '' }],
    shown: {
      by: 'caller', script: 'task recall failed\nsay digits\npress 123456#\nhangup', noticed: 'a long row of letters and digits that nobody has keyed',
      heard: [forgotten, hello, help, 'caller speech digits', intro, digits, 'caller keys 123456#', 'bot says Is this your number:', 'bot says sealed.…', callerGone],
    },
  },
  {
    rule: 'secret-open', example: 'demo', mistake: 'the digits are now those of a card', id: 'secret-open:digits/asking',
    changes: [{ file: 'digits.ts', from: 'Five to ten digits, please, then pound.', to: 'Your card number, please, then pound.' }],
    shown: {
      by: 'caller', script: 'task recall failed\nsay digits\npress 123456#\nhangup', noticed: 'the number of the card, said out loud',
      heard: [forgotten, hello, help, 'caller speech digits', intro, 'bot says Your card number, please, then pound.', 'caller keys 123456#', 'bot says Is this your number:', 'bot says 123456', callerGone],
    },
  },
  {
    rule: 'unexamined', example: 'states', mistake: 'the greeting is said by code that decides as it runs', id: 'unexamined:greeting',
    changes: [{ from: 'import {', to: "import { enqueueActions } from 'xstate';\nimport {" }, { from: "entry: play('Hi')", to: "entry: enqueueActions(({ enqueue }) => enqueue(play('Hi')))" }],
    shown: {
      by: 'finding', noticed: 'the greeting as ever: only the check is deaf to it',
      heard: [hi, news, again, silence, unheard, again, silence, goodbye, botGone],
    },
  },
  {
    rule: 'menu-breadth', example: 'acme', mistake: 'the menu grows', id: 'menu-breadth:menu',
    changes: [
      { from: 'for support press 2.', to: 'for support press 2, for parts press 3, for returns press 4, for bills press 5, for jobs press 6.' },
      { from: "support: '2' }", to: "support: '2', parts: '3', returns: '4', bills: '5', jobs: '6' }" },
      { from: "support: 'support', exhausted", to: "support: 'support', parts: 'sales', returns: 'support', bills: 'sales', jobs: 'sales', exhausted" },
    ],
    shown: {
      by: 'caller', script: 'press 6', noticed: 'six options in one breath',
      heard: ['bot says Welcome to Acme. For sales press 1, for support press 2, for parts press 3, for returns press 4, for bills press 5, for jobs press 6.', 'caller keys 6', sales, botGone],
    },
  },
  {
    rule: 'option-keyless', example: 'acme', mistake: 'an option loses its key', id: 'option-keyless:menu',
    changes: [{ from: 'for support press 2.', to: 'for support say support.' }, { from: "support: '2'", to: "support: 'support'" }],
    shown: {
      by: 'caller', script: 'press 2\nhangup', noticed: 'that the key which was always for support is none',
      heard: ['bot says Welcome to Acme. For sales press 1, for support say support.', 'caller keys 2', notUnderstood, 'bot says Welcome to Acme. For sales press 1, for support say support.', callerGone],
    },
  },
  {
    rule: 'option-wordless', example: 'acme', mistake: 'an option loses its word', id: 'option-wordless:menu',
    changes: [{ from: "support: '2'", to: "support: { key: '2' }" }],
    shown: {
      by: 'caller', script: 'say support\nhangup', noticed: 'that the word which the menu says was not heard',
      heard: [acmeMenu, 'caller speech support', 'line unheard it is none of the choices', silence, unheard, acmeMenu, callerGone],
    },
  },
  {
    rule: 'option-doubled', example: 'acme', mistake: 'a command of the bot has the key of an option', id: 'option-doubled:menu:goodbye',
    changes: [{ from: "initial: 'menu'", to: "commands: { goodbye: { key: '2', target: 'bye' } },\n  initial: 'menu'" }],
    shown: {
      by: 'caller', script: 'press 2', noticed: 'support, where the key is for the goodbye everywhere else',
      heard: [acmeMenu, 'caller keys 2', support, botGone],
    },
  },
  {
    rule: 'option-unsaid', example: 'acme', mistake: 'the menu keeps an option to itself', id: 'option-unsaid:menu',
    changes: [{ from: 'press 1, for support press 2.', to: 'press 1.' }],
    shown: {
      by: 'caller', script: 'press 2', noticed: 'support at a key that nobody told of',
      heard: ['bot says Welcome to Acme. For sales press 1.', 'caller keys 2', support, botGone],
    },
  },
  {
    rule: 'option-unsaid', example: 'acme', mistake: 'the menu tells of another key', id: 'option-unsaid:menu:keys',
    changes: [{ from: 'for support press 2.', to: 'for support press 3.' }],
    shown: {
      by: 'caller', script: 'press 3\nhangup', noticed: 'that the key which was told of is none',
      heard: ['bot says Welcome to Acme. For sales press 1, for support press 3.', 'caller keys 3', notUnderstood, 'bot says Welcome to Acme. For sales press 1, for support press 3.', callerGone],
    },
  },
  {
    rule: 'prompt-long', example: 'watson', mistake: 'he does not stop', id: 'prompt-long:speak',
    changes: [{ from: "'Watson… come here!'", to: "'Watson… come here! '.repeat(16)" }],
    shown: {
      by: 'caller', script: '', noticed: 'more than twenty seconds of the same',
      heard: [watson + ' Watson… come here!'.repeat(15) + ' ', botGone],
    },
  },
  {
    rule: 'question-mute', example: 'acme', mistake: 'the menu has no prompt', id: 'question-mute:menu',
    changes: [{ from: "prompt: 'Welcome to Acme. For sales press 1, for support press 2.',", to: '' }],
    shown: {
      by: 'caller', script: 'silence\nhangup', noticed: 'nothing at all before the first apology',
      heard: [silence, unheard, callerGone],
    },
  },
  {
    rule: 'task-unlimited', example: 'acme', mistake: 'support is looked for, however long it takes', id: 'task-unlimited:support',
    changes: [importing('task'), { from: "support: hangup('Support will call you back.')", to: "support: task({ run: async () => 'here', filler: 'One moment.', on: { done: 'bye', failed: 'bye' } })" }],
    shown: {
      by: 'caller', script: 'press 2\nwait 60\ntask support done', noticed: '“One moment” for as long as the line is open',
      heard: [acmeMenu, 'caller keys 2', 'caller waits 60 s', ...times(6, 'bot says One moment.'), 'line task `support` is done', goodbye, botGone],
    },
  },
  {
    rule: 'no-person', example: 'acme', mistake: 'support asks once more', id: 'no-person:',
    changes: [{ from: "support: hangup('Support will call you back.')", to: "support: recognize({ prompt: 'Is it hardware, 1, or software, 2?', choices: { hardware: '1', software: '2' }, on: { hardware: 'sales', software: 'sales', exhausted: 'bye' } })" }],
    shown: {
      by: 'caller', script: 'press 2\npress 0\nhangup', noticed: 'no person: the key that is for one elsewhere is none',
      heard: [acmeMenu, 'caller keys 2', 'bot says Is it hardware, 1, or software, 2?', 'caller keys 0', notUnderstood, 'bot says Is it hardware, 1, or software, 2?', callerGone],
    },
  },
  {
    rule: 'waiver-unused', example: 'acme', mistake: 'a waiver outlives its fault', id: 'waiver-unused:silent-loop:menu',
    changes: [{ from: "initial: 'menu'", to: "waive: { 'silent-loop:menu': 'a wake-up call' },\n  initial: 'menu'" }],
    shown: { by: 'nothing', because: 'it is about the source alone' },
  },
];
