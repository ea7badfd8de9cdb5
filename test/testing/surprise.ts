/** What is thrown when a call does not go as expected. @module */
import { expect } from 'chai';
import { type AnyCallError, isCallError } from 'callchart';

/** `error`, which is one of ours. */
export const errorOf = (error: unknown): AnyCallError => (isCallError(error) ? error : expect.fail(`not one of ours: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`));

/** What `does` throws. */
export const thrownBy = (does: () => unknown): AnyCallError => {
  try {
    does();
  } catch (error) {
    return errorOf(error);
  }
  return expect.fail('nothing was thrown');
};

/** The message of the expectation that does not hold in `does`. */
export const messageOf = (does: () => unknown): string => {
  const error = thrownBy(does);
  expect(error.code).to.equal('ERR_EXPECTATION');
  return error.message;
};
