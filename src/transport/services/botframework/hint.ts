/**
 * Hint — which call, bot and revision an answer belonged to, signed, as the appState that the service echoes.
 *
 * It is a hint and never the truth: the call's record is. A body without it, or with one that is not ours, is read all
 * the same. It holds no name and nothing the caller said, and it is signed because whoever can post a body could
 * otherwise point it at another call.
 *
 * Imports node alone.
 *
 * @module
 */
import { createHmac, timingSafeEqual } from 'node:crypto';

/** What an answer belonged to. */
export interface Hint {
  readonly callId: string;
  readonly bot: string;
  readonly revision: number;
}

/** The service takes no longer appState. */
const longest = 1024;

/** The signed text of `hint`; undefined where it would be longer than the service takes, since nothing depends on it. */
export function signHint(secret: string, hint: Hint): string | undefined {
  const payload = Buffer.from(JSON.stringify([hint.callId, hint.bot, hint.revision]), 'utf8').toString('base64url');
  const text = `${payload}.${seal(secret, payload).toString('base64url')}`;
  return text.length <= longest ? text : undefined;
}

/** The hint in `text` if `secret` signed it. Never throws; undefined for anything else, an empty secret included. */
export function readHint(secret: string, text: unknown): Hint | undefined {
  // The length first: nobody gets a digest of a text that we could not have sent.
  if (typeof text !== 'string' || text.length > longest || secret === '') return undefined;
  const [payload, mac, ...more] = text.split('.');
  if (payload === undefined || mac === undefined || more.length > 0) return undefined;
  const given = Buffer.from(mac, 'base64url');
  const right = seal(secret, payload);
  // The text is compared as well: base64url decodes several texts to the same bytes.
  if (given.length !== right.length || !timingSafeEqual(given, right) || mac !== right.toString('base64url')) return undefined;
  return hintOf(payload);
}

const seal = (secret: string, payload: string): Buffer => createHmac('sha256', secret).update(`callchart.hint.1.${payload}`).digest();

function hintOf(payload: string): Hint | undefined {
  try {
    const fields: unknown = JSON.parse(Buffer.from(payload, 'base64url').toString('utf8'));
    if (!Array.isArray(fields)) return undefined;
    const [callId, bot, revision] = fields as readonly unknown[];
    return typeof callId === 'string' && typeof bot === 'string' && typeof revision === 'number' ? { callId, bot, revision } : undefined;
  } catch {
    return undefined;
  }
}
