/**
 * botbuilder-calling 3.0.1 on express 4 as a contestant, used as its documentation does.
 *
 * `autoBatchDelay` is left at its default: every step here ends in a built-in prompt or in `endConversation`, which flush
 * the batch at once, so that nobody waits for it. State is kept in memory, since the default was a service that is gone.
 * The stub stands where the token is verified, and dispatches as the SDK does after it.
 */
'use strict';
const express = require('express');
const calling = require('botbuilder-calling');

void (async () => {
  const { options, ready } = await import('../exchange/child.mjs');
  const { appId, callbackUrl, metadataUrl, tokens } = options;
  const connector = new calling.CallConnector({ appId, appPassword: 'a password of the bench', callbackUrl, endpoint: { verifyEndpoint: metadataUrl } });
  if (!tokens) connector.verifyBotFramework = (request, response) => connector.dispatch(request.body, connector.responseCallback(request, response));

  const bot = new calling.UniversalCallBot(connector, { storage: new calling.MemoryBotStorage() });
  bot.on('error', (error) => console.error(error));
  bot.dialog('/', [
    (session) => {
      session.send('Welcome to the example company.');
      calling.Prompts.choice(session, 'Press 1 for sales, 2 for support, or 3 for billing.', [
        { name: 'sales', speechVariation: ['sales'], dtmfVariation: '1' },
        { name: 'support', speechVariation: ['support'], dtmfVariation: '2' },
        { name: 'billing', speechVariation: ['billing'], dtmfVariation: '3' },
      ]);
    },
    (session) => calling.Prompts.digits(session, 'Enter your account number, then pound.', 10, { stopTones: ['#'] }),
    (session, result) => {
      session.dialogData.account = result.response;
      session.send(`You entered ${result.response}.`);
      calling.Prompts.confirm(session, 'Is that right?');
    },
    (session) => session.endConversation('Thank you. Goodbye.'),
  ]);

  const app = express();
  app.post('/api/calls', connector.listen());
  const server = app.listen(0, '127.0.0.1', () => ready(server.address().port));
})();
