/**
 * Chat — a message in writing to a person, beside the call: text, cards, or both, as data. Who delivers it, and in whose
 * words, is the host's affair.
 *
 * Leaf but for errors: what is sent is held against a codec, so that a message that no service could show is told to its
 * author and never sent.
 *
 * @module
 */
import * as t from 'io-ts';
import { urlOf } from '../actions/url.ts';
import { CallError } from '../errors.ts';

/** A picture by its absolute http or https URL. */
export interface ChatImage {
  readonly url: string;
  /** What it shows, for people who do not see it. */
  readonly alt?: string | undefined;
}

/** Something to press: opens `url`, or answers with the words of `reply`, or calls the number of `call`. */
export type ChatButton = { readonly title: string } & (
  | { readonly url: string; readonly reply?: never; readonly call?: never }
  | { readonly reply: string; readonly url?: never; readonly call?: never }
  | { readonly call: string; readonly url?: never; readonly reply?: never }
);

/** A card with a title, a text or an image at least. */
export interface ChatCard {
  readonly title?: string | undefined;
  readonly subtitle?: string | undefined;
  readonly text?: string | undefined;
  readonly images?: readonly ChatImage[] | undefined;
  readonly buttons?: readonly ChatButton[] | undefined;
}

/** A message: a text, cards, or both. */
export interface ChatMessage {
  /** Plain text. */
  readonly text?: string | undefined;
  readonly cards?: readonly ChatCard[] | undefined;
}

/** A message on its way. JSON. */
export interface ChatDelivery {
  /** Whom it is for: a number or an identity, as `context.call.from` has it. */
  readonly to: string;
  /** Who sends it: the number or identity that was called. */
  readonly from: string;
  readonly message: ChatMessage;
}

/** What a state asks of a host that is to send a message. */
export interface ChatOperation {
  readonly kind: 'chat';
  /** What is wrong with a message that is the same in every call; undefined for one that is sound, or computed. */
  readonly problem: string | undefined;
}

// ---- what fits ----

/** `codec` where `holds`. The name ends the sentence “`message.text` is not …”. */
const where = <A>(name: string, codec: t.Mixed, holds: (value: A) => boolean): t.Type<A> =>
  new t.Type<A>(
    name,
    (value): value is A => codec.is(value) && holds(value as A),
    (value, context) => {
      const read = codec.validate(value, context) as t.Validation<A>;
      return read._tag === 'Left' || holds(read.right) ? read : t.failure(value, context);
    },
    t.identity,
  );

type Fields = { readonly [name: string]: t.Mixed };

const isWebUrl = (url: string): boolean => /^https?:$/.test(urlOf(url)?.protocol ?? '');

const Words = where<string>('a text', t.string, () => true);
const Text = where<string>('a text with something in it', t.string, (text) => text.trim() !== '');
const WebUrl = where<string>('an absolute http or https URL', t.string, isWebUrl);
const Image = where<ChatImage>('an image: its `url`', t.partial({ url: WebUrl, alt: Words } satisfies Fields), ({ url }) => url !== undefined);
const Button = where<Partial<Record<'title' | 'url' | 'reply' | 'call', string>>>(
  'a button: its `title`, and one of `url`, `reply` and `call`',
  t.partial({ title: Text, url: WebUrl, reply: Text, call: Text } satisfies Fields),
  ({ title, url, reply, call }) => title !== undefined && [url, reply, call].filter((deed) => deed !== undefined).length === 1,
);
const Card = where<ChatCard>(
  'a card: a `title`, a `text` or `images` at least',
  t.partial({ title: Text, subtitle: Words, text: Text, images: t.readonlyArray(Image, 'a list of images'), buttons: t.readonlyArray(Button, 'a list of buttons') } satisfies Fields),
  ({ title, text, images = [] }) => title !== undefined || text !== undefined || images.length > 0,
);
const Message = where<ChatMessage>(
  'a message: a `text`, `cards`, or both',
  t.partial({ text: Text, cards: t.readonlyArray(Card, 'a list of cards') } satisfies Fields),
  ({ text, cards = [] }) => text !== undefined || cards.length > 0,
);

/** What is wrong with `message`, as a sentence that names the place and never what stands there; undefined when it is sound. */
export const messageProblem = (message: unknown): string | undefined => {
  const result = Message.decode(message);
  if (result._tag === 'Right') return undefined;
  const context = result.left[0]?.context ?? [];
  return `\`${['message', ...context.map(({ key }) => key).filter((key) => key !== '')].join('.')}\` is not ${context.at(-1)?.type.name ?? Message.name}`;
};

/** @throws `ERR_CHAT_MESSAGE` for what is no message. */
export const requireMessage = (message: unknown): ChatMessage => {
  const problem = messageProblem(message);
  if (problem !== undefined) throw new CallError('ERR_CHAT_MESSAGE', `a chat message: ${problem}`, { problem });
  return message as ChatMessage;
};

/** @throws `ERR_CHAT_UNDELIVERED` where it is not known whom the message is for: a caller who withholds the number. */
export const requireAddress = (delivery: ChatDelivery): ChatDelivery => {
  if (delivery.to === '') throw new CallError('ERR_CHAT_UNDELIVERED', 'a chat message was not sent: it is not known who the person on the line is', { reason: 'address' });
  return delivery;
};

/** `message` in one line: what a telephone without pictures shows of it. */
export const chatText = ({ text, cards = [] }: ChatMessage): string => [text, ...cards.flatMap(cardText)].filter((part) => part !== undefined && part !== '').join(' · ');

const cardText = ({ title, subtitle, text, images = [], buttons = [] }: ChatCard): readonly (string | undefined)[] => [
  title, subtitle, text,
  ...images.map(({ alt, url }) => `[image ${alt ?? url}]`),
  ...buttons.map((button) => `[${button.title}: ${button.url ?? button.reply ?? button.call}]`),
];
