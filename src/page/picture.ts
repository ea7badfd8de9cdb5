/**
 * Picture — the chart's SVG in the page: put in safely, a call shown on it, zoomed and moved.
 *
 * No part of the page is drawn anew for it: a step sets classes, and a movement changes which part of the picture is seen. So a chart of
 * many states stays smooth.
 *
 * @module
 */
import type { ChartCoverage, ChartMoment, DrawnState } from '../inspector/chart/drawing.ts';
import type { RemarkShown } from './protocol.ts';
import { remarksByState, tallied, tallyWords } from './remark-words.ts';
import { countSign, remarkSigns } from './signs.ts';
import { type Box, fitted, type Frame, led, moved, resized, scaleOf, zoomed } from './viewport.ts';

/** A picture that is shown. */
export interface Picture {
  /** Shows a step of a call on it, or none; where `follow` is wished, what it is about comes into view. */
  show(step: ChartMoment | undefined, follow: boolean): void;
  zoom(factor: number): void;
  fit(): void;
  /** Whose state's source is looked at; where it `leads`, that state comes into view. */
  mark(state: string | undefined, leads: boolean): void;
  /** Puts a sign at every state that something is wrong with. */
  remark(remarks: readonly RemarkShown[]): void;
  /** Shows what was met, and how often; nothing, where there is nothing to show. */
  paint(coverage: ChartCoverage | undefined): void;
  close(): void;
}

export interface PictureOptions {
  readonly svg: string;
  readonly states: Readonly<Record<string, DrawnState>>;
  readonly frame: HTMLElement;
  /** A state was chosen. */
  readonly onState: (id: string) => void;
  /** The sign of a remark was chosen, by its id. */
  readonly onRemark: (id: string) => void;
  /** Told the scale whenever it is another one. */
  readonly onScale: (scale: number) => void;
}

const drawn = 'http://www.w3.org/2000/svg';
const clickPixels = 4;
const glideMs = 260;

/** The picture as part of this document, without anything that could do something by itself. Nothing where it is no picture. */
export function parsed(svg: string): SVGSVGElement | undefined {
  const root = new DOMParser().parseFromString(svg, 'image/svg+xml').documentElement;
  if (!(root instanceof SVGSVGElement) || root.namespaceURI !== drawn) return undefined;
  for (const part of [root, ...root.querySelectorAll('*')]) {
    if (part.namespaceURI !== drawn || ['script', 'foreignObject', 'iframe', 'image', 'use', 'a', 'animate', 'set'].includes(part.localName)) part.remove();
    for (const name of part.getAttributeNames()) if (/^on/i.test(name) || /(^|:)href$/i.test(name)) part.removeAttribute(name);
  }
  return document.importNode(root, true);
}

/** Puts the picture into the frame. */
export function openPicture({ svg, states, frame, onState, onRemark, onScale }: PictureOptions): Picture | undefined {
  const root = parsed(svg);
  if (root === undefined) return undefined;
  const whole: Box = boxOf(root);
  const nodes = new Map([...root.querySelectorAll<SVGGElement>('[data-state]')].map((node) => [node.dataset['state'] ?? '', node]));
  const edges = new Map([...root.querySelectorAll<SVGGElement>('[data-edge]')].map((node) => [node.dataset['edge'] ?? '', node]));
  const order = [...nodes.keys()];
  let size: Frame = sizeOf(frame);
  let view = fitted(whole, size);
  let isFitted = true;
  let glide = 0;
  let step: ChartMoment | undefined;
  let wrong: ReadonlyMap<string, readonly RemarkShown[]> = new Map();
  let met: ChartCoverage | undefined;
  /** What stands above the picture: counts, and above them the signs. */
  const [counts, signs] = [layer('counts'), layer('signs')];

  root.removeAttribute('width');
  root.removeAttribute('height');
  root.setAttribute('role', 'group');
  for (const [id, node] of nodes) {
    node.setAttribute('role', 'group');
    node.setAttribute('aria-roledescription', 'state');
    node.setAttribute('aria-label', labelOf(id));
    node.setAttribute('tabindex', '-1');
    if (states[id]?.source !== undefined) node.setAttribute('data-open', '');
  }
  rove(order[0]);
  root.append(counts, signs);
  frame.replaceChildren(root);
  look(view);

  function labelOf(id: string): string {
    const is = step?.active.includes(id) === true ? ', active' : '';
    const remarks = wrong.get(id) ?? [];
    const count = met?.states[id];
    const also = `${remarks.length === 0 ? '' : `, ${tallyWords(tallied(remarks))}`}${count === undefined ? '' : count === 0 ? ', never met' : `, met ${count} times`}`;
    return `${states[id]?.title ?? id}${is}${also}${states[id]?.source === undefined ? '' : '; Enter shows its source'}`;
  }

  function look(now: Box): void {
    view = now;
    root?.setAttribute('viewBox', [now.x, now.y, now.width, now.height].map((value) => Math.round(value * 100) / 100).join(' '));
    onScale(scaleOf(now, size));
  }

  function glideTo(to: Box): void {
    cancelAnimationFrame(glide);
    const from = view;
    const begun = performance.now();
    if (window.matchMedia('(prefers-reduced-motion: reduce)').matches) return look(to);
    const move = (now: number): void => {
      const part = Math.min(1, (now - begun) / glideMs);
      const eased = 1 - (1 - part) ** 3;
      const between = (one: number, other: number): number => one + (other - one) * eased;
      look({ x: between(from.x, to.x), y: between(from.y, to.y), width: between(from.width, to.width), height: between(from.height, to.height) });
      if (part < 1) glide = requestAnimationFrame(move);
    };
    glide = requestAnimationFrame(move);
  }

  function halt(): void {
    cancelAnimationFrame(glide);
    isFitted = false;
  }

  /** The one state that the Tab key comes to; arrows go on from there. */
  function rove(id: string | undefined): void {
    for (const node of nodes.values()) node.setAttribute('tabindex', '-1');
    if (id !== undefined) nodes.get(id)?.setAttribute('tabindex', '0');
  }

  function show(now: ChartMoment | undefined, follow: boolean): void {
    step = now;
    light(nodes, 'active', now?.active);
    light(nodes, 'passed', now?.passed.filter((id) => !now.active.includes(id)));
    light(edges, 'taken', now?.taken);
    label();
    const inner = now?.active.findLast((id) => nodes.has(id));
    if (root?.contains(document.activeElement) !== true) rove(inner ?? order[0]);
    // Where no call is shown it is led to where a call begins: of a great chart nobody can read the whole.
    const area = follow ? areaOf(now?.active ?? order.slice(0, 1)) : undefined;
    if (area !== undefined) lead(area);
  }

  function label(): void {
    for (const [id, node] of nodes) node.setAttribute('aria-label', labelOf(id));
  }

  function remark(remarks: readonly RemarkShown[]): void {
    wrong = remarksByState(remarks);
    signs.replaceChildren(...[...wrong].flatMap(([id, own]) => {
      const box = boxOfState(id);
      return box === undefined ? [] : remarkSigns(box, own);
    }));
    label();
  }

  function paint(coverage: ChartCoverage | undefined): void {
    met = coverage;
    for (const [parts, counted] of [[nodes, coverage?.states], [edges, coverage?.transitions]] as const) {
      light(parts, 'met', Object.keys(counted ?? {}).filter((id) => (counted?.[id] ?? 0) > 0));
      light(parts, 'missed', Object.keys(counted ?? {}).filter((id) => counted?.[id] === 0));
    }
    root?.classList.toggle('painted', coverage !== undefined);
    counts.replaceChildren(
      ...Object.entries(coverage?.transitions ?? {}).flatMap(([id, count]) => {
        const way = edges.get(id)?.querySelector<SVGPathElement>('.way');
        if (way === null || way === undefined || count === 0) return [];
        const { x, y } = way.getPointAtLength(way.getTotalLength() / 2);
        return [countSign(x, y, count, 'edge')];
      }),
      ...Object.entries(coverage?.states ?? {}).flatMap(([id, count]) => {
        const box = boxOfState(id);
        return box === undefined || count === 0 ? [] : [countSign(box.x, box.y, count, 'state')];
      }),
    );
    label();
  }

  const boxOfState = (id: string): Box | undefined => nodes.get(id)?.querySelector<SVGGraphicsElement>(':scope > .box')?.getBBox();

  function lead(area: Box): void {
    const to = led(view, area, whole, size);
    isFitted = sameBox(to, fitted(whole, size));
    if (!sameBox(to, view)) glideTo(to);
  }

  /** Where the innermost of these states are. */
  function areaOf(ids: readonly string[]): Box | undefined {
    const boxes = ids.flatMap((id) => {
      const node = nodes.get(id);
      return node === undefined ? [] : [node.getBBox()];
    });
    const inner = boxes.filter((box) => !boxes.some((other) => other !== box && inside(other, box)));
    const [left, top, right, bottom] = [Math.min(...inner.map(({ x }) => x)), Math.min(...inner.map(({ y }) => y)), Math.max(...inner.map(({ x, width }) => x + width)), Math.max(...inner.map(({ y, height }) => y + height))];
    return inner.length === 0 ? undefined : { x: left, y: top, width: right - left, height: bottom - top };
  }

  function fit(): void {
    isFitted = true;
    glideTo(fitted(whole, size));
  }

  function zoom(factor: number): void {
    halt();
    look(zoomed(view, factor, size));
  }

  const stop = new AbortController();
  const { signal } = stop;
  const resizes = new ResizeObserver(() => {
    const now = sizeOf(frame);
    if (now.width === 0 || now.height === 0) return;
    const before = size;
    size = now;
    look(isFitted ? fitted(whole, size) : resized(view, before, size));
  });
  resizes.observe(frame);

  frame.addEventListener('wheel', (event) => {
    event.preventDefault();
    halt();
    const bounds = frame.getBoundingClientRect();
    const lines = event.deltaMode === WheelEvent.DOM_DELTA_LINE ? 16 : 1;
    look(zoomed(view, Math.exp((-event.deltaY * lines) / (event.ctrlKey ? 120 : 420)), size, [(event.clientX - bounds.left) / bounds.width, (event.clientY - bounds.top) / bounds.height]));
  }, { passive: false, signal });

  /** Fingers and mice that are down, by their ids. */
  const down = new Map<number, readonly [number, number]>();
  let travelled = 0;
  frame.addEventListener('pointerdown', (event) => {
    if (event.button !== 0) return;
    if (down.size === 0) travelled = 0;
    down.set(event.pointerId, [event.clientX, event.clientY]);
  }, { signal });
  frame.addEventListener('pointermove', (event) => {
    const before = down.get(event.pointerId);
    if (before === undefined) return;
    const [dx, dy] = [event.clientX - before[0], event.clientY - before[1]];
    travelled += Math.abs(dx) + Math.abs(dy);
    if (travelled < clickPixels) return;
    halt();
    // What is dragged stays with the finger, wherever that goes; a click must keep its own target.
    if (!frame.hasPointerCapture(event.pointerId)) frame.setPointerCapture(event.pointerId);
    const other = [...down].find(([id]) => id !== event.pointerId)?.[1];
    if (other === undefined) look(moved(view, dx, dy, size));
    else {
      const far = (x: number, y: number): number => Math.hypot(x - other[0], y - other[1]);
      const bounds = frame.getBoundingClientRect();
      const at = [((event.clientX + other[0]) / 2 - bounds.left) / bounds.width, ((event.clientY + other[1]) / 2 - bounds.top) / bounds.height] as const;
      look(zoomed(moved(view, dx / 2, dy / 2, size), far(event.clientX, event.clientY) / Math.max(1, far(...before)), size, at));
    }
    down.set(event.pointerId, [event.clientX, event.clientY]);
  }, { signal });
  for (const end of ['pointerup', 'pointercancel'] as const) frame.addEventListener(end, ({ pointerId }) => down.delete(pointerId), { signal });

  root.addEventListener('click', ({ target }) => {
    const sign = target instanceof Element ? target.closest<SVGGElement>('[data-remark]')?.dataset['remark'] : undefined;
    if (sign !== undefined && travelled < clickPixels) return onRemark(sign);
    const id = stateAt(target);
    if (id !== undefined && travelled < clickPixels) choose(id);
  }, { signal });
  root.addEventListener('keydown', (event) => {
    const id = stateAt(event.target);
    if (id === undefined) return;
    if (event.key === 'Enter' || event.key === ' ') choose(id);
    else if (!walk(id, event.key)) return;
    event.preventDefault();
  }, { signal });

  const stateAt = (target: EventTarget | null): string | undefined =>
    target instanceof Element ? (target.closest<SVGGElement>('[data-state]')?.dataset['state'] ?? undefined) : undefined;

  function choose(id: string): void {
    rove(id);
    if (states[id]?.source !== undefined) onState(id);
  }

  /** Goes to the state before or after. */
  function walk(from: string, key: string): boolean {
    const at = order.indexOf(from);
    const to = key === 'ArrowRight' || key === 'ArrowDown' ? at + 1 : key === 'ArrowLeft' || key === 'ArrowUp' ? at - 1 : key === 'Home' ? 0 : key === 'End' ? order.length - 1 : undefined;
    if (to === undefined) return false;
    const id = order[Math.max(0, Math.min(order.length - 1, to))];
    if (id === undefined) return true;
    rove(id);
    nodes.get(id)?.focus({ preventScroll: true });
    const area = areaOf([id]);
    if (area !== undefined) lead(area);
    return true;
  }

  function mark(state: string | undefined, leads: boolean): void {
    light(nodes, 'looked-at', state === undefined ? [] : [state]);
    const area = state === undefined || !leads ? undefined : areaOf([state]);
    if (area !== undefined) lead(area);
  }

  function close(): void {
    stop.abort();
    resizes.disconnect();
    cancelAnimationFrame(glide);
    frame.replaceChildren();
  }

  return { show, zoom, fit, mark, remark, paint, close };
}

/** A part of the picture for what is drawn here. It says nothing that the states do not say to who cannot see it. */
function layer(name: string): SVGGElement {
  const group = document.createElementNS(drawn, 'g');
  group.setAttribute('class', name);
  group.setAttribute('aria-hidden', 'true');
  return group;
}

const sizeOf = ({ clientWidth, clientHeight }: HTMLElement): Frame => ({ width: clientWidth, height: clientHeight });

/** The whole picture, as its `viewBox` has it. */
function boxOf(root: SVGSVGElement): Box {
  const [x = 0, y = 0, width = 0, height = 0] = (root.getAttribute('viewBox') ?? '').split(/[\s,]+/).map(Number);
  return width > 0 && height > 0 ? { x, y, width, height } : { x: 0, y: 0, width: Number.parseFloat(root.getAttribute('width') ?? '') || 800, height: Number.parseFloat(root.getAttribute('height') ?? '') || 600 };
}

const inside = (box: Box, outer: Box): boolean => box.x >= outer.x && box.y >= outer.y && box.x + box.width <= outer.x + outer.width && box.y + box.height <= outer.y + outer.height;
const sameBox = (one: Box, other: Box): boolean => Math.abs(one.x - other.x) + Math.abs(one.y - other.y) + Math.abs(one.width - other.width) < 0.01;

const light = (parts: ReadonlyMap<string, Element>, name: string, lit: readonly string[] = []): void => {
  for (const [id, part] of parts) part.classList.toggle(name, lit.includes(id));
};
