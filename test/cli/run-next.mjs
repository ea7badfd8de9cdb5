/**
 * A process that runs one command after the other, each as if it were its first: the command itself is read anew, and what it stands on only once.
 * Its argument is the command's file. Asked by a message `{ args, cwd, env, input }`, it answers `{ code, stdout, stderr }`.
 */
import { Readable } from 'node:stream';
import { pathToFileURL } from 'node:url';

const main = pathToFileURL(process.argv[2]).href;
const written = { stdout: '', stderr: '' };

for (const name of ['stdout', 'stderr']) {
  process[name].write = (text, ...more) => {
    written[name] += String(text);
    const done = more.at(-1);
    if (typeof done === 'function') process.nextTick(done);
    return true;
  };
}

let count = 0;

const run = async ({ args, cwd, env, input }) => {
  count += 1;
  [written.stdout, written.stderr] = ['', ''];
  process.chdir(cwd);
  process.env = env;
  process.argv = [process.execPath, process.argv[1], ...args];
  Object.defineProperty(process, 'stdin', { value: Readable.from(input === '' ? [] : [Buffer.from(input)], { objectMode: false }), configurable: true });
  const listened = process.stdout.listeners('error');
  const code = await new Promise((resolve, reject) => {
    process.exit = resolve;
    import(`${main}?${count}`).catch(reject);
  });
  for (const listener of process.stdout.listeners('error')) if (!listened.includes(listener)) process.stdout.off('error', listener);
  process.send({ code, ...written });
};

const { exit } = process;
process.on('disconnect', () => exit(0)).on('message', (asked) => void run(asked));
