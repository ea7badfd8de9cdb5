/**
 * Caller — what a test can say about a call beside what any phone can: what the service does, and how the chart stands.
 *
 * @module
 */
import type { Batch, Reject, ServiceLimits, VerbFields } from '../actions/index.ts';
import type { CallError } from '../errors.ts';
import type { CallInput, ChatDelivery, EndReason, ServiceEvent, StepEvent } from '../machines/index.ts';
import type { Coverage } from './coverage.ts';
import type { DataStore } from './data-store.ts';
import type { ExpectedOperation, Part } from './expectations.ts';
import type { FailsNext } from './line.ts';
import type { Phone, Script } from './phone.ts';
import type { TaskStubs } from './stubs.ts';
import type { Expected, Words } from './transcript.ts';

/** How a call is placed, and what stands for the world around the bot. */
export interface DialOptions<Service extends ServiceLimits = ServiceLimits> {
  /** Who calls whom. Default: +15550100 calls +15550199. With the direction `outbound` the bot has placed the call, and whoever is called has answered it. */
  readonly call?: Partial<CallInput>;
  /**
   * The limits of a calling service, `botframeworkLimits` of `callchart/transport` for one: a bot that uses what it cannot do is refused, and
   * a batch that breaks its rules becomes the bot's apology and the hangup, as in earnest. Default: a service that can do everything.
   */
  readonly service?: Service;
  /** What stands for the bot's tasks, by name: a result, or a function that gives it (or throws). */
  readonly tasks?: TaskStubs;
  /** Whether tasks without a stub are run for real, the cleanup included. Default false: such a task fails the test. */
  readonly runTasks?: boolean;
  /** What bots keep beyond the call. Default: nothing is kept yet. */
  readonly data?: DataStore;
  /** Virtual epoch ms at which the call comes in. Default: Monday, 6 January 2025, 09:00 UTC. */
  readonly now?: number;
  /** Prompts that the service cannot play, by what they say: a file that is not there. */
  readonly unplayable?: Expected;
  /** Chat messages that cannot be delivered, by what they say. All others arrive, and nothing leaves the test. */
  readonly undeliverable?: Words;
  /** Actions that the service fails at, whenever they are asked for. */
  readonly failing?: readonly ('answer' | 'hold' | 'unhold')[];
  /** What the service fails at the first time that the bot asks for it, as `failsNext` says it later on. */
  readonly failsNext?: readonly FailsNext[];
  /** Counts what the call comes by: `coverage(bot)`. With `CALLCHART_COVERAGE` in the environment every call is counted besides. */
  readonly coverage?: Coverage;
  /** How long the service waits for a reply while tasks or timers are pending, ms; then the filler is heard. Default 10,000. */
  readonly patienceMs?: number;
}

/** A call on paper that is the same on every line: who calls, what stands for the bot's tasks, and what the caller does and expects. */
export interface ScriptedCall extends Pick<DialOptions, 'call' | 'tasks'> {
  readonly script: Script;
}

/** A caller on the line with a bot whose context is `Context`. */
export interface Caller<Context = unknown> extends Phone {
  // ---- what the service does ----

  /** The verb of the service that the bot has asked for ends as `ending`, and tells `fields` besides. */
  verbEnds(ending: string, fields?: VerbFields): this;
  /** The service cannot do the verb. */
  verbFails(): this;
  /** The service could not play what led to the open question: nothing of it was heard, and nothing is asked. */
  promptFails(): this;
  /** The service fails at the open question or recording. */
  questionFails(): this;
  /**
   * The service will fail, once: at the first prompt that the bot wants to have played from here on, of which nothing is heard, or at the
   * first answer, hold or end of it. What leads there is said next: `failsNext('prompt').presses('1')`.
   */
  failsNext(what: FailsNext): this;
  /** The task that waits ends, and has given `result`. Its name, or the path of the state that runs it. A stub that is `never` waits for this. */
  taskEnds(task: string, result?: unknown): this;
  /** The task that waits fails, with `code` if one is given. */
  taskFails(task: string, code?: string): this;
  /** The service tells something that no other verb says, word for word. */
  serviceReports(...events: readonly ServiceEvent[]): this;
  /** Waits for tasks that take real time, until no more of them are running. */
  settled(): Promise<this>;

  // ---- how the call stands ----

  /** Expects that the bot has refused the call, for `reason` if one is given. */
  isRejected(reason?: Reject['reason']): this;
  /** Expects that the caller is on hold. */
  isOnHold(): this;
  /** Expects that the call has ended, for `reason`; with `error` where the bot's code failed. */
  endedWith(reason: EndReason): this;
  /** Expects that `state` is active, itself or in one of its children: `order`, `order.size`; in a dialog behind the state that runs it: `pin/asking`. */
  isIn(state: string): this;
  /** Expects `part` in the machine's context: of objects the properties that are named, of lists and all else the whole. */
  hasContext(part: Part<Context>): this;
  /** Expects the operations of the latest batch, in order and all of them: by type, or by type and some of the parameters. */
  hasBatch(...operations: readonly ExpectedOperation[]): this;

  /**
   * The log of the call so far, as `callchart replay` reads it: JSONL, a head and a line a step. With all that the caller said and keyed, since in a
   * test nobody did; `masked` leaves it out, as logs of live calls do. Default false.
   */
  log(options?: { readonly masked?: boolean }): string;

  /** The active state, as the chart shows it: `menu`, `order.size`, `ended`. */
  readonly state: string;
  /** The machine's context. */
  readonly context: Context;
  /** All batches so far. */
  readonly batches: readonly Batch[];
  /** The latest batch; empty before the first. */
  readonly lastBatch: Batch;
  /** What the bot was told so far: given to `step` one by one, they make the same batches again. */
  readonly events: readonly StepEvent[];
  /** The chat messages that arrived, as they were sent. */
  readonly messages: readonly ChatDelivery[];
  /** The call so far, in lines for people. */
  readonly transcript: string;
  /** Virtual epoch ms. */
  readonly now: number;
  /** Why the bot's code failed, if it did; the caller has heard the apology. */
  readonly error: CallError | undefined;
}
