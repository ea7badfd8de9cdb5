/**
 * Limits of the extended actions — transfer, placeCall, videoSubscription and answerAppHostedMedia, which the Bot Framework
 * calling service withdrew or never offered to bots of our kind.
 *
 * `encode` makes none of them; `callchart validate` and the emulator read workflows of others.
 *
 * @module
 */
import { type Fields, type Report, checkModalities, isAbsent, isBlank, isFields } from './limits-actions.ts';

/** Checks `action` by itself; says whether it is an extended action. */
export function checkExtendedAction(action: Fields, path: string, report: Report): boolean {
  switch (action['action']) {
    case 'transfer':
      checkTarget(action['target'], `${path}.target`, report);
      return true;
    case 'placeCall':
      checkPlaceCall(action, path, report);
      return true;
    case 'videoSubscription':
      checkVideo(action, path, report);
      return true;
    case 'answerAppHostedMedia':
      checkHosted(action['mediaConfiguration'], `${path}.mediaConfiguration`, report);
      return true;
    default:
      return false;
  }
}

function checkTarget(target: unknown, path: string, report: Report): void {
  if (!isFields(target)) return report('TR-TARGET', path);
  const { identity, originator } = target;
  if (isBlank(identity)) report('P-IDENTITY', `${path}.identity`);
  else if (!String(identity).startsWith('8:')) report('TR-8', `${path}.identity`);
  if (typeof originator !== 'boolean') report('P-ORIGINATOR', `${path}.originator`);
  else if (originator) report('TR-ORIGINATOR', `${path}.originator`);
}

function checkPlaceCall(action: Fields, path: string, report: Report): void {
  const { source, target } = action;
  // The service sets `originator` of both by itself, so what stands there does not matter.
  if (!isFields(source)) report('PC-SOURCE', `${path}.source`);
  else if (isBlank(source['identity'])) report('P-IDENTITY', `${path}.source.identity`);
  if (!isFields(target)) report('PC-TARGET', `${path}.target`);
  else if (isBlank(target['identity'])) report('P-IDENTITY', `${path}.target.identity`);
  if (isBlank(action['appId'])) report('PC-APPID', `${path}.appId`);
  checkModalities(action['modalityTypes'], `${path}.modalityTypes`, report);
}

function checkVideo(action: Fields, path: string, report: Report): void {
  const { socketId, participantIdentity: identity, videoModality: modality, videoResolution: resolution } = action;
  if (!Number.isInteger(socketId) || Number(socketId) < 0 || Number(socketId) > 9) report('VS-SOCKET', `${path}.socketId`);
  if (!Object.hasOwn(action, 'participantIdentity')) report('VS-IDENTITY', `${path}.participantIdentity`);
  // The later form has no mode and asks for what manual asks for.
  const mode = isAbsent(action['videoSubscriptionMode']) ? 'manual' : String(action['videoSubscriptionMode']).toLowerCase();
  if (mode === 'manual') {
    if (isBlank(identity) || isAbsent(modality)) report('VS-MANUAL', path);
  } else if (mode === 'auto') {
    if (!isAbsent(identity) || !isAbsent(modality)) report('VS-AUTO', path);
  } else report('VS-MODE', `${path}.videoSubscriptionMode`);
  if (!isAbsent(modality) && !/^(?:video|videoBasedScreenSharing)$/i.test(String(modality))) report('VS-MODALITY', `${path}.videoModality`);
  if (!isAbsent(resolution) && !/^(?:sd360p|sd540p|hd720p|hd1080p)$/i.test(String(resolution))) report('VS-RESOLUTION', `${path}.videoResolution`);
}

function checkHosted(configuration: unknown, path: string, report: Report): void {
  if (!isFields(configuration)) report('HM-CONFIG', path);
  else if (JSON.stringify(configuration).length > 1024) report('HM-1024', path);
}
