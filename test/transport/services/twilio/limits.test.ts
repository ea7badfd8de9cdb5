/** Documents by anybody: which are legal for Twilio, and where those that are not break which rule. */
import { assert } from 'chai';
import fc from 'fast-check';
import { isRule } from '../../../../src/transport/services/twilio/rules.ts';
import { validateTwiml, verbsIn } from '../../../../src/transport/services/twilio/limits.ts';

const broken = (text: string): readonly string[] => validateTwiml(text).map(({ rule, path }) => `${rule} ${path}`);

describe('twilio: a document', () => {
  it('is legal as Twilio\'s own pages have it', () => {
    for (const legal of [
      '',
      '<Response/>',
      '<?xml version="1.0" encoding="UTF-8"?>\n<Response>\n  <!-- a greeting -->\n  <Say voice="alice" language="en-GB" loop="2">Hello <break strength="x-weak" time="100ms"/> you</Say>\n</Response>\n',
      '<Response><Gather input="speech dtmf" timeout="3" numDigits="1" speechTimeout="auto" bargeIn="TRUE"><Say>Press 1 &amp; say &#8220;sales&#x201D;.</Say><Pause length="1"/><Play loop="2">https://a.example/b.mp3</Play></Gather><Redirect method="get">/again</Redirect></Response>',
      '<Response><Dial action="/done" timeout="10" record="record-from-ringing-dual" callerId="+15551234567">+15557654321</Dial></Response>',
      '<Response><Dial><Number statusCallbackEvent="initiated ringing" statusCallback="/s" sendDigits="wwww1928">+15557654321</Number><Client><Identity>alice</Identity><Parameter name="a" value="b"/></Client><Sip username="a" password="b">sip:a@b.example</Sip></Dial></Response>',
      '<Response><Dial><Conference beep="onEnter" anything="at all">Room</Conference></Dial></Response>',
      '<Response><Refer action="/r"><Sip>sip:a@b.example?X-Y=1</Sip></Refer></Response>',
      '<Response><Pay paymentConnector="Default" chargeAmount="10.00"><Prompt for="security-code"><Say>Code?</Say></Prompt></Pay><Enqueue waitUrl="/w">support</Enqueue></Response>',
      '<Response><Connect><Stream url="wss://a.example"/></Connect></Response>',
      '<Response><Play digits="wwww3"/><Record maxLength="30" finishOnKey="#*" recordingStatusCallbackEvent="in-progress completed"/><Hangup/></Response>',
      '<Response><Reject reason="busy"/></Response>',
      '<Response><Redirect/></Response>',
      '<Response><Say><![CDATA[a < b & c]]></Say></Response>',
    ]) assert.deepEqual(broken(legal), [], legal);
  });

  it('breaks a rule at a place', () => {
    const cases: readonly (readonly [text: string, ...violations: readonly string[]])[] = [
      ['hello', 'X-XML '],
      ['{"actions":[]}', 'X-XML '],
      ['<Response><Say>a</Response>', 'X-XML '],
      ['<Response><Say>Tom & Jerry</Say></Response>', 'X-XML '],
      ['<Response><Say>&nbsp;</Say></Response>', 'X-XML '],
      ['<!DOCTYPE r [<!ENTITY a "b">]><Response><Say>&a;</Say></Response>', 'X-XML '],
      ['<Response/><Response/>', 'X-XML '],
      ['<Response><Say>a&#1;b</Say></Response>', 'X-XML '],
      ['<Response><Say>a&#x110000;b</Say></Response>', 'X-XML '],
      ['<Response><Say voice="a<b">x</Say></Response>', 'X-XML '],
      ['<response/>', 'X-ROOT /response'],
      ['<Response><say>a</say></Response>', 'X-VERB /Response/say[1]'],
      ['<Response><Number>1</Number></Response>', 'X-NESTING /Response/Number[1]'],
      ['<Response><Say>a</Say><Gather><Say>b</Say><Gather/></Gather></Response>', 'X-NESTING /Response/Gather[1]/Gather[1]'],
      ['<Response><Say><p><p>a</p></p></Say></Response>', 'X-NESTING /Response/Say[1]/p[1]/p[1]'],
      ['<Response><Say>a</Say><Say Voice="x">b</Say></Response>', 'X-ATTRIBUTE /Response/Say[2]/@Voice'],
      ['<Response><Gather timeout="soon" numDigits="-1" input="dtmf voice"/></Response>', 'X-VALUE /Response/Gather[1]/@timeout', 'X-VALUE /Response/Gather[1]/@numDigits', 'X-VALUE /Response/Gather[1]/@input'],
      ['<Response><Record playBeep="yes" action=""/></Response>', 'X-VALUE /Response/Record[1]/@playBeep', 'X-VALUE /Response/Record[1]/@action'],
      ['<Response>hello</Response>', 'X-TEXT /Response'],
      ['<Response><Pause>1</Pause></Response>', 'X-TEXT /Response/Pause[1]'],
      ['<Response><Say/><Play></Play><Dial> </Dial></Response>', 'X-CONTENT /Response/Say[1]', 'X-CONTENT /Response/Play[1]', 'X-CONTENT /Response/Dial[1]'],
      ['<Response><Say>a</Say><Reject/></Response>', 'X-REJECT /Response/Reject[1]'],
      [`<Response><Say>${'é'.repeat(33_000)}</Say></Response>`, 'X-64K '],
      ['<Response><constructor/></Response>', 'X-XML '],
      ['<Response><Say data-a="a">b</Say></Response>', 'X-ATTRIBUTE /Response/Say[1]/@data-a'],
    ];
    for (const [text, ...violations] of cases) assert.deepEqual(broken(text), violations, text.slice(0, 100));
  });

  it('says what its verbs are', () => {
    assert.deepEqual(verbsIn('<Response><Say>a</Say><Hangup/></Response>'), ['Say', 'Hangup']);
    assert.deepEqual(verbsIn(''), []);
  });

  it('of any kind is judged without an accident', () => {
    const piece = fc.oneof(fc.constantFrom('<Response>', '</Response>', '<Say>', '</Say>', '<Gather timeout="', '"', '/>', '&amp;', '&', '<![CDATA[', ']]>', '<!--', '-->', '<?xml', '?>', '<Play digits="', "'", '<__proto__/>', '\u0000'), fc.string());
    fc.assert(
      fc.property(fc.oneof(fc.array(piece, { maxLength: 12 }).map((pieces) => pieces.join('')), fc.array(piece, { maxLength: 6 }).map((pieces) => `<Response>${pieces.join('')}</Response>`)), (text) => {
        for (const { rule, path } of validateTwiml(text)) assert.isTrue(isRule(rule) && typeof path === 'string');
      }),
      { numRuns: 500 },
    );
  });
});
