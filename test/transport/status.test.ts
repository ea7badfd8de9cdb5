import { expect } from 'chai';
import { retryAfterSeconds, statusOf } from '../../src/transport/status.ts';

describe('the status of a failure', () => {
  it('tells a service to hang on to a call while keys or store are away', () => {
    expect(statusOf).to.include({ ERR_KEYS_UNAVAILABLE: 503, ERR_STORE_UNAVAILABLE: 503 });
  });

  it('has an event sent again that was not taken since others kept winning: the call is as it was', () => {
    expect([statusOf.ERR_CALL_CONFLICT, retryAfterSeconds.ERR_CALL_CONFLICT]).to.deep.equal([503, 1]);
  });

  it('says when to ring again for exactly the failures that pass', () => {
    const passing = Object.entries(statusOf).flatMap(([code, status]) => (status === 503 ? [code] : []));
    expect(Object.keys(retryAfterSeconds)).to.have.members(passing);
  });

  it('blames the service for what it sent and ourselves for the bot', () => {
    expect(statusOf).to.include({ ERR_EVENT_MALFORMED: 400, ERR_BEARER_REJECTED: 401, ERR_CALL_UNKNOWN: 404, ERR_ROUTE_UNKNOWN: 404 });
    expect(statusOf).to.include({ ERR_BODY_TOO_LARGE: 413, ERR_BODY_TYPE: 415 });
    expect(statusOf).to.include({ ERR_BOT_THREW: 500, ERR_BATCH_ILLEGAL: 500, ERR_RECORD_UNKNOWN: 500 });
  });
});
