import { type BatchRule, type CallAction, type CallActionType, compose, isCallError, type Line, type Placed } from 'callchart';
import { expect } from 'chai';

const actions: { readonly [K in CallActionType]: Extract<CallAction, { readonly type: K }> } = {
  answer: { type: 'answer', params: { modalities: ['audio'] } },
  reject: { type: 'reject', params: { reason: 'busy' } },
  hangup: { type: 'hangup', params: {} },
  play: { type: 'play', params: { prompts: [{ text: 'Hi' }] } },
  recognize: { type: 'recognize', params: { prompts: [], bargein: true, timeoutMs: 0, interdigitMs: 0, digits: { max: 1 } } },
  record: { type: 'record', params: { prompts: [], beep: true, format: 'wav', timeoutMs: 0, finalSilenceMs: 0, maxMs: 0 } },
  transfer: { type: 'transfer', params: { to: '+4723000000' } },
  hold: { type: 'hold', params: { prompts: [{ audio: 'https://media.example.test/waltz.wav' }] } },
  unhold: { type: 'unhold', params: {} },
  createcall: { type: 'createcall', params: { to: '+4723000000', timeoutMs: 30_000 } },
  raw: { type: 'raw', params: { service: 'acme', verb: 'Fax', attributes: { pages: 2 }, endings: ['sent'] } },
};

const ask = (list: string): readonly Placed[] => list.split(' ').filter((type) => type !== '').map((type, index) => ({ ...actions[type as CallActionType], state: `s${index}` }));
const types = (batch: readonly Placed[]): string => batch.map(({ type }) => type).join(' ');

const ringing: Line = { answered: false, over: false };
const ringingAndOver: Line = { answered: false, over: true };
const talking: Line = { answered: true, over: false };
const talkingAndOver: Line = { answered: true, over: true };

/** What is asked for, and the batch for it: on a call that rings, rings and is over, is answered, is answered and over. */
const table: readonly (readonly [asked: string, ringing: string, ringingAndOver: string, talking: string, talkingAndOver: string])[] = [
  ['', '', 'reject', '', 'hangup'],
  ['play', 'answer play', 'answer play hangup', 'play', 'play hangup'],
  ['play play', 'answer play play', 'answer play play hangup', 'play play', 'play play hangup'],
  ['recognize', 'answer recognize', '!question-last', 'recognize', '!question-last'],
  ['play recognize', 'answer play recognize', '!question-last', 'play recognize', '!question-last'],
  ['record', 'answer record', '!question-last', 'record', '!question-last'],
  ['transfer', 'answer transfer', '!transfer-last', 'transfer', '!transfer-last'],
  ['hangup', 'reject', 'reject', 'hangup', 'hangup'],
  ['play hangup', 'answer play hangup', 'answer play hangup', 'play hangup', 'play hangup'],
  ['answer', 'answer', 'answer hangup', '!answer-once', '!answer-once'],
  ['answer hangup', 'answer hangup', 'answer hangup', '!answer-once', '!answer-once'],
  ['answer play', 'answer play', 'answer play hangup', '!answer-once', '!answer-once'],
  ['answer recognize', 'answer recognize', '!question-last', '!answer-once', '!answer-once'],
  ['answer answer', '!answer-once', '!answer-once', '!answer-once', '!answer-once'],
  ['play answer', '!answer-first', '!answer-first', '!answer-once', '!answer-once'],
  ['reject', 'reject', 'reject', '!reject-answered', '!reject-answered'],
  ['play reject', '!reject-alone', '!reject-alone', '!reject-answered', '!reject-answered'],
  ['answer reject', '!reject-alone', '!reject-alone', '!answer-once', '!answer-once'],
  ['reject hangup', '!reject-alone', '!reject-alone', '!reject-answered', '!reject-answered'],
  ['reject play', '!reject-alone', '!reject-alone', '!reject-answered', '!reject-answered'],
  ['hangup play', '!hangup-last', '!hangup-last', '!hangup-last', '!hangup-last'],
  ['hangup hangup', '!hangup-last', '!hangup-last', '!hangup-last', '!hangup-last'],
  ['play hangup recognize', '!hangup-last', '!hangup-last', '!hangup-last', '!hangup-last'],
  ['recognize play', '!question-last', '!question-last', '!question-last', '!question-last'],
  ['recognize recognize', '!question-last', '!question-last', '!question-last', '!question-last'],
  ['recognize hangup', '!question-last', '!question-last', '!question-last', '!question-last'],
  ['record transfer', '!question-last', '!question-last', '!question-last', '!question-last'],
  ['transfer play', '!transfer-last', '!transfer-last', '!transfer-last', '!transfer-last'],
  ['transfer hangup', '!transfer-last', '!transfer-last', '!transfer-last', '!transfer-last'],
  ['hold', 'answer hold', 'answer hold hangup', 'hold', 'hold hangup'],
  ['play hold', 'answer play hold', 'answer play hold hangup', 'play hold', 'play hold hangup'],
  ['hold play', 'answer hold unhold play', 'answer hold unhold play hangup', 'hold unhold play', 'hold unhold play hangup'],
  ['hold unhold recognize', 'answer hold unhold recognize', '!question-last', 'hold unhold recognize', '!question-last'],
  ['raw', 'answer raw', '!raw-last', 'raw', '!raw-last'],
  ['play raw', 'answer play raw', '!raw-last', 'play raw', '!raw-last'],
  ['raw play', '!raw-last', '!raw-last', '!raw-last', '!raw-last'],
  ['raw hangup', '!raw-last', '!raw-last', '!raw-last', '!raw-last'],
  ['hold raw', 'answer hold unhold raw', '!raw-last', 'hold unhold raw', '!raw-last'],
  ['hold transfer', 'answer hold transfer', '!transfer-last', 'hold transfer', '!transfer-last'],
  ['createcall', 'answer createcall', '!createcall-last', 'createcall', '!createcall-last'],
  ['createcall play', '!createcall-last', '!createcall-last', '!createcall-last', '!createcall-last'],
];

const outcome = (asked: string, line: Line): string => {
  try {
    return types(compose(ask(asked), line));
  } catch (error) {
    if (isCallError(error) && error.code === 'ERR_BATCH_ILLEGAL') return `!${error.details.rule}`;
    throw error;
  }
};

describe('compose', () => {
  for (const [asked, ...expected] of table) {
    it(`a call that asks for ${asked === '' ? 'nothing' : asked.replaceAll(' ', ', then ')} gets a legal batch, or its author an error`, () => {
      expect([ringing, ringingAndOver, talking, talkingAndOver].map((line) => outcome(asked, line))).to.deep.equal(expected);
    });
  }

  const held: readonly (readonly [asked: string, batch: string])[] = [
    ['play', 'unhold play'],
    ['play recognize', 'unhold play recognize'],
    ['recognize', 'unhold recognize'],
    ['record', 'unhold record'],
    ['createcall', 'unhold createcall'],
    ['unhold', 'unhold'],
    ['unhold play', 'unhold play'],
    ['hold', 'hold'],
    ['play hold', 'unhold play hold'],
    ['transfer', 'transfer'],
    ['hangup', 'hangup'],
    ['play hangup', 'unhold play hangup'],
  ];
  for (const [asked, batch] of held) {
    it(`a caller on hold is taken back before anything that needs him, once: ${asked.replaceAll(' ', ', then ')}`, () => {
      expect(types(compose(ask(asked), { ...talking, held: true }))).to.equal(batch);
    });
  }

  it('nothing is played to a caller who is refused', () => {
    expect(compose(ask('hangup'), ringing)[0]).to.deep.include({ type: 'reject', params: { reason: 'declined' } });
    expect(compose(ask('reject'), ringing)[0]).to.deep.include({ type: 'reject', params: { reason: 'busy' } });
  });

  it('what is added bears the name of the state that made it necessary', () => {
    const batch = compose(ask('play play'), ringingAndOver);
    expect(batch.map(({ type, state }) => `${type} ${state}`)).to.deep.equal(['answer s0', 'play s0', 'play s1', 'hangup s1']);
  });

  it('asking leaves the list that was asked for as it was', () => {
    const asked = Object.freeze(ask('play'));
    compose(asked, ringingAndOver);
    expect(types(asked)).to.equal('play');
  });

  const broken: readonly (readonly [asked: string, line: Line, rule: BatchRule, state: string, action: CallActionType])[] = [
    ['play answer', ringing, 'answer-first', 's1', 'answer'],
    ['answer answer', ringing, 'answer-once', 's1', 'answer'],
    ['play answer', talking, 'answer-once', 's1', 'answer'],
    ['play reject', ringing, 'reject-alone', 's1', 'reject'],
    ['reject', talking, 'reject-answered', 's0', 'reject'],
    ['play hangup play', talking, 'hangup-last', 's1', 'hangup'],
    ['record play', talking, 'question-last', 's0', 'record'],
    ['transfer play', talking, 'transfer-last', 's0', 'transfer'],
    ['createcall play', talking, 'createcall-last', 's0', 'createcall'],
  ];
  for (const [asked, line, rule, state, action] of broken) {
    it(`the error for ${asked} names the rule ${rule}, the state and the action`, () => {
      try {
        compose(ask(asked), line);
      } catch (error) {
        expect(error).to.deep.include({ name: 'CallError', code: 'ERR_BATCH_ILLEGAL', details: { rule, state, action } });
        expect((error as Error).message).to.include(`\`${state}\``).and.to.include(`\`${action}\``);
        return;
      }
      expect.fail('no error');
    });
  }
});
