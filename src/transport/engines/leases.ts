/**
 * Leases — who does what a call has to do. Each task, and the command to be sent, is held by one process, by name, from the
 * commit that asks for it; who is alive `heartbeat.ts` knows.
 *
 * @module
 */
import type { PendingTask } from '../../machines/index.ts';
import { type Outbox, toSend } from '../outbox.ts';
import { type CallRecord, type Leases, noLeases } from '../record.ts';
import type { Holder } from './heartbeat.ts';

/** What a call has to do. */
export interface Work {
  readonly tasks: readonly PendingTask[];
  readonly outbox: Outbox;
}

/** The ids of what is to be done of a call: the tasks, and the command that is to be sent now. */
export const workOf = ({ tasks, outbox }: Work): readonly string[] => {
  const command = toSend(outbox);
  return tasks.length === 0 ? (command === undefined ? noWork : [command.id]) : [...tasks.map(({ id }) => id), ...(command === undefined ? [] : [command.id])];
};

const noWork: readonly string[] = [];

/**
 * The leases of a call that comes to have `work`: it stays with the process that began it, and `holder` does what is new. Then it resolves
 * when others see that the holder is alive. @throws `ERR_STORE_UNAVAILABLE`
 */
export const leasesFor = async (before: Pick<CallRecord, 'leasedBy'> | undefined, work: Work, holder: Holder): Promise<Leases> => {
  const showing = workOf(work).some((id) => before?.leasedBy[id] === undefined) ? holder.show() : undefined;
  if (showing !== undefined) await showing;
  return shared(before?.leasedBy ?? noLeases, work, holder);
};

/** The leases of a call once `holder` has taken over what is done by those who are free by their names. @throws `ERR_STORE_UNAVAILABLE` */
export const takenOver = async ({ leasedBy }: Pick<CallRecord, 'leasedBy'>, work: Work, isFree: (name: string) => boolean, holder: Holder): Promise<Leases> => {
  await holder.show();
  return shared(Object.fromEntries(Object.entries(leasedBy).filter(([, by]) => !isFree(by))), work, holder);
};

const shared = (leasedBy: Leases, work: Work, holder: Holder): Leases => {
  const ids = workOf(work);
  return ids.length === 0 ? noLeases : Object.fromEntries(ids.map((id) => [id, leasedBy[id] ?? holder.name()]));
};
