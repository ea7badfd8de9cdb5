/**
 * Conformance of the Bot Framework calling service: every body of a set with an `index.json` is judged as its row says.
 *
 * Our own set always runs. A larger one, of published examples, is looked for beside the repository; where it is not
 * there, that part is skipped and says so. Verdicts come from the bodies alone: names of files are never looked at.
 */
import { assert } from 'chai';
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { isCallError } from '../../src/errors.ts';
import { memoryRecordings } from '../../src/transport/recordings-memory.ts';
import { decodeRequest } from '../../src/transport/services/botframework/body.ts';
import { decodeBody } from '../../src/transport/services/botframework/decode.ts';
import { type Profile, checkWorkflow } from '../../src/transport/services/botframework/limits.ts';
import { ruleOf } from '../../src/transport/services/botframework/rules.ts';
import { type HttpFixture, fixtureRequest } from '../transport/services/botframework/requests.ts';

interface Row {
  readonly file: string;
  readonly kind: 'conversation' | 'conversationResult' | 'notification' | 'workflow' | 'http';
  readonly what: string;
  readonly valid: boolean;
  readonly rule: string | null;
  readonly profile?: Profile;
}

const sets = [
  { title: 'our own bodies', folder: fileURLToPath(new URL('../fixtures/botframework/', import.meta.url)) },
  { title: 'published bodies', folder: fileURLToPath(new URL('../../../shared/vectors/skype/', import.meta.url)) },
];

for (const { title, folder } of sets) {
  describe(`botframework conformance: ${title}`, () => {
    if (!existsSync(`${folder}index.json`)) {
      it(`skipped: there is no set of ${title} beside this repository (../shared/vectors/skype)`, function () {
        this.skip();
      });
      return;
    }
    const json = (file: string): unknown => JSON.parse(readFileSync(`${folder}${file}`, 'utf8'));
    for (const row of json('index.json') as readonly Row[]) {
      it(`${row.kind}: ${row.what} ${row.valid ? 'is taken' : `breaks ${row.rule}`}`, async () => {
        const body = json(row.file);
        assert.deepEqual(await verdict(row, body), row.rule);
        for (const [change, mutate] of Object.entries(mutations)) {
          if (row.kind !== 'http') assert.deepEqual(await verdict(row, mutate(body)), row.rule, change);
        }
        for (const chunkBytes of row.kind === 'http' ? [1, 17] : []) assert.deepEqual(await verdict(row, body, chunkBytes), row.rule, `in pieces of ${chunkBytes}`);
      });
    }
  });
}

/** The rule that `body` breaks, null if it is taken. */
async function verdict({ kind, profile }: Row, body: unknown, chunkBytes?: number): Promise<string | null> {
  if (kind === 'workflow') return checkWorkflow(body, profile ?? 'core')[0]?.rule ?? null;
  const recordings = memoryRecordings();
  try {
    const { events } = kind === 'http' ? await decodeRequest(fixtureRequest(body as HttpFixture, chunkBytes), recordings) : decodeBody(body);
    assert.isNotEmpty(events);
    return null;
  } catch (error) {
    assert.isEmpty(recordings.refs());
    const rule = isCallError(error) ? ruleOf(error) : undefined;
    if (rule === undefined) throw error;
    return rule;
  }
}

/** Fields that may be absent in the objects that bear them, so that null may stand there. */
const optional = [
  'displayName', 'languageId', 'threadMessageId', 'subject', 'failureReason', 'choiceOutcome', 'collectDigitsOutcome', 'format',
  'playPrompt', 'culture', 'voice', 'sayAs', 'emphasize', 'bargeInAllowed', 'stopTones', 'speechVariation', 'recordingFormat', 'playBeep',
];

/** Changes that no verdict hangs on. */
const mutations: Readonly<Record<string, (body: unknown) => unknown>> = {
  'with fields nobody announced': (body) => everywhere(body, (fields) => ({ xNew: { type: 'x', id: 3, list: [null] }, ...fields, zNew: [[]] })),
  'with null for absent': (body) => everywhere(body, (fields) => ({ ...Object.fromEntries(optional.map((name) => [name, null])), ...fields })),
  'with its fields in reverse order': (body) => everywhere(body, (fields) => Object.fromEntries(Object.entries(fields).reverse())),
  'with other names and ids': (body) =>
    everywhere(body, (fields) => Object.fromEntries(Object.entries(fields).map(([key, value]) => [key, isName(key, value) ? `${value}.2` : value]))),
};

const isName = (key: string, value: unknown): value is string =>
  ['id', 'operationId', 'identity', 'displayName', 'choiceName', 'name', 'threadId', 'appId'].includes(key) && typeof value === 'string' && value.trim() !== '';

/** `change` of every object within `value`, but for the opaque one whose size is limited. */
function everywhere(value: unknown, change: (fields: Readonly<Record<string, unknown>>) => Readonly<Record<string, unknown>>): unknown {
  if (Array.isArray(value)) return value.map((element) => everywhere(element, change));
  if (typeof value !== 'object' || value === null) return value;
  return change(Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, key === 'mediaConfiguration' ? inner : everywhere(inner, change)])));
}
