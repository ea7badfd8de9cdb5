import { expect } from 'chai';
import * as fc from 'fast-check';
import { isCallError } from '../../src/errors.ts';
import { checkFlow } from '../../src/studio/check-flow.ts';
import { type Flow, readFlow } from '../../src/studio/flow.ts';
import { ask, flowOf, flowText, say } from './flow-text.ts';

const flow = flowOf({ incomingCall: 'hello' }, { hello: say('Hello.') });

/** The broken rule and the places, and that the sentence has no value in it. */
const changed = (change: (states: Record<string, unknown>[]) => void): string => {
  const copy = JSON.parse(JSON.stringify(flow)) as { states: Record<string, unknown>[] };
  change(copy.states);
  return JSON.stringify(copy);
};
const refusal = (text: string): string => {
  try {
    checkFlow(readFlow(text));
  } catch (error) {
    if (!isCallError(error) || error.code !== 'ERR_FLOW_UNEXAMINED') throw error;
    expect(error.message).not.to.contain('secret');
    return [error.details.rule, ...error.details.paths].join(' ');
  }
  return 'examined';
};
const names = ({ widgets }: Flow): readonly string[] => widgets.map(({ name }) => name);

describe('the file of a flow', () => {
  it('may hold it bare, within an answer of the REST API, in Terraform, or in a module', () => {
    const wrapped = [
      JSON.stringify(flow),
      `\uFEFF${JSON.stringify(flow)}`,
      JSON.stringify({ friendly_name: 'Acme', definition: flow }),
      JSON.stringify({ friendly_name: 'Acme', definition: JSON.stringify(flow) }),
      JSON.stringify({ resource: { twilio_studio_flows_v2: { acme: { definition: `\${jsonencode(${JSON.stringify(flow)})}` } } } }),
      `module.exports = ${JSON.stringify(flow)};\n`,
    ];
    for (const text of wrapped) expect(names(readFlow(text)), text.slice(0, 40)).to.deep.equal(['Trigger', 'hello']);
  });

  it('may be of version 1, where edges lead to ids and types have other names', () => {
    const text = JSON.stringify({
      description: 'old',
      states: [
        { type: 'InitialState', name: 'Trigger', sid: 'FF1', properties: {}, transitions: [{ event: 'incomingCall', conditions: [], next: 'FF2', uuid: 'u' }, { event: 'incomingMessage', conditions: [], next: null }] },
        { type: 'Gather', name: 'menu', sid: 'FF2', properties: { say: 'Press 1.', play: null }, transitions: [{ event: 'keypress', conditions: [], next: 'FF3' }, { event: 'timeout', conditions: [], next: null }] },
        { type: 'SayPlay', name: 'bye', sid: 'FF3', properties: { say: 'Goodbye.' }, transitions: [{ event: 'audioComplete', conditions: [], next: 'FF9' }] },
      ],
    });
    expect(readFlow(text).version).to.equal(1);
    expect(checkFlow(readFlow(text)).findings.map(({ id }) => id)).to.deep.equal(['unhandled:menu:timeout', 'dead-end:bye:audioComplete']);
  });

  it('is refused with the place where it is no flow, and nothing of it is said', () => {
    expect(refusal('secret')).to.equal('F-JSON');
    expect(refusal('{"secret":')).to.equal('F-JSON');
    expect(refusal('[1, "secret"]')).to.equal('F-NONE');
    expect(refusal('{"states":[]}')).to.equal('F-NONE');
    expect(refusal('{"states":{"menu":"secret"}}')).to.equal('F-NONE');
    expect(refusal(JSON.stringify({ one: flow, other: { definition: flow } }))).to.equal('F-MANY one other.definition');
    expect(refusal(changed((states) => states.push({ name: 'secret', type: 7 })))).to.equal('F-SHAPE states.2.type');
    expect(refusal(changed((states) => { (states[1] as { transitions: unknown }).transitions = [{ event: 'audioComplete', next: { secret: 1 } }]; }))).to.equal('F-SHAPE states.1.transitions.0.next');
    expect(refusal(changed((states) => states.push({ ...states[1] })))).to.equal('F-NAME states.2.name');
    expect(refusal(JSON.stringify({ ...flow, initial_state: 'secret' }))).to.equal('F-START initial_state');
    expect(refusal(JSON.stringify({ ...flow, initial_state: 'hello' }))).to.equal('F-START initial_state');
  });

  it('is refused where no call ever comes: a flow about messages is not called sound', () => {
    const reply = { type: 'send-message', on: { sent: null, failed: null } };
    expect(refusal(flowText({ incomingMessage: 'reply' }, { reply }))).to.equal('F-CALLS Trigger');
    expect(refusal(flowText({ incomingMessage: 'reply', incomingRequest: 'reply' }, { reply }))).to.equal('F-CALLS Trigger');
    const flex = { type: 'send-to-flex', on: { callComplete: null, failedToEnqueue: null, callFailure: null } };
    expect(refusal(flowText({ incomingMessage: 'flex', incomingRequest: 'flex', incomingParent: 'flex' }, { flex })), 'messages go to Flex, too').to.equal('F-CALLS Trigger');
    expect(refusal(flowText({ incomingParent: 'hello' }, { hello: say('Hello.') }))).to.equal('examined');
    expect(refusal(flowText({ incomingMessage: 'menu' }, { menu: ask('Press 1.', {}) }))).to.equal('F-CALLS Trigger');
    expect(refusal(flowText({ incomingCall: 'reply' }, { reply }))).to.equal('examined');
    expect(refusal(flowText({ incomingCall: 'gone' }, {}))).to.equal('F-CALLS Trigger');
  });

  it('is examined where a property is a list or an object that is no text', () => {
    for (const odd of [[{ toString: 0 }], { toString: 0, valueOf: 0 }, [{ toString: 0, valueOf: 0 }]]) {
      for (const property of ['loop', 'number_of_digits', 'finish_on_key', 'say', 'play', 'hints', 'timeout', 'variables']) {
        expect(refusal(changed((states) => { for (const state of states) Object.assign((state as { properties: object }).properties, { [property]: odd }); })), property).to.match(/^(examined|F-SHAPE .*)$/);
      }
    }
  });

  it('whatever is in it, is examined or refused, and never breaks anything', function () {
    this.timeout(20_000);
    const types = ['trigger', 'say-play', 'gather-input-on-call', 'split-based-on', 'set-variables', 'make-http-request', 'connect-call-to', 'record-voicemail', 'run-subflow', 'constructor', '__proto__', 'odd'];
    const events = ['incomingCall', 'audioComplete', 'keypress', 'speech', 'timeout', 'match', 'noMatch', 'next', 'success', 'failed', 'callCompleted', 'noAudio', 'toString', 'odd'];
    const some = ['Trigger', 'a', 'b', 'c', '__proto__', 'constructor'];
    const value = fc.oneof(fc.constantFrom<unknown>([{ toString: 0 }], { toString: 0, valueOf: 0 }, '{{widgets.a.Digits}}', '{{flow.variables.x}}', '{{flow.variables.x | plus: 1}}', '1', '', '(', 'yes', '{{'), fc.jsonValue());
    const condition = fc.record({ type: fc.constantFrom('equal_to', 'regex', 'contains', 'less_than', 'is_blank', 'odd'), arguments: fc.array(value, { maxLength: 1 }), value }, { requiredKeys: ['type'] });
    const transition = fc.record({ event: fc.constantFrom(...events), next: fc.option(fc.constantFrom(...some)), conditions: fc.array(condition, { maxLength: 2 }) }, { requiredKeys: ['event'] });
    const properties = fc.record({ say: value, play: value, loop: value, hints: value, number_of_digits: value, finish_on_key: value, input: value, variables: fc.oneof(value, fc.array(fc.record({ key: fc.constantFrom('x', 'y'), value }), { maxLength: 2 })) }, { requiredKeys: [] });
    const states = fc.uniqueArray(fc.record({ name: fc.constantFrom(...some), type: fc.constantFrom(...types), transitions: fc.array(transition, { maxLength: 4 }), properties }), { selector: ({ name }) => name, maxLength: 6 });
    const start = fc.constantFrom(...some).map((next) => ({ name: 'Trigger', type: 'trigger', transitions: [{ event: 'incomingCall', next }], properties: {} }));
    let examined = 0;
    fc.assert(fc.property(start, states, (trigger, others) => {
      if (refusal(JSON.stringify({ initial_state: 'Trigger', states: [trigger, ...others.filter(({ name }) => name !== 'Trigger')] })) === 'examined') examined += 1;
    }), { numRuns: Number(process.env['CALLCHART_FUZZ_RUNS'] ?? 500) });
    expect(examined, 'most of what is made up is a flow').to.be.greaterThan(50);
  });
});
