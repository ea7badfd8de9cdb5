/**
 * A process that keeps calls on disk, to be killed and started again: it tells its port, and how many timers it has taken up.
 *
 * @module
 */
import { botframework, lmdbStore, serve } from 'callchart/transport';
import bot from '../exchange/bot.mjs';
import waiter from './waiter.mjs';

const { folder, appId, callbackUrl } = JSON.parse(process.argv[2]);

let timers = 0;
const server = await serve({
  service: botframework({ appId, appPassword: 'a password of the bench', callbackUrl, openIdMetadataUrl: 'http://127.0.0.1/none', issuer: 'metadata', verify: async () => {} }),
  bots: { '/api/calls': bot, '/api/waiter': waiter },
  store: await lmdbStore({ folder }),
  onStep: ({ event }) => {
    if (event.type === 'timer') process.send?.({ timers: (timers += 1) });
  },
  port: 0,
});
process.on('disconnect', () => process.exit(0));
process.send?.({ port: server.port });
