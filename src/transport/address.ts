/**
 * Address — where a server listens, as an URL.
 *
 * Leaf: imports nothing.
 *
 * @module
 */

/** The URL of what listens on `port` of `host`, a name or an address of either kind. */
export const urlOf = (host: string, port: number): string => `http://${host.includes(':') ? `[${host}]` : host}:${port}`;
