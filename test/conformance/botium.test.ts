/**
 * Conformance of conversations for Botium: its own compiler reads every file that is generated for the examples, and files whose texts look like
 * commands, and finds in them what was meant.
 *
 * The compiler is a package of its own beside this file (`npm ci --ignore-scripts` in `test/conformance/botium`). Where it is not installed this is passed over, but not
 * where CALLCHART_BOTIUM is set.
 */
import { callMachine, hangup, prompt, recognize } from 'callchart';
import { expect } from 'chai';
import { existsSync, readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { AnyStateMachine } from 'xstate';
import { generateCalls } from '../../src/machines/index.ts';
import { whyNotByPhone } from '../../src/testing/paths/conditions.ts';
import { convoFile, type ConvoStep, convoSteps } from '../../src/testing/paths/convo-file.ts';
import { rehearse, type Rehearsal } from '../../src/testing/paths/rehearsal.ts';
import { rehearsed } from '../testing/paths/bots.ts';

/** A step as Botium reads it. */
interface ReadStep {
  readonly sender: string;
  readonly messageText: string | null;
  readonly not: boolean;
  readonly optional: boolean;
  readonly sourceData?: unknown;
  readonly asserters: readonly unknown[];
  readonly logicHooks: readonly { readonly name: string; readonly args: readonly string[] }[];
  readonly userInputs: readonly { readonly name: string; readonly args: readonly string[] }[];
}

interface Convo {
  readonly header: { readonly name: string; readonly description?: string };
  readonly conversation: readonly ReadStep[];
}

interface Botium {
  readonly BotDriver: new () => { BuildCompiler(): { Compile(text: string, format: string, type: string): readonly Convo[] } };
}

const folder = new URL('botium/', import.meta.url);
const examples = new URL('../../examples/', import.meta.url);
const isInstalled = existsSync(new URL('node_modules/botium-core/package.json', folder));

/** What Botium is to read of a step. */
const meant = (step: ConvoStep): Partial<ReadStep> => {
  const plain = { sender: step.sender, not: false, optional: false, asserters: [], logicHooks: [], userInputs: [] };
  if (step.sender === 'bot') return { ...plain, messageText: step.text, ...(step.pauseMs > 0 && { logicHooks: [{ name: 'PAUSE', args: [String(step.pauseMs)] }] }) };
  if ('keys' in step) return { ...plain, messageText: null, userInputs: [{ name: 'BUTTON', args: [step.keys] }] };
  return 'says' in step ? { ...plain, messageText: step.says } : { ...plain, messageText: null, logicHooks: [{ name: 'PAUSE', args: [String(step.pauseMs)] }] };
};

/** Without the space that makes a text a text, and the wildcard that keeps it from being JSON. */
const found = ({ sender, messageText, not, optional, sourceData, asserters, logicHooks, userInputs }: ReadStep): Partial<ReadStep> =>
  ({ sender, not, optional, asserters, logicHooks, userInputs, ...(sourceData !== undefined && { sourceData }), messageText: messageText?.replace(/^ ([[{].*)\*$/, '$1').trim() ?? null });

describe('Botium’s own compiler', function () {
  this.timeout(120_000);
  let compile: (text: string) => readonly Convo[];

  before(function () {
    if (!isInstalled && process.env['CALLCHART_BOTIUM'] === undefined) return this.skip();
    const { BotDriver } = createRequire(fileURLToPath(new URL('package.json', folder)))('botium-core') as Botium;
    const compiler = new BotDriver().BuildCompiler();
    compile = (text) => compiler.Compile(text, 'SCRIPTING_FORMAT_TXT', 'SCRIPTING_TYPE_CONVO');
  });

  const isRead = (rehearsal: Rehearsal): void => {
    const [convo, ...more] = compile(convoFile(rehearsal));
    expect(more).to.deep.equal([]);
    expect(convo?.header.name).to.equal(rehearsal.call.title);
    expect(convo?.conversation.map(found)).to.deep.equal(convoSteps(rehearsal).map(meant));
  };

  for (const name of readdirSync(examples).filter((one) => existsSync(new URL(`${one}/bot.ts`, examples)))) {
    it(`reads the calls of the example ${name}, step by step`, async () => {
      const { default: bot } = (await import(pathToFileURL(fileURLToPath(new URL(`${name}/bot.ts`, examples))).href)) as { readonly default: AnyStateMachine };
      const calls = generateCalls(bot, { byPhone: true }).calls.map((call) => rehearse(bot, call, { wordings: true }));
      expect(calls).not.to.deep.equal([]);
      expect(calls.filter((call) => whyNotByPhone(call) !== null)).to.deep.equal([]);
      for (const call of calls) isRead(call);
    });
  }

  it('takes a text for a text, whatever command it looks like', () => {
    for (const text of ['#me', '#bot says', 'PAUSE 500', 'BUTTONS', 'INCLUDE it', 'JSON_PATH $.x', '!no', '!!no', '?maybe', '?!both', '{"a": 1}', '[{"a": 1}]', 'Press * or press #', 'It costs $5 and $amount']) {
      const bot = callMachine('odd', { initial: 'odd', states: { odd: prompt(text, 'menu'), menu: recognize({ prompt: 'Well?', choices: { one: '1' }, on: { one: 'bye', exhausted: 'bye' } }), bye: hangup(text) } });
      const alone = callMachine('odd', { initial: 'odd', states: { odd: hangup(text) } });
      isRead(rehearsed(bot, { title: text.replace(/^#/, 'the sign #'), script: [{ act: 'press', keys: '1' }], heard: [[text, 'Well?'], [text]], states: ['menu', 'ended'] }));
      isRead(rehearsed(alone, { script: [], heard: [[text]], states: ['ended'] }));
    }
  });
});
