/**
 * Slim — a snapshot without what a record need not say: what stands in it twice, what is empty, and of a finished call
 * the chart. Written for every parked call, so it counts by the hundred thousand.
 *
 * @module
 */
import type { CallData, CallSnapshot } from '../machines/index.ts';

/** What is left out when it is this. */
const empty = { awaiting: null, parked: [], timers: [], tasks: [], failed: false, ended: null } as const;

/** `context.call.asked` where nothing has happened yet. */
const fresh = { attempts: 0, noinput: 0, nomatch: 0, failed: 0, last: null } as const;

/** XState's persisted snapshot of one actor, as far as it is looked into. */
interface Chart {
  readonly context?: { readonly call?: Pick<CallData, 'asked' | 'ended'> };
  readonly historyValue?: object;
  readonly children?: Readonly<Record<string, { readonly snapshot: Chart }>>;
}

/** `snapshot` in few words; {@link whole} gives it back. */
export const slim = ({ machine, ...snapshot }: CallSnapshot): object => {
  const said = Object.entries(snapshot).filter(([name, value]) => !isEmpty(name, value));
  const over = snapshot.ended !== null && snapshot.tasks.length === 0;
  const { awaiting } = snapshot;
  return { ...Object.fromEntries(said), ...(awaiting !== null && !awaiting.filler && { awaiting: { ...awaiting, filler: undefined } }), ...(over || machine === null ? {} : { machine: slimChart(machine as Chart) }) };
};

/** The snapshot that `slimmed` stands for. */
export const whole = (slimmed: object): CallSnapshot => {
  const { machine, ...said } = slimmed as CallSnapshot & { readonly machine?: Chart };
  const snapshot = { ...empty, ...said, ...(said.awaiting && { awaiting: { ...said.awaiting, filler: said.awaiting.filler ?? false } }) };
  return { ...snapshot, machine: machine === undefined ? null : wholeChart(machine, snapshot.call) } as CallSnapshot;
};

const isEmpty = (name: string, value: unknown): boolean => {
  if (!(name in empty)) return false;
  const standard: unknown = empty[name as keyof typeof empty];
  return Array.isArray(standard) ? Array.isArray(value) && value.length === 0 : value === standard;
};

/** Who calls stands in the snapshot itself; in every actor's context only the rest of `context.call` is its own. */
const slimChart = ({ context, historyValue, children, ...chart }: Chart): object => ({
  ...chart,
  ...(context !== undefined && { context: context.call === undefined ? context : { ...context, call: slimCall(context.call) } }),
  ...(historyValue !== undefined && Object.keys(historyValue).length > 0 && { historyValue }),
  ...(children !== undefined && Object.keys(children).length > 0 && { children: ofChildren(children, slimChart) }),
});

const slimCall = ({ asked, ended }: Pick<CallData, 'asked' | 'ended'>): object => ({
  asked: Object.fromEntries(Object.entries(asked).filter(([name, count]) => count !== fresh[name as keyof typeof fresh])),
  ...(ended !== null && { ended }),
});

const wholeChart = (chart: Chart, call: CallSnapshot['call']): Chart => {
  const { context, historyValue = {}, children = {}, ...rest } = chart;
  return {
    ...rest,
    ...('value' in chart && { historyValue, children: ofChildren(children, (child) => wholeChart(child, call)) }),
    ...(context !== undefined && { context: context.call === undefined ? context : { ...context, call: { ...call, asked: { ...fresh, ...context.call.asked }, ended: (context.call.ended as CallData['ended'] | undefined) ?? null } } }),
  };
};

const ofChildren = (children: NonNullable<Chart['children']>, change: (chart: Chart) => object): NonNullable<Chart['children']> =>
  Object.fromEntries(Object.entries(children).map(([id, child]) => [id, { ...child, snapshot: change(child.snapshot) as Chart }]));
