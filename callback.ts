/**
 * Callback — the addresses that Azure Communication Services posts to, and what their queries say. Pure.
 *
 * | name | on | means |
 * | --- | --- | --- |
 * | `secret` | the address of an Event Grid subscription | proves that Event Grid asks |
 * | `call` | every callback | the id of the call |
 * | `to`, `from` | callbacks of a call that was placed | who is called, who calls |
 * | `listens` | callbacks of a call that was placed | it was asked whether a person or a machine answers: this service does not know |
 * | `stop` | callbacks of a question that keys end | those keys, so that the last one is told from a digit |
 *
 * @module
 */

/** A call that was placed, as its callbacks tell it. */
export interface Placed {
  readonly to: string;
  readonly from: string;
  readonly listens: boolean;
}

/** What the query of a request says. */
export interface Query {
  readonly callId?: string;
  readonly placed?: Placed;
  readonly stop?: string;
  /** The secret of the subscription, if it is one's address. */
  readonly secret?: string;
}

/** The address at which the events of the call `callId` arrive. */
export const callbackUrl = (base: string, callId: string, { placed, stop }: Pick<Query, 'placed' | 'stop'> = {}): string => {
  const query = new URLSearchParams({
    call: callId,
    ...(placed !== undefined && { to: placed.to, from: placed.from, ...(placed.listens && { listens: '1' }) }),
    ...(stop !== undefined && { stop }),
  });
  return `${base}?${query}`;
};

/** What `query`, as it arrived, says. */
export const readQuery = (query: string): Query => {
  const values = new URLSearchParams(query);
  const [callId, to, from, stop, secret] = ['call', 'to', 'from', 'stop', 'secret'].map((name) => values.get(name) ?? undefined);
  return {
    ...(callId !== undefined && { callId }),
    ...(to !== undefined && { placed: { to, from: from ?? '', listens: values.get('listens') === '1' } }),
    ...(stop !== undefined && { stop }),
    ...(secret !== undefined && { secret }),
  };
};
