import { discover } from './src/machines/paths/discover.ts';
import { walksThrough, actsOf, metBy } from './src/machines/paths/cover.ts';
import { fewestOf } from './src/machines/paths/fewest.ts';
import { readdirSync, existsSync } from 'node:fs';
for (const name of readdirSync('examples')) {
  if (process.argv[2] && process.argv[2] !== name) continue;
  const bot = (await import(`./examples/${name}/bot.ts`)).default;
  const t = performance.now();
  const d = discover(bot, 40000);
  const t2 = performance.now();
  const w = walksThrough(d, Infinity, 1);
  console.log(name, d.points.length, d.met.size, 'moments', d.moments.length, 'ways', d.ways.length, 'steps', d.steps, 'ms', Math.round(t2 - t), 'plan', Math.round(performance.now() - t2), 'calls', w.length, 'fewest', fewestOf(bot, new Set([...d.met].map((i) => d.points[i]))), 'acts', w.map(actsOf).join(), 'covered', new Set(w.flatMap((x) => [...metBy(x)])).size);
  if (process.argv[2]) for (const x of w) console.log(x.map(({ act }) => act === null ? 'ring' : JSON.stringify(Object.values(act))).join(' '));
}
