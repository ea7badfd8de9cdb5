/**
 * Failure — what an error of PostgreSQL, or of the way to it, means to whoever keeps calls there.
 *
 * What the server says is left out of the message, and the error itself is no cause of ours: they may hold the connection
 * string, and rows. The code (SQLSTATE, or the system's) is told, which is what one searches for.
 *
 * @module
 */
import { CallError, type CallErrorDetails, isCallError } from '../../errors.ts';

/** What was being done. */
export type Doing = 'open' | 'read' | 'write';

/** The error as one of ours. A write that fails so may have been carried out. */
export const postgresFailure = (error: unknown, doing: Doing): CallError => {
  if (isCallError(error)) return error;
  const code = codeOf(error);
  if (isOfFile(error)) return unavailable(`${verbs[doing]}: a file that the connection's settings name, such as sslrootcert, cannot be read (${code}). Name one that is there, in full`, doing);
  return unavailable(`${verbs[doing]}: ${meaningOf(error, code)}${code === '' ? '' : ` (${code})`}`, reasons[code] ?? doing);
};

export const unavailable = (message: string, reason: CallErrorDetails['ERR_STORE_UNAVAILABLE']['reason']): CallError =>
  new CallError('ERR_STORE_UNAVAILABLE', `the store of calls in PostgreSQL ${message}`, { reason });

/** Whether the statement did nothing since another was in its way, and may do it now. */
export const isWorthAnotherTry = (error: unknown): boolean => ['40001', '40P01'].includes(codeOf(error));

/** Whether the server does not know a statement by its name, or knows another: a pooler lent the connection to somebody else. It did nothing then. */
export const isOfNames = (error: unknown): boolean => ['26000', '42P05'].includes(codeOf(error));

const codeOf = (error: unknown): string => {
  const code = typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
  return typeof code === 'string' && /^\w+$/.test(code) ? code : '';
};

/** Whether a file of this machine, which holds a certificate or a key, could not be read; else ENOENT is of a socket. */
const isOfFile = (error: unknown): boolean => typeof error === 'object' && error !== null && 'syscall' in error && ['open', 'read'].includes(String(error.syscall));

const verbs: Readonly<Record<Doing, string>> = { open: 'cannot be opened', read: 'cannot be read', write: 'cannot be written' };

const reasons: Readonly<Record<string, 'full' | 'locked'>> = { '53100': 'full', '55P03': 'locked' };

const meanings: Readonly<Record<string, string>> = {
  '53100': 'its disk is full',
  '53300': 'it takes no more connections. Raise its max_connections, lower poolSize, or put a pooler in front of it',
  '25006': 'it is a standby, which takes no writes. Point the connection to the primary',
  '57P03': 'it is starting, or ending',
  '57P01': 'it is ending',
  '57014': 'a statement took longer than its statement_timeout',
  '55P03': 'a lock was not to be had in time',
  '42501': 'the role may not do this',
  '42P01': 'its tables are not there',
  '42P07': 'there are tables already of the name of those that it would make, and its table of migrations does not name them. Give another schema, or restore that table with its rows',
  '3D000': 'there is no such database',
  '28P01': 'it refuses the user or the password',
  '28000': 'it refuses the user',
  '40001': 'other transactions kept being in the way',
  '40P01': 'other transactions kept being in the way',
  ENOENT: 'nothing listens on its socket',
  ERR_INVALID_URL: 'the connection string cannot be read: its host or its port (at most 65535) is none, or a sign in it needs to be written as %XX',
  ERR_SOCKET_BAD_PORT: 'the port is none: it is at most 65535',
  ECONNREFUSED: 'nothing listens at its address',
  ENOTFOUND: 'its host is not known',
  EAI_AGAIN: 'its host cannot be looked up',
};

/** Meanings of whole classes, by the first two characters. */
const classes: Readonly<Record<string, string>> = { '08': 'the server, or the pooler in front of it, refused or ended the connection', '53': 'it is out of resources', '57': 'an operator, or the server itself, ended the statement', '58': 'its system failed' };

const meaningOf = (error: unknown, code: string): string => {
  const known = meanings[code] ?? classes[code.length === 5 ? code.slice(0, 2) : ''];
  if (known !== undefined) return known;
  const said = error instanceof Error ? error.message : '';
  if (/SASL|password/i.test(said)) return 'it asks for a password, and none that fits is given';
  if (/SSL|TLS|certificate/i.test(said) || /CERT|TLS/.test(code)) return 'the connection cannot be made secure as the settings ask for';
  if (/timeout/i.test(said)) return 'it did not answer in time';
  if (/terminated|closed|not queryable/i.test(said) || /^E[A-Z]+$/.test(code)) return 'the connection broke';
  return 'it failed';
};
