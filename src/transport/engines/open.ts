/**
 * Open — the store of calls that a setting names, as `CALLCHART_STORE` does: `memory`, `lmdb:<folder>` or `postgres://…`; or the
 * engine that keeps them without one, `restate://…`.
 *
 * @module
 */
import { CallError, isCallError } from '../../errors.ts';
import { lmdbStore } from './lmdb.ts';
import { lmdbOptions } from './lmdb-setting.ts';
import { memoryStore } from './memory.ts';
import { postgresStore } from './postgres.ts';
import type { MakeEngine } from './engine-options.ts';
import { restateEngine } from './restate/index.ts';
import type { CallStore } from './store.ts';

const inFolder = /^lmdb:./s;
const inDatabase = /^postgres(ql)?:\/\/./s;

const isStore = (spec: string): boolean => spec === 'memory' || inFolder.test(spec) || inDatabase.test(spec);

/** Opens the store that `spec`, the value of `setting`, names. What it names is not in the message: a connection string may hold a password. */
export async function openStore(spec: string, setting = 'CALLCHART_STORE'): Promise<CallStore> {
  if (spec === 'memory') return memoryStore();
  if (inFolder.test(spec)) return lmdbStore(lmdbOptions(spec.slice('lmdb:'.length), setting));
  if (inDatabase.test(spec)) return postgresStore({ url: postgresUrl(spec, setting) });
  const problem = isRestate(spec) ? 'names Restate, which keeps the calls of `callchart serve` and is no store that can be opened' : "is neither 'memory' nor 'lmdb:<folder>' nor 'postgres://…' ('restate://…' keeps calls for `callchart serve`, and is no store that can be opened)";
  throw wrong(setting, `${problem}: say 'memory', 'lmdb:<folder>' or ${inPostgres}`);
}

const inPostgres = "'postgres://user:password@host/database'";
const inRestate = "'restate://host:port'";

/** Says nothing of what stands there. */
const wrong = (setting: string, problem: string, cause?: unknown): CallError => new CallError('ERR_OPTION_INVALID', `${setting} ${problem}`, { option: setting }, { cause });

/** An URL that cannot be read most often has a password in it as it was thought of. */
const postgresUrl = (spec: string, setting: string): string => {
  const url = URL.canParse(spec) ? new URL(spec) : undefined;
  if (url !== undefined && url.hash === '' && !(url.username === '' && url.pathname.includes('@'))) return spec;
  throw wrong(setting, `is no address of a database: in ${inPostgres} the characters # / ? @ and % of a user or a password are percent-encoded, as %23 %2F %3F %40 and %25`);
};

/** What keeps calls: what `calls` takes as `store`, or as `engine`. */
export type Keeping = { readonly store: CallStore } | { readonly engine: MakeEngine };

const isRestate = (spec: string): boolean => spec.startsWith('restate://');

/** Opens what `CALLCHART_STORE` names, with whatever else the environment says of it. */
export async function openKeeping(spec: string, environment: Readonly<Record<string, string | undefined>>): Promise<Keeping> {
  if (!isRestate(spec)) {
    if (!isStore(spec)) throw wrong('CALLCHART_STORE', `is neither 'memory' nor 'lmdb:<folder>' nor 'postgres://…' nor 'restate://…': say 'memory', 'lmdb:<folder>', ${inPostgres} or ${inRestate}`);
    return { store: await openStore(spec) };
  }
  const ingress = spec.replace(/^restate:/, 'http:');
  if (!/^http:\/\/[^/?#@]+:\d+\/?$/.test(ingress) || !URL.canParse(ingress)) throw wrong('CALLCHART_STORE', `is not ${inRestate}, with the host and the port where the server of Restate takes events (8080 as it comes), and nothing else`);
  const settings = { listen: 'CALLCHART_RESTATE_LISTEN', identityKeys: 'CALLCHART_RESTATE_IDENTITY_KEYS', admin: 'CALLCHART_RESTATE_ADMIN', endpoint: 'CALLCHART_RESTATE_ENDPOINT', name: 'CALLCHART_RESTATE_NAME' };
  const given = Object.fromEntries(Object.entries(settings).flatMap(([option, setting]) => {
    const value = environment[setting]?.trim();
    return value ? [[option, option === 'identityKeys' ? value.split(',').map((key) => key.trim()) : value] as const] : [];
  }));
  try {
    return { engine: await restateEngine({ ...given, ingress }) };
  } catch (error) {
    if (!isCallError(error) || error.code !== 'ERR_OPTION_INVALID') throw error;
    const names: Readonly<Record<string, string>> = { ...settings, ingress: 'CALLCHART_STORE', engine: 'CALLCHART_STORE' };
    const setting = names[error.details.option] ?? 'CALLCHART_STORE';
    const message = Object.entries(names).reduce((text, [option, name]) => text.replaceAll(`option \`${option}\``, name), error.message);
    throw new CallError('ERR_OPTION_INVALID', message, { option: setting }, { cause: error });
  }
}
