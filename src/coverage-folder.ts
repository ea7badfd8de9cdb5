/**
 * Coverage folder — what this process counts of calls, in files of a folder that nobody else writes: one for each bot, written whole, so that many
 * processes can count at once and whoever reads never meets half of one.
 *
 * @module
 */
import { randomUUID } from 'node:crypto';
import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { AnyStateMachine } from 'xstate';
import { CallError } from './errors.ts';
import { coverageCounter, type Counter, type StepResult } from './machines/index.ts';

/** How the files are called that hold a tally. */
export const tallyEnding = '.tally.json';

/** The setting that names the folder; without it nothing is counted. */
export const coverageSetting = 'CALLCHART_COVERAGE';

/** A folder of counts. */
export interface CoverageFolder {
  /** Takes a step of a call of `machine`. */
  count(machine: AnyStateMachine, result: Pick<StepResult, 'moves' | 'snapshot' | 'ignored'>): void;
  /** Writes what was counted since it was written last. */
  write(): void;
}

interface Counted {
  readonly counter: Counter;
  readonly file: string;
}

const opened = new Map<string, CoverageFolder>();

/**
 * The counts of this process in `folder`, which is made where it is not there. They are written when the work at hand is done, not sooner than `pauseMs`
 * after the last time, and when the process ends.
 *
 * @throws `ERR_OPTION_INVALID` where the folder cannot be made.
 */
export const coverageFolder = (folder: string, { pauseMs = 0 }: { readonly pauseMs?: number } = {}): CoverageFolder => {
  const before = opened.get(folder);
  if (before !== undefined) return before;
  try {
    mkdirSync(folder, { recursive: true });
  } catch (cause) {
    throw new CallError('ERR_OPTION_INVALID', `${coverageSetting}: the folder ${folder} cannot be made`, { option: coverageSetting }, { cause });
  }
  const bots = new WeakMap<AnyStateMachine, Counted>();
  const changed = new Set<Counted>();
  let isDue = false;

  const write = (): void => {
    for (const one of changed) {
      const draft = `${one.file}.draft`;
      try {
        writeFileSync(draft, `${JSON.stringify(one.counter.tally())}\n`);
        renameSync(draft, one.file);
      } catch {
        process.emitWarning(`what was counted of calls cannot be written in ${folder}`, 'CallchartCoverage'); // a call does not end for it
      }
    }
    changed.clear();
  };

  const writeSoon = (): void => {
    if (isDue) return;
    isDue = true;
    const due = (): void => {
      isDue = false;
      write();
    };
    if (pauseMs === 0) setImmediate(due);
    else setTimeout(due, pauseMs).unref();
  };

  const made: CoverageFolder = {
    count: (machine, result) => {
      const known = bots.get(machine) ?? { counter: coverageCounter(machine), file: join(folder, `${machine.id}.${randomUUID()}${tallyEnding}`) };
      bots.set(machine, known);
      known.counter.count(result);
      changed.add(known);
      writeSoon();
    },
    write,
  };
  opened.set(folder, made);
  process.once('exit', write);
  return made;
};

/** The folder that the environment names; undefined where nothing is to be counted. */
export const coverageAsked = (options?: { readonly pauseMs?: number }): CoverageFolder | undefined => {
  const folder = process.env[coverageSetting];
  return folder ? coverageFolder(folder, options) : undefined;
};
