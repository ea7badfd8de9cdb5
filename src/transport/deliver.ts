/**
 * Deliver — the one contract that every engine implements: an event of a call goes in, the reply to it comes out, and
 * what was decided is committed in between, state and reply together.
 *
 * @module
 */
import type { Context } from '@opentelemetry/api';
import type { AnyStateMachine } from 'xstate';
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
   * @throws `ERR_CALL_UNKNOWN`, `ERR_CALL_CONFLICT`, `ERR_STORE_UNAVAILABLE`, `ERR_RECORD_UNKNOWN`, `ERR_ROUTE_UNKNOWN`.
   *   After a rejection the call is as it was before, but for `ERR_STORE_UNAVAILABLE`: the commit may have been carried out.
   */
  deliver(delivery: Delivery): Promise<Reply>;
  /** Takes no more events and lets go of the store. */
  close(): Promise<void>;
}
