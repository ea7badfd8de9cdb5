/**
 * Recovery — how soon a process that is started again after kill -9 answers, and has taken up the timers that are due.
 *
 * @module
 */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { call } from '../exchange/caller.ts';
import { type Line, openLine } from '../exchange/line.ts';
import { appId, callbackUrl } from './calls.ts';

/** Calls of its own that the process which is killed has on the line, of each kind. */
const calls = 100;
const timerMs = 6_000;

export interface Recovery {
  /** From the start of the process to its listening, to its first answer, and until all timers that were due have fired. */
  readonly listeningMs: number;
  readonly answeredMs: number;
  readonly timersMs: number;
}

const headers = 'content-type: application/json; charset=utf-8\r\naccept: application/json\r\nuser-agent: Microsoft-Skype/3.0,(Calling/1.0)\r\n';

/** Kills a process on `folder` in the middle of its calls, and starts another. */
export const recover = async (folder: string): Promise<Recovery> => {
  const first = await start(folder);
  const parked: { readonly answers: (line: Line) => void; readonly ended: Promise<unknown> }[] = [];
  for (let number = 0; number < calls; number += 1) parked.push(await parkedOn(first.port));
  await Promise.all(Array.from({ length: calls }, () => ring(first.port, '/api/waiter')));
  const due = performance.now() + timerMs;
  first.child.kill('SIGKILL');
  await once(first.child, 'exit');
  if (first.fired() > 0) throw new Error('the process that was to be killed has taken up timers itself: this machine is too slow for the bench');
  await sleep(Math.max(0, due - performance.now()) + 100);

  const began = performance.now();
  const second = await start(folder);
  const listeningMs = performance.now() - began;
  const line = await openLine(second.port, '/api/calls', headers);
  let answeredMs = NaN;
  const timed: Line = {
    ...line,
    post: async (more, body) => {
      const answer = await line.post(more, body);
      if (Number.isNaN(answeredMs)) answeredMs = performance.now() - began;
      return answer;
    },
  };
  const { answers, ended } = parked[Math.floor(Math.random() * parked.length)]!;
  answers(timed);
  await ended; // every answer of the call that goes on is checked
  await second.timers(calls);
  const timersMs = second.lastTimer() - began;
  line.close();
  second.child.kill('SIGKILL');
  await once(second.child, 'exit');
  return { listeningMs, answeredMs, timersMs };
};

const start = async (folder: string) => {
  const child: ChildProcess = fork(fileURLToPath(new URL('node.mjs', import.meta.url)), [JSON.stringify({ folder, appId, callbackUrl })], { execArgv: [], env: { ...process.env, NODE_ENV: 'production', NODE_OPTIONS: '' }, stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  let fired = 0;
  let lastTimer = NaN;
  let heard = (): void => {};
  const port = await new Promise<number>((resolve, reject) => {
    child.once('exit', (code, signal) => reject(new Error(`the process ended with ${code ?? signal}`)));
    child.on('message', (message: { readonly port?: number; readonly timers?: number }) => {
      if (message.port !== undefined) resolve(message.port);
      if (message.timers !== undefined) {
        fired = message.timers;
        lastTimer = performance.now();
        heard();
      }
    });
  });
  return {
    child, port,
    fired: () => fired,
    lastTimer: () => lastTimer,
    timers: async (count: number): Promise<void> => {
      const until = performance.now() + 30_000;
      while (fired < count) {
        if (performance.now() > until) throw new Error(`${fired} of ${count} timers fired`);
        await Promise.race([new Promise<void>((resolve) => (heard = resolve)), sleep(1_000)]);
      }
    },
  };
};

/** Rings, and leaves the caller at the menu until some line to another process goes on with the call. */
const parkedOn = async (port: number): Promise<{ readonly answers: (line: Line) => void; readonly ended: Promise<unknown> }> => {
  const line = await openLine(port, '/api/calls', headers);
  let answers: (line: Line) => void = () => {};
  const next = new Promise<Line>((resolve) => (answers = resolve));
  let isParked = (): void => {};
  const atMenu = new Promise<void>((resolve) => (isParked = resolve));
  let posts = 0;
  const ended = call({
    post: async (more, body) => {
      posts += 1;
      if (posts === 1) return line.post(more, body);
      if (posts === 2) {
        isParked();
        line.close();
      }
      return (await next).post(more, body);
    },
    close: () => {},
  }, appId);
  await Promise.race([atMenu, ended]);
  return { answers, ended };
};

/** Rings, hears the first reply and says nothing. */
const ring = async (port: number, path: string): Promise<void> => {
  const line = await openLine(port, path, headers);
  let isFirst = true;
  await call({
    post: async (more, body) => {
      if (!isFirst) throw silent;
      isFirst = false;
      const answer = await line.post(more, body);
      if (answer.status !== 200 || !answer.body.includes('Coffee?')) throw new Error(`${answer.status} of the waiter`);
      throw silent;
    },
    close: () => {},
  }, appId).catch((reason: unknown) => {
    if (reason !== silent) throw reason;
  });
  line.close();
};
const silent = new Error('silent');
