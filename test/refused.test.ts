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

  let diagnostics: readonly Diagnostic[] = [];
  before(() => {
    diagnostics = compile('test/types/tsconfig.refused.json');
  });

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
    const known = new Set(refusals.map(({ file }) => file));
    expect(diagnostics.filter(({ file }) => !known.has(file)).map(({ text }) => text)).eql([]);
  });

  it('accepts a bot of 500 states', () => {
    expect(withProject(generateBot(500), compile)).eql([]);
  });

  it('accepts it beside a service, and finds the one question among 500 states that the service cannot ask', () => {
    const served = `${generateBot(500)}
import { calls, type ReplyService } from 'callchart';
declare const service: ReplyService<'able', 'play' | 'hangup' | 'recognize'>;
calls({ service, bots: bot });
`;
    expect(withProject(served, compile)).eql([]);
    const found = withProject(served.replace('s250: recognize({', 's250: recognize({ speech: true,').replace(/(speech: true,[^]*?on: \{)/, "$1 speech: 's9',"), compile);
    expect(found.map(({ text }) => /state `\w+`: the service `able` cannot do `\w+`/.exec(text)?.[0])).eql(['state `s250`: the service `able` cannot do `speech`']);
  });

  it('finds the one outcome among 500 states that is not handled', () => {
    const source = generateBot(500).replace("    s250: recognize({", "    s250: recognize({ // here").replace(/(s250: recognize\(\{ \/\/ here[^]*?choices: \{)/, "$1 zero: '0',");
    const line = source.split('\n').findIndex((text) => text.includes('// here')) + 1;
    const found = withProject(source, compile);
    expect(found.map((diagnostic) => diagnostic.line)).eql([line]);
    expect(found[0]?.text).contain('state `s250`: outcome `zero` is not handled');
  });
});
