/**
 * Account — what the emulated service knows of one customer: his keys, his calls and their recordings.
 *
 * @module
 */
import { randomBytes } from 'node:crypto';
import type { AnsweredBy } from '../../../machines/index.ts';

/** A new id of the kind `kind`: `CA` is a call, `RE` a recording, `AC` an account, `QU` a queue. */
export const newSid = (kind: 'AC' | 'CA' | 'RE' | 'QU'): string => kind + randomBytes(16).toString('hex');

/** What a live call is told to do instead of what it does. */
export type Order = { readonly twiml: string } | { readonly url: string; readonly method: 'GET' | 'POST' } | { readonly hangup: true };

/** What the application wants of a call that it places. */
export interface Placed {
  readonly to: string;
  readonly from: string;
  /** What is done when it is answered. */
  readonly first: Exclude<Order, { readonly hangup: true }>;
  readonly statusCallback?: string | undefined;
  readonly statusEvents: readonly string[];
  readonly detects?: 'Enable' | 'DetectMessageEnd' | undefined;
  readonly timeoutMs: number;
}

/** One call. */
export interface AccountCall {
  readonly sid: string;
  readonly from: string;
  readonly to: string;
  readonly direction: 'inbound' | 'outbound-api';
  status: 'queued' | 'ringing' | 'in-progress' | 'completed' | 'busy' | 'no-answer' | 'failed' | 'canceled';
  readonly placed?: Placed;
  answeredBy?: AnsweredBy;
  /** Has the line do something else, while there is one. */
  order?: (order: Order) => void;
}

/** One recording. */
export interface AccountRecording {
  readonly sid: string;
  readonly callSid: string;
  readonly lengthMs: number;
  readonly wav: Uint8Array;
}

/** A customer of the service. */
export interface Account {
  readonly accountSid: string;
  readonly authToken: string;
  readonly calls: Map<string, AccountCall>;
  readonly recordings: Map<string, AccountRecording>;
}

/** Whether `call` is over. */
export const isOver = ({ status }: AccountCall): boolean => !['queued', 'ringing', 'in-progress'].includes(status);
