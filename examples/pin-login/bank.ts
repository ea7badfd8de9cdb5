/** Bank — what the telephone desk asks of the bank. Made up: put your own in the place of both functions. */
import * as t from 'io-ts';
import type { TaskArgs } from 'callchart';

/** How an attempt to sign in ended. */
export const SignedIn = t.union([
  t.type({ status: t.literal('in'), euros: t.number }),
  t.type({ status: t.literal('wrong') }),
  t.type({ status: t.literal('locked') }),
]);

interface Attempt {
  readonly account: string;
  /** Sealed: only `reveal` opens it, and what it opens does not leave this function. */
  readonly pin: string;
}

const accounts: Readonly<Record<string, { readonly pin: string; readonly euros: number }>> = { '1001': { pin: '246813', euros: 1_250 }, '1002': { pin: '975310', euros: 80 } };
const locked = new Set<string>();

/** Whether the account and the PIN belong together. A wrong account and a wrong PIN are told alike. */
export const signIn = async ({ account, pin }: Attempt, { reveal }: TaskArgs): Promise<t.TypeOf<typeof SignedIn>> => {
  const found = accounts[account];
  if (locked.has(account)) return { status: 'locked' };
  return found !== undefined && found.pin === reveal(pin) ? { status: 'in', euros: found.euros } : { status: 'wrong' };
};

/** Locks the account for the telephone: whoever calls next does not get three more tries. */
export const lock = async (account: string): Promise<void> => void locked.add(account);
