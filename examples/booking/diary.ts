/** Diary — which appointments are free, and who has which. Made up: put your own in the place of the three functions. */
import * as t from 'io-ts';
import type { TaskArgs } from 'callchart';

/** What came of a booking: somebody may have been faster. */
export const Booked = t.keyof({ booked: null, taken: null }, 'Booked');

export interface Wish {
  /** `2026-02-02` */
  readonly day: string;
  /** `09:30` */
  readonly time: string;
  readonly number: string;
}

const times: readonly string[] = ['09:30', '11:00', '14:15', '16:00'];
/** The taskId of whoever has it, by day and time. */
const taken = new Map<string, string>();

const isFree = (day: string, time: string): boolean => !taken.has(`${day} ${time}`);
const daysAfter = (now: number, days: number): string => new Date(now + days * 86_400_000).toISOString().slice(0, 10);
const isWorkday = (day: string): boolean => ![0, 6].includes(new Date(day).getUTCDay());

/** The next three days on which something is free. @throws what a caller is told in the state `full` */
export const freeDays = async (): Promise<readonly string[]> => some(Array.from({ length: 30 }, (_, days) => daysAfter(Date.now(), days + 1)).filter((day) => isWorkday(day) && times.some((time) => isFree(day, time))));

/** The first three times that are free on `day`. */
export const freeTimes = async (day: string): Promise<readonly string[]> => some(times.filter((time) => isFree(day, time)));

/** Books once, however often it is run with the same `taskId`. */
export const book = async ({ day, time }: Wish, { taskId }: TaskArgs): Promise<t.TypeOf<typeof Booked>> => {
  const slot = `${day} ${time}`;
  if (!taken.has(slot)) taken.set(slot, taskId);
  return taken.get(slot) === taskId ? 'booked' : 'taken';
};

const some = (free: readonly string[]): readonly string[] => {
  if (free.length === 0) throw Object.assign(new Error('nothing is free'), { code: 'FULL' });
  return free.slice(0, 3);
};
