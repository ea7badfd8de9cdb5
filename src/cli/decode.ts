/**
 * `callchart decode <service> <file…>` — what a received request means, without authentication.
 *
 * @module
 */
import { isCallError } from '../errors.ts';
import type { ServiceEvent } from '../machines/index.ts';
import { flag, type Options } from './arguments.ts';
import { type ExitCode, exitCodes } from './failure.ts';
import { bareRequest, judgeFiles, type Verdict, wholeRequest } from './request-file.ts';
import { serviceNamed, spokenService } from './services.ts';
import type { SpokenService } from './services/spoken.ts';

export const decode = async (name: string, files: readonly string[], options: Options): Promise<ExitCode> => {
  const service = spokenService(serviceNamed(name));
  const line = (verdict: Verdict): string => (verdict.ok ? factsLine(verdict) : refusalLine(verdict, service.rules));
  return (await judgeFiles(files, flag(options, 'json'), { judge: (text, file) => judge(text, file, service), line })) ? exitCodes.ok : exitCodes.found;
};

const judge = async (text: string, file: string, service: SpokenService): Promise<Verdict> => {
  try {
    const { arrivals, unknown = [], files = [] } = await service.decode(wholeRequest(text) ?? bareRequest(text, service.bareBody));
    return {
      file, ok: true, callId: arrivals[0]?.callId ?? null, events: arrivals.flatMap(({ events }) => events),
      ...(arrivals.length > 1 && { calls: arrivals.map(({ callId, events }) => ({ callId, events })) }),
      ...(unknown.length > 0 && { unknown }),
      ...(files.length > 0 && { recordings: files.map(({ ref, lengthMs }) => ({ ref, lengthMs })) }),
      ...unansweredIn(arrivals.find(({ unanswered }) => unanswered !== undefined)?.unanswered),
    };
  } catch (error) {
    if (!isCallError(error)) throw error;
    const { code } = error;
    if (code === 'ERR_BODY_TYPE') return { file, ok: false, code, rule: Object.hasOwn(service.rules, 'H-TYPE') ? 'H-TYPE' : null, paths: [] };
    return code === 'ERR_EVENT_MALFORMED' ? { file, ok: false, code, rule: error.details.rule in service.rules ? error.details.rule : null, paths: error.details.paths } : { file, ok: false, code, rule: null, paths: [] };
  }
};

const unansweredIn = (unanswered: string | undefined): object => (unanswered === undefined ? {} : { unanswered });

const factsLine = (verdict: Extract<Verdict, { readonly ok: true }>): string => {
  const events = (verdict['events'] as readonly ServiceEvent[]).map(({ type }) => type);
  const unknown = ((verdict['unknown'] ?? []) as readonly string[]).map((name) => `${name} (unknown)`);
  const recordings = ((verdict['recordings'] ?? []) as readonly unknown[]).map(() => 'a recording is ready');
  const told = [...events, ...recordings, ...(verdict['unanswered'] === undefined ? [] : [`not answered: ${String(verdict['unanswered'])}`]), ...unknown];
  return `${verdict.file}: ${verdict['callId'] === null ? 'no call' : `call ${String(verdict['callId'])}`}: ${told.length === 0 ? 'nothing' : told.join(', ')}`;
};

/** Which rule is broken, and where. */
export const refusalLine = ({ file, rule, code, paths }: Extract<Verdict, { readonly ok: false }>, rules: SpokenService['rules']): string => {
  const said = rule !== null && Object.hasOwn(rules, rule) ? `: ${rules[rule]}` : '';
  return `${file}: refused${rule === null ? '' : `, rule ${rule}`}${paths.length > 0 ? ` at ${paths.join(', ')}` : ''}${said} (${code})`;
};
