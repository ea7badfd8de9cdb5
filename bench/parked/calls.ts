/**
 * Calls — a call that waits at its menu, as the transport keeps it, and as many others like it as are wanted.
 *
 * @module
 */
import { createHash } from 'node:crypto';
import { botframework, type CallRequest, type CallStore, type Delivery, embeddedEngine, type Engine, exchange, gatherBots, memoryRecordings, memoryStore, silentLog, type StoredRecord } from 'callchart/transport';
import { call } from '../exchange/caller.ts';
import type { Line } from '../exchange/line.ts';

export const appId = 'the-app-id';
export const callbackUrl = 'https://bot.example.test/api/calls';
const path = '/api/calls';

const { default: bot } = (await import(new URL('../exchange/bot.mjs', import.meta.url).href)) as { readonly default: Parameters<typeof gatherBots>[0][string] };

const service = botframework({ appId, appPassword: 'a password of the bench', callbackUrl, openIdMetadataUrl: 'http://127.0.0.1/none', issuer: 'metadata', verify: async () => {} });
const bots = gatherBots({ [path]: bot }, service);

/** The engine of the bench over `store`. */
export const engineOver = (store: CallStore): Engine => embeddedEngine({ store, bots, service, log: silentLog });

/** The call that the others are copies of: its record at the menu, and the key that its caller presses there. */
interface Original {
  readonly id: string;
  readonly record: StoredRecord;
  readonly key: Delivery;
}

const record = async (): Promise<Original> => {
  const store = memoryStore();
  const engine = engineOver(store);
  const deliveries: Delivery[] = [];
  let kept: StoredRecord | undefined;
  const watched: Engine = {
    ...engine,
    deliver: async (delivery) => {
      deliveries.push(delivery);
      const reply = await engine.deliver(delivery);
      if (deliveries.length === 1) kept = await store.load(`${service.name}:${delivery.arrival.callId}`);
      return reply;
    },
  };
  const to: Parameters<typeof exchange>[1] = { service, bots, engine: watched, recordings: memoryRecordings(), log: silentLog, now: Date.now };
  const line: Line = {
    post: (headers, body) => {
      const fields = headers.trim().split('\r\n').map((header) => header.split(': ') as [string, string]);
      const request: CallRequest = { method: 'POST', path, query: '', headers: { 'content-type': 'application/json', ...Object.fromEntries(fields) }, text: async () => body, stream: () => { throw new Error('no recording'); } };
      return exchange(request, to);
    },
    close: () => {},
  };
  await call(line, appId);
  await engine.close();
  const [, key] = deliveries;
  if (kept === undefined || key === undefined) throw new Error('the call was not kept');
  return { id: key.arrival.callId, record: kept, key };
};

const original = await record();

/** The id of a copy: as long as that of the original, and in no order, as those of services are. */
const idOf = (number: number): string => {
  const hash = createHash('sha1').update(String(number)).digest('hex');
  return `${hash.slice(0, 8)}-${hash.slice(8, 12)}-4${hash.slice(13, 16)}-8${hash.slice(17, 20)}-${hash.slice(20, 32)}`;
};

export const keyOf = (number: number): string => `${service.name}:${idOf(number)}`;

/** What `text` says of the original, said of the call `number`: operations are named by the end of a call's id. */
const saidOf = (number: number, text: string): string => text.replaceAll(original.id, idOf(number)).replaceAll(original.id.slice(-8), idOf(number).slice(-8));

/** Parks the calls 0 to `count`. */
export const park = async (store: CallStore, count: number): Promise<void> => {
  const { text, ...times } = original.record;
  const together = 1_000;
  for (let first = 0; first < count; first += together) {
    await Promise.all(Array.from({ length: Math.min(together, count - first) }, (_, index) => store.commit(keyOf(first + index), 0, { ...times, text: saidOf(first + index, text) })));
  }
};

/** The caller of the call `number` presses a key at the menu. */
export const pressKey = async (engine: Engine, number: number): Promise<void> => {
  const arrival = JSON.parse(saidOf(number, JSON.stringify(original.key.arrival))) as Delivery['arrival'];
  const { kind, body } = await engine.deliver({ ...original.key, arrival, deadlineAt: Date.now() + 10_000 });
  if (kind !== 'taken' || !body.includes('account number')) throw new Error(`the key was ${kind}`);
};
