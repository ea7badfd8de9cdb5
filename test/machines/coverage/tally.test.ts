import { expect } from 'chai';
import fc from 'fast-check';
import type { AnyStateMachine } from 'xstate';
import { callMachine, type CallSnapshot, hangup, prompt, recognize, type ServiceEvent, step, type StepResult } from 'callchart';
import { happenedIn, pointsMet } from '../../../src/machines/coverage/met.ts';
import { sumOfTallies, coverageCounter, pointsMetBy, readTally, tallyOfLog, timesMet } from '../../../src/machines/coverage/tally.ts';
import { pointsOf } from '../../../src/machines/coverage/points.ts';
import type { CallLog } from '../../../src/machines/log/call-log.ts';
import { call, ring } from '../line.ts';
import { botOf, botPlan, eventOf, moves } from '../random-bot.ts';

/** The log of a call that went by these steps, as far as its coverage hangs on it. */
const logOf = (machine: AnyStateMachine, results: readonly StepResult[], version = '1'): CallLog => ({
  head: { log: 1, bot: machine.id, version, masked: true },
  steps: results.filter(({ ignored }) => !ignored).map((result) => ({
    revision: result.snapshot.revision, event: { type: 'reply.due', at: 0 }, batch: [], moves: result.moves.map(({ path, event, transitions }) => ({ path, event, transitions })),
  })),
});

const acme = callMachine('acme', {
  initial: 'menu',
  states: {
    menu: recognize({ prompt: 'Sales or support?', choices: { sales: '1', support: '2' }, on: { sales: 'sales', support: 'support', exhausted: 'bye' } }),
    sales: prompt('Sales will call you.', 'bye'),
    support: hangup('Support will call you.'),
    bye: hangup('Goodbye.'),
  },
});

describe('the tally of calls', () => {
  it('has how often each state was entered, each transition taken, and each question asked again', () => {
    const count = coverageCounter(acme);
    const line = ring(acme);
    for (const happens of [() => line.result(), () => line.silence(), () => line.ends({ type: 'recognize.nomatch', by: 'key' }), () => line.keys('1')]) count.count(happens());
    const other = ring(acme);
    for (const happens of [() => other.result(), () => other.silence(), () => other.hangsUp()]) count.count(happens());
    const tally = count.tally();
    expect(tally).to.deep.include({ tally: 1, bot: 'acme', version: '1', calls: 2, askings: { 'acme.menu: asking 2': 2, 'acme.menu: asking 3': 1 } });
    expect(tally.states).to.deep.equal({ 'acme.bye': 1, 'acme.ended': 1, 'acme.menu': 2, 'acme.sales': 1 });
    expect(tally.transitions).to.deep.include({ 'acme.menu recognize.noinput 1': 2, 'acme.menu recognize.nomatch.* 1': 1, 'acme.menu recognize.choice.sales 1': 1, 'acme.sales always 1': 1 });
    const times = Object.fromEntries(pointsOf(acme).map((point) => [point.id, timesMet(tally, point)]));
    expect(times).to.deep.include({ 'acme.menu': 2, 'acme.menu sales 1': 1, 'acme.menu: noinput': 2, 'acme.menu: nomatch': 1, 'acme.menu: failed': 0, 'acme.menu: exhausted': 0, 'acme.menu exhausted 1': 0, 'acme.menu: asking 3': 1, 'acme.support': 0 });
  });

  it('does not count what is told twice, and counts a call once', () => {
    const count = coverageCounter(acme);
    const line = ring(acme);
    const stale = { type: 'recognize.noinput', operationId: 'c1:0:0' } as ServiceEvent;
    count.count(line.result());
    count.count(line.service(stale));
    count.count(line.service(stale));
    expect(count.tally()).to.deep.include({ calls: 1, transitions: { 'acme.idle call.incoming 1': 1 } });
  });

  it('counts once where two regions want to leave what is around them, and only one can', () => {
    const torn = callMachine('torn', {
      initial: 'both',
      states: {
        both: {
          type: 'parallel',
          states: {
            left: { initial: 'here', states: { here: { on: { 'call.state': '#torn.one' } } } },
            right: { initial: 'here', states: { here: { on: { 'call.state': '#torn.two' } } } },
          },
        },
        one: hangup(),
        two: hangup(),
      },
    });
    const { moves: told } = ring(torn).service({ type: 'call.state', state: 'held' });
    expect(told.flatMap(({ transitions }) => transitions)).to.deep.equal(['torn.both.left.here call.state 1']);
    expect(happenedIn(torn, told).states).to.deep.equal(['torn.one']);
  });

  it('is the same out of a log of the moves alone, for bots made by chance, whatever happens to their calls', () => {
    let askings = 0;
    fc.assert(
      fc.property(botPlan, moves, (plan, happening) => {
        const machine = botOf(plan);
        const count = coverageCounter(machine);
        const results: StepResult[] = [];
        let stored: CallSnapshot | undefined;
        const take = (event: Parameters<typeof step>[2]): void => {
          const result = step(machine, stored === undefined ? undefined : (JSON.parse(JSON.stringify(stored)) as CallSnapshot), event);
          stored = result.snapshot;
          count.count(result);
          results.push(result);
        };
        take({ type: 'service', at: 1, events: [{ type: 'call.incoming', call }] });
        let now = 2_000_000;
        for (const move of happening) {
          const event = stored === undefined ? undefined : eventOf(move, stored, (now += 1_000));
          if (event !== undefined) take(event);
        }
        const tally = count.tally();
        askings += Object.keys(tally.askings).length;
        expect(tallyOfLog(machine, logOf(machine, results))).to.deep.equal(tally);
        expect(new Set(results.flatMap((result) => pointsMet(machine, result)))).to.deep.equal(new Set(pointsMetBy(machine, tally)));
        expect(readTally(JSON.stringify(tally))).to.deep.equal(tally);
      }),
      { numRuns: Number(process.env['CALLCHART_FUZZ_RUNS'] ?? 200) },
    );
    expect(askings).to.be.greaterThan(20);
  });

  it('is added to others of the same bot, whichever comes first', () => {
    const one = coverageCounter(acme);
    one.count(ring(acme).result());
    const two = coverageCounter(acme);
    const line = ring(acme);
    two.count(line.result());
    two.count(line.silence());
    const sum = sumOfTallies(acme, [one.tally(), two.tally()]);
    expect(sum).to.deep.include({ calls: 2, states: { 'acme.menu': 2 }, askings: { 'acme.menu: asking 2': 1 } });
    expect(JSON.stringify(sumOfTallies(acme, [two.tally(), one.tally()]))).to.equal(JSON.stringify(sum));
    expect(sumOfTallies(acme, [])).to.deep.include({ calls: 0, states: {}, bot: 'acme' });
  });

  it('is refused where it is of another bot, of another version, or of a bot that was not as this one', () => {
    const tally = coverageCounter(acme).tally();
    const refused = (given: object): unknown => {
      try {
        return sumOfTallies(acme, [{ ...tally, ...given }]);
      } catch (error) {
        const { code, details, message } = error as { readonly code: string; readonly details: { readonly reason: string }; readonly message: string };
        return [code, details.reason, message];
      }
    };
    expect(refused({ bot: 'zeta' })).to.deep.equal(['ERR_TALLY_OTHER', 'bot', 'it is of the bot `zeta`, and this is `acme`']);
    expect(refused({ version: '2' })).to.deep.equal(['ERR_TALLY_OTHER', 'version', 'it is of the version `2` of the bot, and this is `1`']);
    expect(refused({ states: { 'acme.lobby': 1 } })).to.deep.equal(['ERR_TALLY_OTHER', 'chart', 'the bot has no state `acme.lobby`']);
    expect(refused({ transitions: { 'acme.menu recognize.choice.sales 2': 1 } })).to.deep.equal(['ERR_TALLY_OTHER', 'chart', 'the bot has no transition `acme.menu recognize.choice.sales 2`']);
    expect(() => tallyOfLog(acme, logOf(acme, [], '2'))).to.throw('version').with.property('code', 'ERR_TALLY_OTHER');
    const strange = { ...logOf(acme, [ring(acme).result()]) };
    const bent = { ...strange, steps: strange.steps.map((one) => ({ ...one, moves: [{ path: '', event: 'x', transitions: ['acme.lobby x 1'] }] })) };
    expect(() => tallyOfLog(acme, bent)).to.throw('line 2: the bot has no transition `acme.lobby x 1`').with.property('code', 'ERR_TALLY_OTHER');
  });

  it('is not read where it is damaged', () => {
    const whole = JSON.stringify(coverageCounter(acme).tally());
    for (const text of ['', whole.slice(0, -2), 'null', '[]', '{}', whole.replace('"calls":0', '"calls":-1'), whole.replace('"states":{}', '"states":{"acme.menu":"many"}')]) {
      expect(() => readTally(text), text).to.throw().with.property('code', 'ERR_TALLY_DAMAGED');
    }
  });
});
