import { discover } from './src/machines/paths/discover.ts';
import { readdirSync, existsSync } from 'node:fs';
for (const name of readdirSync('examples')) {
  if (process.argv[2] && process.argv[2] !== name) continue;
  const bot = (await import(`./examples/${name}/bot.ts`)).default;
  const t = performance.now();
  const d = discover(bot, 40000);
  console.log(name, { points: d.points.length, met: d.met.size, moments: d.moments.length, ways: d.ways.length, steps: d.steps, isCut: d.isCut, ms: Math.round(performance.now() - t) });
  console.log(d.points.filter((_, i) => !d.met.has(i)));
}
