/**
 * Dialect — what differs between Twilio and the services that took over its documents and forms, in one value.
 *
 * Twilio's own is the only one here. A further one is a second value of this shape, handed to those who sign, read and write.
 *
 * @module
 */

/** What one of these services calls its things. */
export interface Dialect {
  /** The service's name, as calls are kept and options are told under. */
  readonly name: string;
  /** The header that bears the signature, in lower case. */
  readonly signatureHeader: string;
  /** The header that is the same on each try of one request, in lower case. */
  readonly repeatHeader: string;
  /** How long a document may be, bytes. */
  readonly longestDocumentBytes: number;
}

export const twilioDialect: Dialect = {
  name: 'twilio',
  signatureHeader: 'x-twilio-signature',
  repeatHeader: 'i-twilio-idempotency-token',
  longestDocumentBytes: 65_536,
};
