import { expect } from 'chai';
import fc from 'fast-check';
import { pronouncing } from '../../../src/emulator/sound/pronunciation.ts';

const phones = new Set('AA AE AH AO AW AY B CH D DH EH ER EY F G HH IH IY JH K L M N NG OW OY P R S SH T TH UH UW V W Y Z ZH'.split(' '));

describe('how a word sounds', () => {
  it('is what the dictionary says, in every way that it says', () => {
    const pronounce = pronouncing("a AH\na(2) EY\nread R EH D\r\nread(2) R IY D\r\nreader R IY D ER\ndon't D OW N T");
    expect(pronounce('read')).deep.equal(['R EH D', 'R IY D']);
    expect(pronounce('a')).deep.equal(['AH', 'EY']);
    expect(pronounce("don't")).deep.equal(['D OW N T']);
  });

  it('is guessed by rules for a word that it does not have', () => {
    const pronounce = pronouncing('');
    for (const [word, sound] of [['plane', 'P L EY N'], ['chart', 'CH AA R T'], ['nation', 'N EY SH AH N'], ['ships', 'SH IH P S'], ['sales', 'S EY L Z'], ['phone', 'F OW N'], ['me', 'M IY'], ['knight', 'N AY T'], ['müller', 'M AH L ER'], ['straße', 'S T R AE S']] as const) {
      expect(pronounce(word)[0], word).equal(sound);
    }
  });

  it('is the names of the letters where nobody could say it otherwise, and may be for any short word', () => {
    const pronounce = pronouncing('');
    expect(pronounce('crm')).deep.equal(['S IY AA R EH M']);
    expect(pronounce('faq')).deep.equal(['F AE K', 'EH F EY K Y UW']);
  });

  it('is not known of a word in other letters', () => {
    expect(pronouncing('')('продажи')).deep.equal([]);
    expect(pronouncing('')('')).deep.equal([]);
  });

  it('is made of phones that the recogniser knows, whatever the word', () => {
    const pronounce = pronouncing('');
    fc.assert(fc.property(fc.string({ unit: fc.constantFrom(..."abcdefghijklmnopqrstuvwxyzéß'"), minLength: 1, maxLength: 20 }), (word) => {
      const ways = pronounce(word);
      if (/[a-z]/.test(word)) expect(ways).not.deep.equal([]);
      for (const way of ways) for (const phone of way.split(' ')) expect(phones.has(phone), `${word}: ${way}`).equal(true);
    }), { numRuns: 2_000 });
  });
});
