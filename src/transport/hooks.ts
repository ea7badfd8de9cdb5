/**
 * Hooks — functions of the application around the taking of a request, the writing of a reply, and the beginning and the
 * end of a call. They are Koa's: each gets a context and `next`, and the first of a list is the outermost.
 *
 * Nothing that a hook does wrong is lost: it throws, or ends without `next`, or calls it twice, or does not end, and each is
 * an `ERR_HOOK_FAILED`. Nor can a hook hide what failed inside it: it may catch that and look, and it is thrown on all the same.
 *
 * @module
 */
import { CallError, type CallErrorDetails, isCallError } from '../errors.ts';
import type { CallInput, EndReason, ServiceEvent } from '../machines/index.ts';
import type { CallDetailRecord } from './detail.ts';
import { tell, thrown, type Told } from './log.ts';
import type { CallRequest } from './service.ts';

/** One hook. It calls `next` once and waits for it, and may do something before and after. */
export type Hook<Context> = (context: Context, next: () => Promise<void>) => Promise<void>;

/** A request that is about to be taken. */
export interface Receiving {
  readonly callId: string;
  /** Correlates the log lines of the call, where the service sends such an id. */
  readonly chain: string | undefined;
  /** The same on every retry of the same request. */
  readonly eventId: string;
  /** What the request tells; holds what the caller said, keyed and is. Where a bot asks for secrets, all that callers say and key is masked. */
  readonly events: readonly ServiceEvent[];
  readonly path: string;
  /** Names in lower case; holds the service's token. */
  readonly headers: CallRequest['headers'];
  /** Ends the request with 403, for good: a service does not send such a request again. */
  refuse(): never;
}

/** A reply that is about to be written. It is committed, and nobody can change it: a retry has to get the same bytes. */
export interface Sending {
  readonly callId: string;
  readonly chain: string | undefined;
  /** Whether the request was taken now, had been before (this is the stored reply), or was of no interest. */
  readonly kind: 'taken' | 'repeated' | 'ignored';
  /** The service's own format; empty when there is nothing to do. */
  readonly body: string;
}

/** A call has begun or ended; that is committed, and told once. */
export type CallMoment = {
  readonly callId: string;
  readonly bot: string;
  readonly chain: string | undefined;
  /** Who calls whom. */
  readonly call: CallInput;
} & ({ readonly type: 'begun' } | { readonly type: 'ended'; readonly reason: EndReason; readonly detail: CallDetailRecord });

/** The hooks of a server of bots. A list that is absent costs nothing. */
export interface Hooks {
  /** Around the taking of each request that is authentic and understood, before its call is loaded. */
  readonly receive?: readonly Hook<Receiving>[];
  /** Around the writing of each reply. */
  readonly send?: readonly Hook<Sending>[];
  /** When a call has begun and when it has ended, one after the other for one call. The call does not wait for them. */
  readonly call?: readonly Hook<CallMoment>[];
}

type HookName = keyof Hooks;

const lists = ['receive', 'send', 'call'] as const satisfies readonly HookName[];

/** @throws `ERR_OPTION_INVALID` for what is no list of functions, and for a list that is none of these: a misspelt one would never run */
export const checkHooks = (hooks: Hooks = {}): void => {
  const other = Object.keys(hooks).find((name) => !(lists as readonly string[]).includes(name));
  if (other !== undefined) throw new CallError('ERR_OPTION_INVALID', `option \`hooks.${other}\` does not exist: there are \`receive\`, \`send\` and \`call\``, { option: `hooks.${other}` });
  for (const name of lists) {
    const list: unknown = hooks[name] ?? [];
    if (!Array.isArray(list) || list.some((hook) => typeof hook !== 'function')) throw new CallError('ERR_OPTION_INVALID', `option \`hooks.${name}\` is a list of functions`, { option: `hooks.${name}` });
  }
};

/** The request is refused by a hook. */
export const refuse = (): never => {
  throw new CallError('ERR_HOOK_REFUSED', 'a hook refused the request', { name: '' });
};

const said = { threw: 'threw', skipped: 'ended without calling `next`', twice: 'called `next` twice', late: 'did not end in time' } as const satisfies Record<CallErrorDetails['ERR_HOOK_FAILED']['reason'], string>;

/**
 * What `work` gives, done inside `hooks`. Before `work`, and again after it, they have `limitMs` together.
 *
 * @throws what `work` throws; `ERR_HOOK_REFUSED`; `ERR_HOOK_FAILED`. A `next` that is called too late does nothing.
 */
export const within = async <Context, T>(list: HookName, hooks: readonly Hook<Context>[], context: Context, work: () => Promise<T>, limitMs: number): Promise<T> => {
  const nameOf = (index: number): string => hooks[index]?.name || `${list}[${index}]`;
  const failure = (index: number, reason: keyof typeof said, cause?: unknown): CallError =>
    new CallError('ERR_HOOK_FAILED', `the \`${list}\` hook \`${nameOf(index)}\` ${said[reason]}`, { hook: list, name: nameOf(index), reason }, cause === undefined ? undefined : { cause });

  let outcome = undefined as { readonly value: T } | undefined;
  /** The hook whose turn it is. */
  let current = 0;
  let isOver = false;
  let timer: NodeJS.Timeout | undefined;
  let giveUp: (reason: unknown) => void = () => {};
  const late = new Promise<never>((_, reject) => (giveUp = reject));
  const wait = (): void => {
    if (!isOver) timer = setTimeout(() => giveUp(failure(current, 'late')), limitMs);
  };

  const enter = async (index: number): Promise<void> => {
    const hook = hooks[index];
    if (hook === undefined) {
      clearTimeout(timer);
      try {
        outcome = { value: await work() };
      } finally {
        wait();
      }
      return;
    }
    current = index;
    let inner = undefined as Promise<void> | undefined;
    let wrong = undefined as CallError | undefined;
    const next = (): Promise<void> => {
      const refused = isOver ? failure(index, 'late') : inner === undefined ? undefined : (wrong ??= failure(index, 'twice'));
      const result = refused === undefined ? (inner = enter(index + 1)) : Promise.reject(refused);
      result.catch(() => {}); // whoever does not wait for it is told below
      return result;
    };
    try {
      await hook(context, next);
    } catch (error) {
      const isRefusal = inner === undefined && isCallError(error) && error.code === 'ERR_HOOK_REFUSED';
      wrong ??= isRefusal ? new CallError('ERR_HOOK_REFUSED', `the hook \`${nameOf(index)}\` refused the request`, { name: nameOf(index) }) : failure(index, 'threw', error);
    }
    current = index - 1;
    await inner; // what failed inside was first
    if (wrong !== undefined) throw wrong;
    if (inner === undefined) throw failure(index, 'skipped');
  };

  wait();
  const entered = enter(0);
  entered.catch(() => {}); // after it was given up
  try {
    await Promise.race([entered, late]);
  } finally {
    isOver = true;
    clearTimeout(timer);
  }
  return (outcome as { readonly value: T }).value;
};

/** Tells the hooks of calls. */
export interface CallHooks {
  tell(moment: CallMoment): void;
  /** Resolves when all of them have ended. */
  settled(): Promise<void>;
}

/** Runs `hooks` at each moment of a call, in their order for one call. What fails is logged as `hook failed`. */
export const callHooks = (hooks: readonly Hook<CallMoment>[], to: Told, limitMs: number): CallHooks => {
  const latest = new Map<string, Promise<void>>();
  const run = async (moment: CallMoment, earlier: Promise<void> | undefined): Promise<void> => {
    await earlier;
    try {
      await within('call', hooks, moment, async () => {}, limitMs);
    } catch (error) {
      const { type, callId, bot, chain } = moment;
      tell(to, 'error', 'hook.failed', { chain, call: callId, bot, moment: type }, thrown(error));
    }
  };
  return {
    tell: (moment) => {
      const { callId } = moment;
      const ours = run(moment, latest.get(callId)).finally(() => {
        if (latest.get(callId) === ours) latest.delete(callId);
      });
      latest.set(callId, ours);
    },
    settled: async () => {
      while (latest.size > 0) await Promise.all(latest.values());
    },
  };
};
