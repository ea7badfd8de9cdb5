/**
 * Tone — the sound of a caller who is not there: a quiet hum of the right length as a WAV file, 8 kHz, 16 bit, mono.
 *
 * @module
 */
import { hum } from './sound/tones.ts';
import { toWav } from './sound/wav.ts';

/** A WAV file that lasts `lengthMs`. */
export const toneWav = (lengthMs: number): Buffer => toWav(hum(lengthMs, 8_000));
