/** Dtmf — a question that is answered by one key. */
import { waterfall } from 'callchart';

export const dtmf = waterfall('dtmf')
  .say('Here you choose by key.')
  .ask('option', { prompt: 'For A press 1, for B press 2, for C press 3.', choices: { A: { key: '1' }, B: { key: '2' }, C: { key: '3' } } })
  .say(({ results }) => `That was option ${results.option}.`)
  .end();
