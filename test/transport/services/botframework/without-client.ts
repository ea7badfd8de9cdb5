/** A process in which the Microsoft client is not installed: opens the Bot Connector and prints how that went. */
import { register } from 'node:module';
import { botConnectorChat } from 'callchart/transport';

const hooks = `export const resolve = async (specifier, context, next) => {
  if (specifier === '@microsoft/agents-hosting') throw Object.assign(new Error('not installed'), { code: 'ERR_MODULE_NOT_FOUND' });
  return next(specifier, context);
};`;
register(`data:text/javascript,${encodeURIComponent(hooks)}`);

const told = await botConnectorChat({ appId: 'a', appPassword: 'b', serviceUrl: 'https://chat.test/' }).then(() => 'opened', ({ code, message }: Error & { readonly code?: string }) => `${code} ${message}`);
process.stdout.write(`${told}\n`);
