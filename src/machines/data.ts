/**
 * Data — what a bot keeps beyond the call: of a user, of a conversation, or of a user in a conversation; each with a codec.
 *
 * Nothing is loaded or saved by itself. A state loads a document when the chart asks for it, and saves it with
 * compare-and-set, so that two calls of one user never overwrite each other unseen.
 *
 * @module
 */
import { CallError } from '../errors.ts';
import type { CallData } from './call-context.ts';
import { decoded, type JsonCodec } from './codec.ts';
import type { DataInput, DataOperation, DataStep, KeptText } from './data-operation.ts';
import { isName } from './naming.ts';
import { personOn } from './service-event.ts';

/** Whose data they are. */
export type DataScope = 'user' | 'conversation' | 'private';

/** Options of data. */
export interface DataOptions<T> {
  /**
   * Makes a document of an older shape into one of today's; undefined when it cannot. What it gives is held against the
   * codec again. Pure. Without it, an older shape is refused (`ERR_DATA_SHAPE`).
   */
  readonly migrate?: (older: unknown) => T | undefined;
  /** A document is forgotten this long after it was last written, ms. Default: never. */
  readonly keepMs?: number;
}

/** One kind of data: its name is what it is kept as, so bots that name the same data share them. */
export interface Data<T> {
  readonly name: string;
  readonly scope: DataScope;
  readonly codec: JsonCodec<T>;
  readonly options: DataOptions<T>;
}

/** Data, whatever they hold. */
export type AnyData = Pick<Data<unknown>, 'name' | 'scope'>;

/** A document as it was read: its value, null where there is none, and the revision that a later save is held against. */
export interface Kept<T> {
  readonly value: T | null;
  readonly revision: number;
}

/** Whose document: a user, or a conversation, or a user in a conversation, as the data's scope asks. */
export interface DataOwner {
  readonly user?: string;
  readonly conversation?: string;
}

/**
 * Data of a user, in whatever call. A user is the number or identity of whoever the bot talks with ({@link personOn}), or the
 * account that the state `lookupUser` found.
 *
 * @throws `ERR_OPTION_INVALID` for a name that is not a letter, then letters, digits, `-` or `_`; or a `keepMs` that is no time.
 * @example
 * ```ts
 * const visits = userData('visits', t.type({ count: t.number }));
 * ```
 */
export const userData = <T>(name: string, codec: JsonCodec<T>, options: DataOptions<T> = {}): Data<T> => data('user', name, codec, options);

/** Data that all parties of a conversation share. A call is a conversation of its own where its service names no other. */
export const conversationData = <T>(name: string, codec: JsonCodec<T>, options: DataOptions<T> = {}): Data<T> => data('conversation', name, codec, options);

/** Data of a user within a conversation. */
export const privateConversationData = <T>(name: string, codec: JsonCodec<T>, options: DataOptions<T> = {}): Data<T> => data('private', name, codec, options);

const data = <T>(scope: DataScope, name: string, codec: JsonCodec<T>, options: DataOptions<T>): Data<T> => {
  const invalid = (option: string, rule: string): CallError => new CallError('ERR_OPTION_INVALID', `data \`${name}\`: ${rule}`, { option });
  if (!isName(name)) throw invalid('name', 'the name is a letter, then letters, digits, `-` or `_`');
  if (typeof (codec as { readonly decode?: unknown } | undefined)?.decode !== 'function') throw invalid('codec', 'the second argument is an io-ts codec');
  const { keepMs } = options;
  if (keepMs !== undefined && !(Number.isFinite(keepMs) && keepMs > 0)) throw invalid('keepMs', '`keepMs` is not a time in milliseconds');
  return { name, scope, codec, options };
};

/** Whose documents a call means. */
export const ownerIn = (call: CallData): DataOwner => ({ user: call.user ?? personOn(call), conversation: call.conversation ?? call.id });

/** Documents are kept under keys that begin so. */
export const dataPrefix = 'data:';

/** What the document of `owner` is kept as; null when there is no such owner: of a caller who withholds the number nothing is kept. */
export const dataKey = ({ name, scope }: AnyData, { user = '', conversation = '' }: DataOwner): string | null => {
  const owner = scope === 'user' ? user : scope === 'conversation' ? conversation : user === '' || conversation === '' ? '' : `${conversation.length}:${conversation}${user}`;
  return owner === '' ? null : `${dataPrefix}${scope}:${name}:${owner}`;
};

// ---- what is written ----

/** A document's text. `by` are the tasks that wrote it last: one that is run again after a crash finds itself here. */
interface Document {
  readonly value: unknown;
  readonly by: readonly string[];
}

/** So many writers are remembered. */
const writersKept = 8;

const parse = ({ name }: AnyData, { text }: KeptText): Document => {
  if (text === null) return { value: null, by: [] };
  let kept: Partial<Document> | null;
  try {
    kept = JSON.parse(text) as Partial<Document> | null;
  } catch {
    throw shapeless(name, name); // without the parser's message, which quotes the text
  }
  if (!Array.isArray(kept?.by)) throw shapeless(name, name);
  return { value: kept.value ?? null, by: kept.by };
};

const shapeless = (name: string, path: string): CallError =>
  new CallError('ERR_DATA_SHAPE', `the data \`${name}\`: \`${path}\` does not fit the codec`, { data: name });

/** @throws `ERR_DATA_SHAPE` */
const read = <T>({ name, codec, options: { migrate } }: Data<T>, { value }: Document): T | null => {
  if (value === null) return null;
  const now = decoded(codec, value, name);
  if ('value' in now) return now.value;
  const older = migrate?.(value);
  const then = older === undefined ? now : decoded(codec, older, name);
  if ('value' in then) return then.value;
  throw shapeless(name, then.path);
};

/** @throws `ERR_DATA_SHAPE` */
const written = <T>({ name, codec }: Data<T>, { by }: Document, value: T | null, revision: number, taskId: string): DataStep => {
  const fit = value === null ? { value } : decoded(codec, value, name);
  if ('path' in fit) throw shapeless(name, fit.path);
  const text = JSON.stringify({ value: fit.value, by: [...by, taskId].slice(-writersKept) });
  return { text, isEmpty: value === null, output: { value: fit.value, revision: revision + 1 } };
};

// ---- operations ----

const operation = <T>(of: Data<T>, decide: (document: Document, input: DataInput & { readonly key: string }, kept: KeptText, taskId: string) => DataStep, nobody: DataStep | undefined): DataOperation => ({
  kind: 'data',
  codec: of.codec as JsonCodec<unknown>,
  keepMs: of.options.keepMs,
  decide: ({ key, with: input }, kept, taskId) => {
    if (key !== null) return decide(parse(of, kept), { key, with: input }, kept, taskId);
    if (nobody !== undefined) return nobody;
    throw new CallError('ERR_DATA_OWNER', `the data \`${of.name}\` are kept by ${of.scope}, and it is not known who that is`, { data: of.name });
  },
});

/** Reads a document: {@link Kept}. */
export const loadOperation = <T>(of: Data<T>): DataOperation => operation(of, (document, _, { revision }) => ({ output: { value: read(of, document), revision } }), { output: { value: null, revision: 0 } });

/** Writes a {@link Kept} if nobody has written since it was read; gives it with its new revision, or null when somebody has. */
export const saveOperation = <T>(of: Data<T>): DataOperation =>
  operation(of, (document, { with: input }, { revision }, taskId) => {
    const { value, revision: expected } = input as Kept<T>;
    if (document.by.includes(taskId)) return { output: { value, revision } };
    return revision === expected ? written(of, document, value, revision, taskId) : { output: null };
  }, undefined);

/** Changes a document from whatever it is by then; gives it as {@link Kept}. */
export const updateOperation = <T, Input>(of: Data<T>, change: (value: T | null, input: Input) => T | null): DataOperation =>
  operation(of, (document, { with: input }, { revision }, taskId) => {
    const value = read(of, document);
    return document.by.includes(taskId) ? { output: { value, revision } } : written(of, document, change(value, input as Input) ?? null, revision, taskId);
  }, undefined);
