/**
 * Spoken service — what the command line knows of a calling service: where its settings come from, how its files are read.
 *
 * Leaf of `src/cli`: types alone.
 *
 * @module
 */
import type { ServiceLimits } from '../../actions/index.ts';
import type { CallRequest, CallService, Decoded } from '../../transport/index.ts';

/** Settings by the option that they are. */
export type Settings = Readonly<Record<string, string | undefined>>;

/** What is found of a file. */
export type Judged =
  | { readonly ok: true; /** The names of the actions. */ readonly actions: readonly string[] }
  | { readonly ok: false; readonly rule: string | null; readonly paths: readonly string[] };

/** A service that the command line speaks. */
export interface SpokenService {
  readonly limits: ServiceLimits;
  /** The environment variable of each option that has to be there. */
  readonly required: Readonly<Record<string, string>>;
  /** And of those that may be. */
  readonly optional: Readonly<Record<string, string>>;
  /** Makes it. @throws `ERR_OPTION_INVALID` */
  make(settings: Settings): CallService | Promise<CallService>;
  /** What a bare body is that is no JSON object: a media type. JSON unless it is said. */
  readonly bareBody?: string;
  /** What `request` means, without authentication. */
  decode(request: CallRequest): Promise<Decoded>;
  /** Whether the text of a file is a reply, or a request of ours, that the service takes. `profile` is what `--profile` says. */
  validate(text: string, profile: string | undefined): Promise<Judged>;
  /** What rules say, by their ids. */
  readonly rules: Readonly<Record<string, string>>;
}
