/** Practice — whose appointment is when, and what they said about it. Made up: put your own in the place of the functions. */
import * as t from 'io-ts';

/** The next appointment of a number; null where there is none. */
export const Appointment = t.union([t.type({ id: t.string, when: t.string }), t.null]);

/** What may come of a reminder: the person's answer, or that there was none. */
export type Answer = 'confirmed' | 'cancelled' | 'another time' | 'machine' | 'none';

const appointments: Readonly<Record<string, { readonly id: string; readonly when: string }>> = { '+15550100': { id: 'appointment-1', when: 'tomorrow at 10 o’clock' } };

export const find = async (number: string): Promise<t.TypeOf<typeof Appointment>> => appointments[number] ?? null;

/** The answers by appointment. Of an appointment that has none your application calls again. */
export const answers = new Map<string, Answer>();

export const note = async ({ id, answer }: { readonly id: string; readonly answer: Answer }): Promise<void> => void answers.set(id, answer);
