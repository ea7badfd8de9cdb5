/** What the check is for: faults that are planted in the example bots are found, and heard by whoever rings the bot as the check says. */
import { execFile } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { expect } from 'chai';
import { type Certificate, type Finding, type Longest, severities } from '../../src/machines/check/finding.ts';
import { faults, type Planted } from './planted-faults.ts';
import { type Command, type Ran, root, runMany } from './run.ts';

/** What `check --json` prints. */
interface Printed {
  readonly ok: boolean;
  readonly certificate: (Omit<Certificate, 'script'> & { readonly script: string | null }) | null;
  readonly secondOpinion: { readonly says: string };
  readonly findings: readonly (Omit<Finding, 'script'> & { readonly script: string | null; readonly confirmed: boolean })[];
}

const printed = ({ stdout }: Ran): Printed => JSON.parse(stdout) as Printed;

/** What happens on the line, without what happens in every call. A sealed number is another one each time. */
const heard = ({ stdout }: Ran): readonly string[] => {
  const { transcript } = JSON.parse(stdout) as { readonly transcript: readonly { readonly who: string; readonly kind: string; readonly text?: string }[] };
  const told = transcript.filter(({ kind }) => !['ringing', 'answered', 'asks', 'pauses', 'assumed'].includes(kind));
  return told.map(({ who, kind, text }) => (text === undefined ? `${who} ${kind}` : `${who} ${kind} ${text.replace(/^sealed\..*/, 'sealed.…')}`));
};

/** The command that was built. */
const runBuilt = (args: readonly string[], input = ''): Promise<Ran> =>
  new Promise((resolve) => {
    const child = execFile(process.execPath, [join(root, 'dist/cli/main.js'), ...args], { cwd: root }, (error, stdout, stderr) => resolve({ code: error === null ? 0 : Number(error.code), stdout, stderr }));
    child.stdin?.end(input);
  });

/** Runs `commands` in two processes at once. */
const runBoth = async (commands: readonly Command[]): Promise<readonly Ran[]> => {
  const half = Math.ceil(commands.length / 2);
  return (await Promise.all([runMany(commands.slice(0, half)), runMany(commands.slice(half))])).flat();
};

describe('callchart check, of the example bots', function () {
  this.timeout(60_000);
  let folder = '';
  before(() => {
    mkdirSync(join(root, '.callchart'), { recursive: true });
    folder = mkdtempSync(join(root, '.callchart/planted-'));
  });
  after(() => rmSync(folder, { recursive: true }));

  describe('as they are', () => {
    const examples: Readonly<Record<string, Pick<Certificate, 'withoutInput' | 'whole' | 'rounds'>>> = {
      watson: { withoutInput: { prompts: 1, reprompts: 0, silenceMs: 0 }, whole: { prompts: 1, reprompts: 0, silenceMs: 0 }, rounds: [] },
      acme: { withoutInput: { prompts: 4, reprompts: 2, silenceMs: 15_000 }, whole: { prompts: 4, reprompts: 2, silenceMs: 15_000 }, rounds: [] },
      states: { withoutInput: { prompts: 5, reprompts: 1, silenceMs: 10_000 }, whole: null, rounds: ['asking'] },
      demo: { withoutInput: { prompts: 10, reprompts: 4, silenceMs: 30_000 }, whole: null, rounds: ['chat/asking', 'chat/sending', 'digits/asking', 'digits/confirming', 'dtmf/option', 'help', 'menu', 'record/message'] },
    };
    const names = Object.keys(examples);

    it('finds nothing, and says how long a call can be; whoever is silent for as long hears as much', async () => {
      const checked = await Promise.all(names.map((name) => runBuilt(['check', `examples/${name}`, '--json'])));
      expect(checked.map(({ code, stderr }) => [code, stderr])).to.deep.equal(names.map(() => [0, '']));
      const scripts = checked.map((ran, index) => {
        const { ok, certificate, findings, secondOpinion } = printed(ran);
        expect(findings.filter(({ waived }) => waived === undefined), names[index]).to.deep.equal([]);
        expect([ok, secondOpinion.says]).to.deep.equal([true, 'same']);
        const { script, ...figures } = certificate as NonNullable<typeof certificate>;
        expect(figures, names[index]).to.deep.equal(examples[names[index] as string]);
        return script as string;
      });
      names.forEach((name, index) => writeFileSync(join(folder, `${name}.script`), scripts[index] as string));
      const called = await runMany(names.map((name): Command => ({ command: 'call', bot: `examples/${name}`, options: { json: true, script: join(folder, `${name}.script`) } })));
      called.forEach((ran, index) => expect([names[index], ran.code, ran.stderr, longest(heard(ran))]).to.deep.equal([names[index], 0, '', examples[names[index] as string]?.withoutInput]));
      expect(called.map((ran) => heard(ran).at(-1)), 'and is hung up on by the bot').to.deep.equal(names.map(() => 'bot hungup'));
    });

    it('prints the same for people', async () => {
      const { code, stdout, stderr } = await runBuilt(['check', 'examples/acme']);
      expect([code, stderr]).to.deep.equal([0, '']);
      expect(stdout).to.match(/^acme: every call ends\nwithout input it lasts at most 4 prompts, 2 questions asked again, 15 s of silence: silence, silence, silence\n/).and.to.contain('\nacme: nothing found\n');
    });
  });

  describe('with a fault planted', () => {
    const at = (index: number): string => join(folder, String(index));
    let known: ReadonlyMap<string, readonly string[]>;
    let checked: readonly Ran[];
    let called: ReadonlyMap<number, Ran>;
    /** Of faults that a caller of the table shows: the script of the finding, which comes to the state. */
    let visited: readonly Ran[];

    before(async () => {
      faults.forEach((fault, index) => plant(fault, at(index)));
      const names = ['watson', 'acme', 'states', 'demo'];
      const ran = await runBoth([...names.map((name) => `examples/${name}`), ...faults.map((_, index) => at(index))].map((bot): Command => ({ command: 'check', bot, options: { json: true } })));
      known = new Map(names.map((name, index) => [name, printed(ran[index] as Ran).findings.map(({ id }) => id)]));
      checked = ran.slice(names.length);
      const calls = faults.flatMap(({ shown, id }, index) => {
        if (shown.by === 'nothing') return [];
        const script = shown.by === 'caller' ? shown.script : printed(checked[index] as Ran).findings.find((finding) => finding.id === id)?.script;
        writeFileSync(join(at(index), 'caller.script'), script ?? '');
        return [{ index, options: { json: true, script: join(at(index), 'caller.script'), ...(shown.by === 'caller' && shown.language !== undefined && { language: shown.language }) } }];
      });
      const visits = faults.flatMap(({ shown, id }, index) => {
        const script = shown.by === 'caller' || shown.by === 'nothing' ? printed(checked[index] as Ran).findings.find((finding) => finding.id === id)?.script : undefined;
        if (typeof script !== 'string') return [];
        writeFileSync(join(at(index), 'visit.script'), script);
        return [{ index, options: { json: true, script: join(at(index), 'visit.script') } }];
      });
      const outcomes = await runBoth([...calls, ...visits].map(({ index, options }): Command => ({ command: 'call', bot: at(index), options })));
      called = new Map(calls.map(({ index }, number) => [index, outcomes[number] as Ran]));
      visited = outcomes.slice(calls.length);
    });

    it('has a fault for every rule', () => {
      expect([...new Set(faults.map(({ rule }) => rule))].sort()).to.deep.equal(Object.keys(severities).sort());
    });

    faults.forEach(({ rule, example, mistake, id, shown }, index) => {
      it(`${rule}: ${example}, where ${mistake}`, () => {
        const ran = checked[index] as Ran;
        const { findings, ok } = printed(ran);
        const before = rule === 'invalid' ? [] : (known.get(example) as readonly string[]); // nothing else is looked at of what is refused
        expect(findings.map((finding) => finding.id).sort()).to.deep.equal([...before, id].sort());
        const finding = findings.find((one) => one.id === id) as Printed['findings'][number];
        expect(finding).to.include({ rule, severity: severities[rule] });
        expect([ran.code, ok, ran.stderr]).to.deep.equal(finding.severity === 'error' ? [1, false, ''] : [0, true, '']);
        expect(finding.script === null, 'there is a script wherever there is a state to come to').to.equal(['invalid', 'unreachable', 'no-person', 'waiver-unused'].includes(rule));
        expect(finding.confirmed, 'and the real core does what it says').to.equal(finding.script !== null);
      });

      if (shown.by === 'finding' || shown.by === 'caller') {
        it(`${rule}: ${example}: what is heard is ${shown.noticed}`, () => {
          const { stderr, ...ran } = called.get(index) as Ran;
          expect(heard({ stderr, ...ran })).to.deep.equal(shown.heard);
          expect(ran.code, stderr).to.equal(shown.heard.some((line) => line.includes('something went wrong')) ? 1 : 0);
        });
      } else if (shown.by === 'refusal') {
        it(`${rule}: ${example}: nobody can ring it`, () => {
          const { code, stdout, stderr } = called.get(index) as Ran;
          expect([code, stdout]).to.deep.equal([2, '']);
          expect(stderr).to.contain(`(${shown.code})`);
        });
      }
    });

    it('counts the silence before what is never sent', () => {
      const { certificate } = printed(checked[faults.findIndex(({ id }) => id === 'batch-illegal:bye')] as Ran);
      expect(certificate?.withoutInput).to.deep.equal({ prompts: 4, reprompts: 1, silenceMs: 10_000 });
    });

    it('has in every finding a script that the phone can play', () => {
      expect(visited).to.have.length.greaterThan(10);
      for (const { code, stderr } of visited) expect([code, stderr]).to.deep.equal([0, '']);
    });

    it('is told for people by the sentence, the id and the script, and by what the line cannot do', async () => {
      const of = (id: string): string => at(faults.findIndex((fault) => fault.id === id));
      const [loop, breadth, deaf] = await Promise.all([runBuilt(['check', of('silent-loop:menu')]), runBuilt(['check', of('menu-breadth:menu')]), runBuilt(['check', of('nomatch-loop:digits/asking')])]);
      expect(loop.code).to.equal(1);
      expect(loop.stdout).to.match(/^acme: not every call ends\n/).and.to.contain('acme: 1 error\n  error   state `menu`: silence alone can go round for ever: `menu`, `menu`\n          silent-loop:menu\n            silence\n            silence\n            hangup\n');
      expect(breadth.code).to.equal(0);
      expect(breadth.stdout).to.match(/^acme: every call ends\n/).and.to.contain('acme: 1 warning\n  warning state `menu`: offers 6 options');
      expect(deaf.stdout).to.contain('            say mumble\n            hangup\n            (the service `botframework` does not notice words that are no choice: to a bot on its line the caller is silent)\n');
    });

    it('is heard by the command that was built, too', async () => {
      const some = ['dead-end:bye', 'silent-loop:digits/asking', 'timer-loop:waiting'].map((id) => faults.findIndex((fault) => fault.id === id));
      const ran = await Promise.all(some.map((index) => runBuilt(['call', at(index), '--script', '-', '--json'], readFileSync(join(at(index), 'caller.script'), 'utf8'))));
      ran.forEach((one, number) => expect(heard(one)).to.deep.equal((faults[some[number] as number] as Planted & { readonly shown: { readonly heard: unknown } }).shown.heard));
    });
  });

  it('ends with 2 and says why where there is nothing to check, and nothing else', async () => {
    const sources: Readonly<Record<string, string>> = {
      'raw.ts': "import { createMachine } from 'xstate';\nexport default createMachine({ id: 'lamp', initial: 'off', states: { off: {} } });\n",
      'dialog.ts': "import { dialogMachine } from 'callchart';\nexport default dialogMachine('pin', { initial: 'known', states: { known: { type: 'final' } } });\n",
      'typo.ts': "import { callMachine } from 'callchart';\nexport default callMachine('acme', {\n",
      'none.ts': "import { callMachine } from 'callchart';\nexport const acme = callMachine;\n",
      'words.json': '{ "hello": "world" }',
      'cut.json': '{ "states": [',
    };
    for (const [name, source] of Object.entries(sources)) writeFileSync(join(folder, name), source);
    const said = await runBoth([...Object.keys(sources), 'absent.ts', '.'].map((name, index): Command => ({ command: 'check', bot: join(relative(root, folder), name), options: { json: index % 2 === 0 } })));
    expect(said.map(({ code, stdout }) => ({ code, stdout }))).to.deep.equal(said.map(() => ({ code: 2, stdout: '' })));
    expect(said.map(({ stderr }) => stderr.replaceAll(relative(root, folder), 'folder').trimEnd())).to.deep.equal([
      'callchart: folder/raw.ts: the default export is the XState machine `lamp`, which `callMachine` did not make (ERR_BOT_LOAD)',
      'callchart: folder/dialog.ts: the default export is the dialog `pin`; a bot is made with `callMachine` (ERR_BOT_LOAD)',
      'callchart: folder/typo.ts:3:0: Expected identifier but found end of file (ERR_BOT_LOAD)',
      'callchart: folder/none.ts: the file has no default export; `export default callMachine(…)` is a bot (ERR_BOT_LOAD)',
      'callchart: folder/words.json: refused, since it breaks rule F-NONE (“the file holds a Studio flow: an object with a list `states`, each of them with a `name` and a `type`”); nothing of it was examined (ERR_FLOW_UNEXAMINED)',
      'callchart: folder/cut.json: refused, since it breaks rule F-JSON (“the file is JSON”); nothing of it was examined (ERR_FLOW_UNEXAMINED)',
      'callchart: there is no file or folder folder/absent.ts (ERR_BOT_LOAD)',
      'callchart: the folder folder has neither bot.ts nor bot.js (ERR_BOT_LOAD)',
    ]);
    const [absent, wrong] = await Promise.all([runBuilt(['check', join(folder, 'absent.ts')]), runBuilt(['check', join(folder, 'raw.ts'), '--json'])]);
    expect([absent.code, absent.stdout, wrong.code, wrong.stdout]).to.deep.equal([2, '', 2, '']);
  });
});

/** Writes the example of `fault` to `folder`, with the fault in it. */
const plant = ({ example, changes, mistake }: Planted, folder: string): void => {
  cpSync(join(root, 'examples', example), folder, { recursive: true });
  for (const { file = 'bot.ts', from, to } of changes) {
    const source = readFileSync(join(folder, file), 'utf8');
    expect(source.split(from), `${mistake}: \`${from}\` stands once in ${file}`).to.have.length(2);
    writeFileSync(join(folder, file), source.replace(from, () => to));
  }
};

/** What a caller hears and waits through after his last input. An apology goes with the question that is asked again. */
const longest = (entries: readonly string[]): Longest => {
  const idle = entries.slice(entries.findLastIndex((entry) => /^caller (?:keys|speech) /.test(entry)) + 1);
  const says = idle.filter((entry) => entry.startsWith('bot says '));
  const reprompts = says.filter((entry) => entry === 'bot says Sorry, I did not hear you.').length;
  const silence = idle.map((entry) => Number(/^caller silence (\d+) s$/.exec(entry)?.[1] ?? 0)).reduce((sum, one) => sum + one, 0);
  return { prompts: says.length - reprompts, reprompts, silenceMs: silence * 1_000 };
};
