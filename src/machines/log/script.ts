/**
 * Script — a recorded call as a caller's script: the same call again, on any line, by whoever plays it.
 *
 * In a script prompts take no time, and what nobody has to decide the service tells by itself. So only what somebody did is written down; a wait is as
 * long as the timer that went off was set for. What a script cannot say is told beside it.
 *
 * @module
 */
import type { AnyStateMachine } from 'xstate';
import { type Choice, type DtmfKey, listen, type Operation, promptText } from '../../actions/index.ts';
import { type ScriptAct, type ServiceOutcome, strayWords } from '../check/caller-script.ts';
import { play } from '../check/play.ts';
import { says, type Standing, standingAfter } from '../check/standing.ts';
import { botState } from '../configurations.ts';
import { match, understood } from '../match.ts';
import { promptsOf } from '../outcomes.ts';
import type { GeneratedCall } from '../paths/generated-call.ts';
import { hidden } from '../secret.ts';
import { type CallInput, type EndReason, isOutcome, type Outcome, type ServiceEvent } from '../service-event.ts';
import { operationIndex, timerKey } from '../snapshot.ts';
import type { StepEvent, StepResult } from '../step.ts';
import { answersOf } from './answers.ts';
import { isDecided } from './carry.ts';
import type { ReplayedStep } from './replay.ts';

/** A recorded call as a script. Nothing is said of what it covers. */
export interface RecordedCall {
  readonly call: GeneratedCall;
  /** What a script cannot say, in sentences that name the step. */
  readonly untold: readonly string[];
}

/** The call of `steps`, which `machine` has taken. Where the log was masked, guards are assumed to hold as they did. */
export const scriptOf = (machine: AnyStateMachine, steps: readonly ReplayedStep[], { masked = false }: { readonly masked?: boolean } = {}): RecordedCall => {
  const acts: ScriptAct[] = [];
  const heard: string[][] = [[]];
  const states: string[] = [];
  const untold: string[] = [];
  const clock = openClock();
  const guards = masked ? assuming(machine) : undefined;
  let standing: Standing | undefined;
  let ended: EndReason | null = null;

  const does = (act: ScriptAct): void => {
    acts.push(act);
    states.push(botState(standing?.snapshot));
    heard.push([]);
  };

  for (const { event, result } of steps) {
    const revision = result.snapshot.revision;
    const tell = (what: string): void => void untold.push(`step ${revision}: ${what}`);
    if (guards !== undefined) for (const act of guards(result, tell)) does(act);
    if (standing !== undefined && standing.snapshot.ended === null && isDecided(event, standing)) {
      for (const act of clock.timed(event, standing, actsOf(event, standing, tell), tell)) does(act);
    }
    standing = standingAfter(standing, result);
    clock.follow(event, result);
    ended ??= result.snapshot.ended;
    heard.at(-1)?.push(...result.batch.flatMap((operation) => (says(operation) ? [promptText(promptsOf(operation))] : [])));
  }
  states.push(botState(standing?.snapshot));

  const again = play(machine, acts);
  if (untold.length === 0 && (again.ended !== ended || JSON.stringify(again.said) !== JSON.stringify(heard.flat()))) untold.push('played from this script the call is heard otherwise: it hangs on who calls, on the time of day, or on how long prompts are');
  const [first] = steps;
  return { call: { title: titleOf(states, ended), call: callerOf(first?.event), now: first?.event.at ?? 0, script: acts, heard, states, ended, covers: [] }, untold };
};

/** The way of the call, without what was said on it. */
const titleOf = (states: readonly string[], ended: EndReason | null): string => {
  const passed = states.filter((state, index) => state !== states[index - 1] && state !== 'ended' && state !== 'idle');
  const way = passed.length > 6 ? [...passed.slice(0, 3), '…', ...passed.slice(-2)] : passed;
  return [...(way.length === 0 ? ['at once'] : way), ended === null ? 'and on' : ends[ended]].join(', ');
};

const ends: Readonly<Record<EndReason, string>> = { caller: 'hung up', bot: 'the end', rejected: 'refused', transferred: 'handed on', error: 'the bot failed', service: 'cut off' };

/** Who calls, as far as that is known. */
const callerOf = (event: StepEvent | undefined): Partial<CallInput> => {
  const incoming = event?.type === 'service' ? event.events.find(({ type }) => type === 'call.incoming') : undefined;
  if (incoming?.type !== 'call.incoming') return {};
  const { id: _, ...call } = incoming.call;
  return Object.fromEntries(Object.entries(call).filter(([, value]) => !JSON.stringify(value).includes(hidden)));
};

// ---- time ----

interface Clock {
  /** What is done before `acts`, or in their place, so that as much time has passed. */
  timed(event: StepEvent, standing: Standing, acts: readonly ScriptAct[], tell: (what: string) => void): readonly ScriptAct[];
  follow(event: StepEvent, result: StepResult): void;
}

/** The clock of a line on which only silence and waiting take time. */
const openClock = (): Clock => {
  const due = new Map<string, number>();
  let now = 0;
  let askedAt = 0;
  return {
    timed: (event, { batch }, acts, tell) => {
      const last = batch.at(-1);
      if (event.type === 'timer') {
        const at = due.get(timerKey(event.timer)) ?? now;
        if (at < now) tell('a timer went off later than it does in a script');
        const ms = Math.max(0, at - now);
        now += ms;
        return [{ act: 'wait', ms }];
      }
      if (acts.some(({ act }) => act === 'silence') && (last?.type === 'recognize' || last?.type === 'record')) now = Math.max(now, askedAt + last.params.timeoutMs);
      return acts;
    },
    follow: ({ at }, { timers, batch }) => {
      for (const timer of timers) due.set(timerKey(timer), due.get(timerKey(timer)) ?? now + timer.dueAt - at);
      if (batch.length > 0) askedAt = now;
    },
  };
};

// ---- acts ----

type Tell = (what: string) => void;

const actsOf = (event: StepEvent, standing: Standing, tell: Tell): readonly ScriptAct[] => {
  switch (event.type) {
    case 'service':
      return event.events.flatMap((one, index) => (isOutcome(one) ? outcomeActs(one, standing, tell) : eventActs(one, event.events[index - 1], tell)));
    case 'task': {
      const task = standing.snapshot.tasks.find(({ id }) => id === event.taskId);
      if (task === undefined) return [];
      const { path } = task;
      return [event.result.type === 'task.done' ? { act: 'task', path, done: event.result.output } : { act: 'task', path, failed: event.result.error.code ?? '' }];
    }
    case 'end.asked':
      tell('no script can say that somebody outside of the call asked for its end');
      return [];
    default:
      return [];
  }
};

const eventActs = (event: Exclude<ServiceEvent, Outcome>, before: ServiceEvent | undefined, tell: Tell): readonly ScriptAct[] => {
  if (event.type === 'call.incoming') return [];
  if (event.type !== 'call.ended') {
    tell(`no script can say \`${event.type}\``);
    return [];
  }
  if (before?.type === 'record.done' && before.by === 'hangup') return [];
  if (event.reason === 'service') tell('the line was lost, where in the script the caller hangs up');
  return event.reason === undefined || event.reason === 'caller' || event.reason === 'service' ? [{ act: 'hangup' }] : [];
};

const services: ReadonlySet<string> = new Set<ServiceOutcome>(['done', 'failed', 'busy', 'noanswer']);

const outcomeActs = (outcome: Outcome, { snapshot: { call, awaiting }, batch }: Standing, tell: Tell): readonly ScriptAct[] => {
  const asked = batch[operationIndex(call.id, awaiting, outcome.operationId)];
  if (asked === undefined) return [];
  const ending = understood(outcome, asked.type);
  if (ending.type === 'play.failed') return [{ act: 'service', outcome: 'prompt-failed' }];
  if (ending.type === 'record.noinput' || ending.type === 'recognize.noinput') return [{ act: 'silence' }];
  if (ending.type === 'record.done' && asked.type === 'record') return [{ act: 'record', recordMs: Math.max(1, ending.by === 'maxspeech' ? asked.params.maxMs : ending.recording.lengthMs), ...stopped(ending.by, asked.params.termchars) }];
  if (asked.type === 'recognize' && (ending.type === 'recognize.input' || ending.type === 'recognize.nomatch')) return answered(ending, asked.params, awaiting?.question ?? null, tell);
  const [, how = ''] = /\.(\w+)$/.exec(ending.type) ?? [];
  if (services.has(how) && asked === batch.at(-1) && asked.type !== 'hangup' && asked.type !== 'reject') return [{ act: 'service', outcome: how as ServiceOutcome }];
  if (how === 'done') return [];
  tell(ending.type === 'raw.ended' ? `no script can say how \`${asked.type}\` ended` : `no script can say \`${ending.type}\` there`);
  return [];
};

const stopped = (by: (Outcome & { readonly type: 'record.done' })['by'], termchars: readonly DtmfKey[] = []): { readonly stop?: DtmfKey | 'hangup' } => {
  const [key] = termchars;
  return by === 'hangup' ? { stop: by } : by === 'termchar' && key !== undefined ? { stop: key } : {};
};

type Question = (Operation & { readonly type: 'recognize' })['params'];
type Answer = Outcome & { readonly type: 'recognize.input' | 'recognize.nomatch' };

const answered = (outcome: Answer, asked: Question, question: Parameters<typeof match>[1], tell: Tell): readonly ScriptAct[] => {
  const input = outcome.type === 'recognize.input' ? outcome.input : undefined;
  const via = outcome.type === 'recognize.input' ? outcome.via : 'dtmf';
  const { type } = match(outcome, question);
  if (type === 'recognize.noinput') return [{ act: 'silence' }];
  if (type === 'recognize.speech') return [{ act: 'say', words: input?.kind === 'phrase' ? input.phrase : strayWords }];
  if (type === 'recognize.digits.termchar' || type === 'recognize.digits.interdigit') return [keyedDigits(input, type, asked, tell)];
  if (type.startsWith('recognize.nomatch.')) return strayed(type, input, asked, tell);
  const choice = (asked.choices ?? []).find(({ name }) => JSON.stringify(match({ ...outcome, type: 'recognize.input', input: { kind: 'choice', name }, via }, question)) === JSON.stringify(match(outcome, question)));
  return choice === undefined ? [] : chosenBy(choice, via, asked, tell);
};

const keyedDigits = (input: (Outcome & { readonly type: 'recognize.input' })['input'] | undefined, type: string, { digits }: Question, tell: Tell): ScriptAct => {
  const written = input?.kind === 'digits' ? input.digits : input?.kind === 'keys' ? input.keys : '';
  const isSealed = !/^[0-9A-D*#]*$/.test(written);
  if (isSealed) tell('what was keyed is sealed, and zeros stand in its place');
  const keys = isSealed ? '0'.repeat(Math.min(digits?.max ?? 4, 4)) : written;
  const [end = ''] = type === 'recognize.digits.termchar' ? (digits?.termchars ?? []) : [];
  return { act: 'press', keys: `${keys}${end}` };
};

/** A choice is made by its key where it has one, unless it was said. */
const chosenBy = ({ name, key, phrases }: Choice, via: 'dtmf' | 'speech', asked: Question, tell: Tell): readonly ScriptAct[] => {
  const words = phrases.find((phrase) => {
    const heard = listen(asked, { says: phrase });
    return heard.ending === 'choice' && heard.name === name;
  });
  if (key !== undefined && (via === 'dtmf' || words === undefined)) return [{ act: 'press', keys: key }];
  if (words !== undefined) return [{ act: 'say', words }];
  tell('a choice has neither a key nor words of its own');
  return [];
};

const everyKey: readonly string[] = ['0', '9', '8', '7', '6', '5', '4', '3', '2', '1', '*', '#'];

const strayed = (type: string, input: (Outcome & { readonly type: 'recognize.input' })['input'] | undefined, asked: Question, tell: Tell): readonly ScriptAct[] => {
  const given: readonly ScriptAct[] = input?.kind === 'phrase' && input.phrase !== '' ? [{ act: 'say', words: input.phrase }] : input?.kind === 'keys' ? [{ act: 'press', keys: input.keys }] : [];
  const free = everyKey.find((key) => asked.choices?.some((choice) => choice.key === key) !== true);
  const stray: readonly ScriptAct[] = type === 'recognize.nomatch.speech' ? [{ act: 'say', words: strayWords }] : free === undefined ? [] : [{ act: 'press', keys: free }];
  const fitting = [given, stray].find(([act]) => act !== undefined && isStray(act, asked));
  if (fitting === undefined) tell('no caller can be misunderstood at this question');
  else if (type === 'recognize.nomatch.interdigit') tell('a pause between keys is a key that means nothing');
  return fitting ?? [];
};

const isStray = (act: ScriptAct, asked: Question): boolean => (act.act === 'say' ? listen(asked, { says: act.words }).ending === 'nomatch' : act.act === 'press' && act.keys.length === 1 && listen(asked, { keys: act.keys }).ending === 'nomatch');

// ---- guards ----

/** What has to be assumed before each step, so that guards which look at what is left out hold as they did. */
const assuming = (machine: AnyStateMachine): ((result: StepResult, tell: Tell) => readonly ScriptAct[]) => {
  const answers = answersOf(machine);
  const assumed = new Map<string, boolean>();
  return ({ moves }, tell) =>
    [...answers(moves)].flatMap(([guard, answer]): readonly ScriptAct[] => {
      if (answer === null) tell(`the guard \`${guard}\` said one thing and then the other`);
      if (answer === null || assumed.get(guard) === answer.holds) return [];
      assumed.set(guard, answer.holds);
      return [{ act: 'assume', guard, holds: answer.holds }];
    });
};
