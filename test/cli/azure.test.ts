import { expect } from 'chai';
import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { sentence } from '../../src/cli/failure.ts';
import { serve } from '../../src/cli/serve.ts';
import { incomingCall } from '../transport/services/azure/requests.ts';
import { root, run, runNext, start } from './run.ts';

interface Verdict {
  readonly ok: boolean;
  readonly rule?: string | null;
  readonly callId?: string | null;
  readonly events?: readonly { readonly type: string }[];
}

const judged = async (...command: readonly string[]): Promise<readonly Verdict[]> => (await runNext(command)).stdout.trimEnd().split('\n').map((line) => JSON.parse(line) as Verdict);

describe('callchart decode azure and validate azure', function () {
  this.timeout(30_000);
  const folder = join(root, 'test/fixtures/azure');
  const rows = JSON.parse(readFileSync(join(folder, 'index.json'), 'utf8')) as readonly { readonly file: string; readonly kind: string; readonly rule: string | null; readonly tells?: readonly string[] }[];
  const files = (some: typeof rows) => some.map(({ file }) => join(folder, file));

  it('agree on what was received, and say the rule where it is broken', async () => {
    const events = rows.filter(({ kind }) => kind === 'event');
    const verdicts = await judged('decode', 'azure', '--json', ...files(events));
    expect(verdicts.map(({ ok, rule }) => [ok, rule ?? null])).to.deep.equal(events.map(({ rule }) => [rule === null, rule]));
    expect(verdicts.flatMap(({ ok, events: told = [] }) => (ok ? [told.map(({ type }) => type)] : []))).to.deep.equal(events.flatMap(({ tells }) => (tells === undefined ? [] : [tells])));
  });

  it('agree on what is asked for', async () => {
    const requests = rows.filter(({ kind }) => kind === 'request');
    expect((await judged('validate', 'azure', '--json', ...files(requests))).map(({ ok, rule }) => [ok, rule ?? null])).to.deep.equal(requests.map(({ rule }) => [rule === null, rule]));
  });

  it('take every published body', async function () {
    const published = resolve(root, '../shared/vectors/azure');
    if (!existsSync(join(published, 'index.json'))) return this.skip();
    const { files: all } = JSON.parse(readFileSync(join(published, 'index.json'), 'utf8')) as { readonly files: readonly { readonly file: string; readonly kind: string }[] };
    const paths = (...kinds: readonly string[]) => all.filter(({ kind }) => kinds.includes(kind)).map(({ file }) => join(published, file));
    for (const verdict of await judged('decode', 'azure', '--json', ...paths('callback-event', 'callback-event-batch', 'eventgrid-event'))) expect(verdict.ok).to.equal(true);
    for (const verdict of await judged('validate', 'azure', '--json', ...paths('rest-request'))) expect(verdict.ok).to.equal(true);
  });
});

describe('callchart serve --service azure', function () {
  this.timeout(30_000);
  const acme = join(root, 'examples/acme');
  const env = {
    CALLCHART_AZURE_CONNECTION_STRING: 'endpoint=https://resource.example/;accesskey=YSBrZXk=', CALLCHART_AZURE_RESOURCE_ID: '00000000-0000-4000-8000-000000000000', CALLCHART_AZURE_PUBLIC_URL: 'https://bot.test',
    CALLCHART_AZURE_EVENT_GRID_SECRET: 'one, another', CALLCHART_AZURE_COGNITIVE_SERVICES_URL: 'https://ai.test', CALLCHART_STORE: 'memory',
  };

  it('shakes hands with Event Grid by any of its secrets, and lets in nobody else', async () => {
    const serving = await start(['serve', acme, '--service', 'azure', '--port', '0'], { env });
    const post = (secret: string, kind: string, body: unknown) =>
      fetch(`${serving.first.replace('listening on ', '')}/api/azure?secret=${secret}`, { method: 'POST', headers: { 'content-type': 'application/json', 'aeg-event-type': kind }, body: JSON.stringify(body) });
    const validation = [{ id: '1', eventType: 'Microsoft.EventGrid.SubscriptionValidationEvent', data: { validationCode: 'abc' } }];
    for (const secret of ['one', 'another']) expect(await (await post(secret, 'SubscriptionValidation', validation)).json()).to.deep.equal({ validationResponse: 'abc' });
    expect((await post('one,%20another', 'Notification', [incomingCall()])).status).to.equal(401);
    expect(await serving.stop('SIGTERM')).to.equal(0);
    expect(serving.output().stderr).not.to.match(/YSBrZXk|one, another/);
  });

  it('names the setting that is missing or wrong', async () => {
    const { CALLCHART_AZURE_RESOURCE_ID: _, ...some } = env;
    const refused = (environment: Readonly<Record<string, string>>): Promise<string> => serve(acme, { service: 'azure' }, environment).then(() => 'served', sentence);
    expect(await refused(some)).to.equal('a setting is missing in the environment: CALLCHART_AZURE_RESOURCE_ID (ERR_OPTION_INVALID)');
    expect(await refused({ ...env, CALLCHART_AZURE_PUBLIC_URL: 'http://bot.test' })).to.equal('CALLCHART_AZURE_PUBLIC_URL is an absolute https URL, or http on loopback, without a query (ERR_OPTION_INVALID)');
    expect(await refused({ ...env, CALLCHART_AZURE_CONNECTION_STRING: 'nonsense' })).to.equal('CALLCHART_AZURE_CONNECTION_STRING names the address of the resource (ERR_OPTION_INVALID)');
    expect(await refused({ ...env, CALLCHART_AZURE_RESOURCE_ID: 'the-resource' })).to.equal('CALLCHART_AZURE_RESOURCE_ID is a GUID: the immutable id of the resource, and neither its name nor its path (ERR_OPTION_INVALID)');
    for (const given of ['yes', 'false', 'TRUE']) expect(await refused({ ...env, CALLCHART_AZURE_ALLOW_INSECURE_CONNECTION: given })).to.equal('CALLCHART_AZURE_ALLOW_INSECURE_CONNECTION is `true`, or absent (ERR_OPTION_INVALID)');
    const silent = await run(['serve', acme, '--service', 'azure'], { env: { ...env, CALLCHART_AZURE_COGNITIVE_SERVICES_URL: '' } });
    expect(silent).to.include({ code: 2, stdout: '' });
    expect(silent.stderr).to.match(/^callchart: state `menu`: .*`cognitiveServicesUrl`.*\(ERR_BATCH_ILLEGAL\)\n$/);
  });
});
