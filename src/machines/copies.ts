/**
 * Copies — what all copies of the package in a process share: a bot or a library may bring a copy of its own.
 *
 * Leaf: imports nothing.
 *
 * @module
 */

/** What the first copy made under `name`. */
export const shared = <T extends object>(name: string, make: () => T): T => {
  const all = globalThis as { [name: symbol]: T | undefined };
  return (all[Symbol.for(`callchart.${name}`)] ??= make());
};
