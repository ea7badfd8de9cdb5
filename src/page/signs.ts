/**
 * Signs — what is drawn above a picture: how many things are wrong with a state, and how often something was met.
 *
 * Errors are round and warnings have corners, so that they differ without their colours.
 *
 * @module
 */
import type { RemarkShown } from './protocol.ts';
import { sentenceOf } from './remark-words.ts';
import type { Box } from './viewport.ts';

const drawn = 'http://www.w3.org/2000/svg';
const size = 9;

/** The signs of a state in `box`: one for its errors, one for its warnings. Each leads to the first of them. */
export function remarkSigns(box: Box, remarks: readonly RemarkShown[]): readonly SVGGElement[] {
  const kinds = (['error', 'warning'] as const).map((severity) => remarks.filter((one) => one.severity === severity)).filter((some) => some.length > 0);
  return kinds.flatMap((some, at) => {
    const [first] = some;
    if (first === undefined) return [];
    const sign = part('g', { class: 'remark-sign', 'data-remark': first.id, 'data-severity': first.severity, transform: `translate(${box.x + box.width - 4 - at * 22} ${box.y})` });
    const title = part('title', {});
    title.textContent = some.map(sentenceOf).join('\n');
    const shape = first.severity === 'error' ? part('circle', { r: String(size) }) : part('path', { d: `M0 ${-size - 3}L${size + 3} 0L0 ${size + 3}L${-size - 3} 0Z` });
    sign.append(title, shape, words(0, 3.8, String(some.length), 'middle'));
    return [sign];
  });
}

/** How often something was met: at the corner of a state, or on the way of a transition. */
export function countSign(x: number, y: number, count: number, of: 'state' | 'edge'): SVGGElement {
  const sign = part('g', { class: `count-sign ${of}-count`, transform: `translate(${Math.round(x)} ${Math.round(y)})` });
  sign.append(words(of === 'state' ? 8 : 0, 4, `${count}×`, of === 'state' ? 'start' : 'middle'));
  return sign;
}

function words(x: number, y: number, text: string, anchor: string): SVGTextElement {
  const element = part('text', { x: String(x), y: String(y), 'text-anchor': anchor });
  element.textContent = text;
  return element;
}

function part<K extends keyof SVGElementTagNameMap>(name: K, attributes: Readonly<Record<string, string>>): SVGElementTagNameMap[K] {
  const element = document.createElementNS(drawn, name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  return element;
}
