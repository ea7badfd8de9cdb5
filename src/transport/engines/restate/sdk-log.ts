/**
 * SDK log — what the SDK of Restate has to say, as lines of ours. Its own words quote what went through, so they are known by how
 * they begin, and only what they are about is told.
 *
 * @module
 */
import { type Log, thrown } from '../../log.ts';
import type { Sdk } from './sdk.ts';

type Logger = NonNullable<Parameters<Sdk['createEndpointHandler']>[0]['logger']>;

/** How the SDK's words begin, and what they are about. */
const known: readonly (readonly [begins: string, message: string, what?: string])[] = [
  ['Rejecting request as its JWT', 'request unsigned'], // whoever speaks here is not the server, or has another key
  ['Got abort error from connection', 'invocation broken off', 'connection'],
  ['DANGER! The invocation is closed', 'invocation broken off', 'closed'],
  ['Error when processing ctx.run', 'invocation failed', 'run'],
  ['Error when processing a Restate context', 'invocation failed', 'operation'],
  ['Error when trying to get invocation id', 'invocation failed', 'send'],
  ['Error while handling request', 'invocation failed', 'request'],
  ['Unexpected error', 'invocation failed', 'request'],
];

/** Writes into `log`. What says nothing of an invocation is left out: there is nothing to be done about it. */
export const loggerInto = (log: Log): Logger => ({ level, context }, ...said) => {
  if (level !== 'warn' && level !== 'error') return;
  const words = typeof said[0] === 'string' ? said[0] : '';
  const about = known.find(([begins]) => words.startsWith(begins));
  if (about === undefined && context === undefined) return;
  const [, message, what] = about ?? ['', 'invocation failed', 'unknown'];
  const error = said.find((one) => one instanceof Error);
  log[level]({ ...(what !== undefined && { what }), ...(context !== undefined && { handler: `${context.serviceName}/${context.handlerName}`, call: context.key }), ...(error !== undefined && thrown(error)) }, message);
};
