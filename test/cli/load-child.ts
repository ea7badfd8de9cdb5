/** Loads each bot that it is told of, and prints what came of it as a list. */
import { sentence } from '../../src/cli/failure.ts';
import { loadBot } from '../../src/cli/load-bot.ts';

const sentences: string[] = [];
for (const bot of process.argv.slice(2)) sentences.push(await loadBot(bot).then(({ machine, file }) => `${machine.id} from ${file}`, sentence));
process.stdout.write(JSON.stringify(sentences));
