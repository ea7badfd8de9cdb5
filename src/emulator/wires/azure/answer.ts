/**
 * Answer — the response of Azure Communication Services to a request, and what comes of the request once the response is on its way.
 *
 * @module
 */
import type { Fields } from './identity.ts';
import { type RefusalName, refusals } from './results.ts';
import { type Operation, routes } from './routes.ts';

/** A response. */
export interface Answer {
  readonly status: number;
  readonly body?: Fields;
  readonly headers?: Readonly<Record<string, string>>;
  /** What comes of it. */
  readonly effect?: () => void;
}

/** The request was taken. */
export const taken = (operation: Operation, body?: Fields, effect?: () => void): Answer => ({ status: routes[operation][2], ...(body !== undefined && { body }), ...(effect !== undefined && { effect }) });

/** The request was refused. */
export const refused = (name: RefusalName, headers?: Answer['headers']): Answer => {
  const { status, code, message } = refusals[name];
  return { status, body: { error: { code, message } }, ...(headers !== undefined && { headers }) };
};
