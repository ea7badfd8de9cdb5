/**
 * Conformance of Twilio: every request of a set is understood as its row says, and every signature judged as its row says.
 *
 * Our own set always runs. Published bodies are looked for beside the repository; where they are not there, that part is skipped
 * and says so.
 */
import { assert } from 'chai';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { isCallError } from '../../src/errors.ts';
import type { CallRequest, Decoded } from '../../src/transport/service.ts';
import { isSigned } from '../../src/transport/services/twilio/credentials.ts';
import { decodeTwilio } from '../../src/transport/services/twilio/index.ts';
import { validateTwiml } from '../../src/transport/services/twilio/limits.ts';
import { ruleOf } from '../../src/transport/services/twilio/rules.ts';
import { formRequest } from '../transport/services/twilio/requests.ts';

interface Written {
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

interface Row {
  readonly file: string;
  readonly what: string;
  readonly expect?: { readonly callId?: string; readonly eventId?: string; readonly events?: readonly object[]; readonly asks?: true; readonly unanswered?: string; readonly unknown?: readonly string[]; readonly files?: readonly object[]; readonly nothing?: true };
  readonly rule?: string;
}

const requestOf = ({ url, headers, body }: Written): CallRequest => ({ ...formRequest(body, url.includes('?') ? url.slice(url.indexOf('?')) : ''), headers });

/** What a request means, or the rule that it breaks. */
const verdict = async (request: CallRequest): Promise<Decoded | string> => {
  try {
    return await decodeTwilio(request);
  } catch (error) {
    const rule = isCallError(error) ? ruleOf(error) : undefined;
    if (rule === undefined) throw error;
    return rule;
  }
};

const ours = fileURLToPath(new URL('../fixtures/twilio/', import.meta.url));
const published = fileURLToPath(new URL('../../../shared/vectors/cpaas/', import.meta.url));
const jsonIn = (folder: string, file: string): unknown => JSON.parse(readFileSync(`${folder}${file}`, 'utf8'));

const unannounced = 'with parameters nobody announced';

/** Changes of a form that no meaning hangs on. */
const mutations: Readonly<Record<string, (body: string) => string>> = {
  [unannounced]: (body) => `XNew=1&${body}&ZNew=%00&ZNew=2&constructor=x`,
  'in reverse order': (body) => body.split('&').reverse().join('&'),
  'with every character escaped': (body) => [...new URLSearchParams(body)].map((pair) => pair.map(escaped).join('=')).join('&'),
  'with blanks as %20': (body) => body.replaceAll('+', '%20'),
};

const escaped = (text: string): string => [...Buffer.from(text, 'utf8')].map((byte) => `%${byte.toString(16).padStart(2, '0')}`).join('');

const isForm = ({ headers }: Written): boolean => headers['content-type']?.startsWith('application/x-www-form-urlencoded') === true;

describe('twilio conformance: our own requests', () => {
  it('every file has its row', () => {
    const rows = jsonIn(ours, 'index.json') as readonly Row[];
    assert.sameMembers(readdirSync(ours).filter((file) => file !== 'index.json'), rows.map(({ file }) => file));
  });

  for (const { file, what, expect, rule } of jsonIn(ours, 'index.json') as readonly Row[]) {
    it(`${what}${rule === undefined ? '' : ` breaks ${rule}`}`, async () => {
      const written = jsonIn(ours, file) as Written;
      const meant = await verdict(requestOf(written));
      if (rule !== undefined) assert.equal(meant, rule);
      else compare(meant, expect ?? {});
      const tellsAll = JSON.stringify(meant).includes('"raw.ended"'); // a verb's end is told with whatever came along
      for (const [change, mutate] of Object.entries(isForm(written) ? mutations : {})) {
        if (tellsAll && change === unannounced) continue;
        const changed = await verdict(requestOf({ ...written, body: mutate(written.body) }));
        assert.deepEqual(plain(changed), plain(meant), change);
      }
    });
  }
});

const plain = (meant: Decoded | string): unknown => JSON.parse(JSON.stringify(meant));

const compare = (meant: Decoded | string, { nothing, unknown, files, eventId, ...arrival }: NonNullable<Row['expect']>): void => {
  if (typeof meant === 'string') return assert.fail(`it breaks ${meant}`);
  assert.deepEqual(meant.unknown, unknown);
  assert.deepEqual(meant.files?.map(({ ref, callId, lengthMs }) => ({ ref, callId, lengthMs })), files as never);
  if (nothing === true || files !== undefined) return assert.isEmpty(meant.arrivals);
  const [{ eventId: id, ...rest } = assert.fail('nothing has arrived'), ...more] = meant.arrivals;
  assert.isEmpty(more);
  assert.deepEqual(rest, arrival as never);
  if (eventId === undefined) assert.isNotEmpty(id);
  else assert.equal(id, eventId);
};

describe('twilio conformance: published requests', () => {
  if (!existsSync(`${published}index.json`)) {
    it('skipped: there are no published requests beside this repository (../shared/vectors/cpaas)', function () {
      this.skip();
    });
    return;
  }

  interface Vector {
    readonly request: Written;
    readonly params: Readonly<Record<string, string>>;
    readonly expect: Readonly<Record<string, unknown>>;
  }

  const files = readdirSync(published).filter((file) => /^twilio-.*\.json$/.test(file));
  const bodies = files.filter((file) => !/signatures|media-stream/.test(file));

  /** What a vector expects, in our words. */
  const told = ({ params, expect }: Vector): object => {
    const operationId = '';
    switch (expect['event']) {
      case 'incoming':
        return { type: 'call.incoming', id: expect['call'], from: expect['from'], to: expect['to'] };
      case 'input': {
        const { mode, digits, terminator, text, confidence } = expect;
        const input = mode === 'dtmf' ? { kind: 'digits', digits, by: terminator === '' || terminator === undefined ? 'interdigit' : 'termchar' } : { kind: 'phrase', phrase: text, confidence };
        return { type: 'recognize.input', input, via: mode, operationId };
      }
      case 'noinput':
        return { type: 'recognize.noinput', operationId };
      case 'recorded':
        return { type: 'record.done', by: 'termchar', recording: { ref: String(expect['url']).split('/').at(-1), bytes: 0, contentType: 'audio/wav', lengthMs: Number(expect['seconds']) * 1000 }, operationId };
      case 'transfer.failed':
        return { type: `transfer.${String(expect['reason']).replace('-', '')}`, operationId };
      case 'ended':
        return { type: 'call.ended' };
      case 'recording.ready':
        return { file: params['RecordingSid'], callId: params['CallSid'], lengthMs: Number(params['RecordingDuration']) * 1000 };
      case 'amd':
        return {};
      default:
        return assert.fail(`nobody knows what ${String(expect['event'])} is`);
    }
  };

  const seen = ({ arrivals, files: found = [] }: Decoded): object => {
    const [event] = arrivals.flatMap(({ events }) => events);
    if (event?.type === 'call.incoming') return { type: event.type, id: event.call.id, from: event.call.from, to: event.call.to };
    const [file] = found;
    return event ?? (file === undefined ? {} : { file: file.ref, callId: file.callId, lengthMs: file.lengthMs });
  };

  it('there are some', () => assert.isAbove(bodies.length, 8));

  for (const file of bodies) {
    const vector = jsonIn(published, file) as Vector;
    it(`${file} means ${String(vector.expect['event'])}, as a form and as JSON, however it is written`, async () => {
      const form = vector.request;
      const requests = {
        form: requestOf(form),
        JSON: formRequest(JSON.stringify(vector.params), '', { 'content-type': 'application/json' }),
        ...Object.fromEntries(Object.entries(mutations).map(([change, mutate]) => [change, requestOf({ ...form, body: mutate(form.body) })])),
      };
      for (const [how, request] of Object.entries(requests)) {
        const meant = await verdict(request);
        if (typeof meant === 'string') assert.fail(`${how}: it breaks ${meant}`);
        else assert.deepEqual(seen(meant), told(vector), how);
      }
    });

    it(`${file} without its call is refused, and with any part of it broken it is no accident`, async () => {
      const { CallSid: _, ...rest } = vector.params;
      assert.equal(await ruleIn(rest), 'RecordingStatus' in rest ? undefined : 'C-SID');
      for (const name of Object.keys(vector.params)) for (const value of ['', ' ', 'x\ny', '-1', 'ünknown', '__proto__']) await ruleIn({ ...vector.params, [name]: value });
    });
  }

  const ruleIn = async (fields: Readonly<Record<string, string>>): Promise<string | undefined> => {
    const meant = await verdict(formRequest(fields));
    return typeof meant === 'string' ? meant : undefined;
  };

  it('published documents are legal', () => {
    const documents = readdirSync(published).filter((file) => /^twilio-doc-.*\.xml$/.test(file));
    assert.isAbove(documents.length, 1);
    for (const file of documents) assert.deepEqual(validateTwiml(readFileSync(`${published}${file}`, 'utf8')), [], file);
  });

  interface Signature {
    readonly name: string;
    readonly url: string;
    readonly signature: string;
    readonly valid: boolean;
    readonly params?: Readonly<Record<string, string | readonly string[]>>;
    readonly body?: string;
  }

  const { authToken, cases, jsonCases } = (files.includes('twilio-signatures.json') ? jsonIn(published, 'twilio-signatures.json') : { authToken: '', cases: [], jsonCases: [] }) as {
    readonly authToken: string;
    readonly cases: readonly Signature[];
    readonly jsonCases: readonly Signature[];
  };

  it('there are signatures', () => assert.isAbove(cases.length + jsonCases.length, 8));

  for (const { name, url, signature, valid, params = {}, body } of [...cases, ...jsonCases]) {
    it(`the signature \`${name}\` is ${valid ? 'good' : 'not'}`, () => {
      const form = new URLSearchParams(Object.entries(params).flatMap(([key, values]) => [values].flat().map((value): [string, string] => [key, value])));
      const sent = body ?? form.toString();
      assert.equal(isSigned({ authToken, signature, url, body: sent }), valid);
      assert.isFalse(isSigned({ authToken, signature, url, body: body === undefined ? `${sent}&Added=1` : `${sent} ` }), 'changed after it was signed');
      assert.isFalse(isSigned({ authToken: `${authToken}0`, signature, url, body: sent }), 'by another token');
    });
  }
});
