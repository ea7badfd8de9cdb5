import { expect } from 'chai';
import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { root, run, runNext } from './run.ts';

interface Row {
  readonly file: string;
  readonly kind: string;
  readonly valid: boolean;
  readonly rule: string | null;
  readonly profile?: string;
}

interface Verdict {
  readonly file: string;
  readonly ok: boolean;
  readonly rule?: string | null;
  readonly code?: string;
  readonly paths?: readonly string[];
  readonly events?: readonly unknown[];
}

const verdicts = (stdout: string): readonly Verdict[] => stdout.trimEnd().split('\n').map((line) => JSON.parse(line) as Verdict);

for (const folder of [join(root, 'test/fixtures/botframework'), resolve(root, '../shared/vectors/skype')]) {
  describe(`callchart decode and validate over ${folder.startsWith(root) ? 'our own bodies' : 'published bodies'}`, function () {
    this.timeout(30_000);
    const rows = existsSync(join(folder, 'index.json')) ? (JSON.parse(readFileSync(join(folder, 'index.json'), 'utf8')) as readonly Row[]) : undefined;
    if (rows === undefined) return void it('skipped: there is no ../shared/vectors/skype beside this repository', function () { this.skip(); });

    const agree = async (command: readonly string[], some: readonly Row[]): Promise<void> => {
      const { code, stdout, stderr } = await runNext([...command, '--json', ...some.map(({ file }) => join(folder, file))]);
      expect(stderr).to.equal('');
      expect(verdicts(stdout).map(({ ok, rule }) => ({ ok, rule: rule ?? null }))).to.deep.equal(some.map(({ valid, rule }) => ({ ok: valid, rule })));
      expect(code).to.equal(some.every(({ valid }) => valid) ? 0 : 1);
    };

    it('agrees on what was received', () => agree(['decode', 'botframework'], rows.filter(({ kind }) => kind !== 'workflow')));
    it('agrees on what is answered', () =>
      folder.startsWith(root)
        ? agree(['validate', 'botframework', '--profile', 'core'], rows.filter(({ kind, profile }) => kind === 'workflow' && profile !== 'extended')).then(() => agree(['validate', 'botframework'], rows.filter(({ kind, profile }) => kind === 'workflow' && profile === 'extended')))
        : agree(['validate', 'botframework'], rows.filter(({ kind }) => kind === 'workflow')));
  });
}

describe('callchart decode and validate', function () {
  this.timeout(30_000);

  it('take the bare form of a request of Twilio', async () => {
    const form = 'AccountSid=AC00000000000000000000000000000000&CallSid=CA11111111111111111111111111111111&CallStatus=ringing&Direction=inbound&From=%2B15550100&To=%2B15550199&ApiVersion=2010-04-01';
    const decode = (input: string) => runNext(['decode', 'twilio', '--json', '-'], { input });
    const [bare, ended, other, list] = await Promise.all([decode(form), decode(`\uFEFF${form}\r\n`), decode('Hello.'), decode('[1]')]);
    for (const { code, stdout } of [bare, ended]) {
      const [{ ok, events } = { ok: false }] = verdicts(stdout);
      expect({ code, ok }).to.deep.equal({ code: 0, ok: true });
      expect(events).to.have.length(1);
      expect(events?.[0]).to.deep.include({ type: 'call.incoming' }).and.to.have.nested.include({ 'call.from': '+15550100', 'call.to': '+15550199' });
    }
    for (const { code, stdout } of [other, list]) {
      expect(code).to.equal(1);
      expect(verdicts(stdout)[0]).to.include({ ok: false, code: 'ERR_EVENT_MALFORMED' });
    }
  });
  const fixture = (name: string): string => `test/fixtures/botframework/${name}`;

  it('say in lines what a person wants to know, and never what stood at the place that is wrong', async () => {
    const secret = JSON.stringify({ id: 'call-7', participants: [{ identity: '8:secret', originator: 'secret' }], callState: 'incoming', presentedModalityTypes: ['audio'] });
    const [decoded, stdin, json, validated, nothing] = await Promise.all([
      runNext(['decode', 'botframework', fixture('incoming.json'), fixture('http-recording.json'), 'absent.json']),
      runNext(['decode', 'botframework', '-'], { input: secret }),
      runNext(['decode', 'botframework', '--json', '-'], { input: 'secret' }),
      run(['validate', 'botframework', fixture('workflow-greeting.json'), fixture('workflow-x-silence.json')]),
      runNext(['validate', 'botframework', '--json', '-'], { input: JSON.stringify({ status: 200, headers: {}, body: '' }) }),
    ]);
    expect(decoded).to.deep.include({ code: 1, stdout: `${fixture('incoming.json')}: call call-mona-1: call.incoming\n${fixture('http-recording.json')}: call call-mona-1: record.done\nabsent.json: cannot be read (ERR_OPTION_INVALID)\n` });
    expect(stdin).to.deep.include({ code: 1, stdout: '-: refused, rule P-ORIGINATOR at participants.0.originator: a participant tells whether it began the call (ERR_EVENT_MALFORMED)\n' });
    expect(verdicts(json.stdout)).to.deep.equal([{ file: '-', ok: false, code: 'ERR_EVENT_MALFORMED', rule: 'H-JSON', paths: [] }]);
    expect(validated.code).to.equal(1);
    expect(validated.stdout).to.match(/workflow-greeting\.json: legal: answer, playPrompt[^\n]*\n.*workflow-x-silence\.json: refused, rule PR-SILENCE at actions\.\d+\.\S+: a silence lasts at most 60000 milliseconds \(ERR_BATCH_ILLEGAL\)\n/);
    expect(verdicts(nothing.stdout)).to.deep.equal([{ file: '-', ok: true, actions: [] }]);
  });
});
