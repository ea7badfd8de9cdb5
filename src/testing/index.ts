/** The scripted caller: whole calls without a network and without a clock. @module */
export { type DataStore, dataStore } from './data-store.ts';
export { type Caller, dial, type DialOptions, type Expected } from './dial.ts';
export type { TaskStub, TaskStubs } from './stubs.ts';
