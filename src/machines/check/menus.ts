/**
 * Menus — what callers suffer from, although every call ends: too many options, options that cannot be keyed or said or are never offered, long
 * speeches, questions without words, tasks without a limit, nobody to talk to.
 *
 * @module
 */
import { type AskedAction, type CallActionType, type Choice, type PromptItem, promptText, type Recognize, words } from '../../actions/index.ts';
import type { BotFacts } from '../bot-facts.ts';
import { stateName } from '../chart.ts';
import type { Blueprint, StatePlan } from './blueprint.ts';
import type { Exploration } from './explore.ts';
import type { Asking } from './moment.ts';
import { type Finding, type Rule, severities } from './finding.ts';
import { ellipsis } from './partial.ts';
import { machinesOf } from './reachable.ts';

/** More options than these are not remembered (the seven, give or take two, are for what is read). */
const mostOptions = 5;
/** Letters that are spoken in a second, about. */
const lettersPerSecond = 14;
/** A prompt of more seconds than these is not listened to. */
const longestSeconds = 20;

type Told = Asking & { readonly plan: Blueprint };

/** What is wrong with the questions, the prompts and the tasks of a bot. */
export const menuFindings = (found: Exploration, facts: BotFacts): readonly Finding[] => {
  const { asked, wording } = found;
  const all = [...asked.values()].map((one) => ({ ...one, action: wording(one.ask, factsOf(one)).action }));
  const questions = all.filter((one): one is Told & { readonly action: AskedAction & { readonly type: 'recognize' } } => one.action.type === 'recognize');
  return distinct([
    ...questions.flatMap(({ state, action }) => optionFindings(state, action.params)),
    ...questions.flatMap(({ state, action }) => shadowed(state, action.params, facts.commands)),
    ...all.flatMap(({ state, action }) => lengthFindings(state, action)),
    ...found.mute.map((state) => finding('question-mute', state, 'asks without a word: the caller does not know that he is asked')),
    ...unlimitedTasks(found),
    ...nobody(found, facts, new Set(questions.map(({ state }) => state))),
  ]);
};

const factsOf = ({ plan, node }: Told): StatePlan['facts'] => (node === null ? undefined : plan.states[node]?.facts);

const finding = (rule: Rule, state: string, what: string, detail = ''): Finding => ({
  id: `${rule}:${state}${detail === '' ? '' : `:${detail}`}`, rule, severity: severities[rule], state, script: null, message: state === '' ? what : `state \`${state}\`: ${what}`,
});

const distinct = (findings: readonly Finding[]): readonly Finding[] => [...new Map(findings.map((one) => [one.id, one])).values()];

// ---- options ----

const optionFindings = (state: string, { choices = [], prompts, ...also }: Recognize): readonly Finding[] => {
  if ((also as { readonly atRunTime?: boolean }).atRunTime === true) return [];
  const own = choices.filter(({ command }) => command === undefined);
  const names = (some: readonly Choice[]): string => some.map(({ name }) => `\`${name}\``).join(', ');
  const keyless = own.filter(({ key }) => key === undefined);
  const wordless = own.filter(({ phrases }) => phrases.length === 0);
  return [
    ...(own.length > mostOptions ? [finding('menu-breadth', state, `offers ${own.length} options, and nobody remembers more than ${mostOptions}`)] : []),
    ...(keyless.length > 0 ? [finding('option-keyless', state, `${names(keyless)} can be said and not keyed: in a noisy street nobody gets there`)] : []),
    ...(wordless.length > 0 ? [finding('option-wordless', state, `${names(wordless)} can be keyed and not said: at the wheel nobody gets there`)] : []),
    ...unsaid(state, own, choices, promptText(prompts)),
  ];
};

/** Options of the question's own, `choices`, that the prompt does not tell of, and keys that it tells of and that mean nothing: neither there nor, as a command, everywhere. */
const unsaid = (state: string, choices: readonly Choice[], all: readonly Choice[], text: string): readonly Finding[] => {
  if (text === '' || text.includes(ellipsis) || /\[audio/.test(text)) return [];
  const said = words(text);
  const isTold = ({ key, phrases, name, word }: Choice): boolean =>
    word !== undefined || isYesOrNo(name) || (key !== undefined && tells(text, key)) || [...phrases, name].some((phrase) => ` ${said} `.includes(` ${words(phrase)} `));
  const untold = choices.filter((choice) => !isTold(choice));
  const secret = untold.length === choices.length ? [] : untold; // “Which one?” tells of none, and means those that were told before
  const offered = [...text.matchAll(/\b(?:press|hit|dial|push|key|enter|drücken sie|wählen sie|appuyez sur|pulse|marque|tryck)\s+(?:the\s+|die\s+|sur\s+|el\s+)?(?:key\s+|taste\s+|number\s+)?([0-9*#]|one|two|three|four|five|six|seven|eight|nine|zero|star|pound|hash)\b/giu)].map(([, key = '']) => keyNames[key.toLowerCase()] ?? key);
  const empty = [...new Set(offered)].filter((key) => choices.length > 0 && !all.some((choice) => choice.key === key));
  return [
    ...(secret.length > 0 ? [finding('option-unsaid', state, `the prompt does not tell of ${secret.map(({ name }) => `\`${name}\``).join(', ')}`)] : []),
    ...(empty.length > 0 ? [finding('option-unsaid', state, `the prompt tells of ${empty.map((key) => `key \`${key}\``).join(', ')}, which means nothing there`, 'keys')] : []),
  ];
};

/** A question that is answered by yes or no does not say so. */
const isYesOrNo = (name: string): boolean => name === 'yes' || name === 'no';

const keyNames: Readonly<Record<string, string>> = { zero: '0', one: '1', two: '2', three: '3', four: '4', five: '5', six: '6', seven: '7', eight: '8', nine: '9', star: '*', pound: '#', hash: '#' };

/** Whether `text` names `key`, as a digit or as a word of any of the languages that there are default texts in. */
const tells = (text: string, key: string): boolean => text.includes(key) || (spokenKeys[key] ?? []).some((word) => new RegExp(`(?<!\\p{L})${word}(?!\\p{L})`, 'iu').test(text));

const spokenKeys: Readonly<Record<string, readonly string[]>> = {
  '0': ['zero', 'null', 'zéro', 'cero', 'noll'], '1': ['one', 'eins', 'un', 'uno', 'ett'], '2': ['two', 'zwei', 'deux', 'dos', 'två'], '3': ['three', 'drei', 'trois', 'tres', 'tre'],
  '4': ['four', 'vier', 'quatre', 'cuatro', 'fyra'], '5': ['five', 'fünf', 'cinq', 'cinco', 'fem'], '6': ['six', 'sechs', 'seis', 'sex'], '7': ['seven', 'sieben', 'sept', 'siete', 'sju'],
  '8': ['eight', 'acht', 'huit', 'ocho', 'åtta'], '9': ['nine', 'neun', 'neuf', 'nueve', 'nio'], '*': ['star', 'stern', 'étoile', 'asterisco', 'stjärna'], '#': ['pound', 'hash', 'raute', 'dièse', 'almohadilla', 'fyrkant'],
};

/** Commands of the bot that mean something else at a question. */
const shadowed = (state: string, { choices = [], digits }: Recognize, commands: readonly Choice[]): readonly Finding[] =>
  digits !== undefined
    ? []
    : commands.flatMap((command) => {
        const own = choices.filter((choice) => choice.command === undefined);
        const rival = own.find((choice) => (choice.key !== undefined && choice.key === command.key) || choice.phrases.some((phrase) => command.phrases.some((other) => words(other) === words(phrase))));
        if (rival === undefined || rival.name === command.name) return [];
        const by = rival.key !== undefined && rival.key === command.key ? `key \`${rival.key}\`` : 'a phrase';
        return [finding('option-doubled', state, `${by} means \`${rival.name}\` here, and the command \`${command.name}\` everywhere else`, command.name)];
      });

// ---- prompts ----

const lengthFindings = (state: string, { type, params }: AskedAction): readonly Finding[] => {
  if (type !== 'play' && type !== 'recognize' && type !== 'record') return [];
  const seconds = Math.round(secondsOf((params as { readonly prompts: readonly PromptItem[] }).prompts));
  return seconds > longestSeconds ? [finding('prompt-long', state, `speaks for about ${seconds} s at a stretch, and nobody listens for more than ${longestSeconds}`)] : [];
};

const secondsOf = (prompts: readonly PromptItem[]): number =>
  prompts.reduce((sum, item) => sum + ('text' in item ? item.text.length / lettersPerSecond : 'silenceMs' in item ? item.silenceMs / 1_000 : 'oneOf' in item ? Math.max(0, ...item.oneOf.map(secondsOf)) : 0), 0);

// ---- tasks ----

/** Tasks that can take for ever: the caller hears the filler, over and over. */
const unlimitedTasks = (found: Exploration): readonly Finding[] =>
  machinesOf(found).flatMap(({ plan, path }) =>
    plan.states
      .filter(({ index, invocations, on }) => found.reached.get(plan.id)?.has(index) === true && invocations.some(({ runs }) => runs.kind === 'task' && typeof runs.logic.work === 'function') && ![...on.keys()].some((type) => type.startsWith('xstate.after.')))
      .map((state) => finding('task-unlimited', stateName(path, state.path), 'its task may take for ever, and the caller waits; give it a `timeoutMs`')));

// ---- people ----

/** Words that mean somebody to talk to. */
const person = /\b(?:operator|agent|person|human|representative|receptionist|front desk|help desk|mitarbeiter|zentrale|vermittlung|opérateur|conseiller|operador|agente|operatör)\b/i;

/** What may lead to a person. Of a verb of the service nobody knows: it may be a queue. */
const leadsOn: ReadonlySet<CallActionType> = new Set<CallActionType>(['transfer', 'createcall', 'raw']);

/** A bot that asks more than once and lets nobody get to a person. */
const nobody = ({ asked, wording }: Exploration, { commands }: BotFacts, questions: ReadonlySet<string>): readonly Finding[] => {
  const isPerson = ({ name, phrases }: Choice): boolean => [name, ...phrases].some((word) => person.test(word));
  const leads = [...asked.values()].some((one) => {
    const { action } = wording(one.ask, factsOf(one));
    return leadsOn.has(action.type) || (action.type === 'recognize' && (action.params.choices ?? []).some(isPerson));
  });
  return questions.size < 2 || leads || commands.some(isPerson) ? [] : [finding('no-person', '', 'nobody who calls gets to a person: there is neither a transfer nor an operator')];
};
