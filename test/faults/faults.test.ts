/**
 * The matrix over LMDB, in short; `npm run faults` has all of it, over each engine. The rows are played in lanes side by side: most of
 * their time they wait.
 */
import { expect } from 'chai';
import { type EngineKind, engineKind } from './engines.ts';
import { line } from './report.ts';
import { openStage, play, type Row, rows, type Stage } from './rows.ts';
import type { Figures } from './run-calls.ts';

/** Rows one after the other, on one stage where they need none of their own; a lane begins when the row `after` is over: so many processes that start at once are late. */
const lanes: readonly { readonly after?: string; readonly rows: readonly string[] }[] = [
  { rows: ['F3', 'F9', 'F2', 'F10', 'F12', 'F11'] },
  { rows: ['F15', 'F6', 'F13', 'F16'] },
  { after: 'F15', rows: ['F14', 'F4', 'F1'] },
];

const how = { full: false, seed: 20_261_123 };

describe('calls over three processes and one folder', function () {
  this.timeout(180_000);
  const played = new Map<string, Promise<Figures>>();

  const playLane = async (kind: EngineKind, lane: readonly Row[], begins: Promise<unknown> = Promise.resolve()): Promise<void> => {
    let stage: Promise<Stage> | undefined;
    let before = begins;
    for (const row of lane) {
      const playing = before.then(() => play(row, () => (stage ??= openStage(kind, how)), how));
      before = playing.catch(() => {}); // its test says so
      played.set(row.id, playing);
    }
    await before;
    await (await stage)?.close();
  };

  const canPlay = ({ without }: Row): boolean => without?.({ name: 'lmdb', without: [], make: () => Promise.reject(new Error('not made')), close: async () => {} }) === undefined;
  const here = rows.filter(canPlay);
  let done: Promise<unknown>;
  before(async () => {
    const kind = await engineKind('lmdb');
    if (typeof kind === 'string') throw new Error(kind);
    done = Promise.all(lanes.map(({ after: first = '', rows: ids }) => playLane(kind, ids.flatMap((id) => here.filter((row) => row.id === id)), played.get(first)?.catch(() => {}))));
  });
  after(() => done);

  it('has a lane for every row', () => {
    expect(here.map(({ id }) => id).filter((id) => !lanes.flatMap(({ rows: ids }) => ids).includes(id))).to.deep.equal([]);
  });

  for (const row of here) {
    it(`${row.id}: ${row.fault}`, async () => {
      const figures = await played.get(row.id)!;
      expect(figures.faults, line(row, figures)).to.deep.equal([]);
      expect(figures.calls).to.be.greaterThan(5);
    });
  }
});
