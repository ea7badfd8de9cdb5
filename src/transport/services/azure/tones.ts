/**
 * Tones — the names that Azure Communication Services has for the sixteen keys, and back.
 *
 * @module
 */
import type { DtmfKey } from '../../../actions/index.ts';

/** The name of each key. */
export const toneNames = {
  '0': 'zero', '1': 'one', '2': 'two', '3': 'three', '4': 'four', '5': 'five', '6': 'six', '7': 'seven', '8': 'eight', '9': 'nine',
  '*': 'asterisk', '#': 'pound', A: 'a', B: 'b', C: 'c', D: 'd',
} as const satisfies Readonly<Record<DtmfKey, string>>;

/** The name of a key. */
export type ToneName = (typeof toneNames)[DtmfKey];

const keys: ReadonlyMap<string, DtmfKey> = new Map(Object.entries(toneNames).map(([key, name]) => [name, key as DtmfKey]));

/** The key that is called `name`; undefined where there is none. */
export const keyOf = (name: string): DtmfKey | undefined => keys.get(name);
