/**
 * SDK — the packages of Restate, loaded when an engine is made and not before.
 *
 * @module
 */
import { CallError } from '../../../errors.ts';

export type Sdk = typeof import('@restatedev/restate-sdk');
export type Clients = typeof import('@restatedev/restate-sdk-clients');

/** Loads both. @throws `ERR_OPTION_INVALID` where one is not installed, or where this Node does not carry them */
export const loadSdk = async (): Promise<{ readonly sdk: Sdk; readonly clients: Clients }> => {
  // On Node 20 the SDK loads, and then every invocation throws and is tried again without end.
  if (!('withResolvers' in Promise)) throw refused('calls kept by Restate need Node 22 or later: its SDK does not work on Node 20');
  return { sdk: await installed('@restatedev/restate-sdk', () => import('@restatedev/restate-sdk')), clients: await installed('@restatedev/restate-sdk-clients', () => import('@restatedev/restate-sdk-clients')) };
};

const installed = async <T>(name: string, load: () => Promise<T>): Promise<T> => {
  try {
    return await load();
  } catch (cause) {
    if ((cause as { readonly code?: unknown }).code !== 'ERR_MODULE_NOT_FOUND') throw cause;
    throw refused(`calls kept by Restate need the package \`${name}\`: npm install ${name}`, cause);
  }
};

const refused = (sentence: string, cause?: unknown): CallError => new CallError('ERR_OPTION_INVALID', sentence, { option: 'engine' }, cause === undefined ? undefined : { cause });
