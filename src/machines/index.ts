/** What the call decides: pure. @module */
export * from './service-event.ts';
