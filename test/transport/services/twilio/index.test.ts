/** What the service has to be told before it takes calls. */
import { assert } from 'chai';
import { twilio, type TwilioOptions } from 'callchart/transport';
import { isCallError } from '../../../../src/errors.ts';
import { accountSid, authToken, publicUrl } from './requests.ts';

const good: TwilioOptions = { accountSid, authToken, publicUrl };

/** The option that is refused. */
const refused = (options: unknown): string => {
  try {
    twilio(options as TwilioOptions);
  } catch (error) {
    if (!isCallError(error) || error.code !== 'ERR_OPTION_INVALID') throw error;
    assert.notInclude(error.message, authToken);
    return error.details.option;
  }
  return 'none';
};

describe('twilio: its options', () => {
  it('account, token and public URL have to be there; no default opens a door', () => {
    assert.equal(refused(good), 'none');
    assert.equal(refused(undefined), 'options');
    for (const option of ['accountSid', 'authToken', 'publicUrl']) {
      assert.equal(refused({ ...good, [option]: undefined }), option);
      assert.equal(refused({ ...good, [option]: ' ' }), option);
    }
    assert.equal(refused({ ...good, authToken: [] }), 'authToken');
    assert.equal(refused({ ...good, authToken: [authToken, ''] }), 'authToken');
    assert.equal(refused({ ...good, authToken: [authToken, 'the next one'] }), 'none');
  });

  it('addresses are https, or http on loopback', () => {
    for (const url of ['http://bot.example', 'bot.example', 'ftp://bot.example', 'https://bot.example/?a=b', 'https://bot.example/#a']) assert.equal(refused({ ...good, publicUrl: url }), 'publicUrl', url);
    for (const url of ['https://bot.example/', 'https://bot.example/bots/', 'http://127.0.0.1:3978', 'http://localhost:3978']) assert.equal(refused({ ...good, publicUrl: url }), 'none', url);
    assert.equal(refused({ ...good, apiUrl: 'http://api.example' }), 'apiUrl');
    assert.equal(refused({ ...good, holdMusic: 'music.mp3' }), 'holdMusic');
  });

  it('what is misspelt or of another kind is refused by its name', () => {
    assert.equal(refused({ ...good, authtoken: 'x' }), 'authtoken');
    const wrong = { trustForwarded: 'yes', voice: '', language: 1, callerId: ' ', transferBy: 'mail', replyWithinMs: 0, fillAfterMs: Number.NaN };
    for (const [option, value] of Object.entries(wrong)) assert.equal(refused({ ...good, [option]: value }), option);
  });

  it('what can only be wrong is refused: an account, a language, a caller who is shown', () => {
    for (const wrong of ['AC', 'AC1', 'SK00000000000000000000000000000001', `${accountSid}0`]) assert.equal(refused({ ...good, accountSid: wrong }), 'accountSid', wrong);
    for (const language of ['', 'en_GB', 'en GB', 'e']) assert.equal(refused({ ...good, language }), 'language', language);
    for (const language of ['en', 'en-GB', 'cmn-Hans-CN']) assert.equal(refused({ ...good, language }), 'none', language);
    for (const callerId of ['15550000009', '+1 555 0000', 'reception', 'sip:', 'client:']) assert.equal(refused({ ...good, callerId }), 'callerId', callerId);
    for (const callerId of ['+15550000009', 'sip:desk@example.com', 'client:reception']) assert.equal(refused({ ...good, callerId }), 'none', callerId);
  });

  it('a slash at the end of an address is none', () => {
    const service = twilio({ ...good, publicUrl: 'https://bot.example/bots//' });
    const call = { id: 'c', from: '', to: '', direction: 'inbound', headers: {} } as const;
    assert.include(service.encode([{ type: 'play', params: { prompts: [{ text: 'Hi' }] }, operationId: 'c:1:0', state: 's' }], { callId: 'c', bot: 'b', path: '/api/twilio', call, memory: {}, at: 0 }), '>https://bot.example/bots/api/twilio?of=play&amp;op=c:1:0<');
  });

  it('a line on which nothing goes on is told apart from every other wait', () => {
    const service = twilio(good);
    const wait = (): string => service.idle?.({ over: false, path: '/api/twilio' }) ?? '';
    assert.match(wait(), /<Redirect>https:\/\/bot\.example\/api\/twilio\?of=wait&amp;n=[\w-]+<\/Redirect>/);
    assert.notEqual(wait(), wait());
  });
});
