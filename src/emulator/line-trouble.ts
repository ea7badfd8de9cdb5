/**
 * Line trouble — what can go wrong on the way between a calling service and the bot, the same on every service.
 *
 * Leaf: imports nothing.
 *
 * @module
 */

/** What can go wrong between the calling service and the bot, from now on in one call. Nothing unless it is said. */
export interface LineTrouble {
  /** Each message of the service is so late, ms. */
  readonly delayMs?: number;
  /** Each message is delivered twice. */
  readonly twice?: boolean;
  /** Messages that can overtake one another do. */
  readonly reordered?: boolean;
  /** The answer to each message is lost once, and the message is sent again. */
  readonly lost?: boolean;
}
