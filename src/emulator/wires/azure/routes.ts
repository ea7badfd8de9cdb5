/**
 * Routes — which operation of Azure Communication Services a method and a path ask for, and the one status that means that it
 * was taken: the official client takes any other for a failure.
 *
 * @module
 */

/** Each operation: its method, its path, and the status when it is taken. */
export const routes = {
  createCall: ['POST', '/calling/callConnections', 201],
  answer: ['POST', '/calling/callConnections:answer', 200],
  reject: ['POST', '/calling/callConnections:reject', 204],
  redirect: ['POST', '/calling/callConnections:redirect', 204],
  connect: ['POST', '/calling/callConnections:connect', 200],
  getCall: ['GET', '/calling/callConnections/{call}', 200],
  hangup: ['DELETE', '/calling/callConnections/{call}', 204],
  terminate: ['POST', '/calling/callConnections/{call}:terminate', 204],
  transfer: ['POST', '/calling/callConnections/{call}:transferToParticipant', 202],
  play: ['POST', '/calling/callConnections/{call}:play', 202],
  recognize: ['POST', '/calling/callConnections/{call}:recognize', 202],
  cancelMedia: ['POST', '/calling/callConnections/{call}:cancelAllMediaOperations', 202],
  startTones: ['POST', '/calling/callConnections/{call}:startContinuousDtmfRecognition', 200],
  stopTones: ['POST', '/calling/callConnections/{call}:stopContinuousDtmfRecognition', 200],
  sendTones: ['POST', '/calling/callConnections/{call}:sendDtmfTones', 202],
  hold: ['POST', '/calling/callConnections/{call}:hold', 200],
  unhold: ['POST', '/calling/callConnections/{call}:unhold', 200],
  startStreaming: ['POST', '/calling/callConnections/{call}:startMediaStreaming', 202],
  stopStreaming: ['POST', '/calling/callConnections/{call}:stopMediaStreaming', 202],
  startTranscription: ['POST', '/calling/callConnections/{call}:startTranscription', 202],
  updateTranscription: ['POST', '/calling/callConnections/{call}:updateTranscription', 202],
  stopTranscription: ['POST', '/calling/callConnections/{call}:stopTranscription', 202],
  listParticipants: ['GET', '/calling/callConnections/{call}/participants', 200],
  getParticipant: ['GET', '/calling/callConnections/{call}/participants/{participant}', 200],
  addParticipant: ['POST', '/calling/callConnections/{call}/participants:add', 202],
  removeParticipant: ['POST', '/calling/callConnections/{call}/participants:remove', 202],
  muteParticipant: ['POST', '/calling/callConnections/{call}/participants:mute', 200],
  cancelAddParticipant: ['POST', '/calling/callConnections/{call}/participants:cancelAddParticipant', 202],
  moveParticipants: ['POST', '/calling/callConnections/{call}/participants:moveHere', 202],
  startRecording: ['POST', '/calling/recordings', 200],
  getRecording: ['GET', '/calling/recordings/{recording}', 200],
  stopRecording: ['DELETE', '/calling/recordings/{recording}', 204],
  pauseRecording: ['POST', '/calling/recordings/{recording}:pause', 202],
  resumeRecording: ['POST', '/calling/recordings/{recording}:resume', 202],
} as const satisfies Readonly<Record<string, readonly [method: string, path: string, status: number]>>;

export type Operation = keyof typeof routes;

/** An operation with the ids in its path. */
export interface Route {
  readonly operation: Operation;
  readonly call?: string;
  readonly recording?: string;
  readonly participant?: string;
}

const patterns = Object.entries(routes).map(([operation, [method, path]]) => ({
  operation: operation as Operation,
  method,
  pattern: new RegExp(`^${path.replace(/\{(\w+)\}/g, '(?<$1>[^/:]+)')}$`),
}));

/** What is asked for; undefined where the service has no such thing. */
export const routeOf = (method: string, path: string): Route | undefined => {
  for (const { operation, method: own, pattern } of patterns) {
    const found = own === method ? pattern.exec(path) : null;
    if (found !== null) return { operation, ...decoded(found.groups ?? {}) };
  }
  return undefined;
};

const decoded = (groups: Readonly<Record<string, string>>): Omit<Route, 'operation'> => Object.fromEntries(Object.entries(groups).map(([name, value]) => [name, unescaped(value)]));

const unescaped = (text: string): string => {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
};
