/**
 * Bot process — the bot's own process, watched over: loaded anew when its file is saved, begun again when it dies.
 *
 * A bot that does not load changes nothing: the one before goes on taking calls. One that does takes the place of the one before, with the
 * same store, on the same ports: a call in flight goes on from where it stands, and the service tries again what it said meanwhile.
 *
 * @module
 */
import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { ChatDelivery } from '../../machines/index.ts';
import type { BotShown } from '../../page/protocol.ts';
import type { FromBot, LoadedHere, Mishap, PlacingHere, ServedHere, Serving, SteppedHere, ToBot } from './bot-talk.ts';

/** What is told of the bot. */
export interface BotWatch {
  /** It stands otherwise; with where it takes calls, and the reasons for which services are refused. */
  readonly onChange: (bot: BotShown, served: ServedHere) => void;
  readonly onLoaded: (loaded: LoadedHere) => void;
  readonly onStep: (step: SteppedHere) => void;
  /** Shows a chat message; rejects where nobody sees it. */
  readonly onChat: (service: string, delivery: ChatDelivery) => Promise<void>;
}

/** How it is run. */
export interface BotProcessOptions extends BotWatch, Omit<Serving, 'services'> {
  /** Where the bot is. */
  readonly path: string;
  /** Where calls of before are, whose coverage is shown. */
  readonly given: string | undefined;
  readonly settings: Readonly<Record<string, Serving['services'][string]['settings']>>;
}

export interface BotProcess {
  readonly shown: BotShown;
  /** Loads the bot anew. Resolves when that is done, or has failed. */
  reload(): Promise<void>;
  /** Has the bot's application place a call; rejects with an error that says why it could not. */
  place(placing: PlacingHere): Promise<string>;
  close(): Promise<void>;
}

/** How long a bot is given to be loaded, and to end. */
const loadMs = 20_000;
const stopMs = 2_000;
/** The pauses before a bot that dies again and again is begun again. */
const pausesMs = [250, 1_000, 3_000] as const;
const longestPauseMs = 10_000;
/** One that has lived so long is begun again at once when it dies. */
const healthyMs = 10_000;

interface Child {
  readonly process: ChildProcess;
  readonly loaded: LoadedHere;
  readonly gone: Promise<string>;
  readonly since: number;
}

/** Runs the bot at `path`. Resolves when it takes calls, or it is clear that it does not load. */
export const botProcess = async ({ path, given, settings, folder, secretKey, onChange, onLoaded, onStep, onChat }: BotProcessOptions): Promise<BotProcess> => {
  let current: Child | undefined;
  let served: ServedHere = { endpoints: {}, refused: {} };
  let shown: BotShown = { name: path, file: path, state: 'starting' };
  let isClosed = false;
  let deaths = 0;
  let again: NodeJS.Timeout | undefined;
  let reloading: Promise<void> | undefined;
  let isStale = false;
  let placings = 0;
  const placed = new Map<string, { readonly resolve: (callId: string) => void; readonly reject: (error: Error) => void }>();

  const show = (now: Partial<BotShown>): void => {
    const { trouble: _, at: __, ...before } = shown;
    shown = { ...before, ...now };
    onChange(shown, served);
  };

  const say = (child: ChildProcess, message: ToBot): void => void (child.connected && child.send(message));

  const hear = (child: ChildProcess, message: FromBot): void => {
    switch (message.type) {
      case 'step':
        return onStep(message);
      case 'chat':
        return void onChat(message.service, message.delivery).then(() => say(child, { type: 'delivered', n: message.n }), (error: Error) => say(child, { type: 'delivered', n: message.n, why: error.message }));
      case 'placed':
      case 'unplaced': {
        const waiting = placed.get(message.key);
        placed.delete(message.key);
        return message.type === 'placed' ? waiting?.resolve(message.callId) : waiting?.reject(new Error(message.sentence));
      }
    }
  };

  /** A new process with the bot loaded, or what is wrong with the bot. */
  const begin = async (): Promise<Child | Mishap> => {
    const child = fork(fileURLToPath(new URL(`./bot-child.${import.meta.url.endsWith('.ts') ? 'ts' : 'js'}`, import.meta.url)), [path, ...(given === undefined ? [] : [given])], { serialization: 'advanced', stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
    const gone = new Promise<string>((resolve) => child.once('exit', (code, signal) => resolve(signal === null ? `exit code ${code ?? 'unknown'}` : signal)).once('error', (error) => resolve(error.message)));
    const first = await within(loadMs, Promise.race([heard(child, ['loaded', 'failed']), gone.then((how) => ({ type: 'gone', how }) as const)]));
    if (first === undefined) {
      child.kill('SIGKILL');
      return { sentence: `the bot is not loaded after ${loadMs / 1_000} s: does its file wait for something?` };
    }
    if (first.type === 'gone') return { sentence: `the bot's process ended while it was loaded (${first.how})` };
    if (first.type === 'failed') return first.mishap;
    child.on('message', (message: FromBot) => hear(child, message));
    return { process: child, loaded: first, gone, since: Date.now() };
  };

  const stop = async ({ process: child, gone }: Child): Promise<void> => {
    say(child, { type: 'stop' });
    if ((await within(stopMs, gone)) !== undefined) return;
    child.kill('SIGKILL');
    await gone;
  };

  /** Serves `next` where the bot before was served. */
  const install = async (next: Child): Promise<void> => {
    const before = current;
    current = undefined;
    if (before !== undefined) await stop(before);
    const services = Object.fromEntries(Object.entries(settings).map(([name, own]) => [name, { settings: own, port: served.endpoints[name]?.port ?? 0 }]));
    const answer = heard(next.process, ['serving', 'failed']);
    say(next.process, { type: 'serve', services, folder, secretKey });
    const first = await Promise.race([answer, next.gone.then((how) => ({ type: 'gone', how }) as const)]);
    if (first.type !== 'serving') return fails(first.type === 'failed' ? first.mishap : { sentence: `the bot's process ended while it began (${first.how})` });
    served = first;
    current = next;
    void next.gone.then((how) => current === next && died(next, how));
    onLoaded(next.loaded);
    show({ name: next.loaded.name, file: next.loaded.file, state: 'ready', chart: next.loaded.chart.id, ...(next.process.pid !== undefined && { pid: next.process.pid }) });
  };

  const fails = ({ sentence, at }: Mishap): void => show({ state: 'failed', trouble: sentence, ...(at !== undefined && { at }) });

  /** Begins it again when it has died by itself, later and later where it goes on dying. */
  const died = (child: Child, how: string): void => {
    current = undefined;
    if (isClosed) return;
    deaths = Date.now() - child.since > healthyMs ? 0 : deaths + 1;
    const pauseMs = pausesMs[deaths] ?? longestPauseMs;
    show({ state: 'down', trouble: `the bot's process ended (${how}); it is begun again${deaths === 0 ? '' : `, in ${pauseMs / 1_000} s`}` });
    again = setTimeout(() => void reload(), pauseMs);
  };

  const reload = async (): Promise<void> => {
    clearTimeout(again);
    isStale = true;
    reloading ??= (async () => {
      while (isStale && !isClosed) {
        isStale = false;
        const next = await begin();
        if ('sentence' in next) fails(next);
        else if (isStale || isClosed) await stop(next); // it was saved once more meanwhile
        else await install(next);
      }
    })().finally(() => (reloading = undefined));
    return reloading;
  };

  await reload();
  return {
    get shown() {
      return shown;
    },
    reload,
    place: (placing) =>
      new Promise((resolve, reject) => {
        if (current === undefined) return reject(new Error('the bot does not run'));
        placings += 1;
        placed.set(String(placings), { resolve, reject });
        say(current.process, { type: 'place', key: String(placings), ...placing });
      }),
    close: async () => {
      isClosed = true;
      clearTimeout(again);
      await reloading;
      const last = current;
      current = undefined;
      if (last !== undefined) await stop(last);
    },
  };
};

type Heard<T extends FromBot['type']> = Extract<FromBot, { readonly type: T }>;

/** The next message of one of `types`. */
const heard = <T extends FromBot['type']>(child: ChildProcess, types: readonly T[]): Promise<Heard<T>> =>
  new Promise((resolve) => {
    const look = (message: FromBot): void => {
      if (!(types as readonly string[]).includes(message.type)) return;
      child.off('message', look);
      resolve(message as Heard<T>);
    };
    child.on('message', look);
  });

/** What `work` comes to within `ms`; else undefined. */
const within = async <T>(ms: number, work: Promise<T>): Promise<T | undefined> => {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<undefined>((resolve) => (timer = setTimeout(resolve, ms, undefined)));
  return Promise.race([work, late]).finally(() => clearTimeout(timer));
};
