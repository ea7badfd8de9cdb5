/** The calls of all examples, with their logs. */
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { CallLog } from 'callchart';
import { dial, type ScriptedCall } from 'callchart/testing';
import type { AnyStateMachine } from 'xstate';
import { root } from '../../cli/run.ts';
import { told } from './told.ts';

export interface ExampleCall {
  readonly title: string;
  readonly bot: AnyStateMachine;
  readonly log: (masked: boolean) => CallLog;
}

const folder = join(root, 'examples');
const load = async (name: string, file: string): Promise<Readonly<Record<string, unknown>>> => (await import(pathToFileURL(join(folder, name, file)).href)) as never;

export const exampleCalls = async (): Promise<readonly ExampleCall[]> => {
  const names = readdirSync(folder).filter((name) => existsSync(join(folder, name, 'calls.ts')));
  const all = await Promise.all(names.map(async (name) => {
    const bot = (await load(name, 'bot.ts'))['default'] as AnyStateMachine;
    return Object.entries((await load(name, 'calls.ts'))['calls'] as Readonly<Record<string, ScriptedCall>>).map(([title, { script, ...options }]): ExampleCall => {
      const caller = dial(bot, options as never);
      script(caller as never);
      return { title: `${name}: ${title}`, bot, log: (masked) => told(bot, caller.events, masked) };
    });
  }));
  return all.flat();
};
