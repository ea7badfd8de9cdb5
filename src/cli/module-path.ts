/**
 * Module path — how a module that is written imports another.
 *
 * @module
 */
import { dirname, isAbsolute, relative, resolve } from 'node:path';

/** The specifier of `file` in a module at `from`. */
export const modulePath = (file: string, from: string): string => {
  const path = relative(dirname(resolve(from)), resolve(file)).replaceAll('\\', '/');
  return isAbsolute(path) || path.startsWith('../') ? path : `./${path}`;
};
