import { type Choice, listen, type Recognize, recognizeDefaults, words } from 'callchart';
import { expect } from 'chai';

const choices: readonly Choice[] = [
  { name: 'sales', key: '1', phrases: ['sales', 'the sales desk'] },
  { name: 'support', key: '2', phrases: ['help me'] },
  { name: 'agent', phrases: ['människa'] },
];
const menu: Recognize = { prompts: [], ...recognizeDefaults, choices };
const code = (digits: NonNullable<Recognize['digits']>): Recognize => ({ prompts: [], ...recognizeDefaults, digits });

describe('listen', () => {
  it('a key ends a question at once, and what is keyed after it waits for the next one', () => {
    expect(listen(menu, { keys: '2#7' })).to.deep.equal({ ending: 'choice', name: 'support', via: 'dtmf', rest: '#7' });
  });
  it('a key that is no choice ends it as well', () => {
    expect(listen(menu, { keys: '9' })).to.deep.equal({ ending: 'nomatch', by: 'key', rest: '' });
  });
  it('a phrase is heard whatever its case, its stops and its blanks', () => {
    expect(listen(menu, { says: ' The  SALES desk! ' })).to.deep.equal({ ending: 'choice', name: 'sales', via: 'speech', rest: '' });
    expect(listen(menu, { says: 'Ma\u0308nniska' })).to.deep.include({ ending: 'choice', name: 'agent' });
  });
  it('a phrase that contains a choice is not that choice', () => {
    expect(listen(menu, { says: 'not the sales desk' })).to.deep.equal({ ending: 'nomatch', by: 'speech', rest: '' });
  });
  it('silence is silence, and so is a cough without a word in it', () => {
    for (const input of ['silence', { keys: '' }, { says: ' … ' }] as const) expect(listen(menu, input)).to.deep.equal({ ending: 'noinput', rest: '' });
  });
  it('digits end at the termchar, which is none of them', () => {
    expect(listen(code({ termchars: ['#'] }), { keys: '123#4' })).to.deep.equal({ ending: 'digits', digits: '123', by: 'termchar', rest: '4' });
  });
  it('digits end when the last one is keyed', () => {
    expect(listen(code({ max: 4 }), { keys: '12345' })).to.deep.equal({ ending: 'digits', digits: '1234', by: 'interdigit', rest: '5' });
  });
  it('digits end at a pause, however few there are', () => {
    expect(listen(code({ max: 4 }), { keys: '12' })).to.deep.equal({ ending: 'digits', digits: '12', by: 'interdigit', rest: '' });
  });
  it('a termchar alone is an answer without digits', () => {
    expect(listen(code({ termchars: ['#', '*'] }), { keys: '*' })).to.deep.equal({ ending: 'digits', digits: '', by: 'termchar', rest: '' });
  });
  it('letters, digits and marks are what a phrase is compared by', () => {
    expect(words('  Ünïted-Kingdom, No. 1 ')).to.equal('ünïted kingdom no 1');
  });
});
