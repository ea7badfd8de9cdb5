/**
 * `callchart decode <service> <file…>` — what a received request means, without authentication.
 *
 * A recording that comes along is held in memory and dropped: only what is told of it is shown.
 *
 * @module
 */
import { isCallError } from '../errors.ts';
import type { ServiceEvent } from '../machines/index.ts';
import { memoryRecordings } from '../transport/index.ts';
import { decodeRequest } from '../transport/services/botframework/body.ts';
import { ruleOf, rules } from '../transport/services/botframework/rules.ts';
import { flag, type Options } from './arguments.ts';
import { type ExitCode, exitCodes } from './failure.ts';
import { judgeFiles, jsonRequest, type Verdict, wholeRequest } from './request-file.ts';
import { serviceNamed } from './services.ts';

export const decode = async (service: string, files: readonly string[], options: Options): Promise<ExitCode> => {
  serviceNamed(service);
  return (await judgeFiles(files, flag(options, 'json'), { judge, line })) ? exitCodes.ok : exitCodes.found;
};

const judge = async (text: string, file: string): Promise<Verdict> => {
  try {
    const { callId, events } = await decodeRequest(wholeRequest(text) ?? jsonRequest(text), memoryRecordings());
    return { file, ok: true, callId, events };
  } catch (error) {
    if (!isCallError(error)) throw error;
    const paths = error.code === 'ERR_EVENT_MALFORMED' ? error.details.paths : [];
    return { file, ok: false, code: error.code, rule: ruleOf(error) ?? null, paths };
  }
};

const line = (verdict: Verdict): string => {
  if (verdict.ok) return `${verdict.file}: call ${String(verdict['callId'])}: ${(verdict['events'] as readonly ServiceEvent[]).map(({ type }) => type).join(', ')}`;
  return refusalLine(verdict);
};

/** Which rule is broken, and where. */
export const refusalLine = ({ file, rule, code, paths }: Extract<Verdict, { readonly ok: false }>): string => {
  const said = rule !== null && Object.hasOwn(rules, rule) ? `: ${rules[rule as keyof typeof rules]}` : '';
  return `${file}: refused${rule === null ? '' : `, rule ${rule}`}${paths.length > 0 ? ` at ${paths.join(', ')}` : ''}${said} (${code})`;
};
