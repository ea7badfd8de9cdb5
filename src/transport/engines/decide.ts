/**
 * Decide — what one event comes to: the step, and what carries its batch to the service. Nothing is kept here and nothing sent.
 *
 * @module
 */
import type { AnyStateMachine } from 'xstate';
import type { Batch } from '../../actions/index.ts';
import { CallError } from '../../errors.ts';
import { abandon, type CallSnapshot, giveUp, isSecret, type StepEvent, type StepResult } from '../../machines/index.ts';
import type { Bots } from '../bots.ts';
import { onItsWay, type Outbox, replaced } from '../outbox.ts';
import type { Secrets } from '../secrets.ts';
import type { CallService, CommandContext, ServiceMemory } from '../service.ts';
import type { Settled, Taking } from './happening.ts';

/** What a step comes to, and what carries it. */
export interface Decided {
  readonly result: StepResult;
  /** Why the bot's batch did not go out, the last word last. */
  readonly failures: readonly CallError[];
  /** How many of these are batches that the service does not take. */
  readonly refused: number;
  /** For the request at hand; null while its reply is owed. */
  readonly body: string | null;
  readonly outbox: Outbox;
  readonly memory: ServiceMemory;
}

/** What is decided on. */
export interface Deciding extends Pick<Taking, 'request'> {
  readonly machine: AnyStateMachine;
  readonly before: CallSnapshot | undefined;
  readonly event: StepEvent;
  /** What carries the batch is made from these. */
  readonly settled: Omit<Settled, 'event' | 'poison'>;
  /** Makes the step. */
  readonly first: () => StepResult;
  /** Whether somebody hears of it if not even the hangup can be sent. */
  readonly isHeard: boolean;
  /** The service may well be working on something that is not in the outbox. */
  readonly isBusy?: boolean;
}

export interface Decider {
  /** A batch that the service cannot take is the author's error, found only now. @throws whatever the service threw, where somebody hears of it */
  decide(deciding: Deciding): Decided;
  /** What a command of the call is written from. */
  contextOf(snapshot: CallSnapshot, memory: ServiceMemory, at: number): CommandContext;
}

export interface DeciderOptions {
  readonly bots: Bots;
  readonly service: CallService;
  /** Without them no bot may ask for a secret. */
  readonly secrets?: Secrets | undefined;
}

interface Carrying extends Pick<Decided, 'outbox'>, Pick<Taking, 'request'> {
  readonly holds: boolean;
  readonly context: CommandContext;
  readonly isBusy: boolean;
}

export const decider = ({ bots, service, secrets }: DeciderOptions): Decider => {
  const decide: Decider['decide'] = ({ machine, before, event, settled: { outbox, memory, parting }, first, request, isHeard, isBusy = false }) => {
    const failures: CallError[] = [];
    let refused = 0;
    let result = first();
    for (;;) {
      if (result.error !== undefined) failures.push(result.error);
      const { batch, snapshot, holds } = result;
      try {
        if (secrets === undefined && isSecret(snapshot)) throw new CallError('ERR_SECRET_KEY', 'a secret is asked for by hand, and there is no key to seal it with', { reason: 'missing' });
        const out = carried(batch, { holds, outbox, request, isBusy, context: contextOf(snapshot, memory, event.at) });
        return { result, failures, refused, memory, body: out.body, outbox: snapshot.ended === null ? out.outbox : parting };
      } catch (error) {
        // First the apology is tried; then, since that cannot be sent either, the hangup by itself.
        const from = before ?? { ...snapshot, revision: 0, answered: snapshot.call.direction === 'outbound', machine: null };
        refused += 1;
        if (failures.length >= 2) {
          if (isHeard) throw error; // not even the hangup goes out: whoever asked hears of it, and clears the line
          const given = giveUp(machine, from, event.at, error); // nobody hears of it, and the next time it would be the same
          return { result: given, failures: [...failures, ...(given.error === undefined ? [] : [given.error])], refused, memory, body: '', outbox: parting };
        }
        result = abandon(machine, failures.length === 0 ? from : { ...from, failed: true }, event, error);
      }
    }
  };

  /** What carries `batch` to the service: the body of a reply, null while one is owed, and commands. */
  const carried = (batch: Batch, { holds, outbox, request, context, isBusy }: Carrying): Pick<Decided, 'body' | 'outbox'> => {
    if (service.style === 'command') return { body: '', outbox: batch.length === 0 ? outbox : replaced(outbox, (busy) => service.commands(batch, { ...context, busy: busy || isBusy })) };
    if (holds) return { body: null, outbox };
    const last = batch.at(-1);
    if (last === undefined) return { body: '', outbox };
    const body = service.encode(batch, context);
    return { body, outbox: request === undefined && service.push !== undefined ? [...onItsWay(outbox), service.push(body, last)] : [] };
  };

  const contextOf: Decider['contextOf'] = ({ call, bot }, memory, at) => ({ callId: call.id, bot, path: bots.pathOf(bot), call, memory, at });

  return { decide, contextOf };
};
