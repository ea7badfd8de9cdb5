/**
 * SVG — a chart as a picture, whole in one text: for a pull request as for the page that shows a call on it.
 *
 * It has its colours for light and dark backgrounds in itself. Whoever shows it in a page sets the variables of `.callchart`,
 * which have no specificity here, and the classes `active`, `passed` and `taken` on states and transitions; and `met` and `missed`
 * for what calls have come by, which are told apart without colour as well: what was missed is dashed.
 *
 * @module
 */
import type { ChartCoverage } from './drawing.ts';
import { type Area, type Layout, measures, type PlacedArrow, type PlacedBox, type Point } from './layout.ts';

/** The picture of `layout`, which is the chart of `name`; with `coverage` what of it was met and missed. */
export const svgOf = ({ width, height, boxes, marks, arrows }: Layout, name: string, { states: entered, transitions: taken }: ChartCoverage = uncounted): string => {
  const states = boxes.filter(({ box }) => box.path !== undefined).length;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" class="callchart" role="img" aria-label="${escaped(`Chart of ${name}: ${states} states`)}" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" font-family="Helvetica, Arial, 'Liberation Sans', sans-serif">`,
    `<title>${escaped(`Chart of ${name}`)}</title>`,
    `<style>${style}</style>`,
    `<rect class="paper" width="${width}" height="${height}" rx="8"/>`,
    // States last: their words stand on a halo above the arrows that pass, and the tint of a state with others in it lets arrows through.
    ...arrows.map((one) => drawnArrow(one, one.arrow && taken[one.arrow.id])),
    ...boxes.map((one) => drawnBox(one, entered[one.box.id])),
    ...marks.map(({ x, y, width: size }) => `<circle class="mark" cx="${at(x + size / 2)}" cy="${at(y + size / 2)}" r="${size / 2}"/>`),
    '</svg>', '',
  ].join('\n');
};

const uncounted: ChartCoverage = { states: {}, transitions: {} };

/** The class of what happened `count` times; none where that is not counted. */
const metClass = (count: number | undefined): string => (count === undefined ? '' : count > 0 ? ' met' : ' missed');

const timesOf = (count: number | undefined, done: string): readonly string[] => (count === undefined ? [] : [count === 0 ? `never ${done}` : `${done} ${count === 1 ? 'once' : `${count} times`}`]);

const drawnBox = ({ box: { id, kind, work, path, remarks, title: name }, area, title, remarks: lines }: PlacedBox, count: number | undefined): string => {
  const told = [...(path === undefined ? [name] : [path]), ...remarks, ...timesOf(count, 'entered')].join('; ');
  const open = path === undefined ? `<g class="any">` : `<g class="state ${kind} ${work}${metClass(count)}" data-state="${escaped(id)}">`;
  return [open, `<title>${escaped(told)}</title>`, ...shapeOf(kind, work, area), ...(kind === 'start' ? [] : wordsOf(kind, area, title, lines)), '</g>'].join('');
};

const shapeOf = (kind: PlacedBox['box']['kind'], work: string, { x, y, width, height }: Area): readonly string[] => {
  const rect = (name: string, inset: number, radius: number): string =>
    `<rect class="${name}" x="${at(x + inset)}" y="${at(y + inset)}" width="${at(width - 2 * inset)}" height="${at(height - 2 * inset)}" rx="${at(radius - inset)}"/>`;
  const round = Math.min(18, height / 2);
  const middle = { x: x + measures.padding + 5, y: y + height / 2 };
  switch (kind) {
    case 'start':
      return [`<circle class="box" cx="${at(x + width / 2)}" cy="${at(y + height / 2)}" r="${width / 2}"/>`];
    case 'final':
    case 'end':
      return [rect('box', 0, round), `<circle class="ring" cx="${at(middle.x)}" cy="${at(middle.y)}" r="6"/>`, `<circle class="mark" cx="${at(middle.x)}" cy="${at(middle.y)}" r="3"/>`];
    case 'history':
      return [rect('box', 0, round), `<circle class="ring" cx="${at(middle.x)}" cy="${at(middle.y)}" r="7.5"/>`, `<text class="sign" x="${at(middle.x)}" y="${at(middle.y + 3.5)}" text-anchor="middle">H</text>`];
    case 'any':
      return [rect('box', 0, round)];
    case 'group':
    case 'parallel':
    case 'region':
      return [rect('box', 0, 10)];
    case 'plain':
      return [rect('box', 0, 8), ...(work === 'other' ? [] : [`<rect class="bar" x="${at(x + 5)}" y="${at(y + 8)}" width="3" height="${at(height - 16)}" rx="1.5"/>`])];
  }
};

const wordsOf = (kind: PlacedBox['box']['kind'], { x, y }: Area, title: readonly string[], remarks: readonly string[]): readonly string[] => {
  const left = x + measures.padding + (kind === 'final' || kind === 'end' || kind === 'history' ? 18 : 1);
  const line = (name: string, text: string, index: number): string => `<text class="${name}" x="${at(left)}" y="${at(y + 19 + index * measures.line)}">${escaped(text)}</text>`;
  return [...title.map((text, index) => line('name', text, index)), ...remarks.map((text, index) => line('remark', text, title.length + index))];
};

const drawnArrow = ({ arrow, points, label, labelAt }: PlacedArrow, count: number | undefined): string => {
  const lines = labelAt === undefined ? [] : label.map((text, index) => `<text class="label" x="${at(labelAt.x + 2)}" y="${at(labelAt.y + 10 + index * (measures.line - 2))}">${escaped(text)}</text>`);
  const parts = [`<path class="way" d="${wayOf(points)}"/>`, `<path class="head" d="${headOf(points)}"/>`, ...lines].join('');
  if (arrow === undefined) return `<g class="edge begins">${parts}</g>`;
  const told = [arrow.label === '' ? 'begins' : arrow.label, ...timesOf(count, 'taken')].join('; ');
  return `<g class="edge${arrow.byDefault ? ' default' : ''}${metClass(count)}" data-edge="${escaped(arrow.id)}"><title>${escaped(told)}</title>${parts}</g>`;
};

const head = { length: 7, width: 3.4 } as const;
const bend = 6;

/** The point `far` units from `one` towards `other`. */
const towards = (one: Point, other: Point, far: number): Point => {
  const length = Math.hypot(other.x - one.x, other.y - one.y);
  return length === 0 ? one : { x: one.x + ((other.x - one.x) * far) / length, y: one.y + ((other.y - one.y) * far) / length };
};

const distance = (one: Point, other: Point): number => Math.hypot(other.x - one.x, other.y - one.y);

/** The way along `points`, with its corners rounded; it stops short of its end, where the arrow's head is. */
const wayOf = (points: readonly Point[]): string => {
  const [first, ...rest] = points;
  const end = rest.at(-1);
  if (first === undefined || end === undefined) return '';
  const corners = rest.slice(0, -1).map((corner, index) => {
    const before = points[index] ?? corner;
    const after = points[index + 2] ?? corner;
    const from = towards(corner, before, Math.min(bend, distance(corner, before) / 2));
    const to = towards(corner, after, Math.min(bend, distance(corner, after) / 2));
    return `L${pair(from)}Q${pair(corner)} ${pair(to)}`;
  });
  const last = points.at(-2) ?? first;
  return `M${pair(first)}${corners.join('')}L${pair(towards(end, last, Math.min(head.length - 1, distance(end, last))))}`;
};

const headOf = (points: readonly Point[]): string => {
  const end = points.at(-1);
  const before = points.at(-2);
  if (end === undefined || before === undefined) return '';
  const foot = towards(end, before, head.length);
  const side = { x: ((foot.y - end.y) / head.length) * head.width, y: ((end.x - foot.x) / head.length) * head.width };
  return `M${pair(end)}L${pair({ x: foot.x + side.x, y: foot.y + side.y })}L${pair({ x: foot.x - side.x, y: foot.y - side.y })}Z`;
};

const at = (value: number): string => String(Math.round(value * 10) / 10);
const pair = ({ x, y }: Point): string => `${at(x)} ${at(y)}`;

/** `text` within XML; what XML has no place for is replaced. */
const escaped = (text: string): string =>
  text
    // eslint-disable-next-line no-control-regex -- these are what XML 1.0 has no place for
    .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]|\p{Cs}/gu, '\ufffd')
    .replace(/\s/g, ' ')
    .replace(/[&<>"]/g, (sign) => entities[sign] ?? sign);

const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

const light = '--chart-paper:#ffffff;--chart-box:#f6f8fa;--chart-ink:#1f2328;--chart-soft:#57606a;--chart-line:#6e7781;--chart-border:#afb8c1;--chart-tint:#57606a;--chart-asks:#0969da;--chart-says:#1a7f37;--chart-works:#8250df;--chart-connects:#9a6700;--chart-leaves:#cf222e;--chart-active:#0969da;--chart-active-box:#ddf4ff;--chart-passed:#54aeff;--chart-taken:#0969da;--chart-met:#1a7f37;--chart-missed:#bc4c00';
const dark = '--chart-paper:#0d1117;--chart-box:#161b22;--chart-ink:#e6edf3;--chart-soft:#9198a1;--chart-line:#8b949e;--chart-border:#484f58;--chart-tint:#9198a1;--chart-asks:#4493f8;--chart-says:#3fb950;--chart-works:#ab7df8;--chart-connects:#d29922;--chart-leaves:#f85149;--chart-active:#4493f8;--chart-active-box:#12263f;--chart-passed:#316dca;--chart-taken:#4493f8;--chart-met:#3fb950;--chart-missed:#f0883e';

const style = [
  `:where(.callchart){${light}}`,
  `@media (prefers-color-scheme:dark){:where(.callchart){${dark}}}`,
  '.callchart .paper{fill:var(--chart-paper)}',
  '.callchart .box{fill:var(--chart-box);stroke:var(--chart-border);stroke-width:1.2}',
  '.callchart :is(.group,.parallel,.region)>.box{fill:var(--chart-tint);fill-opacity:.06}',
  '.callchart :is(.region,.any)>.box{stroke-dasharray:5 4}',
  '.callchart .start>.box,.callchart .mark{fill:var(--chart-ink);stroke:none}',
  '.callchart .ring{fill:none;stroke:var(--chart-ink);stroke-width:1.2}',
  '.callchart text{fill:var(--chart-ink);stroke:none}',
  '.callchart .name{font-size:13px;font-weight:600}',
  '.callchart .any .name{font-style:italic;font-weight:400}',
  '.callchart .sign{font-size:10px}',
  '.callchart .remark{font-size:11px;fill:var(--chart-soft)}',
  '.callchart .label{font-size:11px;fill:var(--chart-soft)}',
  '.callchart .label,.callchart :is(.group,.parallel,.region)>text{paint-order:stroke;stroke:var(--chart-paper);stroke-width:3px;stroke-linejoin:round}',
  '.callchart .way{fill:none;stroke:var(--chart-line);stroke-width:1.2}',
  '.callchart .default .way{stroke-dasharray:4 3}',
  '.callchart .head{fill:var(--chart-line)}',
  ...['asks', 'says', 'works', 'connects', 'leaves'].map((work) => `.callchart .${work}>.bar{fill:var(--chart-${work})}`),
  '.callchart .met>.box{stroke:var(--chart-met);stroke-width:2}',
  '.callchart .missed>.box{stroke:var(--chart-missed);stroke-width:1.6;stroke-dasharray:3 3}',
  '.callchart .met>.way{stroke:var(--chart-met);stroke-width:2}',
  '.callchart .met>.head{fill:var(--chart-met)}',
  '.callchart .missed>.way{stroke:var(--chart-missed);stroke-width:1.6;stroke-dasharray:3 3}',
  '.callchart .missed>.head{fill:var(--chart-missed)}',
  '.callchart .missed>.label{fill:var(--chart-missed)}',
  '.callchart .passed>.box{stroke:var(--chart-passed);stroke-width:2}',
  '.callchart .active>.box{stroke:var(--chart-active);stroke-width:2.4}',
  '.callchart .active:is(.plain,.final,.history,.end)>.box{fill:var(--chart-active-box)}',
  '.callchart .active.start>.box{fill:var(--chart-active)}',
  '.callchart .taken>.way{stroke:var(--chart-taken);stroke-width:2.4}',
  '.callchart .taken>.head{fill:var(--chart-taken)}',
  '.callchart .taken>.label{fill:var(--chart-taken);font-weight:600}',
].join('');
