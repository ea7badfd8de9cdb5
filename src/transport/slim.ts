/**
 * Slim — a snapshot without what a record need not say: what stands in it twice, what is empty, and of a finished call
 * the chart. Written for every parked call, so it counts by the hundred thousand.
 *
 * @module
 */
import type { CallData, CallSnapshot } from '../machines/index.ts';
import { hasEntries } from '../machines/json.ts';

/** What is left out when it is this. */
const empty = { held: null, awaiting: null, parked: [], timers: [], tasks: [], failed: false, ended: null } as const;

/** `context.call.asked` where nothing has happened yet. */
const fresh = { attempts: 0, noinput: 0, nomatch: 0, failed: 0, last: null } as const;

/** What of `context.call` is an actor's own; the rest is the call's. */
type OwnCall = Pick<CallData, 'asked' | 'ended' | 'user'>;

/** XState's persisted snapshot of one actor, as far as it is looked into. */
interface Chart {
  readonly context?: { readonly call?: OwnCall };
  readonly historyValue?: object;
  readonly children?: Readonly<Record<string, { readonly snapshot: Chart }>>;
}

/**
 * `snapshot` in few words; {@link whole} gives it back. What is left out is undefined, as JSON leaves it out. Every field
 * is named, and none is added to a spread: Node 20 makes a hidden class at each such addition, for this object alone.
 */
export const slim = ({ format, bot, version, call, revision, answered, held, machine, awaiting, parked, timers, tasks, failed, parted, ended }: CallSnapshot): Slim => ({
  format, bot, version, call, revision, answered,
  held: held ?? undefined,
  machine: machine === null || (ended !== null && tasks.length === 0) ? undefined : slimChart(machine as Chart),
  awaiting: awaiting === null ? undefined : awaiting.filler ? awaiting : { ...awaiting, filler: undefined },
  parked: unlessEmpty(parked),
  timers: unlessEmpty(timers),
  tasks: unlessEmpty(tasks),
  failed: failed || undefined,
  parted,
  ended: ended ?? undefined,
});

/** Every field of a snapshot, so that none can be forgotten. */
type Slim = Readonly<Record<keyof CallSnapshot, unknown>>;

const unlessEmpty = (list: readonly unknown[]): readonly unknown[] | undefined => (list.length === 0 ? undefined : list);

/** The snapshot that `slimmed` stands for. */
export const whole = (slimmed: object): CallSnapshot => {
  const { machine, ...said } = slimmed as CallSnapshot & { readonly machine?: Chart };
  const snapshot = { ...empty, ...said, ...(said.awaiting && { awaiting: { ...said.awaiting, filler: said.awaiting.filler ?? false } }) };
  return { ...snapshot, machine: machine === undefined ? null : wholeChart(machine, snapshot.call) } as CallSnapshot;
};

/** Who calls stands in the snapshot itself; in every actor's context only the rest of `context.call` is its own. */
const slimChart = (chart: Chart): object => {
  const { context, historyValue, children } = chart;
  if (children === undefined) return chart; // a task's
  return {
    ...chart,
    context: context?.call === undefined ? context : { ...context, call: slimCall(context.call) },
    historyValue: hasEntries(historyValue) ? historyValue : undefined,
    children: hasEntries(children) ? ofChildren(children, slimChart) : undefined,
  };
};

const slimCall = ({ asked: { attempts, noinput, nomatch, failed, last }, ended, user }: OwnCall): object => ({
  asked: { attempts: attempts || undefined, noinput: noinput || undefined, nomatch: nomatch || undefined, failed: failed || undefined, last: last ?? undefined },
  ended: ended ?? undefined,
  user,
});

const wholeChart = (chart: Chart, call: CallSnapshot['call']): Chart => {
  const { context, historyValue = {}, children = {}, ...rest } = chart;
  return {
    ...rest,
    ...('value' in chart && { historyValue, children: ofChildren(children, (child) => wholeChart(child, call)) }),
    ...(context !== undefined && { context: context.call === undefined ? context : { ...context, call: wholeCall(context.call, call) } }),
  };
};

/** The keys stand as they do in a call that was never stored: the account, which is found later, at the end. */
const wholeCall = ({ asked, ended, user }: Partial<OwnCall>, call: CallSnapshot['call']): CallData =>
  ({ asked: { ...fresh, ...asked }, ended: ended ?? null, ...call, ...(user !== undefined && { user }) });

const ofChildren = (children: NonNullable<Chart['children']>, change: (chart: Chart) => object): NonNullable<Chart['children']> =>
  Object.fromEntries(Object.entries(children).map(([id, child]) => [id, { ...child, snapshot: change(child.snapshot) as Chart }]));
