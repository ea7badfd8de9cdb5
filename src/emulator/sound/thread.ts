/**
 * Thread — a worker thread that is asked one thing after the other, so that what takes long does not hold up a call.
 *
 * It is started with the first question and keeps no process alive but while it is asked something. One that breaks down, or
 * is silent for too long, is ended, and the next question has a new one.
 *
 * Leaf: imports nothing of the house.
 *
 * @module
 */
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import { parentPort, Worker } from 'node:worker_threads';

/** Why there is no answer, in a sentence. */
export interface Trouble {
  readonly trouble: string;
}

export interface ThreadOptions {
  /** The worker's file in this folder, without what it ends in: that is `.ts` in the sources and `.js` in the package. */
  readonly file: string;
  /** Handed to the worker as its `workerData`. */
  readonly data: unknown;
  /** It is given up when an answer takes longer, ms. */
  readonly patienceMs: number;
  /** What is done there, for the sentence that tells of trouble: `the voice`. */
  readonly name: string;
}

export interface Thread<Question, Answer extends object> {
  /** @throws the reason of `signal` when it aborts; what was begun is done to its end, and nobody hears of it */
  ask(question: Question, signal?: AbortSignal): Promise<Answer | Trouble>;
  /** Ends it, with what it is doing. */
  close(): Promise<void>;
}

const isSource = import.meta.url.endsWith('.ts');

/** Node does not hand on to a thread how TypeScript is read. What is found for `require` stands beside what is meant for `import`. */
const fromSource = (file: URL): string => {
  const reader = pathToFileURL(createRequire(import.meta.url).resolve('tsx/esm/api').replace(/\.cjs$/, '.mjs'));
  return `import(${JSON.stringify(reader.href)}).then(({ register }) => (register(), import(${JSON.stringify(file.href)})));`;
};

export function thread<Question, Answer extends object>({ file, data, patienceMs, name }: ThreadOptions): Thread<Question, Answer> {
  let worker: Worker | undefined;
  let isClosed = false;
  let last: Promise<unknown> = Promise.resolve();

  function started(): Worker {
    // What the engines print is nothing for a terminal, and how this process was started is nothing for a thread.
    const options = { workerData: data, stdout: true, stderr: true, execArgv: [] };
    const begun = isSource ? new Worker(fromSource(new URL(`./${file}.ts`, import.meta.url)), { ...options, eval: true }) : new Worker(new URL(`./${file}.js`, import.meta.url), options);
    begun.unref();
    // One that fails while nobody waits for it is replaced.
    begun.on('error', () => {});
    begun.once('exit', () => void (worker === begun && (worker = undefined)));
    return begun;
  }

  function answered(question: Question): Promise<Answer | Trouble> {
    if (isClosed) return Promise.resolve({ trouble: `${name} was closed` });
    const busy = (worker ??= started());
    return new Promise((resolve) => {
      const settle = (answer: Answer | Trouble): void => {
        clearTimeout(timer);
        busy.off('message', settle).off('exit', broke).off('error', broke).unref();
        resolve(answer);
      };
      const giveUp = (trouble: string): void => {
        if (worker === busy) worker = undefined;
        settle({ trouble });
        void busy.terminate();
      };
      const broke = (): void => giveUp(isClosed ? `${name} was closed` : `${name} broke down`);
      const timer = setTimeout(() => giveUp(`${name} took longer than ${patienceMs / 1000} s`), patienceMs);
      busy.on('message', settle).once('exit', broke).once('error', broke);
      busy.ref();
      busy.postMessage(question);
    });
  }

  return {
    ask(question, signal) {
      const turn = last.then(() => (signal?.aborted === true ? { trouble: 'nobody waits for it any more' } : answered(question)));
      last = turn;
      return unlessAborted(turn, signal);
    },
    async close() {
      isClosed = true;
      await worker?.terminate();
    },
  };
}

function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return promise;
  return new Promise((resolve, reject) => {
    const leave = (): void => reject(signal.reason as Error);
    if (signal.aborted) return leave();
    signal.addEventListener('abort', leave, { once: true });
    void promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', leave));
  });
}

/** In the worker: answers each question. What is thrown ends the thread, and whoever asks is told that it broke down. */
export function answering<Question, Answer extends object>(answer: (question: Question) => Promise<Answer | Trouble>): void {
  parentPort?.on('message', async (question: Question) => parentPort?.postMessage(await answer(question)));
}
