/**
 * Desk phone — a telephone in somebody's hand, on a page for one: what he does is given to it the moment he does it, and it tells whose turn it is.
 *
 * He decides as well what becomes of others whom the bot rings, since nobody else is there to do it. With ears he hears the bot and may speak.
 *
 * @module
 */
import { type Caller, type CallerAct, type Ears, type PartyAct, type PartyTurn, queuedCaller, type Turn } from './caller.ts';

/** What he hears and speaks by. */
export interface Headset extends Ears {
  /** It is his turn: what he says from now on, until the turn is over, is given to `speaks`. */
  listen(turn: Turn, speaks: (act: CallerAct) => void): void;
}

/** What a desk phone is made of. */
export interface DeskPhoneOptions {
  /** Whose turn it is now; undefined when it is nobody's. */
  readonly onTurn: (turn: Turn | PartyTurn | undefined) => void;
  readonly headset?: Headset;
}

/** The telephone of one call. */
export interface DeskPhone {
  readonly caller: Caller;
  /** What its owner does. It waits for his turn. */
  does(act: CallerAct): void;
  /** What somebody does whom the bot has rung; false where nobody is rung or talks. */
  partyDoes(act: Exclude<PartyAct, 'hangup'>): boolean;
  hangUp(): void;
}

/** A telephone, with nobody on the line yet. */
export const deskPhone = ({ onTurn, headset }: DeskPhoneOptions): DeskPhone => {
  const { push, hangUp, ...queue } = queuedCaller();
  let party: ((act: PartyAct) => void) | undefined;

  /** Tells whose turn it is, and that it is over. */
  const taking = <T extends Turn | PartyTurn>(turn: T): T => {
    onTurn(turn);
    turn.signal.addEventListener('abort', () => onTurn(undefined), { once: true });
    return turn;
  };

  /** The turn that has been told of: within one, the phone may be asked again. */
  let told: AbortSignal | undefined;

  return {
    caller: {
      ...queue,
      ...(headset !== undefined && { ears: headset }),
      next: (turn) => {
        if (told !== turn.signal) {
          told = turn.signal;
          taking(turn);
          headset?.listen(turn, push);
        }
        return queue.next(turn);
      },
      party: (turn) =>
        new Promise((resolve) => {
          taking(turn);
          party = resolve;
          turn.signal.addEventListener('abort', () => (party = undefined), { once: true });
        }),
    },
    does: push,
    partyDoes: (act) => {
      party?.(act);
      return party !== undefined;
    },
    hangUp,
  };
};
