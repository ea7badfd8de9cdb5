import { expect } from 'chai';
import type { Caller, PartyAct, PartyTurn } from '../../src/emulator/caller.ts';
import { virtualClock } from '../../src/emulator/clock.ts';
import { type PartyLine, ringParty, talkToParty } from '../../src/emulator/party.ts';

const desk = { to: '+15550123', timeoutMs: 20_000 };

/** A line on which whoever is rung does `act`, and what was noted. */
const line = (act?: PartyAct | 'nothing', dead = new AbortController().signal): PartyLine & { readonly notes: string[]; readonly turns: PartyTurn['kind'][] } => {
  const notes: string[] = [];
  const turns: PartyTurn['kind'][] = [];
  const caller: Caller = {
    next: async () => 'silence',
    ...(act !== undefined && { party: ({ kind }) => (turns.push(kind), act === 'nothing' ? new Promise(() => {}) : Promise.resolve(act)) }),
  };
  return { clock: virtualClock(), caller, dead, notes, turns, note: (who, kind, text) => void notes.push(`${who}.${kind} ${text ?? ''}`) };
};

describe('somebody else on the line', () => {
  it('answers, talks for a while and hangs up, where nobody decides it', async () => {
    const own = line();
    expect(await ringParty(desk, own)).deep.equal({ end: 'done' });
    expect(await talkToParty(desk, own, 60_000)).deep.equal({ end: 'done' });
    expect(own.clock.now()).equal(2_000);
    expect(own.notes).deep.equal(['line.party +15550123 answers', 'line.party +15550123 hangs up']);
  });

  for (const [act, ending] of [
    ['answers', { end: 'done' }], ['busy', { end: 'busy' }], ['noanswer', { end: 'noanswer' }], ['failed', { end: 'failed', cause: 'unknown', reason: 'failed' }], ['hangup', { end: 'left' }],
  ] as const) {
    it(`may do this when it rings, or the caller may: ${act}`, async () => {
      const own = line(act);
      expect(await ringParty(desk, own)).deep.equal(ending);
      expect(own.turns).deep.equal(['ringing']);
    });
  }

  it('is left by the caller, or leaves him', async () => {
    expect(await talkToParty(desk, line('hangup'), 60_000)).deep.equal({ end: 'left' });
    expect(await talkToParty(desk, line('hangs-up'), 60_000)).deep.equal({ end: 'done' });
  });

  it('is broken off by the service, or with the line', async () => {
    const [stop, dead] = [new AbortController(), new AbortController()];
    const ringing = ringParty(desk, line('nothing'), stop.signal);
    const talking = talkToParty(desk, line('nothing', dead.signal), 60_000);
    stop.abort();
    dead.abort();
    expect([await ringing, await talking]).deep.equal([{ end: 'interrupted' }, { end: 'left' }]);
    expect(await ringParty(desk, line('answers'), stop.signal)).deep.equal({ end: 'interrupted' });
  });
});
