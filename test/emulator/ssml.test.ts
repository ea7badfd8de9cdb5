import { expect } from 'chai';
import { callMachine, hangup } from 'callchart';
import { heardOf } from '../../src/emulator/ssml.ts';
import { azureCall } from './azure-call.ts';

const spoken = (content: string): string => `<speak version="1.0" xmlns="http://www.w3.org/2001/10/synthesis" xml:lang="en-US"><voice name="en-US-NancyNeural">${content}</voice></speak>`;

describe('SSML, as somebody who listens has it', () => {
  it('is its words, its pauses and its files, in order', () => {
    expect(heardOf(spoken('Your code is <say-as interpret-as="characters">AB&#38;1</say-as>,\n  sir. <break time="500ms"/><break time="1.5s"/><audio src="https://bot.example/a.wav">or this</audio> Bye.'))).deep.equal([
      { text: 'Your code is AB&1, sir.' }, { silenceMs: 2_000 }, { audio: 'https://bot.example/a.wav' }, { text: 'Bye.' },
    ]);
  });

  it('is nothing where there is nothing to hear, and a short pause where nobody says how long', () => {
    expect(heardOf(spoken(' \n'))).deep.equal([]);
    expect(heardOf(spoken('<break/>'))).deep.equal([{ silenceMs: 750 }]);
    expect(heardOf(spoken('<break strength="x-strong"/>'))).deep.equal([{ silenceMs: 1_250 }]);
  });

  it('is the words that an abbreviation stands for, and sentences that do not run together', () => {
    expect(heardOf(spoken('<p><s>Call <sub alias="the World Wide Web">WWW</sub>.</s><s>Now.</s></p>'))).deep.equal([{ text: 'Call the World Wide Web. Now.' }]);
  });

  it('is read out as a reader reads it, where there is one', () => {
    expect(heardOf(spoken('At <say-as interpret-as="time" format="hms24">15:00</say-as>.'), (text, as, format) => `[${as} ${format} ${text}]`)).deep.equal([{ text: 'At [time hms24 15:00].' }]);
  });

  it('is what is written where it is no markup', () => {
    expect(heardOf('just words')).deep.equal([{ text: 'just words' }]);
  });

  it('is what the bot wrote: words that are read in some way, and silence', async () => {
    const bot = callMachine('clock', { initial: 'bye', states: { bye: hangup([{ text: '12:30', sayAs: 'time24' }, { silenceMs: 700 }, { text: 'Goodbye & thanks.', emphasis: true }]) } });
    const { report } = await azureCall(bot, (caller) => caller.hears('12:30').hears('Goodbye & thanks.').isHungUp());
    expect(report.transcript.filter(({ who }) => who === 'bot').map(({ kind, text }) => [kind, text])).deep.equal([['answered', undefined], ['says', '12:30'], ['pauses', '0.7 s'], ['says', 'Goodbye & thanks.'], ['hungup', undefined]]);
  });
});
