/**
 * `callchart check <flow.json>` — what is wrong with a Twilio Studio flow, and what could not be said of it.
 *
 * @module
 */
import { readFile, stat } from 'node:fs/promises';
import { CallError, isCallError } from '../errors.ts';
import { fails, type Finding, waive } from '../machines/index.ts';
import { checkFlow } from '../studio/check-flow.ts';
import { readFlow, unexamined } from '../studio/flow.ts';
import { flag, type Options, text, wrong } from './arguments.ts';
import { type ExitCode, exitCodes } from './failure.ts';
import { findingLines, waiversIn } from './findings.ts';

/** Whether `path` names a flow and not a bot. */
export const isFlowFile = (path: string): boolean => path.toLowerCase().endsWith('.json');

/** @throws `ERR_FLOW_UNEXAMINED` when the file is no flow, or none about calls */
export const checkFlowFile = async (file: string, options: Options): Promise<ExitCode> => {
  if (text(options, 'service') !== undefined) throw wrong('service', '`--service` is for bots; a flow runs on Studio');
  const waivers = waiversIn(options);
  const checked = await contentOf(file).then((content) => checkFlow(readFlow(content))).catch((error: unknown) => {
    throw isCallError(error) && error.code === 'ERR_FLOW_UNEXAMINED' ? new CallError(error.code, `${file}: ${error.message}`, error.details, { cause: error }) : error;
  });
  const findings = waive(checked.findings, waivers);
  const ok = !fails(findings);
  process.stdout.write(flag(options, 'json') ? `${JSON.stringify({ flow: file, version: checked.version, ok, findings, notes: checked.notes })}\n` : words(file, findings, checked.notes));
  return ok ? exitCodes.ok : exitCodes.found;
};

/** The longest file that is read: a flow of 1,000 widgets has one or two. */
const longestBytes = 16 * 1024 * 1024;

const contentOf = async (file: string): Promise<string> => {
  const found = await stat(file).catch(() => undefined);
  if (found?.isFile() !== true) throw unexamined('F-FILE');
  if (found.size > longestBytes) throw unexamined('F-SIZE');
  return readFile(file, 'utf8').catch(() => {
    throw unexamined('F-FILE');
  });
};

const words = (file: string, findings: readonly Finding[], notes: readonly string[]): string => [...findingLines(file, findings), 'not examined, or taken for granted:', ...notes.map((note) => `  ${note}`), ''].join('\n');
