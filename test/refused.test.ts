/**
 * What the compiler refuses: every bot in `types/refused`, at the line where its author has to look, with a text that
 * says what is wrong. `types/accepted.ts` is the other half; it is compiled with everything else.
 */
import { expect } from 'chai';
import { compile, type Diagnostic, withProject } from './types/compile.ts';
import { generateBot } from './types/generate.ts';
import { refusals } from './types/refusals.ts';

describe('the compiler', function () {
  this.timeout(120_000);

  /** A bot of 500 states alone, at a service, at one that cannot ask one of its questions, and with one outcome that nothing handles. */
  const great = generateBot(500);
  const served = `${great}
import { calls, type ReplyService } from 'callchart';
declare const service: ReplyService<'able', 'play' | 'hangup' | 'recognize'>;
calls({ service, bots: bot });
`;
  const generated = {
    'served.ts': served,
    'unable.ts': served.replace('s250: recognize({', 's250: recognize({ speech: true,').replace(/(speech: true,[^]*?on: \{)/, "$1 speech: 's9',"),
    'unhandled.ts': great.replace('    s250: recognize({', '    s250: recognize({ // here').replace(/(s250: recognize\(\{ \/\/ here[^]*?choices: \{)/, "$1 zero: '0',"),
  };

  /** Of all of them, in one run of the compiler: it takes longer to read what they stand on than to look at one. */
  let diagnostics: readonly Diagnostic[] = [];
  before(() => {
    diagnostics = withProject(generated, compile, ['test/types/refused']);
  });
  const of = (name: keyof typeof generated): readonly Diagnostic[] => diagnostics.filter(({ file }) => file === name);

  for (const { file, mistake, expected } of refusals) {
    it(`refuses ${file}: ${mistake}`, () => {
      const here = diagnostics.filter((diagnostic) => diagnostic.file === file);
      expect(mistake, 'the first line says the mistake').not.equal('');
      expect(expected.length, 'something is expected').above(0);
      for (const { line, text } of expected) expect(here.filter((diagnostic) => diagnostic.line === line).map((diagnostic) => diagnostic.text).join('\n'), `line ${line}`).contain(text);
      const lines = new Set(expected.map(({ line }) => line));
      expect(here.filter(({ line }) => !lines.has(line)).map(({ text }) => text), 'nothing else is refused').eql([]);
    });
  }

  it('has nothing to say of any other file', () => {
    const known = new Set([...refusals.map(({ file }) => file), ...Object.keys(generated)]);
    expect(diagnostics.filter(({ file }) => !known.has(file)).map(({ text }) => text)).eql([]);
  });

  it('accepts a bot of 500 states, beside a service', () => {
    expect(of('served.ts')).eql([]);
  });

  it('finds the one question among 500 states that the service cannot ask', () => {
    expect(of('unable.ts').map(({ text }) => /state `\w+`: the service `able` cannot do `\w+`/.exec(text)?.[0])).eql(['state `s250`: the service `able` cannot do `speech`']);
  });

  it('finds the one outcome among 500 states that is not handled', () => {
    const line = generated['unhandled.ts'].split('\n').findIndex((text) => text.includes('// here')) + 1;
    const found = of('unhandled.ts');
    expect(found.map((diagnostic) => diagnostic.line)).eql([line]);
    expect(found[0]?.text).contain('state `s250`: outcome `zero` is not handled');
  });
});
