/**
 * Arguments — what a message wants to be given, read from its text by the compiler.
 *
 * It follows the braces alone: a name after `{` in a message is an argument, after a selector of `plural` or `select` it begins
 * a message. A text that is not known to the compiler (from a JSON file), and one with an apostrophe before a brace, is held
 * against its arguments when it is said.
 *
 * @module
 */

/** What can stand for an argument in a message. */
export type Argument = string | number | Date;

/** Arguments that the compiler does not know. */
export type AnyArguments = Readonly<Record<string, Argument>>;

/** What the message `Text` wants: names with types; {@link AnyArguments} where that cannot be read. */
export type ArgumentsOf<Text> = Text extends string
  ? string extends Text ? AnyArguments : Text extends `${string}'${'{' | '}'}${string}` ? AnyArguments : Flat<Read<Text, [], unknown>>
  : AnyArguments;

type Flat<A> = { readonly [N in keyof A]: A[N] };

/** Where a brace stands: within a message of a selector, or among the selectors of an argument; at the top of a text it is in neither. */
type Place = 'message' | 'selectors';

/** Goes from brace to brace of `Text` and gathers what the arguments have to be; an argument that occurs twice is both. */
type Read<Text extends string, Within extends readonly Place[], Found> = Text extends `${infer Before}{${infer After}`
  ? Before extends `${string}}${infer Rest}` ? Read<`${Rest}{${After}`, Outer<Within>, Found>
  : Within extends readonly ['selectors', ...Place[]] ? Read<After, ['message', ...Within], Found>
  : After extends `${infer Inside}}${infer Rest}`
    ? Inside extends `${infer Name},${string}`
      ? After extends `${string},${infer Format}` ? Read<Format, ['selectors', ...Within], Found & Wants<Trimmed<Name>, Wanted<Trimmed<Format>>>> : never
      : Read<Rest, Within, Found & Wants<Trimmed<Inside>, string | number>>
    : Found
  : Found;

type Outer<Within extends readonly Place[]> = Within extends readonly [Place, ...infer Rest extends readonly Place[]] ? Rest : [];

type Wants<Name extends string, T> = { readonly [N in Name]: T };

type Wanted<Format extends string> = Format extends `plural${string}` | `selectordinal${string}` | `number${string}` ? number : Format extends `date${string}` | `time${string}` ? Date | number : string;

type Blank = ' ' | '\n' | '\t';
type Trimmed<S extends string> = S extends `${Blank}${infer Rest}` ? Trimmed<Rest> : S extends `${infer Rest}${Blank}` ? Trimmed<Rest> : S;
