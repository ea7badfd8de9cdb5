/**
 * Identity — who is on a call of Azure Communication Services: the raw id by which everything is told apart, and the object
 * around it that stands on the wire.
 *
 * Leaf: imports nothing.
 *
 * @module
 */

/** Fields of a body, of which nothing is known yet. */
export type Fields = Readonly<Record<string, unknown>>;

/** An identity as the service writes it. */
export type Identifier = { readonly rawId: string } & (
  | { readonly kind: 'phoneNumber'; readonly phoneNumber: { readonly value: string } }
  | { readonly kind: 'communicationUser'; readonly communicationUser: { readonly id: string } }
  | { readonly kind: 'microsoftTeamsUser'; readonly microsoftTeamsUser: { readonly userId: string } }
  | { readonly kind: 'microsoftTeamsApp'; readonly microsoftTeamsApp: { readonly appId: string } }
  | { readonly kind: 'unknown' }
);

/** The raw id for `address`: a telephone number, or what is an identity already; empty for a number that is withheld. */
export const rawIdOf = (address: string): string => {
  if (address === '') return '4:anonymous';
  if (/^\+?\d+$/.test(address)) return `4:${address}`;
  return /^(4:|8:[\w-]+:|28:)/.test(address) ? address : `8:acs:${address.replace(/^8:/, '')}`;
};

/** The object for a raw id. */
export const identifierOf = (rawId: string): Identifier => {
  if (isPhone(rawId)) return { rawId, kind: 'phoneNumber', phoneNumber: { value: numberOf(rawId) } };
  if (/^8:(acs|spool|dod-acs|gcch-acs):/.test(rawId)) return { rawId, kind: 'communicationUser', communicationUser: { id: rawId } };
  if (rawId.startsWith('8:orgid:')) return { rawId, kind: 'microsoftTeamsUser', microsoftTeamsUser: { userId: rawId.slice('8:orgid:'.length) } };
  if (rawId.startsWith('28:orgid:')) return { rawId, kind: 'microsoftTeamsApp', microsoftTeamsApp: { appId: rawId.slice('28:orgid:'.length) } };
  return { rawId, kind: 'unknown' };
};

/** Whether it is a telephone, and not an application's user. */
export const isPhone = (rawId: string): boolean => rawId.startsWith('4:');

/** What people call it: the number of a telephone, the raw id of anybody else. */
export const numberOf = (rawId: string): string => (isPhone(rawId) ? rawId.slice('4:'.length) : rawId);

/** The raw id that an object of a request means. The official client leaves out `kind` here and there, and the raw id can be missing as well. */
export const rawIdIn = (value: unknown): string | undefined => {
  if (!isFields(value)) return undefined;
  if (typeof value['rawId'] === 'string') return value['rawId'];
  const { phoneNumber, communicationUser } = value;
  if (isFields(phoneNumber) && typeof phoneNumber['value'] === 'string') return `4:${phoneNumber['value']}`;
  return isFields(communicationUser) && typeof communicationUser['id'] === 'string' ? communicationUser['id'] : undefined;
};

export const isFields = (value: unknown): value is Fields => typeof value === 'object' && value !== null && !Array.isArray(value);
