import { assert } from 'chai';
import type { ServiceEvent } from '../../../../src/machines/index.ts';
import { decodeBody } from '../../../../src/transport/services/botframework/decode.ts';
import { callStates, choiceReasons, digitReasons, notifications, outcomes, recordReasons } from '../../../../src/transport/services/botframework/wire.ts';

/** Every type of event, so that a new one does not compile until it is judged here. */
const serviceEvents: Readonly<Record<ServiceEvent['type'], 'told' | 'never'>> = {
  'call.incoming': 'told', 'call.ended': 'told', 'call.state': 'told', 'call.roster': 'told', 'batch.refused': 'told',
  'answer.done': 'told', 'answer.failed': 'told', 'play.done': 'told', 'play.failed': 'told', 'hangup.done': 'told', 'hangup.failed': 'told',
  'reject.done': 'told', 'reject.failed': 'told',
  'recognize.input': 'told', 'recognize.noinput': 'told', 'recognize.nomatch': 'told', 'recognize.failed': 'told',
  'record.done': 'told', 'record.noinput': 'told', 'record.failed': 'told',
  // A transfer is never asked for, and its outcome on this wire has no reason.
  'transfer.done': 'told', 'transfer.failed': 'told', 'transfer.busy': 'never', 'transfer.noanswer': 'never',
  'hold.done': 'never', 'hold.failed': 'never', 'unhold.done': 'never', 'unhold.failed': 'never',
  'createcall.done': 'never', 'createcall.busy': 'never', 'createcall.noanswer': 'never', 'createcall.failed': 'never',
  'raw.ended': 'never', 'raw.failed': 'never',
};

/** Every result the codecs know: each type, with each of its reasons, a success and a failure, on a line that stands and on one that is gone. */
function* everyResult(): Generator<{ readonly title: string; readonly json: unknown }> {
  for (const type of Object.keys(outcomes) as (keyof typeof outcomes)[]) {
    for (const outcome of ['success', 'failure', 'newWord']) {
      for (const callState of ['established', 'terminated']) {
        for (const fields of fieldsOf(type, outcome === 'failure')) {
          yield { title: [type, outcome, callState, JSON.stringify(fields)].join(' '), json: { id: 'c1', callState, operationOutcome: { type, id: 'op', outcome, ...fields } } };
        }
      }
    }
  }
}

function fieldsOf(type: keyof typeof outcomes, failed: boolean): readonly object[] {
  switch (type) {
    case 'recognizeOutcome':
      return [
        ...[...choiceReasons, 'newWord'].map((completionReason) => ({ choiceOutcome: { completionReason, choiceName: 'a' } })),
        ...[...digitReasons, 'newWord'].map((completionReason) => ({ collectDigitsOutcome: { completionReason, digits: '1' } })),
        ...(failed ? [{}, ...choiceReasons.map((completionReason) => ({ choiceOutcome: { completionReason } })), ...digitReasons.map((completionReason) => ({ collectDigitsOutcome: { completionReason } }))] : []),
      ];
    case 'recordOutcome':
      return [...recordReasons, 'newWord'].map((completionReason) => ({ completionReason, lengthOfRecordingInSecs: failed ? 0 : 1 }));
    case 'placeCallOutcome':
      return [{ acceptedModalityTypes: ['audio'] }];
    default:
      return [{}];
  }
}

describe('botframework endings', () => {
  it('every type, reason and word of an outcome tells something, and ends the call once where the line is gone', () => {
    let results = 0;
    for (const { title, json } of everyResult()) {
      const { events } = decodeBody(json);
      const ends = events.filter(({ type }) => type === 'call.ended').length;
      const callerLeft = title.includes('callTerminated');
      assert.equal(ends, callerLeft || title.includes(' terminated') ? 1 : 0, title);
      // The one outcome that tells nothing: nobody asks for video, and nothing waits for it.
      if (!title.startsWith('videoSubscription') && !callerLeft) assert.lengthOf(events.filter(({ type }) => type !== 'call.ended'), 1, title);
      results += 1;
    }
    assert.isAbove(results, 150);
  });

  it('an outcome bears the id of its operation and comes before the end of the call', () => {
    for (const { title, json } of everyResult()) {
      const { events } = decodeBody(json);
      assert.isTrue(events.every((event, index) => (event.type === 'call.ended' ? index === events.length - 1 : 'operationId' in event && event.operationId === 'op')), title);
    }
  });

  it('tells every kind of event but a busy and an unanswered transfer', () => {
    const told = new Set<string>();
    const hear = (json: unknown) => decodeBody(json).events.forEach(({ type }) => told.add(type));
    for (const { json } of everyResult()) hear(json);
    for (const callState of callStates) hear({ id: 'c1', participants: [{ identity: '8:a', originator: true }], presentedModalityTypes: ['audio'], callState });
    for (const type of Object.keys(notifications)) {
      hear({ type, id: 'c1', currentState: 'hold', participants: [{ identity: '8:a', mediaType: 'audio', mediaStreamDirection: 'send' }] });
    }
    const expected = Object.entries(serviceEvents).flatMap(([type, verdict]) => (verdict === 'told' ? [type] : []));
    assert.deepEqual([...told].sort(), expected.sort());
  });

  it('never tells single keys, phrases, or a phrase that is no choice: the service matches by itself', () => {
    for (const { title, json } of everyResult()) {
      for (const event of decodeBody(json).events) {
        if (event.type === 'recognize.input') assert.include(['choice', 'digits'], event.input.kind, title);
        if (event.type === 'recognize.nomatch') assert.notEqual(event.by, 'speech', title);
      }
    }
  });
});
