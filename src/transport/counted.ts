/**
 * Counted — what calls come by is counted, for metrics where there are some and for coverage where the environment asks for
 * it, before the application's own observers are told.
 *
 * @module
 */
import { coverageAsked, type CoverageFolder } from '../coverage-folder.ts';
import type { CallsOptions } from './calls-options.ts';
import type { EngineOptions } from './engines/engine-options.ts';
import type { CallStore } from './engines/store.ts';
import { bothAround } from './host.ts';

export interface Counted {
  /** Everybody who is told: those who count, and the application's own. */
  readonly observers: Pick<EngineOptions, 'onEvent' | 'onStep' | 'aroundTask'>;
  /** `store`, whose operations are counted. */
  store(store: CallStore): CallStore;
  /** Counts nothing any more, and writes down what was. */
  close(): void;
}

/** Begins to count. `inHand`: how many requests are being answered. */
export const counted = (options: CallsOptions, inHand: () => number): Counted => {
  const metrics = options.metrics?.count(options.service.name, inHand);
  const coverage = coverageAsked({ pauseMs: 1_000 });
  const onEvent = both(metrics?.onEvent, options.onEvent);
  const onStep = both(metrics?.onStep, coverage === undefined ? options.onStep : countedSteps(coverage, options.onStep));
  const aroundTask = bothAround(metrics?.aroundTask, options.aroundTask);
  return {
    observers: { ...(onStep !== undefined && { onStep }), ...(onEvent !== undefined && { onEvent }), ...(aroundTask !== undefined && { aroundTask }) },
    store: (store) => metrics?.store(store) ?? store,
    close: () => {
      metrics?.close();
      coverage?.write();
    },
  };
};

/** Tells the one and then the other. */
const both = <T>(first: ((told: T) => void) | undefined, second: ((told: T) => void) | undefined): ((told: T) => void) | undefined => {
  if (first === undefined || second === undefined) return first ?? second;
  return (told) => {
    first(told);
    return second(told); // one that is async gives a promise, whose failure is told
  };
};

/** Counts each step, and tells `onStep` of it as before. */
const countedSteps = (folder: CoverageFolder, onStep: CallsOptions['onStep']): NonNullable<CallsOptions['onStep']> => (stepped) => {
  folder.count(stepped.machine, stepped.result);
  onStep?.(stepped);
};
