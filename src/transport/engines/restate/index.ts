/**
 * Restate — the engine for many processes on an existing one: calls, their timers, tasks and commands are kept and brought
 * back by a server of Restate, and any process behind its address does what is next.
 *
 * The server is the user's to install; its SDK is an optional peer.
 *
 * @module
 */
import { CallError } from '../../../errors.ts';
import { machineClock } from '../../clock.ts';
import type { Engine } from '../../deliver.ts';
import { documents } from '../../documents.ts';
import { bothAround, taskPerformer } from '../../host.ts';
import { noSecrets } from '../../secrets.ts';
import type { EngineOptions, MakeEngine } from '../engine-options.ts';
import type { CallStore } from '../store.ts';
import { stepTelling } from '../telling.ts';
import { callObject } from './call-object.ts';
import { documentObject, documentStore } from './documents.ts';
import { type Endpoint, openEndpoint, placeOf } from './endpoint.ts';
import { front } from './front.ts';
import { ingressAt } from './ingress.ts';
import { documentsOf, namesOf } from './messages.ts';
import { register, type Registration } from './registration.ts';
import { type Clients, loadSdk, type Sdk } from './sdk.ts';
import { loggerInto } from './sdk-log.ts';
import { outboxObject, taskService, waitService, type WorkOptions } from './work.ts';

export interface RestateOptions {
  /** Where events are given to the server: `http://host:port`. */
  readonly ingress: string;
  /** Where the server reaches this process, as `host:port`. Default `127.0.0.1:9080`; the port 0 is any that is free. */
  readonly listen?: string;
  /** The keys by which the server is known (`publickeyv1_…`): it says them when it is started with a private one. Needed where `listen` is beyond this machine. */
  readonly identityKeys?: readonly string[];
  /** Where deployments are registered, `http://host:port`: with it this process registers itself. Otherwise somebody else does, once. */
  readonly admin?: string;
  /** What the server is told to reach us by: an address that all processes share, behind a balancer. Default: `listen`. */
  readonly endpoint?: string;
  /** What the objects of this application are called at the server, before what they are. Default `Callchart`. */
  readonly name?: string;
}

/**
 * Calls kept by a server of Restate: what `calls({ engine })` takes. From here on the server can reach this process; it is
 * given nothing before the engine is made.
 *
 * @throws `ERR_OPTION_INVALID`
 * @example
 * ```ts
 * const engine = await restateEngine({ ingress: 'http://127.0.0.1:8080', admin: 'http://127.0.0.1:9070' });
 * await serve({ service, bots: acme, engine });
 * ```
 */
export const restateEngine = async (options: RestateOptions): Promise<MakeEngine> => {
  const { listen = '127.0.0.1:9080', identityKeys = [], admin, name = 'Callchart' } = options;
  const ingress = addressOf(options.ingress, 'ingress');
  if (admin !== undefined) addressOf(admin, 'admin');
  if (options.endpoint !== undefined) addressOf(options.endpoint, 'endpoint');
  if (!/^[A-Za-z][A-Za-z0-9]*$/.test(name)) throw invalid('option `name` is letters and digits, and begins with a letter', 'name');
  const place = placeOf(listen, identityKeys);
  const packages = await loadSdk();
  const endpoint = await openEndpoint(place);
  let isMade = false;
  return (of) => {
    if (isMade) throw invalid('an engine of Restate is for one `calls`: each has an address of its own', 'engine');
    isMade = true;
    return engineOn(endpoint, packages, { ...options, ingress, name, identityKeys }, of);
  };
};

/**
 * The data of bots whose calls are kept by a server of Restate, for `dataIn`: an application beside the calls.
 *
 * @throws `ERR_OPTION_INVALID`
 */
export const restateDocuments = async ({ ingress, name = 'Callchart' }: Pick<RestateOptions, 'ingress' | 'name'>): Promise<CallStore> => {
  const { clients } = await loadSdk();
  return documentStore(ingressAt(clients, addressOf(ingress, 'ingress')), documentsOf(name), Date.now);
};

interface Settled extends RestateOptions {
  readonly name: string;
  readonly identityKeys: readonly string[];
}

/** What is tried again is tried so often and so long, whatever the server is set to: a process that comes back is found within a second, and a call that nobody can take is given up after a day. */
const persistence = { retryPolicy: { initialInterval: 50, exponentiationFactor: 2, maxInterval: 1_000, maxAttempts: 90_000, onMaxAttempts: 'kill' }, journalRetention: 0, idempotencyRetention: 60_000 } as const;

/** What is in hand has so long to end when the process does, ms; tasks are given to another. */
const patienceMs = 1_000;

const engineOn = (endpoint: Endpoint, { sdk, clients }: { readonly sdk: Sdk; readonly clients: Clients }, { ingress: address, name, identityKeys, admin, endpoint: shared = endpoint.url }: Settled, options: EngineOptions): Engine => {
  const { service, bots, log, chat, secrets, clock = machineClock(options.now) } = options;
  const { now } = clock;
  const names = namesOf(name, service.name);
  let registration: Registration | undefined;
  const ingress = ingressAt(clients, address, admin === undefined ? undefined : () => registration?.lost());
  const telling = stepTelling(options, now);
  const performTask = taskPerformer({
    find: bots.task, documents: documents(documentStore(ingress, names.document, now), now), chat,
    reveal: secrets?.reveal ?? noSecrets, around: bothAround(telling.spans?.task, options.aroundTask),
  });
  const work: WorkOptions = { log, onEvent: options.onEvent, names, service, now, performTask };
  const tasks = taskService(sdk, work);
  const services = [callObject(sdk, { ...options, names, telling, now }), outboxObject(sdk, work), tasks.definition, waitService(sdk, work), documentObject(sdk, names.document)];
  endpoint.serve(sdk.createEndpointHandler({ services, ...(identityKeys.length > 0 && { identityKeys: [...identityKeys] }), defaultServiceOptions: { ...persistence, asTerminalError: (error) => terminal(sdk, error) }, logger: loggerInto(log) }));
  registration = admin === undefined ? undefined : register({ admin, endpoint: shared, served: new Map(services.map((one) => [one.name, handlersOf(one)])), log });
  const { deliver, drain, close } = front({ ...options, clock, names, ingress });
  return {
    deliver,
    drain,
    check: async () => {
      registration?.check();
      await ingress.check(names.document); // of the whole application: an address may be that of several services
    },
    close: async () => {
      await close();
      registration?.close();
      await endpoint.close(patienceMs);
      tasks.close(); // not before: what is given then would be taken for its result
      await telling.close();
    },
  };
};

/** A defect of ours is not mended by trying again, and a call must not wait for it. Anything else may be the SDK's own word. */
const terminal = ({ TerminalError }: Sdk, error: unknown) =>
  error instanceof TypeError || error instanceof RangeError || error instanceof ReferenceError || error instanceof CallError ? new TerminalError(error instanceof CallError ? error.code : 'defect', { errorCode: 500 }) : undefined;

const handlersOf = (definition: object): readonly string[] => {
  const { object, service = object } = definition as { readonly object?: object; readonly service?: object };
  return Object.keys(service ?? {});
};

const addressOf = (address: string, option: string): string => {
  if (typeof address !== 'string' || !/^https?:\/\/[^/?#@]+\/?$/.test(address) || !URL.canParse(address)) throw invalid(`option \`${option}\` is an address of the server of Restate: http://host:port`, option);
  return address.replace(/\/$/, '');
};

const invalid = (sentence: string, option: string): CallError => new CallError('ERR_OPTION_INVALID', sentence, { option });
