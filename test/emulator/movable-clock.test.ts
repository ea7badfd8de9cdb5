import { expect } from 'chai';
import { movableClock } from '../../src/emulator/movable-clock.ts';

const begin = 1_760_000_000_000;

/** Work that somebody ends. */
const open = (): { readonly work: Promise<void>; readonly end: () => void } => {
  let end = (): void => {};
  const work = new Promise<void>((resolve) => (end = resolve));
  return { work, end };
};

describe('a clock that is moved by hand', () => {
  it('does what is due on the way, in order, each at its time', async () => {
    const clock = movableClock(begin);
    const rung: (readonly [string, number])[] = [];
    const ring = (name: string) => () => void rung.push([name, clock.now() - begin]);
    clock.setTimer(begin + 3_000, ring('third'));
    clock.setTimer(begin + 1_000, ring('first'));
    clock.setTimer(begin + 1_000, () => clock.setTimer(clock.now() + 500, ring('second')));
    clock.setTimer(begin + 3_001, ring('later'));
    clock.setTimer(begin + 2_000, ring('called off'))();
    await clock.move(3_000);
    expect(rung).deep.equal([['first', 1_000], ['second', 1_500], ['third', 3_000]]);
    expect(clock.now()).equal(begin + 3_000);
    expect(await clock.skip()).equal(true);
    expect(rung.at(-1)).deep.equal(['later', 3_001]);
    expect(await clock.skip()).equal(false);
  });

  it('stands still while somebody works, unless he waits for time', async () => {
    const clock = movableClock(begin);
    const [request, turn, reply] = [open(), open(), open()];
    const rung: string[] = [];
    clock.setTimer(begin + 1_000, () => {
      rung.push('due');
      reply.end();
    });
    clock.working(request.work);
    clock.working(turn.work);
    const moved = clock.move(1_000).then(() => rung.push('moved'));
    await new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
    expect([clock.now(), rung]).deep.equal([begin, []]);
    turn.end();
    await new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
    expect(clock.now(), 'the request is worked on').equal(begin);
    clock.holding(reply.work);
    await new Promise((resolve) => setImmediate(() => setImmediate(() => setImmediate(resolve))));
    expect(rung, 'the request is answered, and its answer is on its way').deep.equal(['due']);
    request.end();
    await moved;
    expect(rung).deep.equal(['due', 'moved']);
  });

  it('gives what takes real time real time, up to what is due next', async () => {
    const clock = movableClock(begin);
    const task = open();
    const rung: string[] = [];
    clock.lasting(task.work, new AbortController().signal);
    clock.setTimer(begin + 600_000, () => rung.push('due'));
    const skipped = clock.skip();
    task.end();
    await skipped;
    expect([clock.now(), rung]).deep.equal([begin, []]);
    await clock.move(600_000);
    expect(rung).deep.equal(['due']);

    const [stuck, soon] = [movableClock(begin), new AbortController()];
    stuck.lasting(new Promise(() => {}), soon.signal);
    stuck.setTimer(begin + 1, () => rung.push('due although a task is stuck'));
    await stuck.skip();
    expect(rung.at(-1)).equal('due although a task is stuck');
    soon.abort();
    await stuck.move(600_000);
    expect(stuck.now(), 'nobody waits for what was given up').equal(begin + 600_001);
  });

  it('stops where it has moved far enough', async () => {
    const clock = movableClock(begin);
    let isAnswered = false;
    clock.setTimer(begin + 2_000, () => (isAnswered = true));
    await clock.move(10_000, () => isAnswered);
    expect(clock.now()).equal(begin + 2_000);
  });
});
