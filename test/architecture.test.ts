/** The house keeps its shape: imports point one way, no file imports itself back, wire names stay where they belong. */
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { expect } from 'chai';
import { fixedEventTypes } from 'callchart';

const root = resolve(import.meta.dirname, '..');
const src = join(root, 'src');

const files = readdirSync(src, { recursive: true, encoding: 'utf8' }).filter((file) => /\.tsx?$/.test(file)).map((file) => file.replaceAll('\\', '/'));
const textOf = (file: string): string => readFileSync(join(src, file), 'utf8');

interface Import {
  readonly from: string;
  readonly to: string;
  /** Whether nothing of it is left once types are erased. */
  readonly typeOnly: boolean;
}

const importPattern = /^(?:import|export)\s+(type\s+)?(?:[^'"]*?\sfrom\s+)?['"](\.[^'"]+)['"]/gm;
const imports: readonly Import[] = files.flatMap((file) =>
  [...textOf(file).matchAll(importPattern)].map(([, type, specifier]) => ({
    from: file,
    // Vite is asked for the address of a file by what stands behind the question mark.
    to: relative(src, resolve(join(src, dirname(file)), specifier?.replace(/\?.*$/, '') ?? '')).replaceAll('\\', '/'),
    typeOnly: type !== undefined,
  })),
);

const houseOf = (file: string): string => (file.includes('/') ? (file.split('/', 1)[0] ?? '') : file);

/** Each house with those it may import from. */
const mayImport: Readonly<Record<string, readonly string[]>> = {
  'errors.ts': [],
  // The one file in which calls that are counted are written down, in tests as in earnest.
  'coverage-folder.ts': ['errors.ts', 'machines'],
  actions: ['errors.ts'],
  machines: ['errors.ts', 'actions'],
  transport: ['errors.ts', 'actions', 'machines', 'coverage-folder.ts'],
  testing: ['errors.ts', 'actions', 'machines', 'coverage-folder.ts'],
  inspector: ['errors.ts', 'actions', 'machines'],
  // It plays the scripts of tests on a live line.
  emulator: ['errors.ts', 'actions', 'machines', 'testing', 'transport'],
  studio: ['errors.ts', 'machines'],
  // It is made for browsers: of these it takes the types of what it shows, and nothing that runs.
  page: ['emulator', 'inspector'],
  cli: ['errors.ts', 'coverage-folder.ts', 'actions', 'machines', 'transport', 'testing', 'inspector', 'emulator', 'studio', 'page'],
  'index.ts': ['errors.ts', 'actions', 'machines', 'transport'],
};

describe('the house', () => {
  it('has every relative import point at a file that is there', () => {
    expect(imports.filter(({ to }) => !files.includes(to))).to.deep.equal([]);
    expect(imports.length).to.be.greaterThan(100);
  });

  it('has imports that point one way: actions ← machines ← transport ← emulator ← cli', () => {
    const wrong = imports.filter(({ from, to }) => houseOf(from) !== houseOf(to) && !(mayImport[houseOf(from)] ?? []).includes(houseOf(to)));
    expect(wrong).to.deep.equal([]);
  });

  it('has a page for browsers, which shares types with the rest and nothing else', () => {
    const across = imports.filter(({ from, to }) => houseOf(from) !== houseOf(to) && [houseOf(from), houseOf(to)].includes('page'));
    expect(across.filter(({ typeOnly }) => !typeOnly)).to.deep.equal([]);
    expect(across.filter(({ from, to }) => houseOf(from) !== 'page' && to !== 'page/protocol.ts')).to.deep.equal([]);
    const ofPage = files.filter((file) => houseOf(file) === 'page');
    const foreign = ofPage.flatMap((file) => [...textOf(file).matchAll(/from '([^.'][^']*)'/g)].map(([, name = '']) => name));
    expect(new Set(foreign)).to.deep.equal(new Set(['preact', 'preact/hooks']));
    expect(files.filter((file) => houseOf(file) !== 'page' && /from 'preact/.test(textOf(file)))).to.deep.equal([]);
  });

  it('has no import cycle, types included', () => {
    const state = new Map<string, 'open' | 'done'>();
    const cycles: string[] = [];
    const visit = (file: string, path: readonly string[]): void => {
      if (state.get(file) === 'done') return;
      if (state.get(file) === 'open') {
        cycles.push([...path.slice(path.indexOf(file)), file].join(' → '));
        return;
      }
      state.set(file, 'open');
      for (const { to } of imports.filter(({ from }) => from === file)) visit(to, [...path, file]);
      state.set(file, 'done');
    };
    for (const file of files) visit(file, []);
    expect(cycles).to.deep.equal([]);
  });

  it('imports a barrel of another house, never the barrel of its own', () => {
    const own = imports.filter(({ from, to }) => to === `${houseOf(from)}/index.ts`);
    expect(own).to.deep.equal([]);
  });

  it('knows Koa in one file, jose in the files that verify and sign, each of the Microsoft clients in one, and the network in no pure house', () => {
    const uses = (name: string): readonly string[] => files.filter((file) => new RegExp(`from '${name}'|import\\('${name}'\\)`).test(textOf(file)));
    expect(uses('koa')).to.deep.equal(['transport/koa.ts']);
    expect(uses('koa-bodyparser')).to.deep.equal(['transport/koa.ts']);
    expect(uses('jose').filter((file) => !/^(transport\/(authenticate|keys)|emulator\/keys|cli\/phone-key)\.ts$/.test(file))).to.deep.equal([]);
    expect(uses('@microsoft/agents-hosting')).to.deep.equal(['transport/services/botframework/chat-client.ts']);
    expect(uses('@azure/communication-call-automation').filter((file) => !file.startsWith('emulator/'))).to.deep.equal(['transport/services/azure/client.ts']);
    expect(uses('pg')).to.deep.equal(['transport/engines/postgres-connections.ts', 'transport/engines/postgres-migrations.ts']);
    expect(uses('node-pg-migrate')).to.deep.equal(['transport/engines/postgres-migrations.ts']);
    expect(uses('@restatedev/restate-sdk').every((file) => file.startsWith('transport/engines/restate/'))).to.equal(true);
    expect(files.filter((file) => /^import (?!type ).*from '@restatedev/m.test(textOf(file)))).to.deep.equal([]);
    const pure = files.filter((file) => ['actions', 'machines', 'testing', 'studio'].includes(houseOf(file)));
    for (const file of pure) expect(textOf(file), file).not.to.match(/from 'node:|Date\.now|Math\.random|new Date\(|setTimeout\(|fetch\(|console\./);
  });

  it('knows what carries the sound in one file each, and loads it there', () => {
    const uses = (name: string): readonly string[] => files.filter((file) => new RegExp(`from '${name}'|import\\('${name}'\\)`).test(textOf(file)));
    expect(uses('werift')).to.deep.equal(['emulator/sound/rtc.ts']);
    expect(uses('opus-decoder')).to.deep.equal(['emulator/sound/opus.ts']);
    expect(textOf('emulator/sound/rtc.ts')).not.to.match(/^import (?!type ).*from 'werift'/m);
  });

  /** The words of a service's wire, and the files that may know them. */
  const wires: Readonly<Record<string, { readonly words: RegExp; readonly files: RegExp }>> = {
    botframework: {
      words: /\b(operationOutcome|dtmfVariation|speechVariation|collectDigits|bargeInAllowed|worfklowValidationOutcome|completionReason|notificationSubscriptions|acceptModalityTypes|presentedModalityTypes)\b/,
      files: /^(transport\/services\/botframework|emulator\/wires)\//,
    },
    azure: {
      words: /\b(incomingCallContext|callConnectionId|serverCallId|resultInformation|subCode|dtmfResult|choiceResult|speechResult|recognizeInputType|playSources|interruptPrompt|callbackUri|operationContext)\b/,
      files: /^(transport\/services\/azure|emulator\/wires)\//,
    },
    // Flows of Studio are written in words of the same maker.
    twilio: {
      words: /\b(CallSid|CallStatus|DialCallStatus|SpeechResult|RecordingSid|FinishedOnKey|numDigits|finishOnKey|speechTimeout|recordingStatusCallback|answerOnBridge|actionOnEmptyResult)\b/,
      files: /^(transport\/services\/twilio|emulator\/wires|studio)\//,
    },
  };

  it('has the wire names of a service in that service, in its emulation, and nowhere else', () => {
    const code = (file: string): string => textOf(file).replace(/\/\*[\s\S]*?\*\//g, '').replace(/\/\/.*$/gm, '');
    for (const { words, files: known } of Object.values(wires)) {
      expect(files.filter((file) => known.test(file) && words.test(code(file)))).not.to.deep.equal([]);
      expect(files.filter((file) => !known.test(file) && words.test(code(file)))).to.deep.equal([]);
    }
  });

  it('has no source beside the houses', () => {
    expect(readdirSync(root).filter((file) => file.endsWith('.ts'))).to.deep.equal([]);
  });

  it('has no drawer for odds and ends', () => {
    expect(files.filter((file) => /(^|\/)(utils?|helpers?|common|constants|types|interfaces|misc)(\.tsx?|\/)/.test(file))).to.deep.equal([]);
  });

  it('says in its first lines what each file is', () => {
    expect(files.filter((file) => !textOf(file).replace(/^#!.*\n/, '').startsWith('/**'))).to.deep.equal([]);
  });

  it('prints its whole alphabet in docs/events.md', () => {
    const page = readFileSync(join(root, 'docs/events.md'), 'utf8');
    expect(fixedEventTypes.filter((type) => !page.includes(`\`${type}\``))).to.deep.equal([]);
  });
});
