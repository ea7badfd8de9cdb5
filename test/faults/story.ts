/**
 * Story — all that the harness has seen of one call: what was sent with what it was answered, the commands that the vendor
 * took, what the bot told beside, and how long the caller heard nothing.
 *
 * @module
 */
import type { Asked, Mode } from './services.ts';

/** One answer to one try of a request. */
export interface Answer {
  readonly at: number;
  readonly status: number;
  readonly body: string;
}

/** A try, by whom, and how long it lasted; of one that is on its way `to` is Infinity. */
export interface Try {
  readonly url: string;
  readonly from: number;
  to: number;
}

/** A request of the calling service, with all its tries. */
export interface Sending {
  readonly id: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly began: number;
  /** Whether it was on its way at the same time as the one before: either may be the first. */
  readonly races: boolean;
  readonly answers: Answer[];
  readonly tries: Try[];
}

/** A command that the vendor took, for the first time. */
export interface Command {
  readonly id: string;
  readonly at: number;
  readonly request: Readonly<Record<string, unknown>>;
  /** How often it came, and when last. */
  times: number;
  lastAt: number;
  /** How often the vendor itself saw to it that the bot did not hear that it was taken. */
  lost: number;
}

/** Something that the bot told while it did the task, once more. */
export interface Work {
  readonly taskId: string;
  readonly at: number;
}

/** A time in which the caller heard nothing and the bot was to speak. */
export interface Silence {
  readonly from: number;
  readonly to: number;
}

export interface Story {
  readonly id: string;
  readonly mode: Mode;
  readonly from: string;
  readonly sendings: Sending[];
  /** By the order in which they were taken first. */
  readonly commands: Command[];
  /** As often as a task was done. */
  readonly works: Work[];
  readonly wrapUps: (Work & { readonly reason: string; readonly context: unknown })[];
  readonly silences: Silence[];
  /** When the vendor refused a command, or said nothing to it: its own outage. */
  readonly troubles: Silence[];
  /** What went wrong on the way, in sentences. */
  readonly problems: string[];
  /** How often a request was sent though it had been answered, or was on its way. */
  duplicates: number;
  /** When the call was over for the calling service. */
  endedAt?: number;
}

/** What the reply or document `body` asks of the line. */
export const askedIn = (mode: Mode, body: string): readonly Asked[] => {
  if (body === '') return [];
  if (mode !== 'reply') return JSON.parse(body) as readonly Asked[];
  const { actions } = JSON.parse(body) as { readonly actions: readonly WireAction[] };
  return actions.map(({ action, operationId, prompts = [], playPrompt }) => ({
    operationId, type: action === 'playPrompt' ? 'play' : action,
    says: [...prompts, ...(playPrompt?.prompts ?? [])].map(({ value }) => value ?? '(silence)').join(' '),
  }));
};

interface WireAction {
  readonly action: string;
  readonly operationId: string;
  readonly prompts?: readonly { readonly value?: string }[];
  readonly playPrompt?: WireAction;
}

/** The step that decided on the operation `operationId`, or on the command of that id. */
export const revisionOf = (operationId: string): number => Number(operationId.split(':').at(-1) === 'push' || operationId.split(':').at(-1) === 'break' ? operationId.split(':').at(-3) : operationId.split(':').at(-2));
