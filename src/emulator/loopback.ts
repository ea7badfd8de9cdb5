/**
 * Loopback — a server of an emulated service on 127.0.0.1: opened on a port, and closed with all that it holds.
 *
 * @module
 */
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { CallError } from '../errors.ts';

/** A server that listens. */
export interface Listening {
  /** `http://127.0.0.1:<port>`. */
  readonly url: string;
  close(): Promise<void>;
}

/** Has `server` listen on `port`, 0 for any. @throws `ERR_OPTION_INVALID` for the option `option` when it is taken; `what` says what cannot be done then */
export const listenOn = async (server: Server, port: number, { what, option }: { readonly what: string; readonly option: string }): Promise<Listening> => {
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause) => reject(new CallError('ERR_OPTION_INVALID', `${what} on port ${port}: it is in use`, { option }, { cause })));
    server.listen(port, '127.0.0.1', resolve);
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
};
