/** Queue — who waits, in which order. Made up, and in memory: put your own in the place of these functions. */
import type { TaskArgs } from 'callchart';

type Waiting = Pick<TaskArgs, 'callId'>;

/** In order, by call: a call is in the line once, however often its task is run. */
const line = new Map<string, { number: string; isPromised: boolean }>();
/** Calls whose turn it is. */
const turns = new Set<string>();

/** Puts the call at the end of the line, and says where that is: 1 is next, 0 is whose turn it is. */
export const join = async (number: string, { callId }: Waiting): Promise<number> => {
  if (!line.has(callId)) line.set(callId, { number, isPromised: false });
  return placeOf(callId);
};

export const place = async (_: unknown, { callId }: Waiting): Promise<number> => placeOf(callId);

/** The call keeps its place when it is over, and `number` is rung when its turn comes. */
export const promise = async (number: string, { callId }: Waiting): Promise<void> => void line.set(callId, { number, isPromised: true });

/** The call is over: who was promised nothing is in the line no more. */
export const leave = async ({ callId }: Waiting): Promise<void> => {
  turns.delete(callId);
  if (line.get(callId)?.isPromised === false) line.delete(callId);
};

/** For the desk, whenever a colleague is free: the number to ring, or undefined where the next one is still on the telephone, or nobody is there. */
export const next = (): string | undefined => {
  const [callId, waiting] = [...line].find(([id]) => !turns.has(id)) ?? [];
  if (callId === undefined || waiting === undefined) return undefined;
  if (waiting.isPromised) line.delete(callId);
  else turns.add(callId);
  return waiting.isPromised ? waiting.number : undefined;
};

const placeOf = (callId: string): number => (turns.has(callId) ? 0 : 1 + [...line.keys()].filter((id) => !turns.has(id)).indexOf(callId));
