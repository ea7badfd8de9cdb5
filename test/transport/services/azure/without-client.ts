/** A process in which the official client is not installed: sets the service up and prints how that went. */
import { register } from 'node:module';
import { azure } from 'callchart/transport';

const hooks = `export const resolve = async (specifier, context, next) => {
  if (specifier === '@azure/communication-call-automation') throw Object.assign(new Error('not installed'), { code: 'ERR_MODULE_NOT_FOUND' });
  return next(specifier, context);
};`;
register(`data:text/javascript,${encodeURIComponent(hooks)}`);

const options = { connectionString: 'endpoint=https://resource.example/;accesskey=YQ==', resourceId: '00000000-0000-4000-8000-000000000000', publicUrl: 'https://bot.example', eventGridSecret: 'b' };
const told = await azure(options).then(() => 'set up', ({ code, message }: Error & { readonly code?: string }) => `${code} ${message}`);
process.stdout.write(`${told}\n`);
