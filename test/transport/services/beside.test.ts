/** Services beside each other: two in one app over one store, and what a proxy's word changes for one of them. As docs/services.md says. */
import { expect } from 'chai';
import type { AddressInfo } from 'node:net';
import Koa from 'koa';
import { calls, memoryStore, serve, silentLog, twilio } from 'callchart/transport';
import acme from '../../../examples/acme/bot.ts';
import { incoming, stubService } from '../rig.ts';
import { accountSid, authToken, callSid, type Fields, ongoing, publicUrl, ringing, signatureOf } from './twilio/requests.ts';

const service = (more: { readonly trustForwarded?: true } = {}) => twilio({ accountSid, authToken, publicUrl, ...more });

/** A form that Twilio has signed for the address `called`, sent to `url`. */
const posted = async (url: string, called: string, fields: Fields, headers: Readonly<Record<string, string>> = {}) => {
  const response = await fetch(url, { method: 'POST', headers: { 'x-twilio-signature': signatureOf(called, fields), ...headers }, body: new URLSearchParams(fields) });
  return { status: response.status, text: await response.text() };
};

describe('two services in one app', () => {
  it('take their own calls on their own paths, and share a store, in which a call of one is none of the other', async () => {
    const store = memoryStore();
    const [one, other] = [calls({ service: stubService(), bots: acme, store, log: silentLog, roundMs: 5 }), calls({ service: service(), bots: acme, store, log: silentLog, roundMs: 5 })];
    const server = new Koa().use(one).use(other).listen(0, '127.0.0.1');
    try {
      await new Promise((resolve) => server.once('listening', resolve));
      const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
      const rung = await fetch(`${url}/api/calls`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(incoming(callSid)) });
      expect([rung.status, await rung.text()].join()).to.match(/^200,\{.*Welcome to Acme/s);
      const begun = await posted(`${url}/api/twilio`, `${publicUrl}/api/twilio`, ringing);
      expect(begun.text).to.match(/<Gather .*Welcome to Acme/s);
      const [, answerTo = ''] = /<Gather [^>]*action="https:\/\/bot\.example([^"]*)"/.exec(begun.text.replaceAll('&amp;', '&')) ?? [];
      const pressed = await posted(url + answerTo, publicUrl + answerTo, { ...ongoing, Digits: '2', msg: 'Gather End' });
      expect(pressed.text).to.contain('Support will call you back');
    } finally {
      await Promise.all([one.close(), other.close()]);
      server.closeAllConnections();
      server.close();
    }
  });
});

describe('a proxy whose word is trusted', () => {
  it('says which address was signed, by its scheme and host and no port of their own; what Twilio is to call next is at the public URL', async () => {
    const server = await serve({ service: service({ trustForwarded: true }), bots: acme, port: 0, log: silentLog });
    try {
      const url = `${server.url}/api/twilio`;
      const forwarded = { 'x-forwarded-proto': 'https', 'x-forwarded-host': 'tunnel.example:8443', 'x-forwarded-port': '9443' };
      const taken = await posted(url, 'https://tunnel.example:8443/api/twilio', ringing, forwarded);
      expect(taken.status).to.equal(200);
      expect(taken.text).to.contain('action="https://bot.example/api/twilio?').and.not.to.contain('tunnel.example');
      expect((await posted(url, 'https://tunnel.example:9443/api/twilio', ringing, forwarded)).status).to.equal(401);
    } finally {
      await server.close();
    }
  });
});
