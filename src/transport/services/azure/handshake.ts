/**
 * Handshake — the answers that let Event Grid send events here: to its own schema, and to CloudEvents. Nobody is asked before
 * the secret of the subscription was right.
 *
 * @module
 */
import type { CallRequest, CallResponse } from '../../service.ts';
import { readQuery } from './callback.ts';
import { take } from './decode.ts';
import { parsedBody } from './body.ts';
import { isFields } from './codecs.ts';
import { malformed } from './rules.ts';
import { SubscriptionValidation } from './wire.ts';

/** The answer to a request that is no event of a call; undefined for all others. */
export const handshake = async (request: CallRequest): Promise<CallResponse | undefined> => {
  if (readQuery(request.query).secret === undefined) return undefined;
  if (request.method === 'OPTIONS') return allowed(request);
  const kind = header(request, 'aeg-event-type')?.toLowerCase();
  if (kind === 'subscriptionvalidation') return validated(await parsedBody(request));
  return kind === 'subscriptiondeletion' ? { status: 200, headers: {}, body: '' } : undefined;
};

/** CloudEvents 1.0, HTTP webhook, section 4: who may send, and how often. */
const allowed = (request: CallRequest): CallResponse => {
  const rate = header(request, 'webhook-request-rate');
  return {
    status: 200,
    headers: { allow: 'POST', 'webhook-allowed-origin': header(request, 'webhook-request-origin') ?? '*', ...(rate !== undefined && { 'webhook-allowed-rate': /^\d+$/.test(rate) ? rate : '*' }) },
    body: '',
  };
};

const validated = (json: unknown): CallResponse => {
  const [event] = Array.isArray(json) ? (json as readonly unknown[]) : [json];
  if (!isFields(event)) throw malformed('H-JSON');
  if (!isFields(event['data'])) throw malformed('E-DATA', ['data']);
  const { validationCode } = take(SubscriptionValidation.decode(event['data']), Array.isArray(json) ? ['0', 'data'] : ['data']);
  return { status: 200, headers: { 'content-type': 'application/json; charset=utf-8' }, body: JSON.stringify({ validationResponse: validationCode }) };
};

const header = ({ headers }: CallRequest, name: string): string | undefined => {
  const [value] = [headers[name]].flat();
  return value === undefined || value.trim() === '' ? undefined : value.trim();
};
