/**
 * Verbs — what Twilio does and no other service: the TwiML that a bot can ask for by `raw('twilio', …)`.
 *
 * Attributes have the names of TwiML. What TwiML writes within the element has a name here: `parameters` of a payment, `name` and `task`
 * of a queue. The URLs at which a verb ends are the service's own part. An ending is the word that its callback says, in `Result` of a
 * payment and in `QueueResult` of a queue.
 *
 * @module
 */
import * as t from 'io-ts';
import { declareVerbs, type DeclaredVerbs } from '../../../machines/index.ts';

const Pay = t.exact(
  t.partial({
    input: t.literal('dtmf'),
    paymentMethod: t.keyof({ 'credit-card': 0, 'ach-debit': 0 }),
    bankAccountType: t.keyof({ 'consumer-checking': 0, 'consumer-savings': 0, 'commercial-checking': 0, 'commercial-savings': 0 }),
    /** Seconds for each answer of the caller. */
    timeout: t.number,
    maxAttempts: t.number,
    securityCode: t.boolean,
    /** Whether it is asked for, or the one to take. */
    postalCode: t.union([t.boolean, t.string]),
    minPostalCodeLength: t.number,
    paymentConnector: t.string,
    tokenType: t.keyof({ 'one-time': 0, reusable: 0, 'payment-method': 0 }),
    /** As `'10.00'`. Without it the card is kept for later, and nothing is charged. */
    chargeAmount: t.string,
    currency: t.string,
    description: t.string,
    language: t.string,
    validCardTypes: t.readonlyArray(t.keyof({ visa: 0, mastercard: 0, amex: 0, maestro: 0, discover: 0, optima: 0, jcb: 0, 'diners-club': 0, enroute: 0 })),
    parameters: t.record(t.string, t.string),
  }),
);

const Enqueue = t.exact(
  t.partial({
    /** The queue, which begins to exist with its first caller. Not together with `workflowSid`. */
    name: t.string,
    maxQueueSize: t.number,
    /** What is heard while waiting. */
    waitUrl: t.string,
    waitUrlMethod: t.keyof({ GET: 0, POST: 0 }),
    /** TaskRouter decides who takes the caller. */
    workflowSid: t.string,
    /** What TaskRouter is told of the caller: JSON, as text. */
    task: t.string,
  }),
);

export const twilioVerbs = declareVerbs('twilio', {
  Pay: {
    attributes: Pay,
    endings: ['success'],
    failures: ['payment-connector-error', 'caller-interrupted-with-star', 'caller-hung-up', 'too-many-failed-attempts', 'validation-error'],
  },
  Enqueue: {
    attributes: Enqueue,
    endings: ['bridged'],
    failures: ['bridging-in-process', 'error', 'hangup', 'leave', 'redirected', 'redirected-from-bridged', 'queue-full', 'system-error'],
  },
});

declare module '../../../actions/raw.ts' {
  interface RawVerbs {
    readonly twilio: DeclaredVerbs<typeof twilioVerbs>;
  }
}
