/**
 * `callchart draw <bot>` — the chart as Mermaid, SCXML or SVG, on stdout or in a file.
 *
 * In SCXML a dialog is a document of its own, which the bot's names by `src`; with `--out` they are written beside it. In SVG
 * dialogs are drawn inside the states that run them.
 *
 * @module
 */
import { writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { AnyStateMachine } from 'xstate';
import { toSvg } from '../inspector/index.ts';
import { isMachine, toMermaid, toScxml } from '../machines/index.ts';
import { type Options, plain, text, wrong } from './arguments.ts';
import { type ExitCode, exitCodes } from './failure.ts';
import { loadBot } from './load-bot.ts';

export const draw = async (bot: string, options: Options): Promise<ExitCode> => {
  const format = text(options, 'format') ?? 'mermaid';
  const out = text(options, 'out');
  if (!isFormat(format)) throw wrong('format', '`--format` is mermaid, scxml or svg');
  const { machine } = await loadBot(plain(bot));
  const drawn = await notations[format](machine);
  if (out === undefined) {
    process.stdout.write(drawn);
    return exitCodes.ok;
  }
  await write(out, drawn);
  if (format === 'scxml') for (const [name, dialog] of dialogsOf(machine)) await write(join(dirname(out), `${encodeURIComponent(name)}.scxml`), toScxml(dialog));
  return exitCodes.ok;
};

const notations = { mermaid: toMermaid, scxml: toScxml, svg: toSvg } as const;

const isFormat = (name: string): name is keyof typeof notations => Object.hasOwn(notations, name);

const dialogsOf = (machine: AnyStateMachine): readonly (readonly [string, AnyStateMachine])[] =>
  Object.entries(machine.implementations.actors as Readonly<Record<string, unknown>>).flatMap(([name, logic]) => (isMachine(logic) ? [[name, logic] as const, ...dialogsOf(logic)] : []));

const write = async (file: string, drawn: string): Promise<void> => {
  await writeFile(file, drawn).catch(() => {
    throw wrong('out', `${file} cannot be written`);
  });
  process.stderr.write(`wrote ${file}\n`);
};
