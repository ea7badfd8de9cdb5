import { expect } from 'chai';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Finding } from '../../src/machines/check/finding.ts';
import { root, run, runNext } from './run.ts';

const at = (name: string): string => `test/fixtures/studio/${name}.json`;

interface Printed {
  readonly flow: string;
  readonly ok: boolean;
  readonly findings: readonly Finding[];
  readonly notes: readonly string[];
}

describe('callchart check, of a Studio flow', function () {
  this.timeout(60_000);

  it('prints each fault with a caller who shows it, and what was not examined; mended, the flow has none', async () => {
    const [holes, json, mended] = await Promise.all([runNext(['check', at('acme')]), runNext(['check', at('acme'), '--json']), runNext(['check', at('acme-mended')])]);
    expect(holes).to.deep.include({ code: 1, stderr: '' });
    expect(holes.stdout).to.match(/^test\/fixtures\/studio\/acme\.json: 4 errors\n {2}error {3}widget `choice`: what is none of its branches is not handled \(`noMatch`\), .*\n {10}unhandled:choice:noMatch\n {12}press 9\n/);
    expect(holes.stdout).to.match(/\nnot examined, or taken for granted:\n {2}calls were followed from `incomingCall`\n/);
    const printed = JSON.parse(json.stdout) as Printed;
    expect(json.code).to.equal(1);
    expect(printed).to.deep.include({ flow: at('acme'), ok: false });
    expect(printed.findings.map(({ id }) => id)).to.deep.equal(['unhandled:choice:noMatch', 'unhandled:open:failed', 'silent-loop:menu', 'unreachable:survey']);
    expect(printed.notes[0]).to.equal('calls were followed from `incomingCall`');
    const [, shown] = /^```text\n(acme\.json: [\s\S]*?)^```/m.exec(readFileSync(join(root, 'docs/check-studio.md'), 'utf8')) ?? [];
    expect(holes.stdout.replaceAll('test/fixtures/studio/', ''), 'as its page shows it').to.equal(shown);
    expect(mended).to.deep.include({ code: 0, stderr: '' });
    expect(mended.stdout).to.match(/^test\/fixtures\/studio\/acme-mended\.json: nothing found\n/);
  });

  it('lets be what is waived, with the reason, and tells of a waiver that nothing needs', async () => {
    const waivers = ['unhandled:choice:noMatch=the keypad has two keys', 'unhandled:open:failed=it never fails', 'silent-loop:menu=a=b', 'unreachable:survey=next month'];
    const given = (some: readonly string[]): readonly string[] => some.flatMap((waiver) => ['--waive', waiver]);
    const [all, some, unused, wrong] = await Promise.all([runNext(['check', at('acme'), ...given(waivers)]), runNext(['check', at('acme'), ...given(waivers.slice(1))]), runNext(['check', at('acme-mended'), '--waive', 'silent-loop:menu=once']), runNext(['check', at('acme'), '--waive', 'silent-loop:menu'])]);
    expect(all.code).to.equal(0);
    expect(all.stdout).to.match(/: 4 waived\n/).and.to.contain('          let be: the keypad has two keys\n').and.to.contain('          let be: a=b\n');
    expect(some.code).to.equal(1);
    expect(some.stdout).to.match(/: 1 error, 3 waived\n/);
    expect(unused.code, 'a warning').to.equal(0);
    expect(unused.stdout).to.contain('1 warning\n  warning the waiver of `silent-loop:menu` is not needed').and.to.contain('waiver-unused:silent-loop:menu');
    expect(wrong).to.deep.include({ code: 2, stdout: '' });
    expect(wrong.stderr).to.match(/\(ERR_OPTION_INVALID\)\n$/);
  });

  it('ends with 2 and says why where nothing was examined', async () => {
    const refused = await Promise.all([runNext(['check', at('broken')]), runNext(['check', at('messages'), '--json']), runNext(['check', at('absent')]), runNext(['check', 'package.json']), runNext(['check', 'test/fixtures/botframework/incoming.json'])]);
    expect(refused.map(({ code, stdout }) => ({ code, stdout }))).to.deep.equal(refused.map(() => ({ code: 2, stdout: '' })));
    const [broken, messages, absent, other] = refused.map(({ stderr }) => stderr);
    expect(broken).to.equal('callchart: test/fixtures/studio/broken.json: refused, since it breaks rule F-SHAPE at states.1.transitions (“each field has the JSON type that Studio gives it”); nothing of it was examined (ERR_FLOW_UNEXAMINED)\n');
    expect(messages).to.match(/messages\.json: refused, since it breaks rule F-CALLS at Trigger \(“.* and not to messages alone”\); nothing of it was examined/);
    expect(absent).to.match(/rule F-FILE \(“the file can be read”\)/);
    expect(other).to.match(/rule F-NONE /);
    expect(await run(['check', at('acme'), '--service', 'botframework'])).to.deep.include({ code: 2, stderr: 'callchart: `--service` is for bots; a flow runs on Studio (ERR_OPTION_INVALID)\n' });
  });
});
