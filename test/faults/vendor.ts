/**
 * Vendor — the side of the calling service: it carries calls, tells the bot's processes what happens on them, tries again as a
 * real one does, sends some requests twice, and takes commands by their keys.
 *
 * @module
 */
import { Agent, createServer, request as httpRequest } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { incoming, pressed } from '../transport/rig.ts';
import { type Asked, type Mode, places } from './services.ts';
import { type Answer, askedIn, type Command, type Sending, type Story, type Try } from './story.ts';

/** What the vendor's API does to a command that arrives. */
export type Trouble = 'none' | 'refuses' | 'silent' | 'slow';

/** How long an API in trouble leaves a command without an answer, ms. */
const answersAfterMs = { refuses: 0, silent: 3_000, slow: 400 };

export interface VendorOptions extends Manners {
  /** The addresses of the processes that answer now. */
  readonly urls: () => readonly string[];
  /** From 0 to 1, evenly; the same for the same seed. */
  readonly chance: () => number;
  /** So often a request is tried, with a pause that grows up to {@link pauseMs}. Default 250: half a minute in all where nobody answers. */
  readonly mostTries?: number;
  /** The bot has said nothing for so long: the line gives up, which is a failure whatever the reason. Default 60 s. */
  readonly patienceMs?: number;
  /** The bot has been told so many things on one call: it turns in a circle. Default 80. */
  readonly mostRounds?: number;
}

/** How it behaves, until it is told otherwise. */
export interface Manners {
  /** How much of what is sent is sent twice. Default 0.2. */
  readonly twice?: number;
  /** How long a try is waited for, ms. Default 5,000. */
  readonly tryMs?: number;
  readonly trouble?: (command: Command) => Trouble;
  /** How long somebody on the line takes, ms. Default 5 to 30. */
  readonly thinksMs?: () => number;
  /** What callers ask for at every other menu. Default: nothing in particular. */
  readonly often?: string;
  /** How the calls end. Default: a third each, by the bot, in a race, by the caller. */
  readonly wanted?: readonly string[];
}

export interface Vendor {
  readonly url: string;
  /** From now on it behaves like this; what is not said is as it is by default. */
  behave(manners: Manners): void;
  readonly stories: Story[];
  /** Places one call in `mode` and carries it to its end: by `acts`, or by chance, and then it is cut short as soon as `isLate`. */
  call(mode: Mode, acts?: readonly string[], isLate?: () => boolean): Promise<Story>;
  /** Tells what happened on a call that is over long since: the outcome of its last question, and its end once more. */
  late(story: Story): Promise<void>;
  /** Resolves when nothing has been told or asked for `ms`, or soon anyway: everybody on the line thinks. */
  still(ms: number): Promise<void>;
  /** How many tries were answered with a 503. */
  refused(): number;
  /** Sends what no service sends, to a process that carries calls, and says what was answered in another way than it is to be. */
  junk(): Promise<readonly string[]>;
  /** Resolves when no request is on its way any more. */
  settled(): Promise<void>;
  close(): Promise<void>;
}

/** Between two tries at most, ms. */
const pauseMs = 100;

/** What is done on a call, one at each menu; then comes `stop`, or the caller hangs up. */
export const choices = ['code', 'work', 'wait', 'keep', 'hurry', 'silence', 'long'] as const;

/** What the person on the line does when he is asked `says`. */
type Person = (says: string) => string;

let called = 0;

export const startVendor = async ({ urls, chance, mostTries = 250, patienceMs = 60_000, mostRounds = 80, ...at }: VendorOptions): Promise<Vendor> => {
  const usual: Required<Manners> = { twice: 0.2, tryMs: 5_000, trouble: () => 'none', thinksMs: () => 5 + chance() * 25, often: '', wanted: ['stop', 'stop', 'race', 'hangs up'] };
  let manners: Required<Manners> = { ...usual, ...at };
  const stories: Story[] = [];
  const byId = new Map<string, Story>();
  const wakes = new Map<string, () => void>();
  const loose = new Set<Promise<unknown>>();
  const agent = new Agent({ keepAlive: true, maxSockets: 2_000 });
  let refused = 0;
  let heardAt = 0;
  const any = <T>(list: readonly T[]): T => list[Math.floor(chance() * list.length)]!;

  // ---- requests to the bot ----

  const post = (url: string, { path, headers, body }: Sending): Promise<Answer | undefined> =>
    new Promise((resolve) => {
      const request = httpRequest(url + path, { method: 'POST', agent, headers: { 'content-length': Buffer.byteLength(body), ...headers } }, (response) => {
        let text = '';
        response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
        response.on('end', () => resolve(response.complete ? { at: Date.now(), status: response.statusCode ?? 0, body: text } : undefined));
        response.on('error', () => resolve(undefined));
      });
      request.setTimeout(manners.tryMs, () => request.destroy());
      request.on('error', () => resolve(undefined));
      request.end(body);
    });

  /** Tries until it is answered. */
  const tried = async (story: Story, sending: Sending): Promise<Answer | undefined> => {
    for (let count = 0; count < mostTries; count += 1) {
      if (count > 0) await sleep(Math.min(pauseMs, 10 * 2 ** count));
      const up = urls();
      if (up.length === 0) continue;
      const one: Try = { url: any(up), from: Date.now(), to: Infinity };
      sending.tries.push(one);
      heardAt = one.from;
      const answer = await post(one.url, sending);
      one.to = heardAt = Date.now();
      if (answer?.status === 503) refused += 1;
      if (answer === undefined || answer.status >= 500) continue;
      sending.answers.push(answer);
      if (answer.status === 200) return answer;
      story.problems.push(`status: request ${sending.id} was answered with ${answer.status}`);
      return undefined;
    }
    story.problems.push(`dead air: request ${sending.id} was never answered`);
    return undefined;
  };

  const untied = (work: Promise<unknown>): void => {
    const ours = work.finally(() => loose.delete(ours));
    loose.add(ours);
  };

  /** Sends what has happened, some of it twice, and gives what it is answered with. */
  const send = async (story: Story, { headers, body }: Wire, races = false): Promise<string> => {
    const id = headers[messageId] ?? (JSON.parse(body) as { readonly eventId: string }).eventId;
    const sending: Sending = { id, path: places[story.mode].path, headers, body, began: Date.now(), races, answers: [], tries: [] };
    story.sendings.push(sending);
    const isTwice = chance() < manners.twice;
    const isBeside = isTwice && chance() < 0.5;
    if (isTwice) story.duplicates += 1;
    const first = tried(story, sending);
    const second = isBeside ? sleep(chance() * 8).then(() => tried(story, sending)) : undefined;
    let answer = await (second === undefined ? first : Promise.any([first, second].map(spoken)).catch(() => first));
    if (second !== undefined) for (const one of [first, second]) untied(one);
    if (isTwice && !isBeside) untied(sleep(chance() * 40).then(() => tried(story, sending)));
    answer ??= await (second ?? first);
    return answer?.body ?? '';
  };

  /** An answer that says something; of two tries it is what counts. */
  const spoken = async (answer: Promise<Answer | undefined>): Promise<Answer> => {
    const given = await answer;
    if (given === undefined || given.body === '') throw new Error('nothing was said');
    return given;
  };

  // ---- a call ----

  /** What somebody does at a menu who was not told what; the longest of the choices is a rare one. */
  const actByChance = (): string => {
    if (manners.often !== '' && chance() < 0.5) return manners.often;
    return any(chance() < 0.08 ? choices : choices.slice(0, -1));
  };

  /** A few menus, and an end. */
  const actsByChance = (): readonly string[] => [...Array.from({ length: 3 + Math.floor(chance() * 4) }, actByChance), any(manners.wanted)];

  const call = async (mode: Mode, acts?: readonly string[], isLate?: () => boolean): Promise<Story> => {
    const id = `${mode}-${(called += 1)}-${Math.floor(Math.random() * 1e6)}`;
    const story: Story = { id, mode, from: `+1555${String(called).padStart(7, '0')}`, sendings: [], commands: [], works: [], wrapUps: [], silences: [], troubles: [], problems: [], duplicates: 0 };
    stories.push(story);
    byId.set(id, story);
    const decide = acts === undefined ? person(actsByChance(), isLate) : person(acts);
    await (mode === 'command' ? carryByCommands(story, decide) : carryByReplies(story, decide));
    story.endedAt = Date.now();
    return story;
  };

  /** Somebody who does `acts` one after the other, and the last of them alone once it `isLate`. */
  const person = (acts: readonly string[], isLate = () => false): Person => {
    const left = [...acts];
    return (says) => {
      if (says.startsWith('Code') || says.includes(' Code.')) return `digits ${1_000 + Math.floor(chance() * 9_000)}`;
      if (says.includes('Hurry')) return any(['again', 'back', 'dawdle']);
      if (isLate()) left.splice(0, left.length - 1);
      return left.shift() ?? 'stop';
    };
  };

  /** Resolves to whether the vendor was told something new within `ms`. */
  const told = (story: Story, count: number, ms: number): Promise<boolean> =>
    new Promise((resolve) => {
      if (story.commands.length > count) return resolve(true);
      const timer = setTimeout(() => (wakes.delete(story.id), resolve(false)), ms);
      wakes.set(story.id, () => (clearTimeout(timer), wakes.delete(story.id), resolve(true)));
    });

  const silence = (story: Story, from: number): void => void story.silences.push({ from, to: Date.now() });

  /** Says what the person did; whether the call goes on, and with what. */
  const does = async (story: Story, last: Asked, act: string): Promise<string | undefined> => {
    const { events } = wireOf(story);
    if (act === 'hangs up' || act === 'race') {
      if (act === 'hangs up') await send(story, events.ended());
      else await Promise.all([send(story, events.chose(last.operationId, 'work')), send(story, events.ended(), true)]);
      if (chance() < 0.5) await send(story, events.chose(last.operationId, 'keep')); // a fact that comes late
      return undefined;
    }
    if (last.type === 'hangup') {
      const both = chance() < 0.4;
      await Promise.all([send(story, events.done(last)), ...(both ? [send(story, events.ended(), true)] : [])]);
      return undefined;
    }
    if (last.type !== 'recognize') return send(story, events.done(last));
    if (act === 'silence' || act === 'dawdle') return send(story, events.noinput(last.operationId));
    return send(story, act.startsWith('digits') ? events.digits(last.operationId, act.slice('digits '.length)) : events.chose(last.operationId, act));
  };

  const carryByReplies = async (story: Story, decide: Person): Promise<void> => {
    let began = Date.now();
    let body = await send(story, wireOf(story).events.rings());
    let heard = 0;
    for (;;) {
      const news = (): string | undefined => (story.commands.length > heard ? (story.commands[(heard = story.commands.length) - 1]!.request['document'] as string) : undefined);
      body = news() ?? body;
      if (body === '' && story.mode === 'push' && story.problems.length === 0 && (await told(story, heard, patienceMs))) body = news() ?? '';
      silence(story, began);
      const last = askedIn(story.mode, body).at(-1);
      if (last === undefined || story.sendings.length > mostRounds) {
        story.problems.push(last === undefined ? `dead air: the bot said nothing to request ${story.sendings.at(-1)?.id}` : 'dead air: the call does not come to its end');
        return;
      }
      const act = last.type === 'recognize' ? decide(last.says) : '';
      const pause = act === 'dawdle' ? 450 : act === 'silence' ? 60 : last.says.includes('Hurry') ? 150 + chance() * 140 : manners.thinksMs();
      if (story.mode !== 'push') await sleep(pause);
      else if (await told(story, heard, pause)) continue; // the line has been told something else meanwhile
      began = Date.now();
      const next = await does(story, last, act);
      if (next === undefined) return;
      body = next;
    }
  };

  const carryByCommands = async (story: Story, decide: Person): Promise<void> => {
    let began = Date.now();
    await send(story, wireOf(story).events.rings());
    for (let heard = 0; ; ) {
      if (story.sendings.length > mostRounds || !(await told(story, heard, patienceMs))) {
        story.problems.push(story.sendings.length > mostRounds ? 'dead air: the call does not come to its end' : 'dead air: no command came');
        return;
      }
      const { request } = story.commands[(heard += 1) - 1]!;
      const last = request as unknown as Asked;
      if (last.type === 'break') continue;
      silence(story, began);
      const act = last.type === 'recognize' ? decide(last.says) : '';
      const pause = act === 'dawdle' ? 450 : act === 'silence' ? 60 : last.says.includes('Hurry') ? 150 + chance() * 140 : manners.thinksMs();
      began = Date.now();
      if (await told(story, heard, pause)) continue;
      began = Date.now();
      if ((await does(story, last, act)) === undefined) return;
    }
  };

  // ---- the vendor's API ----

  const server = createServer((request, response) => {
    let text = '';
    request.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
    request.on('end', () => {
      heardAt = Date.now();
      const told = JSON.parse(text) as { readonly callId: string; readonly id: string; readonly request: Command['request']; readonly taskId: string; readonly reason: string; readonly context: unknown };
      const story = byId.get(told.callId);
      if (story === undefined) return void response.writeHead(404).end();
      if (request.url === '/worked') story.works.push({ taskId: told.taskId, at: heardAt });
      else if (request.url === '/wrapped') story.wrapUps.push({ taskId: told.taskId, at: heardAt, reason: told.reason, context: told.context });
      else return command(story, told.id, told.request, request.headers['idempotency-key'], (status, afterMs) => void setTimeout(() => response.writeHead(status).end(), afterMs));
      response.end();
    });
  });

  const command = (story: Story, id: string, asked: Command['request'], key: unknown, answer: (status: number, afterMs: number) => void): void => {
    if (key !== `${story.id} ${id}`) story.problems.push(`commands: ${id} came with the key ${String(key)}`);
    const before = story.commands.find((one) => one.id === id);
    const one = before ?? { id, at: heardAt, lastAt: heardAt, request: asked, times: 0, lost: 0 };
    one.times += 1;
    one.lastAt = heardAt;
    const how = manners.trouble(one);
    if (how === 'refuses' || how === 'silent') one.lost += 1;
    if (how !== 'none') story.troubles.push({ from: heardAt, to: heardAt + answersAfterMs[how] });
    if (how === 'refuses') return answer(500, answersAfterMs[how]);
    if (before === undefined) {
      story.commands.push(one);
      wakes.get(story.id)?.();
    } else if (JSON.stringify(before.request) !== JSON.stringify(asked)) story.problems.push(`commands: ${id} came again and said something else`);
    answer(200, how === 'none' ? 0 : answersAfterMs[how]);
  };

  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    behave: (more) => void (manners = { ...usual, ...more }),
    stories,
    call,
    late: async (story) => {
      const { events } = wireOf(story);
      const [last] = [...story.sendings].reverse().flatMap(({ answers }) => answers).flatMap(({ body }) => askedIn(story.mode, body).slice(-1));
      for (const wire of [...(last === undefined ? [] : [last.type === 'recognize' ? events.noinput(last.operationId) : events.done(last)]), events.ended()]) await send(story, wire);
    },
    junk: async () => {
      const found: string[] = [];
      for (const [what, body, headers, status] of junk) {
        const sent = (): Promise<Answer | undefined> => post(any(urls()), { id: '', path: places.reply.path, headers: { 'content-type': 'application/json', [messageId]: `junk ${(called += 1)}`, ...headers }, body, began: 0, races: false, answers: [], tries: [] });
        const answer = (await sent()) ?? (await sent()) ?? (await sent()); // a connection that was kept may be closed at the other end
        if (answer?.status !== status) found.push(`junk: ${what} was answered with ${answer?.status ?? 'nothing'} and not with ${status}`);
      }
      return found;
    },
    still: async (ms) => {
      for (const end = Date.now() + 1_500; Date.now() < end && Date.now() - heardAt < ms; ) await sleep(5);
    },
    refused: () => refused,
    settled: async () => {
      while (loose.size > 0) await Promise.all(loose);
    },
    close: () =>
      new Promise((resolve) => {
        agent.destroy();
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
};

/** What it is, its body, its headers, and its status. */
const junk: readonly (readonly [what: string, body: string, headers: Readonly<Record<string, string>>, status: number])[] = [
  ['a body that is no JSON', '{"id":', {}, 400],
  ['a body of another type', 'a=b', { 'content-type': 'application/x-www-form-urlencoded' }, 415],
  ['an event that nobody knows', JSON.stringify({ id: 'nobody', type: 'callStateChange', currentState: 'dancing' }), {}, 404],
  ['an outcome of a call that is not on record', JSON.stringify({ id: 'nobody', callState: 'established', operationOutcome: { type: 'playPromptOutcome', id: 'x:1:0', outcome: 'success' } }), {}, 404],
  ['a body of 300 KB', JSON.stringify({ id: 'nobody', filling: 'x'.repeat(300 * 1024) }), {}, 413],
  ['an outcome without its fields', JSON.stringify({ id: 'nobody', callState: 'established', operationOutcome: { outcome: 'success' } }), {}, 400],
];

// ---- the wire ----

const messageId = 'x-microsoft-skype-message-id';

interface Wire {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** What the service of the call says when something happens on it. */
const wireOf = ({ id, mode, from, sendings }: Story) => {
  let count = sendings.length;
  const next = (): string => `${id}:m${(count += 1)}`;
  const json = (body: object): Wire => ({ headers: { 'content-type': 'application/json', [messageId]: next() }, body: JSON.stringify(body) });
  const neutral = (event: object): Wire => ({ headers: {}, body: JSON.stringify({ callId: id, eventId: next(), events: [event] }) });
  const outcome = (operationId: string, more: object): Wire => json({ id, callState: 'established', operationOutcome: { id: operationId, outcome: 'success', ...more } });
  const isWire = mode === 'reply';
  return {
    events: {
      rings: () => (isWire ? json({ ...incoming(id), participants: [{ identity: from, displayName: 'A Caller', languageId: 'en-US', originator: true }, { identity: '28:the-app-id', originator: false }] }) : neutral({ type: 'call.incoming', call: { id, from, to: '+15550199', direction: 'inbound', headers: {} } })),
      ended: () => (isWire ? json({ id, type: 'callStateChange', currentState: 'terminated' }) : neutral({ type: 'call.ended' })),
      done: ({ type, operationId }: Asked) => (isWire ? outcome(operationId, { type: `${type === 'play' ? 'playPrompt' : type}Outcome` }) : neutral({ type: `${type}.done`, operationId })),
      chose: (operationId: string, name: string) => (isWire ? outcome(operationId, { type: 'recognizeOutcome', ...pressed(name) }) : neutral({ type: 'recognize.input', operationId, via: 'dtmf', input: { kind: 'choice', name } })),
      digits: (operationId: string, digits: string) => (isWire ? outcome(operationId, { type: 'recognizeOutcome', collectDigitsOutcome: { completionReason: 'completedStopToneDetected', digits } }) : neutral({ type: 'recognize.input', operationId, via: 'dtmf', input: { kind: 'digits', digits } })),
      noinput: (operationId: string) => (isWire ? outcome(operationId, { type: 'recognizeOutcome', outcome: 'failure', choiceOutcome: { completionReason: 'initialSilenceTimeout' } }) : neutral({ type: 'recognize.noinput', operationId })),
    },
  };
};
