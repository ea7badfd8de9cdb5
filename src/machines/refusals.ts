/**
 * Refusals — what a calling service would refuse of a bot, found before its first call.
 *
 * @module
 */
import type { AnyStateMachine } from 'xstate';
import type { Batch, ServiceLimits } from '../actions/index.ts';
import { cannotDo } from '../actions/service-limits.ts';
import { CallError, isCallError } from '../errors.ts';
import { capabilitiesUsed, constantActions } from './uses.ts';

/** @throws `ERR_CAPABILITY_MISSING` for the first thing that `bot` uses and `service` cannot do */
export const requireCapabilities = (bot: AnyStateMachine, service: Pick<ServiceLimits, 'name' | 'capabilities' | 'takes'>): void => {
  const beyond = capabilitiesUsed(bot).find(({ capability }) => !service.capabilities.has(capability));
  if (beyond === undefined) return;
  const { state, capability } = beyond;
  throw new CallError('ERR_CAPABILITY_MISSING', `state \`${state}\`: ${cannotDo(service, capability)}`, { service: service.name, action: capability, state });
};

/** What `check` refuses of the actions that are the same in every call: each would be the apology to every caller. */
export const refusedActions = (bot: AnyStateMachine, check: (batch: Batch) => unknown): readonly CallError[] =>
  constantActions(bot).flatMap((action) => {
    try {
      check([action]);
      return [];
    } catch (error) {
      if (!isCallError(error) || error.code !== 'ERR_BATCH_ILLEGAL') throw error;
      return [error as CallError];
    }
  });
