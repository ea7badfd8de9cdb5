/**
 * Deliver — the one contract that every engine implements: an event of a call goes in, the reply to it comes out, and
 * what was decided is committed in between, state and reply together.
 *
 * @module
 */
import type { Context } from '@opentelemetry/api';
import type { AnyStateMachine } from 'xstate';
import { CallError } from '../errors.ts';
import type { Arrival } from './service.ts';

/** One request of the service, understood and routed. */
export interface Delivery {
  readonly arrival: Arrival;
  /** Correlates the log lines of the call. */
  readonly chain: string | undefined;
  /** Where it arrived: the path of a bot. */
  readonly path: string;
  /** The machine that takes the call if it begins with this event. */
  readonly bot: () => AnyStateMachine;
  /** Epoch ms by which the service wants its reply. */
  readonly deadlineAt: number;
  /** The span of the exchange, as a context; absent without a tracer. */
  readonly trace?: Context | undefined;
  /** Told as soon as the request is on record, with the id of the bot that has the call: its reply may take longer, and may fail. */
  readonly taken?: ((bot: string) => void) | undefined;
}

/** What goes back to the service. */
export interface Reply {
  /** The service's own format; empty when there is nothing to do. */
  readonly body: string;
  /** Whether the request was taken now, had been before (this is the stored reply), or was of no interest. */
  readonly kind: 'taken' | 'repeated' | 'ignored';
  /** The id of the bot that has the call. */
  readonly bot: string;
}

/** Keeps calls and takes their events. */
export interface Engine {
  /**
   * @throws `ERR_CALL_UNKNOWN`, `ERR_CALL_CONFLICT`, `ERR_STORE_UNAVAILABLE`, `ERR_RECORD_UNKNOWN`, `ERR_ROUTE_UNKNOWN`, `ERR_DRAINING`, `ERR_CALL_ELSEWHERE`.
   *   After a rejection the call is as it was before, unless `taken` was told; and but for `ERR_STORE_UNAVAILABLE`: the commit may have been carried out.
   */
  deliver(delivery: Delivery): Promise<Reply>;
  /** Calls that begin from now on are refused (`ERR_DRAINING`), so that a load balancer gives them to another process; those on record go on. */
  drain(): void;
  /** Resolves when calls can be kept now. @throws `ERR_STORE_UNAVAILABLE` */
  check(): Promise<void>;
  /** Takes no more events and lets go of the store. */
  close(): Promise<void>;
}

/** What a process says of a call that begins, once it drains. */
export const ending = (): CallError<'ERR_DRAINING'> => new CallError('ERR_DRAINING', 'this process takes no new calls: it ends', {});
