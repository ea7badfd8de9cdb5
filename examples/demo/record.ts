/** Record — a message, and how long it is. */
import { waterfall } from 'callchart';

const seconds = new Intl.NumberFormat('en', { style: 'unit', unit: 'second', unitDisplay: 'long', maximumFractionDigits: 0 });

export const record = waterfall('record')
  .record('message', { prompt: 'Say something after the tone.' })
  .say(({ results }) => `You spoke for ${seconds.format(results.message.lengthMs / 1_000)}.`)
  .end();
