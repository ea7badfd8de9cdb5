/**
 * Codecs — the two kinds of io-ts codecs that every service is read with, and what becomes of what they refuse: a rule, which travels
 * as the message of the io-ts error.
 *
 * @module
 */
import * as t from 'io-ts';

/** A codec of whatever arrives. */
export type Codec<A> = t.Type<A, unknown, unknown>;

/** {@link must} for a service, whose rules are `Rule`. */
export type Must<Rule extends string> = <A>(rule: Rule, read: (value: unknown) => A | undefined) => Codec<A>;

/** What `read` makes of a value; what it makes undefined breaks `rule`. */
export const must: Must<string> = <A>(rule: string, read: (value: unknown) => A | undefined): Codec<A> =>
  new t.Type<A, unknown, unknown>(
    rule,
    (value): value is A => value !== undefined && read(value) === value,
    (value, context) => {
      const result = read(value);
      return result === undefined ? t.failure(value, context, rule) : t.success(result);
    },
    t.identity,
  );

/** `codec`, or nothing: what is absent, null, or `isNothing` says is. */
export const maybe = <A>(codec: Codec<A>, isNothing: (value: unknown) => boolean = (value) => value === null): Codec<A | undefined> =>
  new t.Type<A | undefined, unknown, unknown>(
    codec.name,
    (value): value is A | undefined => value === undefined || codec.is(value),
    (value, context) => (value === undefined || isNothing(value) ? t.success(undefined) : codec.validate(value, context)),
    t.identity,
  );

/** Where a value stands, for a codec whose refusal is not looked at. */
const nowhere: t.Context = [];

/**
 * io-ts' `type`, and its judgement of whatever is refused. What it costs is the place of each field, which nobody asks for
 * where all fields are good; so those are read first without one. Of what is read, only the fields that are named remain.
 */
export const fields = <P extends t.Props>(props: P, name: string): Codec<t.TypeOf<t.TypeC<P>>> => {
  const judge = t.type(props, name);
  const codecs = Object.entries<t.Mixed>(props);
  const good = (value: object): object | undefined => {
    const read: Record<string, unknown> = {};
    for (const [field, codec] of codecs) {
      const result = codec.validate((value as Readonly<Record<string, unknown>>)[field], nowhere);
      if (result._tag === 'Left') return undefined;
      read[field] = result.right;
    }
    return read;
  };
  return new t.Type<t.TypeOf<t.TypeC<P>>, unknown, unknown>(
    name,
    judge.is,
    (value, context) => {
      const read = t.UnknownRecord.is(value) ? good(value) : undefined;
      return read === undefined ? judge.validate(value, context) : t.success(read as t.TypeOf<t.TypeC<P>>);
    },
    t.identity,
  );
};

/** The rule that a refusal broke first, if its codec named one, and all places. io-ts' own reporters echo values. */
export const brokenBy = (errors: t.Errors, place: readonly string[] = []): { readonly rule: string; readonly paths: readonly string[] } => ({
  rule: errors[0]?.message ?? '',
  paths: errors.map(({ context }) => [...place, ...context.map(({ key }) => key)].filter((key) => key !== '').join('.')),
});
