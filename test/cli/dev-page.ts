/** A page of `callchart dev` without a browser: says what a page says, and remembers what it is told. */
import { WebSocket } from 'ws';
import type { Asked, CallShown, Moment, Told } from '../../src/page/protocol.ts';
import { type Running, type RunOptions, start } from './run.ts';

type Answer<T extends Told['type']> = Extract<Told, { readonly type: T }>;

export interface DevPage {
  readonly told: readonly Told[];
  say(asked: Asked | object | string): void;
  /** The next message of `type` for which `holds`, those before it included that nobody has asked for yet. */
  hears<T extends Told['type']>(type: T, holds?: (told: Answer<T>) => boolean, limitMs?: number): Promise<Answer<T>>;
  /** The call when `holds` of it. */
  call(holds: (call: CallShown) => boolean): Promise<CallShown>;
  /** What was said in the call so far: `who.kind text`. */
  notes(callId: string): readonly string[];
  steps(callId: string): readonly Extract<Moment, { readonly kind: 'step' }>[];
  close(): void;
}

export interface DevPhone extends Running {
  readonly origin: string;
  readonly cookie: string;
  open(): Promise<DevPage>;
  /** Brings sound to a call, as a page does that cannot have WebRTC. */
  bringSound(callId: string): Promise<DevSound>;
}

/** The sound of a call, by a WebSocket. */
export interface DevSound {
  readonly socket: WebSocket;
  /** All that came. */
  readonly came: readonly Buffer[];
  /** The code with which it was closed. */
  readonly closed: Promise<number>;
  /** Resolves when `holds` of what came. */
  until(holds: (came: readonly Buffer[]) => boolean): Promise<void>;
}

/** `callchart dev`, until it has printed its address. The bot is checked only where it `checks`: most tests are not about that. */
export const startDev = async (bot: string, { checks = false, given, ...options }: RunOptions & { readonly checks?: boolean; readonly given?: string } = {}): Promise<DevPhone> => {
  const running = await start(['dev', bot, '--port', '0', ...(checks ? [] : ['--no-check']), ...(given === undefined ? [] : ['--coverage', given])], options);
  const address = running.first.replace('phone: ', '');
  const { origin } = new URL(address);
  const cookie = (await fetch(address, { redirect: 'manual' })).headers.get('set-cookie')?.split(';')[0] ?? '';
  return { ...running, origin, cookie, open: () => openPage(origin, cookie), bringSound: (callId) => openSound(origin, cookie, callId) };
};

const openSound = async (origin: string, cookie: string, callId: string): Promise<DevSound> => {
  const socket = new WebSocket(`${origin.replace('http', 'ws')}/sound?call=${encodeURIComponent(callId)}`, { headers: { cookie }, origin });
  const came: Buffer[] = [];
  let look = (): void => {};
  socket.on('message', (data) => {
    came.push(data as Buffer);
    look();
  });
  const closed = new Promise<number>((resolve) => socket.once('close', resolve));
  await new Promise<void>((resolve, reject) => socket.once('open', resolve).once('error', reject));
  const until = (holds: (came: readonly Buffer[]) => boolean): Promise<void> =>
    new Promise((resolve, reject) => {
      const late = setTimeout(() => reject(new Error(`it was not heard; ${came.length} messages came`)), 45_000);
      look = () => {
        if (!holds(came)) return;
        clearTimeout(late);
        resolve();
      };
      look();
    });
  return { socket, came, closed, until };
};

const openPage = async (origin: string, cookie: string): Promise<DevPage> => {
  const socket = new WebSocket(`${origin.replace('http', 'ws')}/phone`, { headers: { cookie }, origin });
  const told: Told[] = [];
  const waiting = new Set<() => void>();
  let read = 0;
  socket.on('message', (data) => {
    told.push(JSON.parse(String(data)) as Told);
    for (const look of waiting) look();
  });
  await new Promise<void>((resolve, reject) => socket.once('open', resolve).once('error', reject));

  const page: DevPage = {
    told,
    say: (asked) => socket.send(typeof asked === 'string' ? asked : JSON.stringify(asked)),
    hears: (type, holds = () => true, limitMs = 45_000) =>
      new Promise((resolve, reject) => {
        const late = setTimeout(() => reject(new Error(`the page was not told of \`${type}\`; last: ${JSON.stringify(told.slice(-3))}`)), limitMs);
        const look = (): void => {
          const at = told.findIndex((one, index) => index >= read && one.type === type && holds(one as Answer<typeof type>));
          if (at === -1) return;
          read = at + 1;
          waiting.delete(look);
          clearTimeout(late);
          resolve(told[at] as Answer<typeof type>);
        };
        waiting.add(look);
        look();
      }),
    call: async (holds) => (await page.hears('call', ({ call }) => holds(call))).call,
    notes: (callId) =>
      told.flatMap((one) => (one.type === 'moment' && one.callId === callId && one.moment.kind === 'entry' ? [`${one.moment.entry.who}.${one.moment.entry.kind}${one.moment.entry.text === undefined ? '' : ` ${one.moment.entry.text}`}`] : [])),
    steps: (callId) => told.flatMap((one) => (one.type === 'moment' && one.callId === callId && one.moment.kind === 'step' ? [one.moment] : [])),
    close: () => socket.terminate(),
  };
  return page;
};

/** Whether a question is open. */
export const asks = ({ wants }: CallShown): boolean => wants?.kind === 'question';
export const isOver = ({ state }: CallShown): boolean => state === 'over';
