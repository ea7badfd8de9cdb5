/**
 * DTMF — the sixteen keys of a telephone, RFC 4733 events 0–15.
 *
 * Leaf of `src/actions`: imports `io-ts` alone.
 *
 * @module
 */
import * as t from 'io-ts';

/** One key as the caller's phone labels it. Letters are upper case. */
export const DtmfKey = t.keyof(
  { '0': 0, '1': 0, '2': 0, '3': 0, '4': 0, '5': 0, '6': 0, '7': 0, '8': 0, '9': 0, '*': 0, '#': 0, A: 0, B: 0, C: 0, D: 0 },
  'DtmfKey',
);
export type DtmfKey = t.TypeOf<typeof DtmfKey>;

/** Whether every character of `digits` is a key. The empty string is. */
export const isDigits = (digits: string): boolean => /^[0-9*#A-D]*$/.test(digits);
