/** Whom the old SDK let in and what brought it down, each defect by its id, tried on a server that verifies tokens. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect } from 'chai';
import { isCallError } from 'callchart';
import { botframework, memoryRecordings } from 'callchart/transport';
import acme from '../../examples/acme/bot.ts';
import { audience, compact, issuer, keyServer, type KeyServer } from '../helpers/tokens.ts';
import { type Answer, incoming, pressed, raw, rig, type Rig, stubService } from '../transport/rig.ts';
import { form, multipart } from '../transport/services/botframework/requests.ts';
import { openings } from './opened.ts';

/** The service as it is in earnest, its tokens verified by the keys of an issuer on loopback. */
const guarded = (openIdMetadataUrl: string) => stubService({ openIdMetadataUrl, issuer, verify: undefined } as never);

const codeOf = (text: string): string => (JSON.parse(text) as { readonly error: { readonly code: string } }).error.code;

/** What a sender without a good name can know: everything but the key. */
const claims = { iss: issuer, aud: audience, exp: 4_000_000_000 };

const { open, opened, closeAll } = openings();

describe('security that the old SDK lacked', () => {
  afterEach(closeAll);

  let keys: KeyServer;
  let line: Rig;
  const deaths: unknown[] = [];
  const note = (error: unknown): void => void deaths.push(error);

  before(async () => {
    keys = await keyServer();
    line = await rig(acme, { service: guarded(keys.metadataUrl) });
    process.on('uncaughtExceptionMonitor', note);
  });
  after(async () => {
    process.off('uncaughtExceptionMonitor', note);
    await line.close();
    await keys.close();
    expect(deaths).to.deep.equal([]);
  });

  const bearer = (token: string) => ({ authorization: `Bearer ${token}` });
  const ring = (id: string, token: string) => line.send(JSON.stringify(incoming(id)), bearer(token));

  it('S1: a token without a signature is refused, whatever its key id', async () => {
    const unsigned = ['none', 'None', 'NONE', 'RS256', 'HS256'].flatMap((alg) => ['key-1', 'nobody', undefined].map((kid) => compact({ alg, kid }, claims)));
    for (const token of [...unsigned, compact({ kid: 'nobody' }, claims), (await keys.sign()).replace(/[^.]*$/, '')]) {
      const { status, text } = await ring('s1', token);
      expect([status, codeOf(text)], token).to.deep.equal([401, 'ERR_BEARER_REJECTED']);
    }
    expect(await line.record('s1'), 'no call began').to.equal(undefined);
    expect((await ring('s1', await keys.sign())).status, 'the same caller with a signature').to.equal(200);
  });

  it('S2: a signed token that is for nobody gets in nowhere, and a bot without an app id is not set up at all', async () => {
    for (const aud of [undefined, null, '', 'undefined', [], [null]]) expect((await ring('s2', await keys.sign({ aud }))).status, String(aud)).to.equal(401);
    expect(await line.record('s2')).to.equal(undefined);
    const options = { appPassword: 'a password', callbackUrl: 'https://bot.example/', openIdMetadataUrl: keys.metadataUrl, issuer };
    for (const appId of [undefined, '', ' ']) {
      let refusal: unknown;
      try {
        botframework({ ...options, appId } as never);
      } catch (error) {
        refusal = error;
      }
      expect(isCallError(refusal) && refusal.details, String(appId)).to.deep.equal({ option: 'appId' });
    }
  });

  describe('S3: one request does not end the process', () => {
    const result = (content: string) => multipart(['Content-Disposition: form-data; name=conversationResult', content], ['Content-Disposition: form-data; name=recordedAudio', 'sound']);
    const bodies: readonly (readonly [title: string, body: string | Buffer, headers?: Readonly<Record<string, string>>])[] = [
      ['that is null', 'null'],
      ['that is a list', '[]'],
      ['that is cut short', '{"id":'],
      ['of a recording without its result', multipart(['Content-Disposition: form-data; name=recordedAudio\r\nContent-Type: audio/wav', 'sound']), form],
      ['of a recording whose result is broken', result('{"id":'), form],
      ['of a recording whose result is null', result('null'), form],
      ['whose part has a header that begins with a blank', multipart([' Content-Disposition: form-data; name="y"', 'w']), form],
      ['that ends within a part', Buffer.from('--edge\r\nContent-Disposition: form-data; name=recordedAudio\r\n\r\nsou'), form],
    ];
    for (const [title, body, headers] of bodies) {
      it(`S3: a body ${title} is 401 from a stranger, 400 from the service, and the next caller is answered`, async () => {
        for (const authorization of ['', 'Bearer garbage', 'Bearer', 'Basic YTpi']) {
          expect((await line.send(body, { ...headers, ...(authorization !== '' && { authorization }) })).status, authorization).to.equal(401);
        }
        const { status, text } = await line.send(body, { ...headers, ...bearer(await keys.sign()) });
        expect([status, codeOf(text)]).to.deep.equal([400, 'ERR_EVENT_MALFORMED']);
        expect((await ring(`s3 ${title}`, await keys.sign())).status).to.equal(200);
        expect(deaths).to.deep.equal([]);
      });
    }

    it('S3: a stranger is refused before the body that he announced has come', async () => {
      const head = ['POST /api/calls HTTP/1.1', 'host: bot', 'connection: close', 'authorization: Bearer garbage', `content-type: ${form['content-type']}`, 'content-length: 1000', '', ''].join('\r\n');
      expect(await raw(line.port, head)).to.match(/^HTTP\/1.1 401 /);
    });
  });

  it('S4: an issuer that cannot be reached makes a request wait, and ends neither the process nor the trust in the service', async () => {
    const gone = await keyServer();
    const token = await gone.sign();
    await gone.close();
    const half = createServer((_, response) => response.end(JSON.stringify({ issuer, jwks_uri: gone.jwksUri })));
    await new Promise<void>((resolve) => half.listen(0, '127.0.0.1', resolve));
    open.push({ close: async () => (half.closeAllConnections(), half.close()) });
    const halfUrl = `http://127.0.0.1:${(half.address() as AddressInfo).port}/metadata`;
    for (const [title, metadataUrl] of [['its metadata', gone.metadataUrl], ['its keys', halfUrl]] as const) {
      const cut = await opened(acme, { service: guarded(metadataUrl) });
      for (const attempt of [1, 2]) {
        const { status, headers, text } = await cut.send(JSON.stringify(incoming('s4')), bearer(token));
        expect([status, headers.get('retry-after'), codeOf(text)], `${title}, attempt ${attempt}`).to.deep.equal([503, '30', 'ERR_KEYS_UNAVAILABLE']);
      }
      expect(cut.said('exchange refused')[0], title).to.include({ level: 'error', code: 'ERR_KEYS_UNAVAILABLE' });
    }
    expect(deaths).to.deep.equal([]);
  });

  it('S5: an appState that names another call moves nothing of that call, and ours tells nothing of who calls', async () => {
    const post = async (body: object) => line.send(JSON.stringify(body), bearer(await keys.sign()));
    const [victim, caller, other] = [await post(incoming('s5-victim')), await post(incoming('s5-caller')), await post(incoming('s5-other'))];
    const before = await line.store.load('botframework:s5-victim');
    const sales = (id: string, { actions }: Answer, appState?: string) => post({ id, callState: 'established', appState, operationOutcome: { id: actions.at(-1)?.operationId, outcome: 'success', ...pressed('sales') } });
    const forged = JSON.stringify({ channelId: 'skype', user: { id: '8:mona.lindqvist' }, conversation: { id: 's5-victim' } });
    expect((await sales('s5-caller', caller, forged)).heard, 'forged').to.contain('Sales');
    expect((await sales('s5-other', other, victim.appState)).heard, 'signed by us, for the other call').to.contain('Sales');
    expect(await line.store.load('botframework:s5-victim')).to.deep.equal(before);
    expect(line.said('hint is not ours')[0]).to.include({ call: 's5-caller' });
    const { appState = '' } = caller;
    const [payload = '', seal = ''] = appState.split('.');
    expect(JSON.parse(Buffer.from(payload, 'base64url').toString())).to.deep.equal(['s5-caller', 'acme']);
    expect(Buffer.from(seal, 'base64url')).to.have.length(16);
    expect(caller.text + victim.text).not.to.match(/mona|lindqvist/i);
  });

  it('S6: a body that does not end is refused where its limit is, be it JSON, the JSON beside a recording, or the recording', async () => {
    const recordings = memoryRecordings({ maxBytes: 300_000 });
    const limited = await opened(acme, { recordings });
    const endless = async (type: string, begin: string, more: number): Promise<string> => {
      const head = ['POST /api/calls HTTP/1.1', 'host: bot', 'connection: close', `content-type: ${type}`, 'transfer-encoding: chunked', '', ''].join('\r\n');
      const body = begin + 'x'.repeat(more);
      return raw(limited.port, `${head}${body.length.toString(16)}\r\n${body}\r\n`, 300); // and no last chunk
    };
    const part = (name: string) => `--edge\r\nContent-Disposition: form-data; name=${name}\r\n\r\n`;
    for (const [title, type, begin] of [
      ['JSON', 'application/json', '{"id":"'],
      ['the JSON beside a recording', form['content-type'], `${part('conversationResult')}{"id":"`],
      ['a recording', form['content-type'], part('recordedAudio')],
    ] as const) {
      const answer = await endless(type, begin, 330_000);
      expect(answer, title).to.match(/^HTTP\/1.1 413 /);
      expect(answer, title).to.contain('ERR_BODY_TOO_LARGE');
    }
    expect(recordings.refs()).to.deep.equal([]);
    expect((await limited.caller('s6').rings()).status, 'and the next caller is answered').to.equal(200);
  });
});
