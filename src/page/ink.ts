/**
 * Ink — the words of a TypeScript file by what they are, so that they can have a colour each: near enough to read by, no parser.
 *
 * Leaf: imports nothing.
 *
 * @module
 */

export interface Inked {
  readonly ink?: 'comment' | 'string' | 'word' | 'number';
  readonly text: string;
}

const pattern = /(\/\*[\s\S]*?(?:\*\/|$)|\/\/[^\n]*)|('(?:\\.|[^'\\\n])*'?|"(?:\\.|[^"\\\n])*"?|`(?:\\[\s\S]|[^`\\])*`?)|\b(import|export|from|default|const|let|type|interface|function|return|if|else|async|await|new|true|false|null|undefined|satisfies|as|for|of|in|throw|typeof|readonly)\b|\b(\d[\d_]*(?:\.\d+)?)\b/g;

/** The lines of `text`, each in pieces. */
export function inked(text: string): readonly (readonly Inked[])[] {
  const lines: Inked[][] = [[]];
  const put = (piece: string, ink?: Inked['ink']): void => {
    piece.split('\n').forEach((part, at) => {
      if (at > 0) lines.push([]);
      if (part !== '') lines.at(-1)?.push({ text: part, ...(ink !== undefined && { ink }) });
    });
  };
  let at = 0;
  const source = text.replace(/\r\n/g, '\n').replace(/\n$/, '');
  for (const found of source.matchAll(pattern)) {
    const [whole, comment, string, word] = found;
    put(source.slice(at, found.index));
    put(whole, comment !== undefined ? 'comment' : string !== undefined ? 'string' : word !== undefined ? 'word' : 'number');
    at = found.index + whole.length;
  }
  put(source.slice(at));
  return lines;
}
