/**
 * Bot Framework calling on the command line.
 *
 * A workflow is judged by itself: the actions that the service withdrew or never offered to bots of our kind are taken
 * where they are well formed. `--profile core` refuses them, as the service does with a bot's answer today.
 *
 * @module
 */
import { botframework, botframeworkLimits, memoryRecordings } from '../../transport/index.ts';
import { decodeRequest } from '../../transport/services/botframework/body.ts';
import { checkWorkflow, type Profile } from '../../transport/services/botframework/limits.ts';
import { rules } from '../../transport/services/botframework/rules.ts';
import { wrong } from '../arguments.ts';
import { jsonIn, wholeRequest } from '../request-file.ts';
import type { Judged, SpokenService } from './spoken.ts';

export const botframeworkService: SpokenService = {
  limits: botframeworkLimits,
  required: { appId: 'CALLCHART_APP_ID', appPassword: 'CALLCHART_APP_PASSWORD', callbackUrl: 'CALLCHART_CALLBACK_URL', openIdMetadataUrl: 'CALLCHART_OPENID_METADATA_URL' },
  optional: { issuer: 'CALLCHART_ISSUER' },
  make: ({ appId = '', appPassword = '', callbackUrl = '', openIdMetadataUrl = '', issuer = 'metadata' }) => botframework({ appId, appPassword, callbackUrl, openIdMetadataUrl, issuer }),
  // A recording that comes along is held in memory and dropped: only what is told of it is shown.
  decode: async (request) => ({ arrivals: [await decodeRequest(request, memoryRecordings())] }),
  validate: async (text, profile = 'extended') => {
    const known = profileIn(profile);
    const whole = wholeRequest(text);
    const body = whole === undefined ? text : await whole.text();
    // A reply without a body says that there is nothing to do.
    return whole !== undefined && body === '' ? { ok: true, actions: [] } : judge(body, known);
  },
  rules,
};

const profileIn = (name: string): Profile => {
  if (name === 'core' || name === 'extended') return name;
  throw wrong('profile', '`--profile` is core or extended');
};

const judge = (body: string, profile: Profile): Judged => {
  const workflow = jsonIn(body);
  if (workflow === undefined) return { ok: false, rule: 'H-JSON', paths: [] };
  const violations = checkWorkflow(workflow, profile);
  const [first] = violations;
  if (first !== undefined) return { ok: false, rule: first.rule, paths: violations.map(({ path }) => path) };
  return { ok: true, actions: (workflow as { readonly actions: readonly { readonly action: string }[] }).actions.map(({ action }) => action) };
};
