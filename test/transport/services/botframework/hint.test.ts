import { assert } from 'chai';
import { readHint, signHint } from '../../../../src/transport/services/botframework/hint.ts';

const hint = { callId: 'call-観', bot: 'kiosk' };

describe('botframework hint', () => {
  it('comes back as it left', () => {
    assert.deepEqual(readHint('s3cret', signHint('s3cret', hint)), hint);
  });

  it('is not ours when a character of it, or the secret, is another', () => {
    const text = signHint('s3cret', hint) ?? '';
    assert.isUndefined(readHint('other', text));
    for (let at = 0; at < text.length; at++) {
      const changed = text.slice(0, at) + (text[at] === 'A' ? 'B' : 'A') + text.slice(at + 1);
      assert.isUndefined(readHint('s3cret', changed), `changed at ${at}`);
    }
    // Base64 reads these as the same bytes.
    for (const same of [`${text}=`, `${text} `]) assert.isUndefined(readHint('s3cret', same));
  });

  it('is not ours when it is something else altogether', () => {
    for (const text of [undefined, null, 7, {}, '', '.', 'a.b', 'a.b.c', '..', 'x'.repeat(1025), JSON.stringify(hint)]) assert.isUndefined(readHint('s3cret', text));
  });

  it('is nothing that an empty secret could vouch for', () => {
    assert.isUndefined(readHint('', signHint('', hint)));
  });

  it('is left out when it would be longer than the service takes', () => {
    assert.isUndefined(signHint('s3cret', { ...hint, callId: 'x'.repeat(1000) }));
    assert.isAtMost(signHint('s3cret', { ...hint, callId: '観'.repeat(200) })?.length ?? 0, 1024);
  });
});
