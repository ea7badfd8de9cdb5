/** Every rule of the check, by the smallest bot that breaks it: the one that stands on the page under the rule's name. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { examine, severities, type Rule } from 'callchart/testing';
import { botframeworkLimits } from 'callchart/transport';
import { expect } from 'chai';
import type { AnyStateMachine } from 'xstate';
import { run } from '../../cli/run.ts';
import { compile } from '../../types/compile.ts';

const root = resolve(import.meta.dirname, '../../..');
const page = readFileSync(join(root, 'docs/check.md'), 'utf8');

/** The bot under each heading that is the name of a rule. */
const bots = new Map([...page.matchAll(/^### ([a-z-]+)\n(?:(?!^### )[\s\S])*?^```[tj]s\n([\s\S]*?)^```/gm)].map(([, rule = '', source = '']) => [rule, source]));

describe('the rules of the check', () => {
  let folder = '';
  before(() => {
    mkdirSync(join(root, '.callchart'), { recursive: true });
    folder = mkdtempSync(join(root, '.callchart/rules-'));
    for (const [rule, source] of bots) writeFileSync(join(folder, `${rule}.ts`), source);
  });
  after(() => rmSync(folder, { recursive: true }));

  it('are on a page that shows what the command prints', async function () {
    this.timeout(30_000);
    const [, shown = ''] = /^```text\n(acme: [\s\S]*?)^```/m.exec(page) ?? [];
    const { stdout } = await run(['check', 'examples/acme']);
    expect(stdout.startsWith(shown), stdout).to.equal(true);
  });

  it('have each a bot on the page that breaks it', () => {
    expect([...bots.keys()].sort()).to.deep.equal(Object.keys(severities).sort());
  });

  it('are in bots that compile', function () {
    this.timeout(60_000);
    writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ extends: '../../tsconfig.json', include: ['*.ts'], exclude: ['invalid.ts'] }));
    expect(compile(join('.callchart', basename(folder), 'tsconfig.json')).map(({ file, text }) => `${file}: ${text}`)).to.deep.equal([]);
  });

  it('invalid: the bot on the page is refused when it is loaded', async () => {
    const error: unknown = await import(pathToFileURL(join(folder, 'invalid.ts')).href).catch((reason: unknown) => reason);
    expect(error).to.include({ code: 'ERR_BOT_INVALID' });
  });

  for (const rule of [...bots.keys()].filter((one) => one !== 'invalid')) {
    it(`${rule}: the bot on the page breaks it, and no other`, async () => {
      const { default: bot } = (await import(pathToFileURL(join(folder, `${rule}.ts`)).href)) as { readonly default: AnyStateMachine };
      const { findings, certificate } = examine(bot, { service: botframeworkLimits });
      expect(findings.map((one) => one.rule)).to.deep.equal([rule]);
      const [finding] = findings;
      expect(finding?.severity).to.equal(severities[rule as Rule]);
      expect(finding?.id.startsWith(`${rule}:`), finding?.id).to.equal(true);
      const isEndless = rule.endsWith('-loop') || rule === 'endless' || rule === 'restless' || rule === 'unexamined';
      expect(certificate === null, 'a bot of which something goes round, or was not seen, has no certificate').to.equal(isEndless);
    });
  }
});
