/**
 * Replies — which of the recorded replies a body is answered with, for the contestants that decide nothing.
 *
 * @module
 */

/** The reply to `body` among those of one whole call; undefined for the empty one. */
export const replyTo = (replies, { operationOutcome }) => {
  if (operationOutcome === undefined) return replies[0];
  if (operationOutcome.type === 'hangupOutcome') return undefined;
  if (operationOutcome.collectDigitsOutcome !== undefined) return replies[2];
  return operationOutcome.choiceOutcome.choiceName === 'yes' ? replies[3] : replies[1];
};
