/**
 * Points — the moments of `exchange` and of `deliver` at which a process can be had die: the interfaces that they go
 * through, wrapped. Nothing of this is in the product.
 *
 * @module
 */
import type { AroundTask, CallService, CallStore, Clock, Hooks } from 'callchart/transport';
import { processPrefix } from '../../src/transport/engines/heartbeat.ts';
import { readRecord } from '../../src/transport/record.ts';

/** The moments, in the order in which a request meets them, and then what no request brings. */
export const points = [
  'received', 'decoded', 'loaded', 'encoded', 'committing', 'committed', 'replying', 'replied', // a request
  'working', 'worked', 'writing a document', 'wrote a document', 'waking', 'found due', 'claiming', 'claimed', 'gave back', // tasks and timers
  'sending', 'sent', // commands and updates
  'counting', 'counted', 'forgetting', 'finding one dead', 'found one dead', // what a process does for all calls
] as const;

export type Point = (typeof points)[number];

/** Told of each moment that comes. */
export type Meet = (point: Point) => void;

/** `target`, in which `changed` stands for what it has of the same name. */
const instead = <T extends object>(target: T, changed: Partial<T>): T =>
  new Proxy(target, { get: (original, name) => (name in changed ? Reflect.get(changed, name) : boundTo(original, Reflect.get(original, name))) });

const boundTo = (original: object, value: unknown): unknown => (typeof value === 'function' ? value.bind(original) : value);

/** Whether `key` is that of a call of one of the services. */
export type IsCall = (key: string) => boolean;

/** Told what this process has to do with which call. */
export interface Witnessed {
  /** It counts in this name, with others. */
  named(name: string): void;
  /** By what it began to commit at `since`, the work of the call is that of those who count in these names, and nobody else's. */
  leases(callId: string, names: readonly string[], since: number): void;
  /** It begins the task `work` of the call, or sends the command of that id. */
  begins(callId: string, work: string): void;
}

const callIn = (key: string): string => key.slice(key.indexOf(':') + 1);

/** `store`, of which is told what it is asked. */
export const metStore = (store: CallStore, isCall: IsCall, meet: Meet, { named, leases }: Pick<Witnessed, 'named' | 'leases'>): CallStore =>
  instead(store, {
    load: async (key) => {
      const stored = await store.load(key);
      if (isCall(key)) meet('loaded');
      return stored;
    },
    commit: async (key, expected, record) => {
      const [before, after] = pointsOf(key, record.text, isCall);
      const name = key.startsWith(processPrefix) && record.text === 'busy' ? key.slice(processPrefix.length) : undefined;
      if (name !== undefined) named(name);
      if (before !== undefined) meet(before);
      const since = Date.now(); // it may be frozen with the commit on disk, before it says so
      const won = await store.commit(key, expected, record);
      if (won && isCall(key)) leases(callIn(key), [...new Set(Object.values(readRecord(record.text).leasedBy))], since);
      if (won && after !== undefined) meet(after);
      return won;
    },
    due: async (until, limit, after, prefix) => {
      const found = await store.due(until, limit, after, prefix);
      if (found.some(({ callId }) => isCall(callId))) meet('found due');
      return found;
    },
    expire: (now, limit) => (meet('forgetting'), store.expire(now, limit)),
    ...(store.claim !== undefined && { claim: async (keys, until, forMs) => {
      meet('claiming');
      const claimed = (await store.claim?.(keys, until, forMs)) ?? [];
      if (claimed.length > 0) meet('claimed');
      return claimed;
    } }),
    ...(store.release !== undefined && { release: async (keys) => {
      await store.release?.(keys);
      meet('gave back');
    } }),
  });

/** The moments before and after a commit at `key`. */
const pointsOf = (key: string, text: string, isCall: IsCall): readonly [before?: Point, after?: Point] => {
  if (isCall(key)) return ['committing', 'committed'];
  if (key.startsWith('data:')) return ['writing a document', 'wrote a document'];
  if (!key.startsWith(processPrefix)) return [];
  return text === 'busy' ? ['counting', 'counted'] : text === 'lost' ? ['finding one dead', 'found one dead'] : [];
};

/** `service`, of which is told what it is asked. */
export const metService = <S extends CallService>(service: S, meet: Meet, begins: Witnessed['begins']): S => {
  const told = <A extends readonly unknown[], R>(point: Point, work: (...args: A) => R) => (...args: A): R => {
    const made = work(...args);
    if (made instanceof Promise) return made.then((given: unknown) => (meet(point), given)) as R;
    meet(point);
    return made;
  };
  const { send } = service;
  const sent = send && told('sent', send.bind(service));
  const changed: Partial<CallService> = {
    authenticate: (request) => (meet('received'), service.authenticate(request)),
    decode: told('decoded', service.decode.bind(service)),
    ...(sent !== undefined && { send: (command, context, signal) => (begins(context.callId, command.id), meet('sending'), sent(command, context, signal)) } satisfies Partial<CallService>),
    ...(service.style === 'reply' ? { encode: told('encoded', service.encode.bind(service)) } : { commands: told('encoded', service.commands.bind(service)) }),
  } as Partial<CallService>;
  return instead<CallService>(service, changed) as S;
};

/** `clock`, of which is told when it wakes somebody. */
export const metClock = (clock: Clock, meet: Meet): Clock => ({ ...clock, setTimer: (at, work, background) => clock.setTimer(at, () => (meet('waking'), work()), background) });

/** Tells of tasks. */
export const metTask = (meet: Meet, begins: Witnessed['begins']): AroundTask => async ({ call }, { id }, _signal, run) => {
  begins(call, id);
  meet('working');
  const result = await run();
  meet('worked');
  return result;
};

/** Tells of replies. */
export const metReplies = (meet: Meet): Hooks => ({ send: [async (_, next) => (meet('replying'), next())] });
