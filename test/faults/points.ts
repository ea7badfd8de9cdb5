/**
 * Points — the moments of `exchange` and of `deliver` at which a process can be had die: the interfaces that they go
 * through, wrapped. Nothing of this is in the product.
 *
 * @module
 */
import type { AroundTask, CallService, CallStore, Clock, Hooks } from 'callchart/transport';

/** The moments, in the order in which a request meets them, and then what no request brings. */
export const points = [
  'received', 'decoded', 'loaded', 'encoded', 'committing', 'committed', 'replying', 'replied', // a request
  'working', 'worked', 'writing a document', 'wrote a document', 'waking', 'found due', // tasks and timers
  'sending', 'sent', // commands and updates
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

/** `store`, of which is told what it is asked. */
export const metStore = (store: CallStore, isCall: IsCall, meet: Meet): CallStore =>
  instead(store, {
    load: async (key) => {
      const stored = await store.load(key);
      if (isCall(key)) meet('loaded');
      return stored;
    },
    commit: async (key, expected, record) => {
      const isDocument = key.startsWith('data:');
      if (isCall(key)) meet('committing');
      else if (isDocument) meet('writing a document');
      const won = await store.commit(key, expected, record);
      if (won && isCall(key)) meet('committed');
      else if (won && isDocument) meet('wrote a document');
      return won;
    },
    due: async (until, limit, after, prefix) => {
      const found = await store.due(until, limit, after, prefix);
      if (found.some(({ callId }) => isCall(callId))) meet('found due');
      return found;
    },
  });

/** Told of a call of which this process does something from now on. */
export type Holds = (callId: string) => void;

/** `service`, of which is told what it is asked. */
export const metService = <S extends CallService>(service: S, meet: Meet, holds: Holds): S => {
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
    ...(sent !== undefined && { send: (command, context, signal) => (holds(context.callId), meet('sending'), sent(command, context, signal)) } satisfies Partial<CallService>),
    ...(service.style === 'reply' ? { encode: told('encoded', service.encode.bind(service)) } : { commands: told('encoded', service.commands.bind(service)) }),
  } as Partial<CallService>;
  return instead<CallService>(service, changed) as S;
};

/** `clock`, of which is told when it wakes somebody. */
export const metClock = (clock: Clock, meet: Meet): Clock => ({ ...clock, setTimer: (at, work, background) => clock.setTimer(at, () => (meet('waking'), work()), background) });

/** Tells of tasks. */
export const metTask = (meet: Meet, holds: Holds): AroundTask => async ({ call }, _task, _signal, run) => {
  holds(call);
  meet('working');
  const result = await run();
  meet('worked');
  return result;
};

/** Tells of replies. */
export const metReplies = (meet: Meet): Hooks => ({ send: [async (_, next) => (meet('replying'), next())] });
