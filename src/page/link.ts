/**
 * Link — the WebSocket to the phone process, which is opened again whenever it falls.
 *
 * @module
 */
import type { Link } from './model.ts';
import type { Asked, Told } from './protocol.ts';

export interface LinkOptions {
  readonly onTold: (told: Told) => void;
  readonly onLink: (link: Link) => void;
}

/** The way to the process. */
export interface ProcessLink {
  /** Tells the process; false where nobody is there. */
  tell(asked: Asked): boolean;
  /** Asks for what is lacking, each thing once until it has come. */
  want(lacking: readonly Asked[]): void;
  /** Does not wait for the next try. */
  tryNow(): void;
}

const [firstWaitMs, longestWaitMs] = [500, 8_000];
/** The code by which the process says that it does not know this browser. */
const policyViolation = 1008;

/** Opens the link, and keeps it open. */
export function openLink({ onTold, onLink }: LinkOptions): ProcessLink {
  const address = new URL('/phone', window.location.href);
  address.protocol = address.protocol === 'https:' ? 'wss:' : 'ws:';
  const asked = new Set<string>();
  let socket: WebSocket | undefined;
  let waitMs = firstWaitMs;
  let timer: number | undefined;

  function open(): void {
    window.clearTimeout(timer);
    timer = undefined;
    asked.clear();
    const opened = new WebSocket(address);
    let isGreeted = false;
    socket = opened;
    opened.addEventListener('message', ({ data }) => {
      const told = JSON.parse(String(data)) as Told;
      if (told.type === 'hello') {
        isGreeted = true;
        waitMs = firstWaitMs;
      }
      answered(told);
      onTold(told);
    });
    opened.addEventListener('close', ({ code }) => {
      if (socket !== opened) return;
      socket = undefined;
      if (isGreeted) later();
      else if (code === policyViolation) onLink({ is: 'refused' });
      else void whetherRefused().then((refused) => (refused ? onLink({ is: 'refused' }) : later()));
    });
  }

  function later(): void {
    if (socket !== undefined || timer !== undefined) return;
    onLink({ is: 'lost', againAt: Date.now() + waitMs });
    timer = window.setTimeout(open, waitMs);
    waitMs = Math.min(longestWaitMs, waitMs * 2);
  }

  /** A browser does not say why a WebSocket was refused; an ordinary request is told. */
  const whetherRefused = async (): Promise<boolean> => {
    const answer = await fetch('/phone', { cache: 'no-store' }).catch(() => undefined);
    return answer?.status === 401 || answer?.status === 403;
  };

  function answered(told: Told): void {
    if (told.type === 'log') asked.delete(key({ type: 'open', callId: told.callId }));
    if (told.type === 'chart') asked.delete(key({ type: 'chart', id: told.id }));
    if (told.type === 'source') asked.delete(key({ type: 'source', file: told.file }));
  }

  const key = (what: Asked): string => JSON.stringify(what);

  function tell(what: Asked): boolean {
    if (socket?.readyState !== WebSocket.OPEN) return false;
    socket.send(JSON.stringify(what));
    return true;
  }

  function want(lacking: readonly Asked[]): void {
    for (const what of lacking.filter((one) => !asked.has(key(one)))) if (tell(what)) asked.add(key(what));
  }

  function tryNow(): void {
    if (socket !== undefined) return;
    onLink({ is: 'connecting' });
    open();
  }

  document.addEventListener('visibilitychange', () => document.visibilityState === 'visible' && tryNow());
  window.addEventListener('online', tryNow);
  open();
  return { tell, want, tryNow };
}
