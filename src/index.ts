/** Callchart: typed statecharts for phone calls. @module */
export * from './machines/index.ts';
export * from './actions/index.ts';
export * from './errors.ts';
export * from './transport/index.ts';
