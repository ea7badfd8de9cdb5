/** What the call decides: pure. @module */
export * from './service-event.ts';
export * from './call-event.ts';
export type { Asked, AskLimits, CallData, Cause } from './call-context.ts';
export type { Computed, Facts, Handler, MadeState, StateConfig, StateFacts, States, Step, WithCallData } from './state-config.ts';
export * from './states/recognize.ts';
export * from './states/record.ts';
export * from './states/speak.ts';
export * from './states/transfer.ts';
export * from './states/task.ts';
export * from './states/dialog.ts';
export { defaultReprompts, type QuestionOptions } from './states/question.ts';
export * from './task-logic.ts';
export * from './call-machine.ts';
export { operationId, type CallSnapshot, type PendingTask, type PendingTimer, readSnapshot } from './snapshot.ts';
export { abandon, step, type StepEvent, type StepResult } from './step.ts';
export { openRun, type Run } from './run.ts';
