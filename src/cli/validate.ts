/**
 * `callchart validate <service> <file…>` — whether a reply, or a request of ours, is legal for the service.
 *
 * @module
 */
import { flag, type Options, text as optionText } from './arguments.ts';
import { refusalLine } from './decode.ts';
import { type ExitCode, exitCodes } from './failure.ts';
import { judgeFiles, type Verdict } from './request-file.ts';
import { serviceNamed, spokenService } from './services.ts';

export const validate = async (name: string, files: readonly string[], options: Options): Promise<ExitCode> => {
  const service = spokenService(serviceNamed(name));
  const profile = optionText(options, 'profile');
  const judge = async (text: string, file: string): Promise<Verdict> => {
    const judged = await service.validate(text, profile);
    return judged.ok ? { file, ...judged } : { file, ok: false, code: 'ERR_BATCH_ILLEGAL', rule: judged.rule, paths: judged.paths };
  };
  const line = (verdict: Verdict): string => (verdict.ok ? legalLine(verdict) : refusalLine(verdict, service.rules));
  return (await judgeFiles(files, flag(options, 'json'), { judge, line })) ? exitCodes.ok : exitCodes.found;
};

const legalLine = (verdict: Extract<Verdict, { readonly ok: true }>): string => {
  const actions = verdict['actions'] as readonly string[];
  return `${verdict.file}: legal: ${actions.length === 0 ? 'nothing to do' : actions.join(', ')}`;
};
