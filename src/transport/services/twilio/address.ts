/**
 * Address — where Twilio finds us: the public base URL, the path of the bot, and a query that says what the request will be about.
 *
 * All that a request of a later moment has to be told apart by is in its query; the state of the call never is.
 *
 * | name | in | is |
 * | --- | --- | --- |
 * | `of` | all | the type of the operation whose end the request tells; or `wait`: the line was kept busy, and asks; `file`: a recording can be fetched; `status`: a placed call changed |
 * | `op` | an operation | its id |
 * | `max` | `record` | the longest length that was asked for, seconds: Twilio does not say that a recording was cut |
 * | `as` | `record`, `file` | the container that was asked for: `mp3`; absent for wav |
 * | `n` | `wait` | told apart from all other waits of the call, so that only a retry is taken for one |
 *
 * An operation has one address for all its ends. What came of it is in the form; a form without a result is the end of the
 * document, which was reached because nothing came: the end of a prompt, or silence.
 *
 * @module
 */
import type { CallActionType } from '../../../actions/index.ts';
import { malformed } from './rules.ts';

const operations = { answer: 0, play: 0, recognize: 0, record: 0, transfer: 0, hold: 0, unhold: 0, createcall: 0, raw: 0 } as const satisfies Readonly<Partial<Record<CallActionType, 0>>>;

/** An operation whose end Twilio tells of at its address. */
export type AddressedType = keyof typeof operations;

/** What the query of an address says. */
export type Mark =
  | { readonly of: AddressedType; readonly op: string; readonly max?: number | undefined; readonly as?: 'mp3' | undefined }
  | { readonly of: 'wait'; readonly n: string }
  | { readonly of: 'file'; readonly as?: 'mp3' | undefined }
  | { readonly of: 'status' };

/** The address of a bot at which `mark` is told. `base` is the public URL, without a slash at its end. */
export const addressOf = (base: string, path: string, mark: Mark): string =>
  `${base}${path}?${Object.entries(mark).flatMap(([name, value]) => (value === undefined ? [] : [`${name}=${String(value)}`])).join('&')}`;

/** Whether the ends of an operation of `type` are told at its address. */
export const isAddressed = (type: string): type is AddressedType => Object.hasOwn(operations, type);

/** What `query` says, if the address is one that {@link addressOf} made. @throws `ERR_EVENT_MALFORMED` */
export const markIn = (query: string): Mark | undefined => {
  const fields = new URLSearchParams(query);
  const of = fields.get('of') ?? '';
  const as = fields.get('as') === 'mp3' ? 'mp3' : undefined;
  if (isAddressed(of)) return { of, op: operationIn(fields), max: secondsIn(fields.get('max')), as };
  if (of === 'wait') return { of, n: /^[\w-]{1,64}$/.exec(fields.get('n') ?? '')?.[0] ?? '' };
  if (of === 'file') return { of, as };
  return of === 'status' ? { of } : undefined;
};

const operationIn = (fields: URLSearchParams): string => {
  const op = fields.get('op') ?? '';
  if (!/^[\w.:-]{1,64}$/.test(op)) throw malformed('Q-OPERATION', ['op']);
  return op;
};

const secondsIn = (text: string | null): number | undefined => (text !== null && /^\d{1,6}$/.test(text) ? Number(text) : undefined);
