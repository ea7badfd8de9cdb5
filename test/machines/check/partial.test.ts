/** What may be concluded from code that is run on what is known, and what may not; and what stands in where it has to go on. */
import { expect } from 'chai';
import fc from 'fast-check';
import { ellipsis, isPartial, onlySoLong, partly, readable, standIn, stoodIn, told, unknown } from '../../../src/machines/check/partial.ts';

interface Args {
  readonly context: Readonly<Record<'n' | 'list' | 'deep' | 'gone' | 'maybe' | 'other', never>>;
  readonly event: Readonly<Record<'type' | 'output' | 'digits', never>>;
}

const known = { context: partly({ n: 2, list: [1, 2], deep: { n: 3 }, gone: undefined, maybe: unknown }), event: partly({ type: 'recognize.noinput', output: partly({ ok: true }) }) };

const tells = (code: (args: Args) => unknown): unknown => {
  const said = told(code as never, known);
  return said.known ? said.value : unknown;
};

describe('code that is run before a call', () => {
  const concluded: readonly (readonly [string, (args: Args) => unknown, unknown])[] = [
    ['a constant', () => 7, 7],
    ['what it looks at and is known', ({ context }) => context['n'] + 1, 3],
    ['what is known to be undefined', ({ context }) => context['gone'] ?? 'none', 'none'],
    ['a list, and what is made of it', ({ context }) => [...(context['list'] as unknown as number[]), 3].map((one) => one * 2), [2, 4, 6]],
    ['all of an object that is known whole', ({ context }) => ({ ...(context['deep'] as object), m: 1 }), { n: 3, m: 1 }],
    ['a part of what a task has answered', ({ event }) => (event['output'] as { readonly ok: boolean }).ok, true],
    ['what it decides before it looks further', ({ context }) => context['n'] < 2 && context['other'], false],
    ['whether a name is there that is', ({ context }) => Object.hasOwn(context, 'n') && 'n' in context, true],
    ['whether a name is there in what is known whole', ({ context }) => 'm' in (context['deep'] as object) || Object.hasOwn(context['deep'] as object, 'm'), false],
    ['a date of its own', () => new Date(86_400_000).toISOString(), '1970-01-02T00:00:00.000Z'],
  ];
  for (const [what, code, value] of concluded) it(`says ${what}`, () => expect(tells(code)).to.deep.equal(value));

  const untold: readonly (readonly [string, (args: Args) => unknown])[] = [
    ['a name that it does not find', ({ context }) => context['other']],
    ['a value that is not known', ({ context }) => context['maybe']],
    ['a name that it does not find, and hides that', ({ context }) => { try { return context['other']; } catch { return 0; } }],
    ['all names', ({ context }) => Object.keys(context).length],
    ['a copy of everything', ({ context }) => ({ ...context })],
    ['everything as text', ({ context }) => JSON.stringify(context)],
    ['whether a name is there', ({ context }) => 'other' in context],
    ['whether a name is there, in another way', ({ context }) => Object.hasOwn(context, 'other')],
    ['whether a value that is not known is there', ({ context }) => Object.hasOwn(context, 'maybe') || 'maybe' in context],
    ['what the event may carry beside', ({ event }) => event['digits'] === undefined],
    ['what a task may have answered beside', ({ event }) => (event['output'] as { readonly price?: number }).price === undefined],
    ['what it is given beside context and event', (args) => (args as unknown as { readonly self: unknown }).self],
    ['all that it is given', (args) => ({ ...args })],
    ['the clock', () => Date.now()],
    ['today', () => new Date().toISOString()],
    ['chance', () => Math.random() < 2],
  ];
  for (const [what, code] of untold) it(`says nothing where it looks at ${what}`, () => expect(tells(code)).to.equal(unknown));

  it('says nothing where it throws, promises, changes what it is given or gives what JSON does not carry', () => {
    expect(tells(() => { throw new Error('closed'); })).to.equal(unknown);
    expect(tells(async () => 1)).to.equal(unknown);
    expect(tells(({ context }) => ((context as Record<string, unknown>)['n'] = 3))).to.equal(unknown);
    expect(tells(({ context }) => (context['list'] as unknown as number[]).push(3))).to.equal(unknown);
    expect(tells(({ context }) => delete (context as Record<string, unknown>)['n'])).to.equal(unknown);
    expect(tells(() => new Set([1]))).to.equal(unknown);
    expect(tells(({ context }) => ({ context }))).to.equal(unknown);
    expect(known.context).to.deep.include({ n: 2, list: [1, 2] });
  });

  it('leaves the clock and chance as they were, whatever it does', () => {
    const before = [Date, Date.now, Math.random, Intl.DateTimeFormat, performance.now, crypto.randomUUID];
    tells(() => { throw new Error('closed'); });
    tells(() => Date.now());
    expect([Date, Date.now, Math.random, Intl.DateTimeFormat, performance.now, crypto.randomUUID]).to.deep.equal(before);
    expect(Object.hasOwn(performance, 'now')).to.equal(false);
    expect(new Date()).to.be.instanceOf(Date);
  });

  it('tells the names at the top of the context that it looked at in vain, and no others', () => {
    const wanted = new Set<string>();
    told(({ context }: Args) => context['other'], known, wanted);
    told(({ context }: Args) => (context['deep'] as Record<string, unknown>)['m'], known, wanted);
    told(({ event }: Args) => event['digits'], known, wanted);
    told(({ context }: Args) => context['maybe'], known, wanted);
    expect([...wanted]).to.deep.equal(['other', 'maybe']);
  });

  it('gives back any JSON that it is given', () => {
    fc.assert(fc.property(fc.jsonValue().map((some): unknown => JSON.parse(JSON.stringify(some))), (value) => {
      const said = told(({ context }: { readonly context: { readonly value: unknown } }) => ({ it: context.value }), { context: partly({ value }) });
      expect(said).to.deep.equal({ known: true, value: { it: value }, looked: true });
      expect(isPartial(value)).to.equal(false);
      expect(isPartial({ value, other: [unknown] })).to.equal(true);
    }), { numRuns: 1_000 });
  });
});

describe('a stand-in', () => {
  const read = (code: (some: never) => unknown): unknown => onlySoLong(() => readable(code(standIn() as never)));

  it('reads as … whatever is asked of it', () => {
    const questions: readonly ((some: { readonly [name: string]: never }) => unknown)[] = [
      (some) => `${some}`, (some) => some['name'], (some) => `${some['list']?.[0] ?? ''}`, (some) => (some['name'] as unknown as string).toUpperCase(), (some) => [...(some as unknown as string[])].join(), (some) => String(some['a']),
      (some) => JSON.parse(JSON.stringify(some)) as unknown, (some) => new (some['Some'] as unknown as new () => object)(), (some) => (some as unknown as () => unknown)(),
    ];
    for (const question of questions) expect(read(question as never)).to.equal(ellipsis);
    expect(read(((some: number) => some + 0) as never)).to.equal(`${ellipsis}0`);
    expect(read(((some: object) => ({ prompts: [some, { text: some }], count: 1 })) as never)).to.deep.equal({ prompts: [ellipsis, { text: ellipsis }], count: 1 });
  });

  it('is not looked at for ever', () => {
    expect(() => read(((some: { readonly next: { readonly next: never } }) => { for (let at = some; ; at = at.next as never) if ((at as unknown) === 0) return at; }) as never)).to.throw(RangeError);
    expect(read(((some: Iterable<unknown>) => [...some].length) as never)).to.equal(1);
    expect(read(((some: { readonly length: number }) => Array.from({ length: some.length }).length) as never)).to.equal(1);
  });

  it('is no promise, and stands beside what is known', async () => {
    expect(typeof (await standIn())).to.equal('function');
    const some = stoodIn({ name: 'Ann', age: unknown }) as Readonly<Record<string, unknown>>;
    expect([some['name'], readable(some['age']), readable(some['other'])]).to.deep.equal(['Ann', ellipsis, ellipsis]);
  });
});
