/**
 * Key relay — the emulator's keys at an address that is known before the emulator runs, so that a bot that runs already
 * can have been pointed at it.
 *
 * @module
 */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { wrong } from './arguments.ts';

/** A relay that listens on 127.0.0.1. */
export interface KeyRelay {
  readonly metadataUrl: string;
  readonly close: () => Promise<void>;
}

/** Where a bot is told to look, unless another port is asked for. */
export const keysPort = 3979;

/** The path of the metadata, which is the emulator's. */
const path = '/v1/.well-known/openidconfiguration';

/** The metadata URL of a relay on `port`. */
export const metadataUrlOn = (port: number): string => `http://127.0.0.1:${port}${path}`;

/** Serves what is at the origin of `metadataUrl`, on `port`. @throws `ERR_OPTION_INVALID` when the port is taken. */
export const relayKeys = async (metadataUrl: string, port: number): Promise<KeyRelay> => {
  const { origin } = new URL(metadataUrl);
  let own = '';
  const server = createServer((request, response) => {
    request.resume();
    fetch(new URL(request.url ?? '/', origin))
      .then(async (answer) => response.writeHead(answer.status, { 'content-type': 'application/json' }).end((await answer.text()).replaceAll(origin, own)))
      .catch(() => response.writeHead(502).end());
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', () => reject(wrong('keys-port', `the keys cannot be published on port ${port}: it is in use; choose another by --keys-port`)));
    server.listen(port, '127.0.0.1', resolve);
  });
  const bound = (server.address() as AddressInfo).port;
  own = `http://127.0.0.1:${bound}`;
  return {
    metadataUrl: metadataUrlOn(bound),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
};
