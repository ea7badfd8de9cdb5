/**
 * Azure call — a bot behind the real transport, called through the emulated Azure service from a script of `callchart/testing`.
 *
 * @module
 */
import type { AnyStateMachine } from 'xstate';
import { type AzureEmulator, azureEmulator, type AzureEmulatorOptions } from '../../src/emulator/azure.ts';
import type { CallReport } from '../../src/emulator/line.ts';
import { livePhone } from '../../src/emulator/phone.ts';
import type { AnswerOptions } from '../../src/emulator/switchboard.ts';
import { parseScript, scriptedCaller } from '../../src/emulator/script.ts';
import { localWorld } from '../../src/emulator/world.ts';
import type { Script } from '../../src/testing/index.ts';
import { azure, serve, silentLog, type Stepped, type TransportEvent } from '../../src/transport/index.ts';

export interface AzureCallOptions extends AzureEmulatorOptions {
  /** The bot's application places the call. */
  readonly placed?: Pick<AnswerOptions, 'untaken'>;
  readonly from?: string;
  readonly speechUrl?: false;
  /** The caller hangs up when the bot has asked the service for something for this time. */
  readonly hangsUpAt?: number;
  /** What the caller does, line by line, instead of a script: he is held to nothing. */
  readonly acts?: string;
}

/** How a call went, and what the bot asked the service for: each operation with the status that it got. */
export interface AzureCall {
  readonly report: CallReport;
  readonly heard: readonly string[];
  readonly asked: readonly string[];
  readonly events: readonly TransportEvent[];
}

/** The path of the bot. */
const path = '/api/azure';

/** Calls `bot` and plays `script`. */
export const azureCall = async (bot: AnyStateMachine, script: Script, { placed, from = '+15550100', speechUrl, hangsUpAt, acts, ...options }: AzureCallOptions = {}): Promise<AzureCall> => {
  const asked: string[] = [];
  const gone = new AbortController();
  const events: TransportEvent[] = [];
  const service: AzureEmulator = await azureEmulator({
    ...options,
    onRequest: (one, status) => {
      options.onRequest?.(one, status);
      asked.push(`${one.operation} ${status}`);
      if (asked.length === hangsUpAt) gone.abort();
    },
  });
  try {
    const phone = livePhone(script, bot.id);
    const deeds = parseScript(acts ?? '');
    const world = localWorld({ tasks: new Set(deeds.flatMap((act) => (act.act === 'task' ? [act.path] : []))) });
    const calling = await azure({
      connectionString: service.connectionString, resourceId: service.resourceId, eventGridSecret: service.eventGridSecret, publicUrl: 'http://127.0.0.1:1',
      ...(speechUrl !== false && { cognitiveServicesUrl: 'https://speech.example/' }), openIdMetadataUrl: service.metadataUrl, issuer: service.issuer, allowInsecureConnection: true,
    });
    const onStep = (stepped: Stepped): void => {
      const { error } = stepped.result;
      if (error !== undefined) phone.fails(error);
      world.sees(stepped);
    };
    const server = await serve({ service: calling, bots: { [path]: bot }, log: silentLog, onStep, onEvent: (event) => void events.push(event), port: 0, clock: world.clock, roundMs: 3_600_000, aroundTask: world.aroundTask });
    try {
      const url = server.url + path;
      const playing = { clock: 'script', caller: { ...(acts === undefined ? phone.caller : scriptedCaller(deeds, { complete: false, world })), gone: gone.signal }, world, fault: (action: Parameters<typeof phone.watch>[0]): undefined => void phone.watch(action) } as const;
      if (placed !== undefined) await server.place({ to: '+15550100', from: '+15550199', path });
      const report = await (placed === undefined ? service.call(url, { from, ...playing }) : service.answer(url, { ...placed, ...playing }));
      return { report, asked, events, heard: report.transcript.flatMap(({ who, kind, text }) => (who === 'bot' && (kind === 'says' || kind === 'plays') ? [text ?? ''] : [])) };
    } finally {
      await server.close();
    }
  } finally {
    await service.close();
  }
};
