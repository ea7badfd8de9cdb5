/**
 * Relay — stands between a process and its PostgreSQL: counts the statements that pass, and can hold them up or cut the line.
 *
 * @module
 */
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

export interface Relay {
  readonly port: number;
  /** The statements that were carried out, oldest first, as often as they were. */
  readonly statements: readonly string[];
  /** The names that statements were given, to be used again. */
  readonly names: ReadonlySet<string>;
  /** From now on nothing passes, or no answers, and nobody is told. */
  hold(what?: 'all' | 'answers'): void;
  /** What was held passes, and what comes. */
  release(): void;
  /** What is held stays so; new connections pass. */
  spare(): void;
  /** Breaks all connections. */
  cut(): void;
  close(): Promise<void>;
}

/** Relays to `port` on this machine. */
export async function relayTo(port: number): Promise<Relay> {
  const statements: string[] = [];
  const names = new Set<string>();
  const sockets = new Set<Socket>();
  const upstreams = new Set<Socket>();
  let held: 'all' | 'answers' | undefined;

  const isHeld = (socket: Socket): boolean => held === 'all' || (held === 'answers' && upstreams.has(socket));

  const server = createServer((client) => {
    const upstream = connect(port, '127.0.0.1');
    upstreams.add(upstream);
    const read = statementsIn((statement) => statements.push(statement), (name) => names.add(name));
    client.on('data', read);
    for (const [from, to] of [[client, upstream], [upstream, client]] as const) {
      sockets.add(from);
      from.on('data', (chunk: Buffer) => to.write(chunk)).on('error', () => {}).on('close', () => {
        sockets.delete(from);
        upstreams.delete(from);
        to.destroy();
      });
      if (isHeld(from)) from.pause();
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));

  return {
    port: (server.address() as AddressInfo).port,
    statements,
    names,
    hold: (what = 'all') => {
      held = what;
      for (const socket of sockets) if (isHeld(socket)) socket.pause();
    },
    release: () => {
      held = undefined;
      for (const socket of sockets) socket.resume();
    },
    spare: () => {
      held = undefined;
    },
    cut: () => {
      for (const socket of sockets) socket.destroy();
    },
    close: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/**
 * Finds the statements in what a client sends: those of the message Query (`Q`), and those that Parse (`P`) reads, Bind (`B`) gives its
 * values and Execute (`E`) carries out. The first message has no letter.
 */
const statementsIn = (found: (statement: string) => void, givesName: (name: string) => void): ((chunk: Buffer) => void) => {
  const known = new Map<string, string>();
  let bound = '';
  let rest: Buffer = Buffer.alloc(0);
  let begun = false;
  let lost = false;
  return (chunk) => {
    if (lost) return;
    rest = Buffer.concat([rest, chunk]);
    for (;;) {
      const head = begun ? 1 : 0;
      if (rest.length < head + 4) return;
      lost = rest.readInt32BE(head) < 4; // no message is as short: this is another language, such as that of copies
      if (lost || rest.length < head + rest.readInt32BE(head)) return;
      const end = head + rest.readInt32BE(head);
      const letter = begun ? String.fromCharCode(rest[0]!) : '';
      const [first = '', second = ''] = rest.subarray(head + 4, end).toString('utf8').split('\0');
      if (letter === 'Q') found(first);
      if (letter === 'P') known.set(first, second);
      if (letter === 'P' && first !== '') givesName(first);
      if (letter === 'B') bound = second;
      if (letter === 'E') found(known.get(bound) ?? '');
      begun ||= !isAsking(rest);
      rest = rest.subarray(end);
    }
  };
};

/** Whether the first message only asks whether the line may be sealed (SSLRequest, GSSENCRequest): another first message follows. */
const isAsking = (message: Buffer): boolean => message.length >= 8 && [80_877_103, 80_877_104].includes(message.readInt32BE(4));
