import { sourcesOf } from './src/machines/paths/sources.ts';
import { callsFor } from './src/machines/paths/values.ts';
const bot = (await import(`./examples/${process.argv[2]}/bot.ts`)).default;
const s = sourcesOf(bot);
console.log({ ...s, place: s.decides('place'), number: s.decides('number'), told: s.decides('told') , w: s.decides('qqq')}, callsFor(bot, s));
