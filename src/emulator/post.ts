/**
 * Post — one message to the bot, with its retries: the same message, the same message id, until the bot answers.
 *
 * What most calling services do: a 5xx answer, a time-out or a bot that cannot be reached is tried again; any other failure
 * is the bot's last word. One that is less patient says what it tries again.
 *
 * Leaf: imports nothing of ours.
 *
 * @module
 */
import { setTimeout as delay } from 'node:timers/promises';

/** One request to the bot, without its token. A retry sends the same one. */
export interface Message {
  /** Default: POST. */
  readonly method?: 'GET' | 'POST' | 'OPTIONS';
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Uint8Array;
}

/** How persistent the service is. */
export interface Persistence {
  /** How often a message is posted before the service gives up. */
  readonly tries: number;
  /** How often where the bot cannot be reached at all, as while it is started again. Default: `tries`. */
  readonly connectionTries?: number;
  /** The pause before the second try; each later one is twice as long. */
  readonly retryDelayMs: number;
  /** How long an answer is waited for. */
  readonly replyTimeoutMs: number;
  /** Whether only a bot that cannot be reached is tried again. */
  readonly retriesConnection?: boolean;
  /** Once it aborts, nothing is tried again. */
  readonly closing: AbortSignal;
}

/** How it went. `refused` is an answer, `unreachable` is none. `text` says so to a person. */
export type Posted =
  | { readonly got: 'reply'; readonly status: number; readonly contentType: string; readonly body: string }
  | { readonly got: 'refused' | 'unreachable'; readonly why: 'status' | 'length' | 'late' | 'connection'; readonly text: string };

/** An answer is a list of actions; more than this is something else. */
const longestReply = 1024 * 1024;

/** Posts `message`. Rejects only when a token cannot be had. */
export async function post(
  url: string, message: Message, authorization: (() => Promise<string>) | undefined, { tries, connectionTries = tries, retryDelayMs, replyTimeoutMs, retriesConnection = false, closing }: Persistence, onRetry: (text: string) => void,
): Promise<Posted> {
  for (let tried = 1; ; tried++) {
    const answer = await postOnce(url, message, authorization === undefined ? undefined : await authorization(), replyTimeoutMs);
    const isUnreached = answer.got === 'unreachable' && answer.why === 'connection';
    const isWorthIt = isUnreached || (answer.got === 'unreachable' && !retriesConnection);
    const most = isUnreached ? connectionTries : tries;
    if (!isWorthIt || tried >= most || closing.aborted) return answer;
    onRetry(`${answer.text}; try ${tried + 1} of ${most}`);
    await delay(retryDelayMs * 2 ** (tried - 1), undefined, { signal: closing }).catch(() => {});
    if (closing.aborted) return answer;
  }
}

async function postOnce(url: string, { method = 'POST', headers, body }: Message, authorization: string | undefined, timeoutMs: number): Promise<Posted> {
  const signal = AbortSignal.timeout(timeoutMs);
  try {
    const response = await fetch(url, { method, headers: { ...headers, ...(authorization !== undefined && { authorization }) }, ...(method === 'POST' && { body }), redirect: 'manual', signal });
    if (!response.ok) {
      await response.body?.cancel();
      return { got: response.status >= 500 ? 'unreachable' : 'refused', why: 'status', text: `the bot answered ${response.status}` };
    }
    const text = await readText(response);
    if (text === undefined) return { got: 'refused', why: 'length', text: `the bot's answer is longer than ${longestReply} bytes` };
    return { got: 'reply', status: response.status, contentType: response.headers.get('content-type') ?? '', body: text };
  } catch {
    return signal.aborted
      ? { got: 'unreachable', why: 'late', text: `the bot did not answer within ${timeoutMs} ms` }
      : { got: 'unreachable', why: 'connection', text: 'the bot cannot be reached' };
  }
}

async function readText(response: Response): Promise<string | undefined> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of response.body ?? []) {
    bytes += chunk.length;
    if (bytes > longestReply) return undefined;
    chunks.push(chunk);
  }
  return new TextDecoder().decode(Buffer.concat(chunks));
}
