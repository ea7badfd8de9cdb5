/**
 * Gate — who may see what a server on this machine shows: whoever has its token, and nobody by a WebSocket that was refused.
 *
 * @module
 */
import { createHash, timingSafeEqual } from 'node:crypto';
import type { Duplex } from 'node:stream';

const sha256 = (text: string): Buffer => createHash('sha256').update(text).digest();

/** Tells whether what somebody shows is `token`, in a time that says nothing of it. */
export const tokenCheck = (token: string): ((shown: string) => boolean) => {
  const digest = sha256(token);
  return (shown) => timingSafeEqual(sha256(shown), digest);
};

const reasons = { 401: 'Unauthorized', 403: 'Forbidden', 503: 'Service Unavailable' } as const;

/** Answers the request for a WebSocket with `status`. */
export const refuseUpgrade = (socket: Duplex, status: keyof typeof reasons): void =>
  void socket.end(`HTTP/1.1 ${status} ${reasons[status]}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
