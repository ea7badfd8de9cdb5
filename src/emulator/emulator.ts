/**
 * Emulator — a calling service on your laptop: it calls a bot at the bot's real HTTP endpoint, in the service's own words,
 * with real tokens.
 *
 * The bot is pointed at {@link Emulator.metadataUrl} for the keys and is otherwise the bot that is deployed. Everything
 * listens on 127.0.0.1, and nothing else is sent anywhere than to the bot.
 *
 * @example
 *
 * ```ts
 * const service = await emulator();
 * const report = await service.call('http://127.0.0.1:3978/api/calls', { clock: 'script', caller: scriptedCaller(parseScript('press 2')) });
 * console.log(report.endedBy, report.transcript);
 * await service.close();
 * ```
 *
 * @module
 */
import { randomBytes, randomUUID } from 'node:crypto';
import { CallError } from '../errors.ts';
import { chatText } from '../machines/index.ts';
import type { ChatSender } from '../transport/index.ts';
import type { Caller } from './caller.ts';
import { realClock, virtualClock } from './clock.ts';
import { issueKeys, type KeyIssuerOptions } from './keys.ts';
import { type CallReport, type LineOptions, newCall, runLine } from './line.ts';
import { botframeworkWire } from './wires/botframework.ts';
import type { Wire } from './wires/wire.ts';
import { distantWorld, type World } from './world.ts';

/** What the emulator and the bot know of each other. */
export interface EmulatorOptions {
  /** The bot's app id: the audience of every token. Default: a new one. */
  readonly appId?: string;
  /** The bot's app password, which the emulator has no use for but to hand it to the bot. Default: a new one. */
  readonly appPassword?: string;
  /** `iss` of the tokens. Default: the calling service's own. */
  readonly issuer?: string;
  /** The service's words. Default: Bot Framework calling. */
  readonly wire?: Wire;
  /** A key that was made before, and a port that bots know. Default: a new key on a free port. */
  readonly keys?: Pick<KeyIssuerOptions, 'key' | 'port'>;
}

/** A calling service that runs. */
export interface Emulator {
  readonly metadataUrl: string;
  readonly issuer: string;
  readonly appId: string;
  readonly appPassword: string;
  /**
   * Calls the bot at `url`. Resolves when the call is over, whoever ended it; rejects with what the caller threw, an
   * expectation of a script for one (`ERR_EXPECTATION`).
   */
  call(url: string, options: CallOptions): Promise<CallReport>;
  /**
   * Shows chat messages on the phones of those whom it calls with, for `calls({ chat })` of a bot in this process. To
   * anybody else they are not delivered (`ERR_CHAT_UNDELIVERED`).
   */
  readonly chat: ChatSender;
  /** Hangs up all calls, tells their bots, and stops. */
  close(): Promise<void>;
}

/** One call. */
export interface CallOptions extends Partial<Pick<LineOptions, 'onEntry' | 'fault' | 'speechMs' | 'carry' | 'maxRounds' | 'maxCallMs' | 'replyTimeoutMs' | 'tries' | 'retryDelayMs'>> {
  /** `real` waits as a telephone does; `script` waits for nothing. */
  readonly clock: 'real' | 'script';
  readonly caller: Caller;
  /** What the bot's time is, in a call by the clock `script`. Default: that of a bot elsewhere. */
  readonly world?: World;
  /** Who calls: a telephone number, or an identity of the service. */
  readonly from?: string;
  /** Who is called. Default: the bot, by its app id. */
  readonly to?: string;
  /** The caller's name. */
  readonly name?: string;
  /** BCP 47 tag of the caller's language. */
  readonly language?: string;
}

/** Starts a calling service. */
export async function emulator({ appId = randomUUID(), appPassword = randomBytes(18).toString('base64url'), issuer, keys: signing, wire = botframeworkWire() }: EmulatorOptions = {}): Promise<Emulator> {
  const keys = await issueKeys({ ...(issuer !== undefined && { issuer }), ...signing });
  const closing = new AbortController();
  const calls = new Set<Promise<unknown>>();
  const screens = new Map<string, (text: string) => void>();

  return {
    metadataUrl: keys.metadataUrl,
    issuer: keys.issuer,
    appId,
    appPassword,
    call(url, options) {
      const call = callOnce(url, options);
      const over: Promise<unknown> = call.catch(() => {}).then(() => calls.delete(over));
      calls.add(over);
      return call;
    },
    chat: {
      async send({ to, message }) {
        const show = screens.get(wire.identity(to));
        if (show === undefined) throw new CallError('ERR_CHAT_UNDELIVERED', 'a chat message was not delivered: nobody with that address is on the line', { reason: 'address' });
        show(chatText(message));
      },
    },
    async close() {
      closing.abort();
      await Promise.all(calls);
      await keys.close();
    },
  };

  async function callOnce(url: string, { clock, from = '8:callchart.caller', to = `28:${appId}`, name, language, world = distantWorld(), ...options }: CallOptions): Promise<CallReport> {
    need('url', URL.canParse(url) && /^https?:$/.test(new URL(url).protocol), 'be an http or https URL');
    need('clock', clock === 'real' || clock === 'script', 'be real or script');
    for (const option of ['replyTimeoutMs', 'tries', 'maxRounds', 'maxCallMs'] as const) {
      need(option, options[option] === undefined || options[option] >= 1, 'be at least 1');
    }
    const caller = wire.identity(from);
    let screen: ((text: string) => void) | undefined;
    return runLine({
      replyTimeoutMs: 10_000,
      tries: 3,
      retryDelayMs: 200,
      maxRounds: Infinity,
      maxCallMs: 3_600_000,
      carry: carryTo(url),
      ...options,
      url,
      conduct: (line) => wire.conduct(line),
      onScreen: (show) => void screens.set(caller, (screen = show)),
      call: newCall({ from: caller, to: wire.identity(to), ...(name !== undefined && { name }), ...(language !== undefined && { language }) }),
      world,
      clock: clock === 'real' ? realClock() : virtualClock(world),
      authorization: async () => `Bearer ${await keys.issueToken({ audience: appId })}`,
      closing: closing.signal,
    }).finally(() => screens.get(caller) === screen && screens.delete(caller)); // he may be on another line by now
  }
}

/**
 * A callback is https, and a bot on a laptop has no certificate: where the bot is called by http, its callbacks go to the
 * same place, on the path and with the query that the bot gave.
 */
function carryTo(url: string): (callback: string) => string {
  const called = new URL(url);
  return (callback) => {
    if (called.protocol === 'https:') return callback;
    const { pathname, search } = new URL(callback);
    return called.origin + pathname + search;
  };
}

function need(option: string, holds: boolean, rule: string): void {
  if (!holds) throw new CallError('ERR_OPTION_INVALID', `option \`${option}\` must ${rule}`, { option });
}
