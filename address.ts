/**
 * Address — who somebody is: the raw ids of Azure Communication Services, and addresses in words that know no service.
 *
 * On the wire a telephone number is `4:` and E.164, a user of the resource `8:acs:…`, a Teams user `8:orgid:…`, a Teams app
 * `28:orgid:…`. Bots see and write numbers without the `4:`, and all other identities as they are.
 *
 * @module
 */

/** The address of the one whose raw id this is; empty for a number that is withheld. */
export const addressOf = (rawId: string): string => {
  if (/^4:\+?(?:anonymous|restricted|unavailable|withheld|private|unknown)$/i.test(rawId)) return '';
  return /^4:\+?\d+$/.test(rawId) ? rawId.slice(2) : rawId;
};

/** The raw id of whoever `address` is; undefined for what this service cannot reach, such as a SIP URI. */
export const rawIdOf = (address: string): string | undefined => {
  const plain = address.trim();
  if (isNumber(plain)) return `4:${plain}`;
  return /^(?:4:\+\d{3,15}|(?:8|28):\S+)$/.test(plain) && plain.length <= longest ? plain : undefined;
};

/** Longer raw ids are nobody's: those of the service have fewer than a hundred characters. */
export const longest = 256;

/** Whether `address` is a telephone number as E.164 has it. */
export const isNumber = (address: string): boolean => /^\+\d{3,15}$/.test(address);
