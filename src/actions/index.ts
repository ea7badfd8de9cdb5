/** What a bot asks of the service, as data. @module */
export * from './dtmf.ts';
export * from './prompt.ts';
export * from './answer.ts';
export * from './reject.ts';
export * from './hangup.ts';
export * from './play.ts';
export * from './recognize.ts';
export * from './record.ts';
export * from './transfer.ts';
export * from './hold.ts';
export * from './unhold.ts';
export * from './createcall.ts';
export * from './raw.ts';
export * from './batch.ts';
export * from './compose.ts';
export * from './listen.ts';
export { capabilitySet, type ServiceLimits } from './service-limits.ts';
