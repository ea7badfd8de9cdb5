/**
 * Hint — which call and bot an answer belonged to, signed, as the appState that the service echoes.
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
}

/** The service takes no longer appState. */
const longest = 1024;

/** The signed text of `hint`; undefined where it would be longer than the service takes, since nothing depends on it. */
export function signHint(secret: string, hint: Hint): string | undefined {
  const payload = Buffer.from(JSON.stringify([hint.callId, hint.bot]), 'utf8').toString('base64url');
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

/** 128 bits of the HMAC: NIST SP 800-107 §5.3.4 asks for no more, and it travels with every answer. */
const seal = (secret: string, payload: string): Buffer => createHmac('sha256', secret).update(`callchart.hint.1.${payload}`).digest().subarray(0, 16);

function hintOf(payload: string): Hint | undefined {
  try {
    const fields: unknown = JSON.parse(Buffer.from(payload, 'base64url').toString('utf8'));
    if (!Array.isArray(fields)) return undefined;
    const [callId, bot] = fields as readonly unknown[];
    return typeof callId === 'string' && typeof bot === 'string' ? { callId, bot } : undefined;
  } catch {
    return undefined;
  }
}

/** Signs hints, and remembers the last ones: a call has one hint, and what comes back is nearly always what was sent. */
export interface Hints {
  sign(hint: Hint): string | undefined;
  /** The hint in `text`; undefined where there is none, and where it only says again which call `callId` is. */
  read(text: string | undefined, callId: string): Hint | 'forged' | undefined;
}

/** How many calls' hints are remembered. */
const most = 1_000;

export const hintsOf = (secret: string): Hints => {
  const sent = new Map<string, { readonly bot: string; readonly text: string | undefined }>();
  return {
    sign: (hint) => {
      const known = sent.get(hint.callId);
      if (known?.bot === hint.bot) return known.text;
      const text = signHint(secret, hint);
      sent.set(hint.callId, { bot: hint.bot, text });
      const [oldest] = sent.size > most ? sent.keys() : [];
      if (oldest !== undefined) sent.delete(oldest);
      return text;
    },
    read: (text, callId) => (text === undefined || text === sent.get(callId)?.text ? undefined : (readHint(secret, text) ?? 'forged')),
  };
};
