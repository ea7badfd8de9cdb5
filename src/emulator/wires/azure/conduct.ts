/**
 * Conduct — a call by requests: it is announced by Event Grid, the bot takes it by a request, and from then on tells the service by
 * one request after the other what to do, and is told by callbacks what has become of it.
 *
 * Where the service's documents are silent, this is what the emulation does: a bot that cannot be told anything has the call
 * ended; so has one that neither asks for anything nor has anything done for two minutes.
 *
 * @module
 */
import { randomUUID } from 'node:crypto';
import type { LiveLine } from '../../live-line.ts';
import type { Connection } from './connection.ts';
import type { Disorder } from './delivery.ts';
import { type GridEvent, gridMessage, type GridSchema } from './event-grid.ts';
import type { Resource } from './resource.ts';
import { trunk, type Trunk } from './trunk.ts';

/** What calls are conducted with. */
export interface Office {
  readonly resource: Resource;
  readonly disorder: Disorder;
  readonly schema: GridSchema;
  /** A token for callbacks. */
  readonly token: () => Promise<string>;
  /** The address of the subscription for the bot at `url`. */
  readonly subscription: (url: string) => string;
  /** Whether the bot at that address wants to be told of calls. */
  readonly isSubscribed: (address: string) => Promise<boolean>;
  /** Calls that were placed and have no line yet, by their ids. */
  readonly placed: Map<string, Trunk>;
  /** Calls that are conducted. */
  readonly trunks: Set<Trunk>;
  /** Whether a request is being answered. */
  readonly isAttending: () => boolean;
}

/** How long it rings before a call is lost, ms. */
const ringMs = 30_000;
/** How long nothing may happen, ms. */
const quietMs = 120_000;
/** Longer than this no call is. */
const longestMs = 86_400_000;

/** A trunk of `office`. */
export const trunkOf = ({ disorder, token }: Office): Trunk => trunk({ disorder, token });

/** A call as its conductor has it. */
interface Course {
  readonly trunk: Trunk;
  /** The call, once there is one. */
  readonly connection: () => Connection | undefined;
  readonly isAnswered: () => boolean;
  /** The caller puts the receiver down, or the line is cut. */
  readonly hangUp: () => void;
}

/** Conducts the call on `line` to its end. */
export const conduct = async (line: LiveLine, office: Office): Promise<void> => {
  const course = line.call.direction === 'outbound' ? outgoing(line, office) : await incoming(line, office);
  if (course === undefined) return;
  office.trunks.add(course.trunk);
  try {
    await follow(line, course, office);
    while (course.connection()?.state === 'connecting') await turnOfTheLoop(); // it is just being told that nobody takes it
    if (course.connection()?.state !== 'disconnected') course.hangUp();
    await course.trunk.delivery.end();
    for (const event of course.trunk.announcements()) await line.tell(office.subscription(line.url), gridMessage(event, office.schema));
  } finally {
    office.trunks.delete(course.trunk);
  }
};

async function incoming(line: LiveLine, office: Office): Promise<Course | undefined> {
  const { id, from, to, name } = line.call;
  const address = office.subscription(line.url);
  if (!(await office.isSubscribed(address))) {
    line.note('line', 'error', 'the bot does not agree to be told of calls');
    return void line.end('line', 'unavailable');
  }
  const own = trunkOf(office);
  const ringing = office.resource.rings({ correlationId: id, from, to, ...(name !== undefined && { name }), ...own.carriage });
  own.attach(line, ringing.hangUp);
  office.trunks.add(own);
  const posted = await line.tell(address, gridMessage(ringing.event, office.schema));
  if (posted.got !== 'reply') {
    ringing.lose();
    office.trunks.delete(own);
    return void line.end('line', posted.got === 'refused' ? 'unavailable' : posted.got);
  }
  if (office.disorder.twice === true || line.trouble.twice === true) await line.tell(address, gridMessage(again(ringing.event), office.schema));
  return {
    trunk: own, connection: ringing.connection, isAnswered: () => ringing.connection() !== undefined,
    hangUp: () => {
      ringing.lose();
      ringing.hangUp();
    },
  };
}

/** Event Grid tells everything at least once. */
const again = (event: GridEvent): GridEvent => ({ ...event, id: randomUUID() });

function outgoing(line: LiveLine, office: Office): Course | undefined {
  const own = office.placed.get(line.call.id);
  if (own === undefined) return void line.end('line', 'unanswered');
  office.placed.delete(line.call.id);
  const connection = (): Connection | undefined => office.resource.call(line.call.id);
  const hangUp = (): void => {
    const call = connection();
    if (call !== undefined) office.resource.hangUp(call, call.to);
  };
  own.attach(line, hangUp);
  return { trunk: own, connection, hangUp, isAnswered: () => connection()?.state !== 'connecting' };
}

const turnOfTheLoop = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** Lets things happen until the call is over. */
async function follow(line: LiveLine, course: Course, office: Office): Promise<void> {
  const { trunk: own, isAnswered } = course;
  const since = line.clock.now();
  while (line.ended === undefined) {
    const next = own.next();
    const by = line.cut();
    if (by !== undefined) return line.end(by.by, by.reason);
    const deafness = own.deafness();
    if (deafness !== undefined) return line.end('line', deafness);
    if (own.isBusy() || office.isAttending()) await next;
    else if (!own.delivery.isIdle()) await Promise.race([next, own.delivery.idle()]);
    else if ((await line.until(next, patience(course, line.clock.now() - since), { exchangeMs: 0 })) === undefined && line.cut() === undefined) {
      return line.end('line', isAnswered() ? 'nothing-to-do' : 'unanswered');
    }
  }
}

/** How long nothing may happen now; of what is played or listened to the bot has to see the end. */
const patience = ({ isAnswered, connection }: Course, elapsedMs: number): number => {
  if (!isAnswered()) return Math.max(0, ringMs - elapsedMs);
  return connection()?.lanes.isBusy() === true ? longestMs : quietMs;
};
