/** What holds for every example: it is short, nothing is found in it, and its calls and scripts come out as they are written. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect } from 'chai';
import type { AnyStateMachine } from 'xstate';
import { type CallReport, ring } from 'callchart/emulator';
import { dial, examine, type ScriptedCall } from 'callchart/testing';
import { azureLimits, botframeworkLimits, twilioLimits } from 'callchart/transport';
import { readLog, replay } from 'callchart';
import { setTrap } from '../src/cli/trap.ts';
import { root, runMany } from './cli/run.ts';

/** Every one carries every example. */
const limits = { botframework: botframeworkLimits, twilio: twilioLimits, azure: azureLimits } as const;
const services = Object.values(limits);

const folder = join(root, 'examples');
const names = readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isDirectory()).map(({ name }) => name);
const load = async (name: string, file: string): Promise<Readonly<Record<string, unknown>>> => (await import(pathToFileURL(join(folder, name, file)).href)) as never;

interface Example {
  readonly name: string;
  readonly bot: AnyStateMachine;
  readonly calls: readonly (readonly [title: string, call: ScriptedCall])[];
}

const examples = await Promise.all(names.map(async (name): Promise<Example> => {
  const calls = existsSync(join(folder, name, 'calls.ts')) ? ((await load(name, 'calls.ts'))['calls'] as Readonly<Record<string, ScriptedCall>>) : {};
  return { name, bot: (await load(name, 'bot.ts'))['default'] as AnyStateMachine, calls: Object.entries(calls) };
}));

/** A caller who hears how it begins. */
const begins: Example['calls'] = [['it begins', { script: (caller) => caller }]];

describe('every example', function () {
  this.timeout(60_000);

  for (const { name, bot } of examples) {
    it(`is short, and ends every call: ${name}`, () => {
      expect(readFileSync(join(folder, name, 'bot.ts'), 'utf8').split('\n').length - 1).below(80);
      for (const service of services) {
        const { certificate, findings } = examine(bot, { service });
        expect(certificate, service.name).not.equal(null);
        expect(findings.filter(({ waived }) => waived === undefined).map(({ message }) => message), service.name).eql([]);
      }
    });
  }

  it('has its calls again from their logs: to the byte, masked by their way, and without a look at the clock', () => {
    const trap = setTrap();
    try {
      for (const { name, bot, calls } of examples) {
        for (const [title, { script, ...scene }] of calls.length > 0 ? calls : begins) {
          const caller = dial(bot, scene);
          script(caller);
          if (caller.state !== 'ended') caller.hangsUp();
          for (const masked of [false, true]) {
            const { outcome, at, readings } = replay(bot, readLog(caller.log({ masked })), { watch: trap.watch });
            expect({ outcome, at, readings }, `${name}: ${title}, ${masked ? 'masked' : 'unmasked'}`).eql({ outcome: 'same', at: undefined, readings: [] });
          }
        }
      }
    } finally {
      trap.release();
    }
  });

  it('is on its page, with the script that lets it be heard', () => {
    const page = readFileSync(join(root, 'docs/examples.md'), 'utf8');
    expect(names.filter((name) => !page.includes(`](../examples/${name}/bot.ts)`))).eql([]);
    const shown = [...page.matchAll(/callchart call (examples\/\S+) --script (\S+)/g)].map(([, bot = '', script = '']) => script.startsWith(`${bot}/`) && existsSync(join(root, script)));
    expect(shown).eql(Array.from({ length: 7 }, () => true));
  });

  it('has scripts that are played to their end', async () => {
    const scripts = names.flatMap((name) => readdirSync(join(folder, name)).filter((file) => file.endsWith('.script') && file !== 'again.script').map((file) => ({ bot: join(folder, name), script: join(folder, name, file) })));
    expect(scripts.length).above(6);
    const ran = await runMany(scripts.map(({ bot, script }) => ({ command: 'call', bot, options: { script } })));
    expect(ran.filter(({ code }) => code !== 0).map(({ stderr }) => stderr)).eql([]);
  });
});

/** What a call comes to: what the bot says, what the caller does, and who ends it. How long a silence or a recording is, and a beep, is the service's. */
interface Trace {
  readonly endedBy: string;
  readonly heard: readonly string[];
}

const traceOf = ({ endedBy, transcript }: CallReport): Trace => ({
  endedBy,
  heard: transcript.flatMap(({ who, kind, text = '' }) =>
    who === 'bot' && (kind === 'says' || kind === 'plays') ? [`bot: ${text}`] : who === 'caller' && (kind === 'keys' || kind === 'speech' || kind === 'silence' || kind === 'hungup') ? [`caller: ${kind === 'keys' || kind === 'speech' ? text : kind}`] : []),
});

describe('the calls of the examples', function () {
  this.timeout(60_000);
  const tracesOf = new Map<string, Map<string, Trace>>();

  it('are several for each that is more than a demonstration', () => {
    expect(examples.filter(({ calls }) => calls.length > 0).map(({ name, calls }) => [name, calls.length >= 5])).eql(
      ['acme', 'booking', 'callback', 'opening-hours', 'pin-login', 'reminder', 'survey', 'voicemail'].map((name) => [name, true]));
  });

  for (const { name, bot, calls } of examples) {
    for (const [title, { script, call = {}, tasks = {} }] of calls) {
      for (const service of Object.keys(limits) as readonly (keyof typeof limits)[]) {
        const { direction, from, to, answeredBy } = call;
        if (direction === 'outbound' && service === 'botframework') continue; // the Bot Framework calling service places no calls
        if (answeredBy === 'machine' && service === 'azure') continue; // Azure does not listen for who has answered
        it(`${name}: ${title}, by ${service}`, async () => {
          script(dial(bot, { call, tasks, service: limits[service] }));
          const report = await ring(bot, script, { service, tasks, ...(direction !== undefined && { direction }), ...(answeredBy !== undefined && { answeredBy }), ...(from !== undefined && { from }), ...(to !== undefined && { to }) });
          const traces = tracesOf.get(`${name}: ${title}`) ?? new Map<string, Trace>();
          tracesOf.set(`${name}: ${title}`, traces.set(service, traceOf(report)));
        });
      }
    }
  }

  it('are heard alike on every service, done alike by the caller, and ended by the same side', () => {
    expect([...tracesOf.values()].filter(({ size }) => size === services.length)).length.above(30);
    for (const [call, traces] of tracesOf) {
      const [[first, trace] = ['', undefined], ...others] = [...traces];
      for (const [service, other] of others) expect(other, `${call}: ${service} and ${first}`).eql(trace);
    }
  });
});
