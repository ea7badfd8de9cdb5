/**
 * Terminal — a telephone in a terminal: the bot's words come as lines, and what is typed is keyed or said.
 *
 * At a terminal the person may interrupt, and an empty line is nothing at all. Where lines come from a pipe, each line is
 * one turn, an empty one is silence, and the end of the input hangs up; such a phone goes best with the clock `script`.
 *
 * Colour, prompt and echo are a terminal's. Elsewhere, and with `NO_COLOR`, it is plain text.
 *
 * @module
 */
import { clearLine, createInterface, cursorTo } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { isDigits } from '../actions/index.ts';
import { type Caller, queuedCaller } from './caller.ts';
import type { Entry } from './transcript.ts';

/** Where the phone is. */
export interface TerminalOptions {
  readonly input: Readable;
  readonly output: Writable;
  /** Whether a person sits there. Default: whether both are terminals. */
  readonly live?: boolean;
  /** Default: whether the output is a terminal, and `NO_COLOR` is not set. */
  readonly color?: boolean;
}

const help = 'keys: 0-9 * # A-D · anything else is said · /record 5 speaks for 5 s · /hangup or Ctrl-C hangs up';

/** Opens the phone. It reads `input` until its call has ended. */
export function terminalPhone({ input, output, live = isTty(input) && isTty(output), color = isTty(output) && !process.env['NO_COLOR'] }: TerminalOptions): Caller {
  const queue = queuedCaller({ interrupts: live });
  const lines = createInterface({ input, output, terminal: live, prompt: '> ' });
  let isOpen = true;
  let isRinging = false;

  const dim = (text: string): string => (color ? `\x1b[2m${text}\x1b[22m` : text);
  const bold = (text: string): string => (color ? `\x1b[1m${text}\x1b[22m` : text);
  const red = (text: string): string => (color ? `\x1b[31m${text}\x1b[39m` : text);

  function print(text: string): void {
    if (live && !isRinging) {
      cursorTo(output, 0);
      clearLine(output, 0);
    }
    output.write(`${isRinging ? '\n' : ''}${text}\n`);
    isRinging = false;
    if (live && isOpen) lines.prompt(true);
  }

  lines.on('line', (line) => {
    const text = line.trim();
    const [, command, rest = ''] = /^\/(\S*)\s*(.*)$/.exec(text) ?? [];
    const keys = text.replace(/\s+/g, '').toUpperCase();
    const recordMs = command === 'record' ? Number(rest) * 1000 : 0;
    if (command === 'hangup') hangUp();
    else if (recordMs > 0 && recordMs <= 3_600_000) queue.push({ recordMs });
    else if (command !== undefined) print(dim(help));
    else if (text !== '') queue.push(isDigits(keys) ? { keys } : { says: text });
    else if (!live) queue.push('silence');
    if (live && isOpen) lines.prompt();
  });
  lines.on('SIGINT', () => queue.hangUp());
  lines.on('close', () => {
    if (!isOpen) return;
    isOpen = false;
    hangUp();
  });

  /** At a terminal now; from a pipe when its turn comes, after all that was written before. */
  function hangUp(): void {
    if (live) queue.hangUp();
    else queue.push('hangup');
  }

  function show({ who, kind, text = '' }: Entry): void {
    switch (`${who}.${kind}`) {
      case 'line.ringing':
        output.write(dim('☎ ringing…'));
        isRinging = true;
        return;
      case 'bot.answered':
      case 'caller.answered':
        if (!isRinging) return print(dim('☎ answered'));
        isRinging = false;
        output.write(dim(' answered\n'));
        if (live && isOpen) lines.prompt(true);
        return;
      case 'bot.says':
        return print(`${bold('bot:')} ${text}`);
      case 'bot.plays':
        return print(`${bold('bot:')} [audio ${text}]`);
      case 'bot.writes':
        return print(`${bold('chat:')} ${text}`);
      case 'bot.transfers':
        return print(dim(`☎ the bot hands you on to ${text}`));
      case 'bot.calls':
        return print(dim(`☎ the bot rings ${text}`));
      case 'bot.holds':
        return print(dim('☎ you are on hold'));
      case 'bot.unholds':
        return print(dim('☎ you are taken back'));
      case 'line.party':
        return print(dim(`☎ ${text}`));
      case 'line.warned':
        return print(dim(`(${text})`));
      case 'bot.rejected':
        return print(dim('☎ the bot refused the call'));
      case 'bot.hungup':
        return print(dim('☎ the bot hung up'));
      case 'line.beep':
        return print(dim('…beep…'));
      case 'line.unheard':
        return print(dim(`(not understood: ${text})`));
      case 'line.refused':
        return print(red(`☎ the bot's answer is illegal: ${text}`));
      case 'line.failed':
      case 'line.error':
        return print(red(`☎ ${text}`));
      case 'line.task':
        return print(dim(`(task ${text})`));
      case 'line.assumed':
        return print(dim(`(assumed: ${text})`));
      case 'caller.waits':
        return print(dim(`(waits ${text})`));
      case 'line.retrying':
        return print(dim(`☎ ${text}`));
      case 'line.hungup':
        return print(dim(`☎ the line hung up: ${text}`));
      case 'caller.keys':
      case 'caller.speech':
        return live ? undefined : print(`${bold('you:')} ${text}`);
      case 'caller.silence':
        return print(dim('(silence)'));
      case 'caller.recording':
        return print(dim(`(recorded ${text})`));
      case 'caller.hungup':
        return print(dim('☎ you hung up'));
    }
  }

  return {
    ...queue,
    hears: show,
    ended() {
      if (live) {
        cursorTo(output, 0);
        clearLine(output, 0);
      }
      isOpen = false;
      lines.close();
    },
  };
}

const isTty = (stream: Readable | Writable): boolean => (stream as { readonly isTTY?: boolean }).isTTY === true;
