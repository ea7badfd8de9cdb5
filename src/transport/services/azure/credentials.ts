/**
 * Credentials — how requests are known to come from Azure Communication Services: two ways in, on one path.
 *
 * Callbacks of calls bear a token of the service for our resource. Event Grid, which tells of incoming calls and of the files of
 * recordings, signs nothing: it asks at an address that only it and we know, by the secret in its query. A request with a
 * secret is held to the secret, whatever token it brings.
 *
 * @module
 */
import { hash, timingSafeEqual } from 'node:crypto';
import { CallError } from '../../../errors.ts';
import { bearerVerifier, type BearerVerifier } from '../../authenticate.ts';
import type { CallRequest } from '../../service.ts';
import { readQuery } from './callback.ts';

/** Where the tokens of callbacks come from: the public cloud. */
export const publicCloud = {
  openIdMetadataUrl: 'https://acscallautomation.communication.azure.com/calling/.well-known/acsopenidconfiguration',
  issuer: 'https://acscallautomation.communication.azure.com',
} as const;

/** Whom to believe. */
export interface CredentialOptions {
  readonly resourceId: string;
  /** One, or the old and the new one while they are changed. */
  readonly eventGridSecrets: readonly string[];
  readonly openIdMetadataUrl: string;
  readonly issuer: string;
}

/** Skew allowed between the service's clock and ours. Its tokens are good for five minutes. */
const clockToleranceMs = 60_000;

/** Resolves when the request is from the service or from Event Grid. @throws `ERR_OPTION_INVALID` where nobody could be */
export const verifierOf = ({ resourceId, eventGridSecrets, openIdMetadataUrl, issuer }: CredentialOptions): ((request: CallRequest) => Promise<void>) => {
  const verifyBearer: BearerVerifier = bearerVerifier({ metadataUrl: openIdMetadataUrl, issuer, audience: resourceId, algorithms: ['RS256'], clockToleranceMs });
  return async ({ headers, query }) => {
    const { secret } = readQuery(query);
    if (secret === undefined) return verifyBearer(headers['authorization']);
    if (!eventGridSecrets.map((right) => isSame(secret, right)).includes(true)) throw new CallError('ERR_SIGNATURE_REJECTED', 'the secret of the Event Grid subscription is not ours', { reason: 'mismatch' });
  };
};

/** Compared as digests, in a time that tells nothing of either, their lengths included. */
const isSame = (one: string, other: string): boolean => timingSafeEqual(hash('sha256', one, 'buffer'), hash('sha256', other, 'buffer'));
