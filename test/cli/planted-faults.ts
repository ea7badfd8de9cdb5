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
  /** The script of the finding: all that is heard, and done, until the end. */
  | { readonly by: 'finding'; readonly heard: readonly string[] }
  /** The finding has none: a caller of the table's own. */
  | { readonly by: 'caller'; readonly script: string; readonly language?: string; readonly heard: readonly string[] }
  /** The bot cannot even be rung. */
  | { readonly by: 'refusal'; readonly code: string }
  /** Nobody can hear it. */
  | { readonly by: 'nothing'; readonly because: string };

const importing = (more: string): Change => ({ from: "import { callMachine,", to: `import { callMachine, ${more},` });

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
    shown: { by: 'caller', script: 'press 2', heard: [] },
  },
  {
    rule: 'unreachable', example: 'demo', mistake: 'a file has the wrong dialog at an option', id: 'unreachable:chat',
    changes: [{ file: 'menu.ts', from: "chat: 'chat', options:", to: "chat: 'record', options:" }],
    shown: { by: 'caller', script: 'task recall failed\nsay chat\nhangup', heard: [] },
  },
  {
    rule: 'dead-end', example: 'states', mistake: 'the goodbye is left for later', id: 'dead-end:bye',
    changes: [{ from: "hangup('Goodbye.')", to: '{}' }],
    shown: { by: 'finding', heard: [] },
  },
  {
    rule: 'unhandled', example: 'acme', mistake: 'an option has a guard and no other way', id: 'unhandled:menu:recognize.choice.support',
    changes: [{ from: "support: 'support', exhausted", to: "support: { guard: ({ context }) => context.call.from !== 'anonymous', target: 'support' }, exhausted" }],
    shown: { by: 'finding', heard: [] },
  },
  {
    rule: 'unhandled', example: 'states', mistake: 'a question is written by hand, and silence forgotten', id: 'unhandled:asking:recognize.noinput',
    changes: [
      { from: "asking: recognize({\n      prompt: 'Do you want to hear that again?',\n      choices: { yes: '1', no: '2' },\n      attempts: 2,\n      on: { yes: 'news', no: 'bye', exhausted: 'bye' },\n    })", to: "asking: {\n      entry: { type: 'recognize', params: { prompts: [{ text: 'Again?' }], bargein: true, timeoutMs: 5_000, interdigitMs: 3_000, choices: [{ name: 'yes', key: '1', phrases: ['yes'] }, { name: 'no', key: '2', phrases: ['no'] }] } },\n      on: { 'recognize.choice.yes': 'news', 'recognize.choice.no': 'bye', 'recognize.nomatch.*': 'bye', 'recognize.failed': 'bye', 'play.failed': 'bye' },\n    }" },
    ],
    shown: { by: 'finding', heard: [] },
  },
  {
    rule: 'unhandled', example: 'demo', mistake: 'both answers of a task have a guard', id: 'unhandled:recall:task',
    changes: [{ from: "'remember']", to: "{ guard: ({ event }) => event.output.value?.welcomed === false, target: 'remember' }]" }],
    shown: { by: 'finding', heard: [] },
  },
  {
    rule: 'silent-loop', example: 'acme', mistake: 'silence leads back to the menu', id: 'silent-loop:menu',
    changes: [{ from: "exhausted: 'bye'", to: "noinput: 'menu', exhausted: 'bye'" }],
    shown: { by: 'finding', heard: [] },
  },
  {
    rule: 'silent-loop', example: 'states', mistake: 'who was silent twice hears the news again', id: 'silent-loop:asking',
    changes: [{ from: "exhausted: 'bye'", to: "exhausted: 'news'" }],
    shown: { by: 'finding', heard: [] },
  },
  {
    rule: 'silent-loop', example: 'demo', mistake: 'who gave up comes back to the menu', id: 'silent-loop:menu',
    changes: [{ from: "gaveUp: prompt('We leave it at that.', 'bye')", to: "gaveUp: prompt('We leave it at that.', 'menu')" }],
    shown: { by: 'finding', heard: [] },
  },
  {
    rule: 'silent-loop', example: 'demo', mistake: 'silence asks for the digits again, in a dialog', id: 'silent-loop:digits/asking',
    changes: [{ file: 'digits.ts', from: "actions: assign({ keyed: ({ event }) => event.digits }) }, exhausted:", to: "actions: assign({ keyed: ({ event }) => event.digits }) }, noinput: 'asking', exhausted:" }],
    shown: { by: 'finding', heard: [] },
  },
  {
    rule: 'nomatch-loop', example: 'acme', mistake: 'a wrong key leads back to the menu', id: 'nomatch-loop:menu',
    changes: [{ from: "exhausted: 'bye'", to: "nomatch: 'menu', exhausted: 'bye'" }],
    shown: { by: 'finding', heard: [] },
  },
  {
    rule: 'nomatch-loop', example: 'demo', mistake: 'what is no digit asks for the digits again', id: 'nomatch-loop:digits/asking',
    changes: [{ file: 'digits.ts', from: "actions: assign({ keyed: ({ event }) => event.digits }) }, exhausted:", to: "actions: assign({ keyed: ({ event }) => event.digits }) }, nomatch: 'asking', exhausted:" }],
    shown: { by: 'finding', heard: [] },
  },
  {
    rule: 'failure-loop', example: 'acme', mistake: 'a prompt that cannot be played is tried again', id: 'failure-loop:menu',
    changes: [{ from: "exhausted: 'bye'", to: "failed: 'menu', exhausted: 'bye'" }],
    shown: { by: 'finding', heard: [] },
  },
  {
    rule: 'task-loop', example: 'demo', mistake: 'the caller is remembered again until it works', id: 'task-loop:remember',
    changes: [{ from: "on: { done: 'welcome', failed: 'welcome' } }),\n    welcome", to: "on: { done: 'welcome', failed: 'remember' } }),\n    welcome" }],
    shown: { by: 'finding', heard: [] },
  },
  {
    rule: 'timer-loop', example: 'watson', mistake: 'he is called every ten seconds', id: 'timer-loop:waiting',
    changes: [{ from: 'hangup }', to: 'prompt }' }, { from: "speak: hangup('Watson… come here!')", to: "speak: prompt('Watson… come here!', 'waiting'), waiting: { after: { 10_000: 'speak' } }" }],
    shown: { by: 'finding', heard: [] },
  },
  {
    rule: 'endless', example: 'demo', mistake: 'who gave up is welcomed again', id: 'endless:recall',
    changes: [{ from: "gaveUp: prompt('We leave it at that.', 'bye')", to: "gaveUp: prompt('We leave it at that.', 'recall')" }],
    shown: { by: 'finding', heard: [] },
  },
  {
    rule: 'restless', example: 'acme', mistake: 'what is said leads to itself', id: 'restless:sales',
    changes: [importing('prompt'), { from: "hangup('Sales will call you back.')", to: "prompt('Sales will call you back.', 'sales')" }],
    shown: { by: 'finding', heard: [] },
  },
  {
    rule: 'batch-illegal', example: 'acme', mistake: 'a call that was answered is refused', id: 'batch-illegal:support',
    changes: [importing('reject'), { from: "support: hangup('Support will call you back.')", to: 'support: reject()' }],
    shown: { by: 'finding', heard: [] },
  },
  {
    rule: 'batch-illegal', example: 'states', mistake: 'a question is asked right behind a question', id: 'batch-illegal:asking',
    changes: [{ from: "greeting: { entry: play('Hi'), always: 'news' }", to: "greeting: { entry: { type: 'recognize', params: { prompts: [{ text: 'Hi' }], bargein: true, timeoutMs: 5_000, interdigitMs: 3_000, choices: [{ name: 'yes', key: '1', phrases: ['yes'] }] } }, always: 'news' }" }],
    shown: { by: 'finding', heard: [] },
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
    changes: [],
    shown: { by: 'caller', script: 'press 2', language: 'de', heard: [] },
  },
  {
    rule: 'secret-told', example: 'demo', mistake: 'the number is a secret and is read back', id: 'secret-told:digits/confirming',
    changes: [{ file: 'digits.ts', from: 'digits: { max: 10', to: 'secret: true, digits: { max: 10' }],
    shown: { by: 'caller', script: 'task recall failed\nsay digits\npress 123456#\nhangup', heard: [] },
  },
  {
    rule: 'secret-open', example: 'demo', mistake: 'the digits are now those of a card', id: 'secret-open:digits/asking',
    changes: [{ file: 'digits.ts', from: 'Five to ten digits, please, then pound.', to: 'Your card number, please, then pound.' }],
    shown: { by: 'caller', script: 'task recall failed\nsay digits\npress 123456#\nhangup', heard: [] },
  },
  {
    rule: 'unexamined', example: 'states', mistake: 'the greeting is said by code that decides as it runs', id: 'unexamined:greeting',
    changes: [{ from: 'import {', to: "import { enqueueActions } from 'xstate';\nimport {" }, { from: "entry: play('Hi')", to: "entry: enqueueActions(({ enqueue }) => enqueue(play('Hi')))" }],
    shown: { by: 'caller', script: 'press 2', heard: [] },
  },
  {
    rule: 'menu-breadth', example: 'acme', mistake: 'the menu grows', id: 'menu-breadth:menu',
    changes: [
      { from: 'for support press 2.', to: 'for support press 2, for parts press 3, for returns press 4, for bills press 5, for jobs press 6.' },
      { from: "support: '2' }", to: "support: '2', parts: '3', returns: '4', bills: '5', jobs: '6' }" },
      { from: "support: 'support', exhausted", to: "support: 'support', parts: 'sales', returns: 'support', bills: 'sales', jobs: 'sales', exhausted" },
    ],
    shown: { by: 'caller', script: 'press 6', heard: [] },
  },
  {
    rule: 'option-keyless', example: 'acme', mistake: 'an option loses its key', id: 'option-keyless:menu',
    changes: [{ from: 'for support press 2.', to: 'for support say support.' }, { from: "support: '2'", to: "support: 'support'" }],
    shown: { by: 'caller', script: 'press 2\nhangup', heard: [] },
  },
  {
    rule: 'option-wordless', example: 'acme', mistake: 'an option loses its word', id: 'option-wordless:menu',
    changes: [{ from: "support: '2'", to: "support: { key: '2' }" }],
    shown: { by: 'caller', script: 'say support\nhangup', heard: [] },
  },
  {
    rule: 'option-doubled', example: 'acme', mistake: 'a command of the bot has the key of an option', id: 'option-doubled:menu:goodbye',
    changes: [{ from: "initial: 'menu'", to: "commands: { goodbye: { key: '2', target: 'bye' } },\n  initial: 'menu'" }],
    shown: { by: 'caller', script: 'press 2', heard: [] },
  },
  {
    rule: 'option-unsaid', example: 'acme', mistake: 'the menu keeps an option to itself', id: 'option-unsaid:menu',
    changes: [{ from: 'press 1, for support press 2.', to: 'press 1.' }],
    shown: { by: 'caller', script: 'press 2', heard: [] },
  },
  {
    rule: 'option-unsaid', example: 'acme', mistake: 'the menu tells of another key', id: 'option-unsaid:menu:keys',
    changes: [{ from: 'for support press 2.', to: 'for support press 3.' }],
    shown: { by: 'caller', script: 'press 3\nhangup', heard: [] },
  },
  {
    rule: 'prompt-long', example: 'watson', mistake: 'he does not stop', id: 'prompt-long:speak',
    changes: [{ from: "'Watson… come here!'", to: "'Watson… come here! '.repeat(16)" }],
    shown: { by: 'caller', script: '', heard: [] },
  },
  {
    rule: 'question-mute', example: 'acme', mistake: 'the menu has no prompt', id: 'question-mute:menu',
    changes: [{ from: "prompt: 'Welcome to Acme. For sales press 1, for support press 2.',", to: '' }],
    shown: { by: 'caller', script: 'silence\nhangup', heard: [] },
  },
  {
    rule: 'task-unlimited', example: 'acme', mistake: 'support is looked for, however long it takes', id: 'task-unlimited:support',
    changes: [importing('task'), { from: "support: hangup('Support will call you back.')", to: "support: task({ run: async () => 'here', filler: 'One moment.', on: { done: 'bye', failed: 'bye' } })" }],
    shown: { by: 'caller', script: 'press 2\nwait 60\nhangup\n#task', heard: [] },
  },
  {
    rule: 'no-person', example: 'acme', mistake: 'support asks once more', id: 'no-person:',
    changes: [{ from: "support: hangup('Support will call you back.')", to: "support: recognize({ prompt: 'Is it hardware, 1, or software, 2?', choices: { hardware: '1', software: '2' }, on: { hardware: 'sales', software: 'sales', exhausted: 'bye' } })" }],
    shown: { by: 'caller', script: 'press 2\npress 0\nhangup', heard: [] },
  },
  {
    rule: 'waiver-unused', example: 'acme', mistake: 'a waiver outlives its fault', id: 'waiver-unused:silent-loop:menu',
    changes: [{ from: "initial: 'menu'", to: "waive: { 'silent-loop:menu': 'a wake-up call' },\n  initial: 'menu'" }],
    shown: { by: 'nothing', because: 'it is about the source alone' },
  },
];
