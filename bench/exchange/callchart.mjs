/**
 * Callchart as a contestant: `serve` as it is published, with or without tokens, in memory or on disk.
 *
 * @module
 */
import { botframework, lmdbStore, memoryStore, serve } from 'callchart/transport';
import bot from './bot.mjs';
import { options, ready } from './child.mjs';

const { appId, callbackUrl, metadataUrl, tokens, folder } = options;

const server = await serve({
  service: botframework({
    appId, appPassword: 'a password of the bench', callbackUrl, openIdMetadataUrl: metadataUrl, issuer: 'metadata',
    ...(!tokens && { verify: async () => {} }),
  }),
  bots: bot,
  store: folder === undefined ? memoryStore() : await lmdbStore({ folder }),
  port: 0,
});
ready(server.port);
