/**
 * `callchart draw <bot>` — the chart as Mermaid, SCXML or SVG, on stdout or in a file.
 *
 * In SCXML a dialog is a document of its own, which the bot's names by `src`; with `--out` they are written beside it. In SVG
 * dialogs are drawn inside the states that run them.
 *
 * @module
 */
import { dirname, join } from 'node:path';
import type { AnyStateMachine } from 'xstate';
import { toSvg } from '../inspector/index.ts';
import { isMachine, toMermaid, toScxml } from '../machines/index.ts';
import { type Options, plain, text, wrong } from './arguments.ts';
import { type ExitCode, exitCodes } from './failure.ts';
import { loadBot } from './load-bot.ts';
import { writeText } from './written-files.ts';

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
  await writeText(out, drawn, 'out');
  if (format === 'scxml') for (const [name, dialog] of dialogsOf(machine)) await writeText(join(dirname(out), `${encodeURIComponent(name)}.scxml`), toScxml(dialog), 'out');
  return exitCodes.ok;
};

const notations = { mermaid: toMermaid, scxml: toScxml, svg: toSvg } as const;

const isFormat = (name: string): name is keyof typeof notations => Object.hasOwn(notations, name);

const dialogsOf = (machine: AnyStateMachine): readonly (readonly [string, AnyStateMachine])[] =>
  Object.entries(machine.implementations.actors as Readonly<Record<string, unknown>>).flatMap(([name, logic]) => (isMachine(logic) ? [[name, logic] as const, ...dialogsOf(logic)] : []));
