import { assert } from 'chai';
import { checkWorkflow } from '../../../../src/transport/services/botframework/limits.ts';
import { isRule } from '../../../../src/transport/services/botframework/rules.ts';

const hangup = { action: 'hangup', operationId: 'op' };
const rulesOf = (workflow: unknown, profile: 'core' | 'extended' = 'core') => checkWorkflow(workflow, profile).map(({ rule }) => rule);
const ask = (over: object) => ({ actions: [{ action: 'recognize', operationId: 'op', collectDigits: { maxNumberOfDtmfs: 4 }, ...over }] });

describe('botframework limits', () => {
  it('take a workflow without links, which the service ends by itself', () => {
    assert.deepEqual(checkWorkflow({ actions: [hangup] }, 'core'), []);
  });

  it('take null for absent in every optional place', () => {
    assert.deepEqual(rulesOf({ links: null, appState: null, notificationSubscriptions: null, ...ask({ playPrompt: null, bargeInAllowed: null, culture: null, choices: null, initialSilenceTimeoutInSeconds: null }) }), []);
  });

  it('name the place and the action of each broken rule, in the order of the document', () => {
    const workflow = { links: {}, actions: [hangup, null, { action: 'playPrompt', operationId: 'op', prompts: [{ value: 'a' }, { value: '' }] }] };
    assert.deepEqual(checkWorkflow(workflow, 'core'), [
      { rule: 'W-CALLBACK', path: 'links.callback' },
      { rule: 'W-NULLACTION', path: 'actions.1', actionIndex: 1 },
      { rule: 'PR-NOTHING', path: 'actions.2.prompts.1', actionIndex: 2 },
      { rule: 'W-ORDER', path: 'actions.2', actionIndex: 2 },
    ]);
  });

  it('hold at both ends of each range, and just beyond', () => {
    for (const [field, least, most] of [['initialSilenceTimeoutInSeconds', 1, 30], ['interdigitTimeoutInSeconds', 1, 5]] as const) {
      assert.deepEqual([least, most].flatMap((value) => rulesOf(ask({ [field]: value }))), []);
      for (const value of [least - 0.001, most + 0.001, 0, NaN, Infinity, '3', []]) assert.lengthOf(rulesOf(ask({ [field]: value })), 1, `${field} ${String(value)}`);
    }
  });

  it('let a recognize and a record share a workflow, and prompts repeat, but nothing else', () => {
    const play = { action: 'playPrompt', operationId: 'op', prompts: [{ value: 'a' }] };
    const record = { action: 'record', operationId: 'op' };
    assert.deepEqual(rulesOf({ actions: [play, record, play, ask({}).actions[0], play, hangup] }), []);
    assert.deepEqual(rulesOf({ actions: [record, record] }), ['W-TWICE']);
  });

  it('know the name of an action in one case only', () => {
    assert.deepEqual(rulesOf({ actions: [{ ...hangup, action: 'HangUp' }] }), ['A-NAME']);
  });

  it('know transfer only where the profile is extended', () => {
    const workflow = { actions: [{ action: 'transfer', operationId: 'op', target: { identity: '8:per', originator: false } }] };
    assert.deepEqual(rulesOf(workflow), ['A-NAME']);
    assert.deepEqual(rulesOf(workflow, 'extended'), []);
  });

  it('name only rules that the table has a sentence for', () => {
    for (const value of [null, 1, 'x', [], {}, { actions: [1] }]) assert.isTrue(rulesOf(value).every(isRule));
  });

  it('cost less than 50 µs for a usual answer, on any machine', () => {
    const choices = [{ name: 'a', dtmfVariation: '1', speechVariation: ['a'] }, { name: 'b', dtmfVariation: '2', speechVariation: ['b'] }];
    const workflow = { links: { callback: 'https://bot.example/api/calls' }, actions: [{ action: 'answer', operationId: 'op' }, ...ask({ collectDigits: null, choices }).actions], appState: 'x' };
    for (let run = 0; run < 2000; run++) checkWorkflow(workflow, 'core');
    const before = process.hrtime.bigint();
    for (let run = 0; run < 2000; run++) checkWorkflow(workflow, 'core');
    assert.isBelow(Number(process.hrtime.bigint() - before) / 2000 / 1000, 50);
  });
});

describe('an address', () => {
  it('may have a host with any letters, the thousandth time as the first', () => {
    const workflow = { links: { callback: 'https://bücher.example/api/calls' }, actions: [{ action: 'hangup', operationId: '1' }] };
    for (let time = 0; time < 20_000; time += 1) assert.isEmpty(checkWorkflow(workflow, 'core'));
  });
});
