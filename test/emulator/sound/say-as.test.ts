import { expect } from 'chai';
import fc from 'fast-check';
import { SayAs } from '../../../src/actions/index.ts';
import { cardinal, ordinal, written, year } from '../../../src/emulator/sound/numbers.ts';
import { interpreted, readAs } from '../../../src/emulator/sound/say-as.ts';
import { speakable } from '../../../src/emulator/sound/speakable.ts';

describe('how a text is read out', () => {
  const readings: Readonly<globalThis.Record<SayAs, readonly (readonly [string, string])[]>> = {
    yearMonthDay: [['2024-05-17', 'May seventeenth, twenty twenty four'], ['20240517', 'May seventeenth, twenty twenty four']],
    monthDayYear: [['5/17/2024', 'May seventeenth, twenty twenty four'], ['May 17th, 2024', 'May seventeenth, twenty twenty four'], ['2024-05-17', 'May seventeenth, twenty twenty four'], ['99/99/2024', '99/99/2024']],
    dayMonthYear: [['17.5.1905', 'the seventeenth of May, nineteen oh five'], ['the 1st of April 2000', 'the first of April, two thousand']],
    yearMonth: [['2024-05', 'May, twenty twenty four']],
    monthYear: [['12/1999', 'December, nineteen ninety nine']],
    monthDay: [['5/17', 'May seventeenth']],
    dayMonth: [['17.5.', 'the seventeenth of May']],
    day: [['17', 'seventeenth'], ['32', '32']],
    month: [['5', 'May'], ['sep', 'September'], ['13', '13']],
    year: [['1985', 'nineteen eighty five']],
    cardinal: [['-1,250.50', 'minus one thousand two hundred fifty point five zero'], ['a few', 'a few']],
    ordinal: [['42', 'forty second'], ['20th', 'twentieth']],
    letters: [['AB12-c', 'A B one two dash C'], ['…', '…']],
    time12: [['15:45', 'three forty five P M'], ['0:05', 'twelve oh five A M'], ['12 pm', 'twelve P M'], ['25:00', '25:00']],
    time24: [['15:00', 'fifteen hundred'], ['08:05:10', 'eight oh five and ten seconds'], ['3:30 p.m.', 'fifteen thirty']],
    telephone: [['+1 (555) 010-9999', 'plus one, five five five, zero one zero, nine nine nine nine'], ['5550109999', 'five five five, zero one zero, nine nine nine nine'], ['911', 'nine one one']],
    name: [['Siobhán', 'Siobhán']],
    phoneticName: [['Shivawn', 'Shivawn']],
  };

  for (const [as, cases] of Object.entries(readings)) {
    it(`is in words as ${as}`, () => {
      for (const [text, words] of cases) expect(readAs(text, as as SayAs)).equal(words);
    });
  }

  it('is in words whatever it is, and never a failure', () => {
    fc.assert(fc.property(fc.oneof(fc.string(), fc.string({ unit: fc.constantFrom(...'0123456789:/.- +apm') })), fc.constantFrom(...(Object.keys(SayAs.keys) as SayAs[])), (text, as) => {
      const words = readAs(text, as);
      expect(words).a('string').not.match(/undefined|NaN/);
      if (/\S/.test(text)) expect(words).match(/\S/);
    }), { numRuns: 1_000 });
  });

  it('is what SSML says that it is', () => {
    expect(interpreted('5/17', 'date', 'md')).equal('May seventeenth');
    expect(interpreted('5/17/2024', 'date')).equal('May seventeenth, twenty twenty four');
    expect(interpreted('15:00', 'time', 'hms24')).equal('fifteen hundred');
    expect(interpreted('42', 'digits')).equal('four two');
    expect(interpreted('AB', 'characters')).equal('A B');
    expect(interpreted('as it is', 'expletive')).equal('as it is');
  });

  it('has numbers as they are said', () => {
    expect([0, 13, 20, 21, 100, 115, 1_000, 21_012, 1e6, 1e15].map(cardinal)).deep.equal([
      'zero', 'thirteen', 'twenty', 'twenty one', 'one hundred', 'one hundred fifteen', 'one thousand', 'twenty one thousand twelve', 'one million', 'one zero zero zero zero zero zero zero zero zero zero zero zero zero zero zero',
    ]);
    expect([1, 2, 3, 5, 8, 9, 12, 20, 21, 100].map(ordinal)).deep.equal(['first', 'second', 'third', 'fifth', 'eighth', 'ninth', 'twelfth', 'twentieth', 'twenty first', 'one hundredth']);
    expect([33, 1066, 1900, 2000, 2005, 2010].map(year)).deep.equal(['thirty three', 'ten sixty six', 'nineteen hundred', 'two thousand', 'two thousand five', 'twenty ten']);
    expect([written('9999999999999999999'), written('1,2')]).deep.equal([Array(19).fill('nine').join(' '), undefined]);
  });
});

describe('what an English voice can say', () => {
  it('is sums of money in words', () => {
    expect(speakable('It costs $12.50, or €1, or 0,50 €, or £1,250.01.').text).equal('It costs twelve dollars and fifty cents, or one euro, or fifty cents, or one thousand two hundred fifty pounds and one penny.');
  });

  it('is the signs that a telephone has', () => {
    expect(speakable('Press * or #…').text).equal('Press star or pound...');
    expect(speakable('it’s “fine” — really').text).equal("it's fine, really");
  });

  it('is Latin, Greek and Cyrillic in the letters of English', () => {
    expect(speakable('Grüße, Łódź')).deep.equal({ text: 'Grusse, lodz', isForeign: false });
    expect(speakable('Привет')).deep.equal({ text: 'privet', isForeign: true });
    expect(speakable('Καλημέρα')).deep.equal({ text: 'kalimera', isForeign: true });
  });

  it('is nothing of what has no sound in English', () => {
    expect(speakable('日本語')).deep.equal({ text: '', isForeign: true });
    expect(speakable('Hello 👋 日本')).deep.equal({ text: 'Hello', isForeign: true });
    expect(speakable(' … ')).deep.equal({ text: '', isForeign: false });
  });

  it('is printable and without a word that takes minutes, whatever the text', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary', maxLength: 300 }), fc.nat(200), (text, length) => {
      const said = speakable(text + 'a'.repeat(length)).text;
      expect(said).match(/^[ -~]*$/);
      expect(Math.max(...said.split(' ').map((word) => word.length))).most(41);
    }));
  });
});
