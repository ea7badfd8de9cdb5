/**
 * Knowing — what is known of an actor before a call, and what the author's code makes of it: contexts as far as they are followed,
 * outputs, and the guards of the framework itself.
 *
 * @module
 */
import { ownContext } from '../first-context.ts';
import type { Blueprint, StatePlan } from './blueprint.ts';
import type { Event } from './delivery.ts';
import type { AskedAt } from './moment.ts';
import { isPartial, partly, told, unknown } from './partial.ts';

/** Names in contexts that are followed, by machine. */
export type Followed = ReadonlyMap<string, ReadonlySet<string>>;

/** What of an actor its code can look at. */
interface Known {
  readonly plan: Blueprint;
  readonly context: Readonly<Record<string, unknown>>;
  readonly asked: AskedAt | null;
}

/** The context of an actor as code may look at it: what is followed, the counts of the open question, and nothing else. */
export const contextOf = ({ context, asked }: Pick<Known, 'context' | 'asked'>): object =>
  partly({ ...context, call: partly({ asked: asked === null ? unknown : partly({ attempts: asked.attempts }) }) });

/** The followed part of the context that `plan` begins with. */
export const firstContext = (followed: Followed, plan: Blueprint): Readonly<Record<string, unknown>> => {
  const names = followed.get(plan.id);
  if (names === undefined || names.size === 0) return {};
  const own = ownContext((plan.machine.config as { readonly context?: unknown }).context);
  const first = typeof own === 'function' ? told(own as never, { input: unknown }) : ({ known: true, value: own ?? {} } as const);
  const values = (first.known ? first.value : undefined) as Readonly<Record<string, unknown>> | undefined;
  return Object.fromEntries([...names].map((name) => [name, values === undefined ? unknown : values[name]]));
};

/** The followed part of the context after an `assign`. */
export const assigned = (followed: Followed, mover: Known, assignment: unknown, event: Event): Readonly<Record<string, unknown>> => {
  const names = followed.get(mover.plan.id);
  if (names === undefined || names.size === 0) return mover.context;
  const args = { context: contextOf(mover), event: partly(event) };
  if (typeof assignment === 'function') {
    // A context that is spread has more in it than is known: what follows from how much there is, is not known either.
    const [all, other] = [told(assignment as never, args, undefined, 'more'), told(assignment as never, args, undefined, 'other')];
    if (!all.known || !other.known || JSON.stringify(kept((all.value ?? {}) as object, names)) !== JSON.stringify(kept((other.value ?? {}) as object, names))) return Object.fromEntries([...names].map((name) => [name, unknown]));
    return { ...mover.context, ...kept((all.value ?? {}) as object, names) };
  }
  const values = Object.entries((assignment ?? {}) as object).filter(([name]) => names.has(name)).map(([name, value]) => {
    if (typeof value !== 'function') return [name, value] as const;
    const one = told(value as never, args);
    return [name, one.known && !isPartial(one.value) ? one.value : unknown] as const;
  });
  return { ...mover.context, ...Object.fromEntries(values) };
};

const kept = (values: object, names: ReadonlySet<string>): Readonly<Record<string, unknown>> => Object.fromEntries(Object.entries(values).filter(([name]) => names.has(name)));

/** What a machine ends with, as far as it is known. */
export const outputOf = (mover: Known, { output, meta }: StatePlan, event: Event): unknown => {
  const { status } = (meta ?? {}) as { readonly status?: unknown };
  if (typeof output !== 'function') return output;
  const said = told(output as never, { context: contextOf(mover), event: partly(event) });
  if (said.known) return said.value;
  return typeof status === 'string' ? partly({ status }) : unknown;
};

/** What one of the framework's own guards says; undefined where it is not known. */
export const holdsOwn = (mover: Known, type: string, params: Readonly<Record<string, unknown>>, event: Event): boolean | undefined => {
  switch (type) {
    case 'call.mayAskAgain': {
      const { cause, limits } = params as { readonly cause: 'noinput' | 'nomatch' | 'failed'; readonly limits: { readonly attempts: number; readonly maxNoinput?: number; readonly maxNomatch?: number } };
      const { attempts, noinput, nomatch } = mover.asked ?? { attempts: 1, noinput: 0, nomatch: 0 };
      const [count, most] = cause === 'noinput' ? [noinput, limits.maxNoinput] : cause === 'nomatch' ? [nomatch, limits.maxNomatch] : [0, undefined];
      return attempts < limits.attempts && (most === undefined || count + 1 < most);
    }
    case 'call.failedWith':
      return (event['error'] as { readonly code?: unknown } | undefined)?.code === params['code'];
    case 'call.gaveNothing': {
      const { output } = event;
      return output === unknown ? undefined : (output ?? null) === null;
    }
    case 'call.endedAs': {
      const { output } = event;
      if (output === unknown) return undefined;
      const status = (output as { readonly status?: unknown } | null | undefined)?.status;
      return status === unknown ? undefined : status === params['outcome'];
    }
    default:
      return undefined;
  }
};
