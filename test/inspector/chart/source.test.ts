import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import acme from '../../../examples/acme/bot.ts';
import { drawChart } from '../../../src/inspector/chart/draw-chart.ts';
import { readSource } from '../../../src/inspector/chart/source.ts';

/** Where states are in `files`, of which the first is the bot's: `file:line`, or nothing. */
const placesIn = async (files: Readonly<Record<string, string>>, ...states: readonly (readonly [chart: string, path: string])[]): Promise<readonly (string | undefined)[]> => {
  const folder = await mkdtemp(join(tmpdir(), 'callchart-source-'));
  try {
    for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text);
    const { placeOf } = await readSource(join(folder, Object.keys(files)[0] ?? ''));
    return states.map(([chart, path]) => {
      const place = placeOf(chart, path);
      return place === undefined ? undefined : `${place.file.slice(folder.length + 1)}:${place.line}`;
    });
  } finally {
    await rm(folder, { recursive: true });
  }
};

/** The states that `lines` of `files` are part of, `chart state`, or nothing. */
const statesAt = async (files: Readonly<Record<string, string>>, ...lines: readonly (readonly [file: string, line: number])[]): Promise<readonly (string | undefined)[]> => {
  const folder = await mkdtemp(join(tmpdir(), 'callchart-source-'));
  try {
    for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text);
    const { stateAt } = await readSource(join(folder, Object.keys(files)[0] ?? ''));
    return lines.map(([name, line]) => {
      const state = stateAt({ file: join(folder, name), line });
      return state === undefined ? undefined : `${state.chart} ${state.path}`;
    });
  } finally {
    await rm(folder, { recursive: true });
  }
};

describe('the state that a line of the source is part of', () => {
  it('is the innermost one, from its name to its end', async () => {
    const bot = `export default callMachine('acme', {
  initial: 'order',
  states: {
    order: {
      initial: 'size',
      states: {
        size: recognize({
          prompt: 'How many?',
        }),
        sure: {},
      },
    },
    bye: hangup('Goodbye.'),
  },
});
`;
    expect(await statesAt({ 'bot.ts': bot }, ['bot.ts', 2], ['bot.ts', 4], ['bot.ts', 5], ['bot.ts', 7], ['bot.ts', 8], ['bot.ts', 9], ['bot.ts', 10], ['bot.ts', 13], ['bot.ts', 15], ['other.ts', 4])).to.deep.equal([
      undefined, 'acme order', 'acme order', 'acme order.size', 'acme order.size', 'acme order.size', 'acme order.sure', 'acme bye', undefined, undefined,
    ]);
  });

  it('is found where the state is written apart, in another module too, and where it is only named', async () => {
    const files = {
      'bot.ts': "import { bye } from './bye.ts';\nconst menu = recognize({\n  prompt: 'Hello.',\n});\nexport default callMachine('acme', { initial: 'menu', states: {\n  menu,\n  bye,\n} });\n",
      'bye.ts': "export const other = 1;\nexport const bye = hangup(\n  'Goodbye.',\n);\n",
    };
    expect(await statesAt(files, ['bot.ts', 3], ['bot.ts', 5], ['bot.ts', 6], ['bot.ts', 7], ['bye.ts', 1], ['bye.ts', 3])).to.deep.equal(['acme menu', undefined, 'acme menu', 'acme bye', undefined, 'acme bye']);
  });

  it('is the step of a waterfall', async () => {
    const bot = "export const booking = waterfall('booking')\n  .ask('day', {\n    prompt: 'Which day?',\n  })\n  .confirm('sure', { prompt: 'Sure?' })\n  .end();\n";
    expect(await statesAt({ 'bot.ts': bot }, ['bot.ts', 1], ['bot.ts', 3], ['bot.ts', 5])).to.deep.equal([undefined, 'booking day', 'booking sure']);
  });
});

describe('the place of a state in the source', () => {
  it('is a line of the file, as people write it from where they are', async () => {
    const { states } = await drawChart(acme, { file: 'examples/acme/bot.ts' });
    expect(states['menu']?.source).to.deep.equal({ file: join('examples', 'acme', 'bot.ts'), line: 6 });
    expect(states['idle']).to.not.have.property('source');
  });

  it('is found in nested states, and where the type of the data was fixed first', async () => {
    const bot = `import { callMachine, hangup } from 'callchart';
interface Data { readonly n: number }
export default callMachine<Data>()('acme', {
  context: { n: 0 },
  initial: 'order',
  states: {
    order: {
      initial: 'size',
      states: {
        size: { type: 'parallel', states: { left: {},
          'right': {} } },
      },
    },
    bye: hangup('Goodbye.'),
  },
});
`;
    expect(await placesIn({ 'bot.ts': bot }, ['acme', 'order'], ['acme', 'order.size'], ['acme', 'order.size.left'], ['acme', 'order.size.right'], ['acme', 'bye'], ['acme', 'nobody'], ['other', 'bye'])).to.deep.equal(['bot.ts:7', 'bot.ts:10', 'bot.ts:10', 'bot.ts:11', 'bot.ts:14', undefined, undefined]);
  });

  it('is found behind names: of an id, of options, of states, of a state, and of what is spread', async () => {
    const bot = `import { callMachine as bot, hangup } from 'callchart';
const id = 'acme';
const shared = {
  help: hangup('Help.'),
  bye: hangup('Bye.'),
} as const;
const menu =
  { entry: [], initial: 'a', states: { a: {} } };
const states = { menu, first: menu,
  ...shared,
  bye: hangup('Goodbye.') } satisfies object;
const options = { initial: 'menu', states };
export default bot(id, options as never);
`;
    expect(await placesIn({ 'bot.ts': bot }, ['acme', 'menu'], ['acme', 'menu.a'], ['acme', 'first'], ['acme', 'help'], ['acme', 'bye'])).to.deep.equal(['bot.ts:8', 'bot.ts:8', 'bot.ts:8', 'bot.ts:4', 'bot.ts:11']);
  });

  it('is found in the modules that the bot imports, by whatever way', async () => {
    const files = {
      'bot.ts': `import { callMachine, dialog } from 'callchart';
import pin from './pin.js';
import * as parts from './parts.ts';
import { bye } from './again';
export default callMachine('acme', { initial: 'login', states: {
  login: dialog(pin, { on: { done: 'bye' } }), ...parts.shared, help: parts.help,
  bye } });
`,
      'pin.ts': `import { dialogMachine as make } from 'callchart';
const pin = make()('pin', { initial: 'ask', states: {
  ask: {},
} });
export { pin as default };
`,
      'parts.ts': `export const shared = {
  wait: {} };
export const help = { entry: 'x' };
`,
      'again.ts': `export * from './ends.ts';
`,
      'ends.ts': `
export const bye = { type: 'final' };
`,
    };
    expect(await placesIn(files, ['acme', 'login'], ['pin', 'ask'], ['acme', 'wait'], ['acme', 'help'], ['acme', 'bye'], ['billing:pin', 'ask'])).to.deep.equal(['bot.ts:6', 'pin.ts:3', 'parts.ts:2', 'parts.ts:3', 'ends.ts:2', 'pin.ts:3']);
  });

  it('is the step of a waterfall, and the waterfall itself for the states that it adds', async () => {
    const bot = `import { waterfall } from 'callchart';
export const order = waterfall('order')
  .ask('size', { prompt: 'Size?' })
  .say('cancelled')
  .confirm('sure', {})
  .end();
`;
    expect(await placesIn({ 'bot.ts': bot }, ['order', 'size'], ['order', 'sure'], ['order', 'cancelled'], ['order', 'say2'])).to.deep.equal(['bot.ts:3', 'bot.ts:5', 'bot.ts:2', 'bot.ts:2']);
  });

  it('is nowhere in what is computed, in two machines of one name, and in what cannot be parsed or read', async () => {
    const computed = `import { callMachine } from 'callchart';
const make = () => ({ a: {} });
const turning = { states: turning, ...turning };
export default callMachine('acme', { states: { ...make(), ['b']: {}, [String(1)]: {}, c: turning, ...turning } });
`;
    expect(await placesIn({ 'bot.ts': computed }, ['acme', 'a'], ['acme', 'b'], ['acme', '1'], ['acme', 'c'])).to.deep.equal([undefined, undefined, undefined, 'bot.ts:3']);
    const twice = `callMachine('acme', { states: { a: {} } }); callMachine('acme', { states: { a: {} } });`;
    for (const text of [twice, 'export default callMachine(', '\u0000', '', '{'.repeat(50_000), 'export default callMachine("acme", { states: { a: {} } ']) expect(await placesIn({ 'bot.ts': text }, ['acme', 'a']), text.slice(0, 40)).to.deep.equal([undefined]);
    expect((await readSource(join(tmpdir(), 'no', 'such.ts'))).placeOf('acme', 'a')).to.equal(undefined);
    expect((await drawChart(acme, { file: 'no/such.ts' })).states['menu']).to.deep.equal({ title: 'menu', chart: 'acme' });
  });

  it('is found although a mistake stands elsewhere in the file, and although a module is missing', async () => {
    const bot = `import { callMachine } from 'callchart';
import { x } from './missing.ts';
const x = 1;
export default callMachine('acme', { states: {
  a: {} } });
`;
    expect(await placesIn({ 'bot.ts': bot }, ['acme', 'a'])).to.deep.equal(['bot.ts:5']);
  });
});
