/**
 * Chart — pictures of charts made by hand, as the inspector draws them: enough to look at the page with.
 *
 * @module
 */
import type { ChartDrawing } from '../../src/inspector/chart/drawing.ts';

interface Placed {
  readonly id: string;
  readonly says: string;
  readonly x: number;
  readonly y: number;
  readonly line?: number;
}

interface Led {
  readonly id: string;
  readonly label: string;
  readonly way: string;
  readonly at: readonly [number, number];
}

const [width, height] = [168, 52];

const style = [
  '.callchart .box{fill:var(--chart-box);stroke:var(--chart-border);stroke-width:1.2}', '.callchart .way{fill:none;stroke:var(--chart-line);stroke-width:1.2}',
  '.callchart text{fill:var(--chart-ink)}', '.callchart .name{font-size:13px;font-weight:600}', '.callchart .remark{font-size:11px;fill:var(--chart-soft)}', '.callchart .label{font-size:11px;fill:var(--chart-soft)}',
  '.callchart .active>.box{stroke:var(--chart-active);stroke-width:2.4;fill:var(--chart-active-box)}', '.callchart .passed>.box{stroke:var(--chart-passed);stroke-width:2}', '.callchart .taken>.way{stroke:var(--chart-taken);stroke-width:2.4}',
  '.callchart .met>:is(.box,.way){stroke:var(--chart-met);stroke-width:2}', '.callchart .missed>:is(.box,.way){stroke:var(--chart-missed);stroke-width:1.6;stroke-dasharray:3 3}',
].join('');

const state = ({ id, says, x, y }: Placed): string =>
  `<g class="state says" data-state="${id}"><title>${id}</title><rect class="box" x="${x}" y="${y}" width="${width}" height="${height}" rx="8"/><text class="name" x="${x + 14}" y="${y + 21}">${id}</text><text class="remark" x="${x + 14}" y="${y + 38}">${says}</text></g>`;

const edge = ({ id, label, way, at: [x, y] }: Led): string =>
  `<g class="edge" data-edge="${id}"><title>${label}</title><path class="way" d="${way}"/><text class="label" x="${x}" y="${y}">${label}</text></g>`;

const picture = (name: string, wide: number, high: number, states: readonly Placed[], edges: readonly Led[]): ChartDrawing => ({
  svg: `<svg xmlns="http://www.w3.org/2000/svg" class="callchart" role="img" aria-label="Chart of ${name}" width="${wide}" height="${high}" viewBox="0 0 ${wide} ${high}"><style>${style}</style><rect class="paper" width="${wide}" height="${high}"/>${edges.map(edge).join('')}${states.map(state).join('')}</svg>`,
  states: Object.fromEntries(states.map(({ id, line }) => [id, { title: id, chart: name, ...(line !== undefined && { source: { file: 'examples/acme/bot.ts', line } }) }])),
});

/** The chart of the bot that the stand-in plays. */
export const acmeChart: ChartDrawing = picture('acme', 760, 420, [
  { id: 'menu', says: '“Welcome to Acme…”', x: 296, y: 40, line: 6 },
  { id: 'sales', says: '“Sales will call you back.”', x: 30, y: 190, line: 11 },
  { id: 'support', says: '“Support will call…”', x: 214, y: 190, line: 12 },
  { id: 'message', says: 'records', x: 398, y: 190 },
  { id: 'operator', says: 'transfers', x: 582, y: 190 },
  { id: 'bye', says: '“Goodbye.”', x: 296, y: 330, line: 13 },
], [
  { id: 'menu>sales', label: 'sales', way: 'M340 92C340 140 114 130 114 190', at: [150, 150] },
  { id: 'menu>support', label: 'support', way: 'M366 92C366 140 298 140 298 190', at: [306, 165] },
  { id: 'menu>message', label: 'message', way: 'M394 92C394 140 482 140 482 190', at: [482, 165] },
  { id: 'menu>operator', label: 'operator', way: 'M420 92C420 140 666 130 666 190', at: [610, 150] },
  { id: 'menu>menu', label: 'again on noinput', way: 'M464 52C520 40 520 92 464 80', at: [514, 70] },
  { id: 'menu>bye', label: 'exhausted', way: 'M380 92L380 330', at: [386, 300] },
]);

/** A chart of so many states in rows. */
export const greatChart = (states: number): ChartDrawing => {
  const across = 10;
  const placed = Array.from({ length: states }, (_, at): Placed => ({ id: `state${at}`, says: '“Something is said here”', x: 20 + (at % across) * 220, y: 20 + Math.floor(at / across) * 110, line: 1 }));
  const led = placed.slice(1).map(({ x, y }, at): Led => ({ id: `edge${at}`, label: `choice${at}`, way: `M${x - 52} ${y + 26}L${x} ${y + 26}`, at: [x - 46, y + 20] }));
  return picture('great', 40 + across * 220, 40 + Math.ceil(states / across) * 110, placed, led);
};
