/**
 * Difference — what of a step is not as it was recorded: by places and names, and the values beside that, which may be what a caller said.
 *
 * @module
 */
import type { Batch } from '../../actions/index.ts';
import type { LogMove, LogStep } from './call-log.ts';

/** A difference. */
export interface Difference {
  /** In words that hold no value. */
  readonly what: string;
  readonly recorded?: string;
  readonly replayed?: string;
}

/** What of `replayed` is not as it was recorded; undefined where it all is. */
export const difference = (recorded: LogStep, replayed: LogStep): Difference | undefined => {
  const failed = [recorded.failures ?? [], replayed.failures ?? []] as const;
  if (failed[0].join() !== failed[1].join()) return { what: `what went wrong was ${failed[0].join(', ') || 'nothing'}, and is now ${failed[1].join(', ') || 'nothing'}` };
  const said = batchDifference(recorded.batch, replayed.batch);
  const moved = moveDifference(recorded.moves, replayed.moves);
  if (said !== undefined) return { ...said, what: moved === undefined ? said.what : `${moved}; ${said.what}` };
  if (moved !== undefined) return { what: moved };
  if (recorded.ended !== replayed.ended) return { what: `the call ended by \`${recorded.ended ?? 'nothing'}\`, and ends now by \`${replayed.ended ?? 'nothing'}\`` };
  return undefined;
};

const moveDifference = (recorded: LogStep['moves'], replayed: LogStep['moves']): string | undefined => {
  const at = firstDifferent(recorded, replayed);
  if (at === undefined) return undefined;
  const [was, is] = [recorded[at], replayed[at]];
  const [went, goes] = [wayOf(was), wayOf(is)];
  if (was === undefined || is === undefined || went !== goes) return `the chart went ${went}, and goes now ${goes}`;
  return was.path === is.path ? `the chart went ${went} on \`${was.event}\`, and goes there now on \`${is.event}\`` : `the chart went ${went} in ${actorOf(was)}, and goes there now in ${actorOf(is)}`;
};

/** Whose move it was: the bot's, or that of the dialog that runs as the actor of this path. */
const actorOf = ({ path }: LogMove): string => (path === '' ? 'the bot itself' : `the actor \`${path}\``);

const wayOf = (move: LogMove | undefined): string => (move === undefined ? 'no further' : move.transitions.length > 0 ? `by \`${move.transitions.join('`, `')}\`` : `nowhere on \`${move.event}\``);

const firstDifferent = (recorded: readonly unknown[], replayed: readonly unknown[]): number | undefined => {
  const most = Math.max(recorded.length, replayed.length);
  for (let at = 0; at < most; at += 1) if (JSON.stringify(recorded[at]) !== JSON.stringify(replayed[at])) return at;
  return undefined;
};

const batchDifference = (recorded: Batch, replayed: Batch): Difference | undefined => {
  const at = firstDifferent(recorded, replayed);
  if (at === undefined) return undefined;
  const [was, is] = [recorded[at], replayed[at]];
  const values = { recorded: JSON.stringify(was) ?? 'nothing', replayed: JSON.stringify(is) ?? 'nothing' };
  if (was === undefined || is === undefined || was.type !== is.type) return { what: `action ${at + 1} of the batch was \`${was?.type ?? 'none'}\`, and is now \`${is?.type ?? 'none'}\``, ...values };
  return { what: `action ${at + 1} of the batch, \`${was.type}\` of state \`${was.state}\`, is another in \`${firstPath(was, is).join('.')}\``, ...values };
};

/** The path of the first place in which two values differ. */
const firstPath = (a: unknown, b: unknown): readonly string[] => {
  if (!isComposite(a) || !isComposite(b) || Array.isArray(a) !== Array.isArray(b)) return [];
  const keys = [...new Set([...Object.keys(a), ...Object.keys(b)])];
  const key = keys.find((one) => JSON.stringify(a[one]) !== JSON.stringify(b[one]));
  return key === undefined ? ['the order of its fields'] : [key, ...firstPath(a[key], b[key])];
};

const isComposite = (value: unknown): value is Readonly<Record<string, unknown>> => typeof value === 'object' && value !== null;
