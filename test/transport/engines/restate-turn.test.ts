/** A turn of a call on Restate, without a server: what of an event is written, and in which order it is said. */
import type { ObjectContext } from '@restatedev/restate-sdk';
import { expect } from 'chai';
import { gatherBots, silentLog } from 'callchart/transport';
import { namesOf } from '../../../src/transport/engines/restate/messages.ts';
import { turns } from '../../../src/transport/engines/restate/turn.ts';
import { worker } from '../../helpers/worker-bot.ts';
import { stubService } from '../rig.ts';

describe('a turn of a call on Restate', () => {
  /** The server's side of one call: keeps its state, carries everything out at once, and notes what was said. */
  const context = () => {
    const said: string[] = [];
    let state: string | null = null;
    const ctx = {
      key: 'c',
      get: async () => state,
      set: (_: string, text: string) => {
        state = text;
        said.push('set');
      },
      run: async (_: string, work: () => Promise<unknown>) => work(),
      genericSend: ({ method }: { readonly method: string }) => {
        said.push(method);
        return { invocationId: Promise.resolve(`inv of ${method}`) };
      },
      cancel: () => void said.push('cancel'),
      resolveAwakeable: (id: string) => void said.push(`answer ${id}`),
    };
    return { ctx: ctx as unknown as ObjectContext, said, state: () => state ?? '' };
  };

  const service = stubService();
  const bot = worker(async () => 'done');
  const turn = turns({ names: namesOf('App', service.name), telling: { spans: undefined, committed: () => {}, close: async () => {} }, service, bots: gatherBots({ '/api/calls': bot }, service), log: silentLog });
  const rings = { type: 'call.incoming', call: { id: 'c', from: '+15550100', to: '+15550199', direction: 'inbound', headers: {} } } as const;
  const presses = { type: 'recognize.input', operationId: 'c:1:1', via: 'dtmf', input: { kind: 'choice', name: 'yes' } } as const;
  const arrival = { bot: () => bot, chain: undefined, memory: undefined };

  it('writes the call once an event: with the task that the event began, and the reply that is owed', async () => {
    const { ctx, said, state } = context();
    const first = await turn(ctx);
    await first.take({ event: { type: 'service', at: 1, events: [rings] }, request: 'r1', arrival });
    expect(said.splice(0)).to.deep.equal(['set', 'look']);
    await first.take({ event: { type: 'service', at: 2, events: [presses] }, request: 'r2', arrival }, { heldUntil: () => 500 });
    first.hold('r2', 500);
    expect(said.splice(0)).to.deep.equal(['perform', 'set']);
    expect(JSON.parse(state().split('\n')[0]!)).to.deep.equal({ revision: 2, held: { request: 'r2', until: 500, waiters: [] }, tasks: { [first.look()!.snapshot.tasks[0]!.id]: 'inv of perform' } });
  });

  it('answers who waits once the reply is written, and calls the task off that nobody waits for', async () => {
    const { ctx, said, state } = context();
    const first = await turn(ctx);
    await first.take({ event: { type: 'service', at: 1, events: [rings] }, request: 'r1', arrival });
    await first.take({ event: { type: 'service', at: 2, events: [presses] }, request: 'r2', arrival }, { heldUntil: () => 500 });
    first.wait('somebody');
    said.splice(0);
    await first.take({ event: { type: 'service', at: 3, events: [{ type: 'call.ended' }] }, request: 'r3', arrival }, { heldUntil: () => undefined });
    expect(said).to.deep.equal(['cancel', 'set', 'answer somebody', 'look']);
    expect(JSON.parse(state().split('\n')[0]!)).to.deep.equal({ revision: 3 });
  });
});
