/**
 * Generate — the source of a bot with any number of states, for measuring what it costs to check one.
 *
 * Of ten states there are four questions, two prompts, a task, a nested chart, a hand-written state and a hangup, with
 * inline `assign` and guards as authors write them.
 *
 * @module
 */

const question = (at: string, next: string, third: string): string => `    ${at}: recognize({
      prompt: ({ context }) => \`Question \${context.n}\`,
      choices: { one: '1', two: '2', three: ['3', 'drei'] },
      on: { one: '${next}', two: { target: '${third}', actions: assign(({ context, event }) => ({ n: context.n + event.via.length })) }, three: [{ target: '${next}', guard: ({ context }) => context.n > 1 }, '${third}'], exhausted: 's9' },
    }),`;

const prompting = (at: string, next: string): string => `    ${at}: prompt('Welcome.', '${next}'),`;

const working = (at: string, next: string): string => `    ${at}: task({ run: async (n: number) => ({ n }), input: ({ context }) => context.n, on: { done: { target: '${next}', actions: assign({ n: ({ event }) => event.output.n }) }, failed: 's9' } }),`;

const nested = (at: string, next: string): string => `    ${at}: {
      initial: 'ask',
      states: { ask: recognize({ choices: { yes: '1', no: '2' }, on: { yes: 'done', no: 'done', exhausted: 'done' } }), done: { type: 'final' } },
      onDone: '${next}',
    },`;

const written = (at: string, next: string): string => `    ${at}: { entry: [play('Hi'), assign({ n: ({ context }) => context.n + 1 })], on: { 'play.done': '${next}', 'play.*': 's9' }, after: { 5_000: '${next}' } },`;

const closing = (at: string): string => `    ${at}: hangup(({ context }) => \`Bye \${context.n}\`),`;

const makers = [question, question, prompting, working, question, nested, prompting, question, written, closing] as const;

/** The source of a module with a bot of `count` states at its top; at least ten. */
export const generateBot = (count: number): string => {
  const name = (index: number): string => `s${index % count}`;
  const states = Array.from({ length: count }, (_, index) => (makers[index % makers.length] ?? closing)(name(index), name(index + 1), name(index + 7)));
  return `import { callMachine, hangup, play, prompt, recognize, task } from 'callchart';
import { assign, createActor } from 'xstate';

export const bot = callMachine<{ readonly n: number }>()('generated', {
  context: { n: 0 },
  initial: 's0',
  states: {
${states.join('\n')}
  },
});

createActor(bot).getSnapshot().matches('s1');
`;
};
