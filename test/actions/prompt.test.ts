import { PromptItem, promptItems, promptText } from 'callchart';
import { expect } from 'chai';

describe('prompt', () => {
  it('a string is spoken', () => {
    expect(promptItems('Hi')).to.deep.equal([{ text: 'Hi' }]);
  });
  it('a list keeps its order, and its strings are spoken', () => {
    expect(promptItems(['One', { silenceMs: 200 }, { audio: 'https://x/two.wav' }])).to.deep.equal([{ text: 'One' }, { silenceMs: 200 }, { audio: 'https://x/two.wav' }]);
  });
  it('nothing, an empty text and an empty list stand for nothing', () => {
    for (const nothing of [undefined, '', ' \n', []]) expect(promptItems(nothing)).to.deep.equal([]);
    expect(promptItems(['', 'Hi', ''])).to.deep.equal([{ text: 'Hi' }]);
  });
  it('what is no prompt is not taken for one', () => {
    for (const wrong of ['Hi', 5, null, {}, { text: 5 }, { text: 'Hi', voice: 'robot' }, { text: '1', sayAs: 'money' }]) expect(PromptItem.is(wrong)).to.equal(false);
  });
  it('a person reads the words, and a bracketed word for every sound', () => {
    expect(promptText([{ text: 'Hi.' }, { audio: 'a.wav' }, { silenceMs: 1_500 }, { ssml: '<speak>two <break/>\n three</speak>' }])).to.equal('Hi. [audio a.wav] [silence 1.5 s] two three');
  });
});
