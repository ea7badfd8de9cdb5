/**
 * Request file — what `decode` and `validate` read: a bare body, or a whole request or reply around one
 * (`{method, url?, headers, body | bodyBase64}`). `-` is standard input.
 *
 * @module
 */
import { readFile } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { unzipSync } from 'node:zlib';
import { CallError } from '../errors.ts';
import type { CallRequest } from '../transport/index.ts';
import { plain } from './arguments.ts';

/** What became of one file. */
export type Verdict = { readonly file: string; readonly ok: true; readonly [fact: string]: unknown } | {
  readonly file: string;
  readonly ok: false;
  readonly code: string;
  /** The broken rule, where it is one of the service's. */
  readonly rule: string | null;
  readonly paths: readonly string[];
};

/** Reads each of `files` in turn and writes what `judge` makes of its text, one line each; whether all were good. */
export const judgeFiles = async (
  files: readonly string[], json: boolean,
  { judge, line }: { readonly judge: (text: string, file: string) => Promise<Verdict>; readonly line: (verdict: Verdict) => string },
): Promise<boolean> => {
  let good = true;
  for (const file of files.map(plain)) {
    const text = await read(file);
    const verdict = text === undefined ? ({ file, ok: false, code: 'ERR_OPTION_INVALID', rule: null, paths: [] } as const) : await judge(text, file);
    good &&= verdict.ok;
    process.stdout.write(`${json ? JSON.stringify(verdict) : text === undefined ? `${file}: cannot be read (ERR_OPTION_INVALID)` : line(verdict)}\n`);
  }
  return good;
};

const read = async (file: string): Promise<string | undefined> => {
  try {
    if (file !== '-') return await readFile(file, 'utf8');
    const chunks: Buffer[] = [];
    for await (const chunk of process.stdin as AsyncIterable<Buffer>) chunks.push(chunk);
    return Buffer.concat(chunks).toString('utf8');
  } catch {
    return undefined;
  }
};

type Fields = Readonly<Record<string, unknown>>;

const isFields = (value: unknown): value is Fields => typeof value === 'object' && value !== null && !Array.isArray(value);

/** The JSON that `text` is; undefined where it is none. */
export const jsonIn = (text: string): unknown => {
  try {
    return JSON.parse(text.replace(/^\uFEFF/, '')) as unknown;
  } catch {
    return undefined;
  }
};

/** The whole request that `text` is, or undefined where it is something else: a bare body. */
export const wholeRequest = (text: string): CallRequest | undefined => {
  let json = jsonIn(text);
  if (isFields(json) && isFields(json['request']) && isFields(json['request']['headers'])) json = json['request']; // with notes around it
  if (!isFields(json) || !isFields(json['headers']) || !['method', 'body', 'bodyBase64'].some((key) => key in json)) return undefined;
  const { method, url, headers, body, bodyBase64 } = json;
  const named = Object.entries(headers as Fields).map(([name, value]) => [name.toLowerCase(), Array.isArray(value) ? value.map(String) : String(value)] as const);
  const bytes = typeof bodyBase64 === 'string' ? Buffer.from(bodyBase64, 'base64') : Buffer.from(typeof body === 'string' || body === undefined ? (body ?? '') : JSON.stringify(body), 'utf8');
  return requestOf(Object.fromEntries(named), bytes, String(method ?? 'POST'), String(url ?? '/'));
};

/** The request whose body is `text`: JSON, or what the service sends besides, of the media type `otherwise`, where it is no JSON object. Whoever kept a form in a file may have ended its line. */
export const bareRequest = (text: string, otherwise?: string): CallRequest =>
  otherwise === undefined || isFields(jsonIn(text)) ? requestOf({ 'content-type': 'application/json' }, Buffer.from(text, 'utf8'), 'POST', '/') : requestOf({ 'content-type': otherwise }, Buffer.from(text.replace(/^\uFEFF/, '').trim(), 'utf8'), 'POST', '/');

/** The longest text that a compressed body may come to. */
const longestText = 64 * 1024 * 1024;

const requestOf = (headers: CallRequest['headers'], bytes: Buffer, method: string, path: string): CallRequest => ({
  method,
  path: path.split('?', 1)[0] ?? '/',
  query: path.includes('?') ? path.slice(path.indexOf('?')) : '',
  headers,
  text: async () => (/\b(?:gzip|deflate)\b/i.test(String(headers['content-encoding'] ?? '')) ? unzipped(bytes) : bytes).toString('utf8'),
  stream: () => Readable.from([bytes], { objectMode: false }),
});

const unzipped = (bytes: Buffer): Buffer => {
  try {
    return unzipSync(bytes, { maxOutputLength: longestText });
  } catch {
    throw new CallError('ERR_EVENT_MALFORMED', 'the body cannot be read', { paths: [], rule: 'H-BODY' });
  }
};
