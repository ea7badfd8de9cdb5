/**
 * `callchart validate <service> <file…>` — whether a reply is legal for the service.
 *
 * A workflow is judged by itself: the actions that the service withdrew or never offered to bots of our kind are taken
 * where they are well formed. `--profile core` refuses them, as the service does with a bot's answer today.
 *
 * @module
 */
import { checkWorkflow, type Profile } from '../transport/services/botframework/limits.ts';
import { flag, type Options, text as optionText, wrong } from './arguments.ts';
import { refusalLine } from './decode.ts';
import { type ExitCode, exitCodes } from './failure.ts';
import { judgeFiles, type Verdict, wholeRequest } from './request-file.ts';
import { serviceNamed } from './services.ts';

export const validate = async (service: string, files: readonly string[], options: Options): Promise<ExitCode> => {
  serviceNamed(service);
  const profile = profileIn(optionText(options, 'profile') ?? 'extended');
  const judge = async (text: string, file: string): Promise<Verdict> => judgeReply(await bodyOf(text), file, profile);
  return (await judgeFiles(files, flag(options, 'json'), { judge, line })) ? exitCodes.ok : exitCodes.found;
};

const profileIn = (name: string): Profile => {
  if (name === 'core' || name === 'extended') return name;
  throw wrong('profile', '`--profile` is core or extended');
};

/** The body of a whole reply; anything else is a body itself. A reply without a body says that there is nothing to do. */
const bodyOf = async (text: string): Promise<{ readonly body: string; readonly whole: boolean }> => {
  const whole = wholeRequest(text);
  return whole === undefined ? { body: text, whole: false } : { body: await whole.text(), whole: true };
};

const judgeReply = ({ body, whole }: { readonly body: string; readonly whole: boolean }, file: string, profile: Profile): Verdict => {
  if (whole && body === '') return { file, ok: true, actions: [] };
  const workflow = parsed(body);
  if (workflow === undefined) return { file, ok: false, code: 'ERR_BATCH_ILLEGAL', rule: 'H-JSON', paths: [] };
  const violations = checkWorkflow(workflow, profile);
  const [first] = violations;
  if (first === undefined) return { file, ok: true, actions: (workflow as { readonly actions: readonly { readonly action: string }[] }).actions.map(({ action }) => action) };
  return { file, ok: false, code: 'ERR_BATCH_ILLEGAL', rule: first.rule, paths: violations.map(({ path }) => path) };
};

const parsed = (body: string): unknown => {
  try {
    return JSON.parse(body.replace(/^\uFEFF/, '')) as unknown;
  } catch {
    return undefined;
  }
};

const line = (verdict: Verdict): string => {
  if (!verdict.ok) return refusalLine(verdict);
  const actions = verdict['actions'] as readonly string[];
  return `${verdict.file}: legal: ${actions.length === 0 ? 'nothing to do' : actions.join(', ')}`;
};
