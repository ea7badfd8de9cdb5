/**
 * Party — who can be rung: a telephone number, a SIP address, or a client of the account.
 *
 * Leaf of `src/transport/services/twilio`.
 *
 * @module
 */

/** Somebody who can be rung, and how Dial names him. */
export interface Party {
  readonly noun: 'Number' | 'Sip' | 'Client';
  readonly address: string;
}

/** Whom `to` names; undefined where it is nobody whom Twilio rings. */
export const partyIn = (to: string): Party | undefined => {
  const number = /^(?:tel:)?(\+?\d{2,15})$/.exec(to)?.[1];
  if (number !== undefined) return { noun: 'Number', address: number };
  if (isSip(to)) return { noun: 'Sip', address: to };
  const client = /^client:(\S{1,256})$/.exec(to)?.[1];
  return client === undefined ? undefined : { noun: 'Client', address: client };
};

/** Whether `to` is a SIP address. */
export const isSip = (to: string): boolean => /^sips?:\S{1,250}$/.test(to);
