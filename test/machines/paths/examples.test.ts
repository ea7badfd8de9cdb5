/** The calls that are generated for the examples: done on the line of a test, and played, they go their way and meet what they say. */
import { readdirSync } from 'node:fs';
import { type GeneratedCalls, generateCalls } from 'callchart';
import { expect } from 'chai';
import type { AnyStateMachine } from 'xstate';
import { play } from '../../../src/machines/check/play.ts';
import { pointsOf } from '../../../src/machines/coverage/points.ts';
import { driven } from './driven.ts';

const folder = new URL('../../../examples/', import.meta.url);
const names = readdirSync(folder);

/** What of an example no call meets, and why: nothing else is missing. */
const missing: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  booking: {
    'appointment.before_1 always 2': 'nothing that was tried makes the guard of `appointment.before_1 always 2` hold',
    'appointment.before_2 always 2': 'nothing that was tried gets past the guard of `appointment.before_2 always 1`',
  },
};

/** Points that are not the author's: what stands in a waterfall whether it is used or not, and where a bot gives up. */
const isNobodys = (why: string): boolean => why.startsWith('no transition leads to the state') || why.startsWith('there the bot gives up with its apology');

/** So many calls it takes. */
const counts: Readonly<Record<string, readonly [calls: number, fewest: number]>> = {
  acme: [3, 3], booking: [10, 6], callback: [9, 9], demo: [4, 4], 'opening-hours': [4, 4], 'pin-login': [7, 7], reminder: [9, 9], states: [2, 2], survey: [8, 8], voicemail: [5, 5], watson: [1, 1],
};

for (const name of names) {
  describe(`the calls generated for ${name}`, () => {
    let machine: AnyStateMachine;
    let generated: GeneratedCalls;

    before(async function () {
      this.timeout(60_000);
      ({ default: machine } = (await import(new URL(`${name}/bot.ts`, folder).href)) as { readonly default: AnyStateMachine });
      generated = generateCalls(machine);
    });

    it('meet on the line of a test what they say, are heard there as they say, and end as they say', () => {
      for (const call of generated.calls) {
        const { caller, met } = driven(machine, call);
        expect([...met].sort(), call.title).to.deep.equal([...call.covers].sort());
        call.heard.flat().reduce((from, text) => {
          const at = caller.transcript.indexOf(text, from);
          expect(at, `${call.title}: ${text}`).to.be.at.least(from);
          return at + text.length;
        }, 0);
        if (call.ended !== null) caller.endedWith(call.ended as never);
        expect(call.heard.length, call.title).to.equal(call.script.length + 1);
        expect(call.states.length, call.title).to.equal(call.script.length + 1);
      }
    });

    it('can be played, and nothing of a script comes to nothing', () => {
      for (const { script, call, ended, title } of generated.calls) {
        if (Object.keys(call).length > 0) continue; // `play` knows one caller
        const played = play(machine, script);
        expect(played.idle, title).to.deep.equal([]);
        expect(played.error, title).to.equal(null);
        expect(played.ended, title).to.equal(ended);
      }
    });

    it('cover everything but what is listed, with a reason', () => {
      const covered = new Set(generated.calls.flatMap(({ covers }) => covers));
      const listed = generated.missed.map(({ id }) => id);
      expect([...covered, ...listed].sort()).to.deep.equal(pointsOf(machine).map(({ id }) => id).sort());
      const own = generated.missed.filter(({ why }) => !isNobodys(why));
      expect(Object.fromEntries(own.map(({ id, why }) => [id, why]))).to.deep.equal(missing[name] ?? {});
    });

    it('are as few as are known to do, each under a title of its own', () => {
      expect([generated.calls.length, generated.fewest]).to.deep.equal(counts[name]);
      expect(new Set(generated.calls.map(({ title }) => title)).size).to.equal(generated.calls.length);
    });
  });
}
