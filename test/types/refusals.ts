/**
 * Refusals — the bots in `refused/` as a table: what each does wrong, and at which line the compiler has to say what.
 *
 * A file begins with a comment that says its mistake. `// refused: <text>` stands above the line where the diagnostic
 * with this text has to stand; a text that is one of our own sentences is what the loader says as well.
 *
 * @module
 */
import { readdirSync, readFileSync } from 'node:fs';

/** A diagnostic: at which line, and a text in it. */
export interface Expected {
  readonly line: number;
  readonly text: string;
}

/** A bot that has to be refused. */
export interface Refusal {
  readonly file: string;
  readonly url: URL;
  readonly mistake: string;
  readonly expected: readonly Expected[];
  /** Our own sentences among the expected texts: those that the loader has to say too. */
  readonly sentences: readonly string[];
}

const folder = new URL('refused/', import.meta.url);

const readRefusal = (file: string): Refusal => {
  const url = new URL(file, folder);
  const lines = readFileSync(url, 'utf8').split('\n');
  const texts = lines.map((line) => /^\s*\/\/ refused: (.+)$/.exec(line)?.[1]);
  const expected = texts.flatMap((text, index) => (text === undefined ? [] : [{ text, line: texts.findIndex((other, below) => below > index && other === undefined) + 1 }]));
  return {
    file, url, expected,
    mistake: /^\/\*\* (.+?)\.? \*\/$/.exec(lines[0] ?? '')?.[1] ?? '',
    sentences: expected.flatMap(({ text }) => text.split('; ')).filter((text) => /^(state `|initial state `|the bot has|language `)/.test(text)),
  };
};

/** Every bot in `refused/`. */
export const refusals: readonly Refusal[] = readdirSync(folder).sort().map(readRefusal);
