/**
 * Conformance of Azure Communication Services: every body of a set with an `index.json` is judged as its row says.
 *
 * Our own set always runs. A larger one, of recorded and published bodies, is looked for beside the repository; where it is not
 * there, that part is skipped and says so. Verdicts come from the bodies alone: names of files are never looked at.
 */
import { assert } from 'chai';
import { createHash, createHmac } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { isCallError } from '../../src/errors.ts';
import type { ServiceEvent } from '../../src/machines/index.ts';
import { decodeBody, type Told } from '../../src/transport/services/azure/decode.ts';
import { handshake } from '../../src/transport/services/azure/handshake.ts';
import { isRule } from '../../src/transport/services/azure/rules.ts';
import { validateAzure } from '../../src/transport/services/azure/validate.ts';
import { requestOf } from '../transport/services/azure/requests.ts';

type Json = Readonly<Record<string, unknown>>;

/** What `body` tells, or the rule that it breaks. */
const told = (body: unknown): Told | string => {
  try {
    return decodeBody(body, {});
  } catch (error) {
    if (!isCallError(error) || error.code !== 'ERR_EVENT_MALFORMED') throw error;
    assert.isTrue(isRule(error.details.rule));
    return error.details.rule;
  }
};

const eventsOf = (verdict: Told | string): readonly ServiceEvent[] => (typeof verdict === 'string' ? assert.fail(`refused: ${verdict}`) : verdict.arrivals.flatMap(({ events }) => events));
const types = (events: readonly ServiceEvent[]): readonly string[] => events.map(({ type }) => type);

/** Changes that no verdict hangs on. */
const mutations: Readonly<Record<string, (body: unknown) => unknown>> = {
  'with fields nobody announced': (body) => everywhere(body, (fields) => ({ xNew: { type: 'x', id: 3, list: [null] }, ...fields, zNew: [[]] })),
  'with null for absent': (body) => everywhere(body, (fields) => ({ ...Object.fromEntries(optional.map((name) => [name, null])), ...fields })),
  'with its fields in reverse order': (body) => everywhere(body, (fields) => Object.fromEntries(Object.entries(fields).reverse())),
  'with other words in its messages': (body) => everywhere(body, (fields) => ('message' in fields ? { ...fields, message: 'Action failed, initial silence timeout reached. DiagCode: 400#8510.@' } : fields)),
};

/** Fields that may be absent in the objects that bear them, so that null may stand there. */
const optional = ['operationContext', 'resultInformation', 'failedPlaySourceIndex', 'recognitionType', 'dtmfResult', 'collectTonesResult', 'choiceResult', 'speechResult', 'confidence', 'recognizedPhrase', 'callerDisplayName', 'customContext', 'sipDetails', 'time', 'subject'];

/** `change` of every object within `value`, but for headers, which are all there is in them. */
function everywhere(value: unknown, change: (fields: Json) => Json): unknown {
  if (Array.isArray(value)) return value.map((element) => everywhere(element, change));
  if (typeof value !== 'object' || value === null) return value;
  return change(Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, key === 'sipHeaders' || key === 'voipHeaders' ? inner : everywhere(inner, change)])));
}

describe('azure conformance: our own bodies', () => {
  interface Row {
    readonly file: string;
    readonly kind: 'event' | 'request';
    readonly what: string;
    readonly rule: string | null;
    readonly tells?: readonly string[];
    readonly unanswered?: string;
    readonly unknown?: readonly string[];
    readonly files?: number;
    readonly asks?: string;
  }
  const folder = fileURLToPath(new URL('../fixtures/azure/', import.meta.url));
  const json = (file: string): unknown => JSON.parse(readFileSync(folder + file, 'utf8'));

  for (const row of json('index.json') as readonly Row[]) {
    it(`${row.kind}: ${row.what} ${row.rule === null ? 'is taken' : `breaks ${row.rule}`}`, () => {
      const body = json(row.file);
      if (row.kind === 'request') {
        const { request, violations } = validateAzure(body);
        assert.equal(violations[0]?.rule ?? null, row.rule);
        if (row.asks !== undefined) assert.equal(request, row.asks);
        return;
      }
      const verdict = told(body);
      if (row.rule !== null || typeof verdict === 'string') assert.equal(verdict, row.rule);
      else {
        assert.deepEqual([types(eventsOf(verdict)), verdict.arrivals[0]?.unanswered, verdict.unknown, verdict.files.length], [row.tells, row.unanswered, row.unknown ?? [], row.files ?? 0]);
      }
      for (const [change, mutate] of Object.entries(mutations)) assert.deepEqual(told(mutate(body)), verdict, change);
    });
  }
});

describe('azure conformance: recorded and published bodies', () => {
  interface Row {
    readonly file: string;
    readonly kind: string;
    readonly what: string;
    readonly meaning?: string;
  }
  const folder = fileURLToPath(new URL('../../../shared/vectors/azure/', import.meta.url));
  if (!existsSync(`${folder}index.json`)) {
    it('skipped: there is no set of them beside this repository (../shared/vectors/azure)', function () {
      this.skip();
    });
    return;
  }
  const json = (file: string): unknown => JSON.parse(readFileSync(folder + file, 'utf8'));
  const { files } = json('index.json') as { readonly files: readonly Row[] };

  const nothing: readonly string[] = [];
  /** What the events of a meaning are. */
  const meanings: Readonly<Record<string, readonly string[]>> = {
    'call-established': ['answer.done'], 'call-ended': ['call.ended'], roster: ['call.roster'], 'roster-duplicate': ['call.roster'], 'roster-mute': ['call.roster'],
    'participant-added': nothing, 'participant-add-failed': ['createcall.failed'], 'participant-removed': ['raw.ended'], 'invitation-cancel-failed': nothing, 'participant-move-failed': nothing,
    'transfer-ok': ['transfer.done'], 'transfer-failed': ['transfer.busy'], 'prompt-started': nothing, 'prompt-finished': ['play.done'], 'prompt-failed': ['play.failed'], 'prompt-canceled': ['play.failed'],
    'inter-digit-timeout': ['recognize.nomatch'], speech: ['recognize.input'], 'initial-silence': ['recognize.noinput'], 'no-match': ['recognize.nomatch'], 'service-error': ['recognize.failed'], 'recognize-canceled': ['recognize.failed'],
    'tone:8': nothing, 'tone-subscription-stopped': nothing, 'tones-sent': ['raw.ended'], 'hold-failed': ['hold.failed'], ignore: nothing, 'outbound-failed': nothing, 'answer-failed': ['answer.failed'],
    'recording-active': nothing, 'recording-failed': nothing, 'stream-started': nothing, 'transcription-updated': nothing, 'transcription-stopped': nothing, incoming: ['call.incoming'], 'recording-file': nothing,
  };

  for (const { file, kind, what, meaning } of files.filter((row) => row.kind.startsWith('callback-event') || row.kind === 'eventgrid-event')) {
    it(`${kind}: ${what}`, () => {
      const body = json(file);
      for (const one of kind === 'callback-event-sequence' ? (body as readonly unknown[]) : [body]) {
        const verdict = told(one);
        const events = eventsOf(verdict);
        if (meaning !== undefined) {
          const [name = '', value] = meaning.split(':');
          if (name === 'digits' || name === 'choice') assert.deepInclude(events[0], { type: 'recognize.input' });
          else assert.deepEqual(types(events), meaning.split(',').flatMap((part) => meanings[part] ?? assert.fail(`nobody knows ${part}`)));
          if (name === 'digits') assert.deepInclude(events[0], { input: { kind: 'digits', digits: value ?? '', by: 'interdigit' } });
          if (name === 'choice') assert.deepInclude(events[0], { input: { kind: 'choice', name: value ?? '' } });
        }
        for (const [change, mutate] of Object.entries(mutations)) assert.deepEqual(told(mutate(one)), verdict, change);
        for (const event of (Array.isArray(one) ? one : [one]) as readonly Json[]) {
          const context = (event['data'] as Json)['operationContext'];
          for (const outcome of events) if (typeof context === 'string' && 'operationId' in outcome && (one as readonly unknown[]).length === 1) assert.equal(outcome.operationId, context);
        }
      }
    });
  }

  it('tells of the file of a recording, and of nobody who came to the line', () => {
    const [file, placed] = (['recording-file', 'outbound-failed'] as const).map((meaning) => told(json(files.find((row) => row.meaning === meaning)?.file ?? ''))) as [Told, Told];
    assert.lengthOf(file.files, 1);
    assert.equal(placed.arrivals[0]?.unanswered, 'busy');
  });

  for (const { file, what } of files.filter(({ kind, file }) => kind === 'rest-request' && file.startsWith('request-'))) {
    it(`rest-request: ${what} is legal`, () => assert.deepEqual(validateAzure(json(file)).violations, []));
  }

  for (const { file, what } of files.filter(({ kind }) => kind === 'handshake')) {
    it(`handshake: ${what}`, async () => {
      const { request, response } = json(file) as { readonly request: { readonly method: string; readonly headers: Readonly<Record<string, string>>; readonly body?: unknown }; readonly response: { readonly status: number; readonly headers?: Readonly<Record<string, string>>; readonly body?: unknown } };
      const headers = Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [name.toLowerCase(), value]));
      const answer = await handshake(requestOf(request.body ?? '', { method: request.method, headers, query: '?secret=s' }));
      assert.equal(answer?.status, response.status);
      for (const [name, value] of Object.entries(response.headers ?? {})) assert.equal(answer?.headers[name.toLowerCase()], value);
      if (response.body !== undefined) assert.deepEqual(JSON.parse(answer?.body ?? ''), response.body);
    });
  }

  it('auth: the signature of a request is what the resource of our tests makes of it', () => {
    const { madeUpAccessKeyBase64, request } = json('auth-hmac-request.json') as { readonly madeUpAccessKeyBase64: string; readonly request: { readonly method: string; readonly target: string; readonly headers: Readonly<Record<string, string>>; readonly bodyText: string } };
    const { method, target, headers, bodyText } = request;
    const digest = createHash('sha256').update(bodyText).digest('base64');
    const signature = createHmac('sha256', Buffer.from(madeUpAccessKeyBase64, 'base64')).update(`${method}\n${target}\n${headers['x-ms-date']};${headers['host']};${digest}`).digest('base64');
    assert.equal(headers['x-ms-content-sha256'], digest);
    assert.isTrue(headers['authorization']?.endsWith(`Signature=${signature}`));
  });
});
