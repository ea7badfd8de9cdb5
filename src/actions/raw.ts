/**
 * Raw — a verb that one service has and no other: asked by its own name, and ended by its own words.
 *
 * What verbs there are is no matter of this room. A service declares them, for the compiler by {@link RawVerbs} and for authors of
 * JavaScript by `declareVerbs`; a bot that asks for one runs on that service alone, and the capability `raw:<service>` says so.
 *
 * @module
 */
import * as t from 'io-ts';

/**
 * Has `service` do its verb `verb`. `attributes` are what it is given, in the service's own words; `endings` are those that the bot
 * tells apart, and any other is a failure to it.
 */
export const Raw = t.type({ service: t.string, verb: t.string, attributes: t.UnknownRecord, endings: t.readonlyArray(t.string) }, 'Raw');
export type Raw = t.TypeOf<typeof Raw>;

/** What a service tells of the end of a verb, by its own names. */
export type VerbFields = Readonly<Record<string, string>>;

/** A verb that ended as `Ending`: one event type an ending, as with choices. */
export interface VerbEvent<Ending extends string = string> {
  readonly type: `raw.done.${Ending}`;
  readonly fields: VerbFields;
}

/** Every way a {@link Raw} can end beside the endings that the bot tells apart. */
export interface RawEvents {
  /** The service could not do it; or it ended in a way that the bot does not tell apart: then `reason` is the name of that ending, and `fields` are its. */
  'raw.failed': { readonly type: 'raw.failed'; readonly reason?: string; readonly fields?: VerbFields };
}

/** What the compiler has to know of a verb. `endings` must each be handled; `failures` may be, and are failures where they are not. */
export interface RawVerb {
  readonly attributes: object;
  readonly endings: string;
  readonly failures: string;
}

/**
 * The verbs of each service, which adds its own: `declare module 'callchart' { interface RawVerbs { acme: { Fax: … } } }`, where each is
 * a {@link RawVerb}.
 */
export interface RawVerbs {}

/** The verb `Verb` of `Service`. */
export type VerbOf<Service extends keyof RawVerbs, Verb extends keyof RawVerbs[Service]> = RawVerbs[Service][Verb] extends infer V extends RawVerb ? V : never;

/**
 * Asks for a verb of `service`, for hand-written states.
 *
 * @example
 * ```ts
 * { entry: rawAction('twilio', { verb: 'Pay', attributes: { chargeAmount: '10.00' }, endings: ['success'] }), on: { 'raw.done.success': 'thanks', 'raw.failed': 'sorry' } }
 * ```
 */
export const rawAction = <const Service extends keyof RawVerbs & string, const Verb extends keyof RawVerbs[Service] & string>(
  service: Service,
  { verb, attributes, endings }: {
    readonly verb: Verb;
    readonly attributes: VerbOf<Service, Verb>['attributes'];
    /** Those that the state handles. */
    readonly endings: readonly (VerbOf<Service, Verb>['endings'] | VerbOf<Service, Verb>['failures'])[];
  },
): { readonly type: 'raw'; readonly params: Raw & { readonly service: Service } } => ({ type: 'raw', params: { service, verb, attributes: attributes as Raw['attributes'], endings } });
