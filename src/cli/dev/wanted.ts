/**
 * Wanted — what a bot waits for, as the page shows it.
 *
 * @module
 */
import type { PartyTurn, Turn } from '../../emulator/index.ts';
import type { Wanted } from '../../page/protocol.ts';

/** What is wanted of whoever has `turn`. */
export const wantedOf = (turn: Turn | PartyTurn): Wanted => {
  switch (turn.kind) {
    case 'ringing':
    case 'joined':
      return { kind: turn.kind, to: turn.to };
    case 'record': {
      const { maxMs, termchars = [] } = turn.request;
      return { kind: 'record', maxMs, termchars };
    }
    case 'question': {
      const { choices = [], digits, speech = false, bargein, timeoutMs } = turn.request;
      return {
        kind: 'question', speech, bargein, timeoutMs,
        choices: [...choices.map(({ name, key, phrases }) => ({ name, phrases, ...(key !== undefined && { key }) })), ...(turn.hints ?? []).map((hint) => ({ name: hint, phrases: [hint] }))],
        ...(digits !== undefined && { digits: { termchars: digits.termchars ?? [], ...(digits.max !== undefined && { max: digits.max }) } }),
      };
    }
  }
};
