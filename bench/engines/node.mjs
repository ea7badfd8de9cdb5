/**
 * A node of an engine as a contestant: `serve` as it is published, over the engine that the bench names.
 *
 * @module
 */
import { botframework, lmdbStore, memoryStore, postgresStore, restateEngine, serve } from 'callchart/transport';
import bot from '../exchange/bot.mjs';
import { options, ready } from '../exchange/child.mjs';

const { appId, callbackUrl, metadataUrl, keeps, liveCalls, isSerial = false } = options;

/** Each commit waits for the one before it, as it would where none were gathered. */
const oneAtATime = (store) => {
  let last = Promise.resolve();
  return { ...store, commit: (...of) => (last = last.then(() => store.commit(...of), () => store.commit(...of))) };
};

const stores = {
  memory: () => memoryStore(),
  lmdb: ({ folder, durability }) => lmdbStore({ folder, durability }),
  postgres: ({ url }) => postgresStore({ url }),
};

const place = async () => {
  if (keeps.in === 'restate') return { engine: await restateEngine({ ingress: keeps.ingress, admin: keeps.admin, listen: '127.0.0.1:0', name: keeps.name }) };
  const store = await stores[keeps.in](keeps);
  return { store: isSerial ? oneAtATime(store) : store };
};

const server = await serve({
  service: botframework({ appId, appPassword: 'a password of the bench', callbackUrl, openIdMetadataUrl: metadataUrl, issuer: 'metadata', verify: async () => {} }),
  bots: bot,
  ...(await place()),
  ...(liveCalls !== undefined && { liveCalls }),
  port: 0,
});
ready(server.port);
