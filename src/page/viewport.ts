/**
 * Viewport — which part of a picture is seen through a frame: zoomed, moved, fitted, and led to what matters.
 *
 * Leaf: numbers alone.
 *
 * @module
 */

/** A part of a picture, in the picture's own units. */
export interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** The frame on the screen. */
export interface Frame {
  readonly width: number;
  readonly height: number;
}

/** How much of the frame stays free at the edges of what is fitted. */
const margin = 0.045;
/** No picture is shown greater than this by itself, in pixels a unit: a small chart would look like a poster. */
const greatest = 1.35;
/** Below this letters cannot be read. */
const legible = 0.72;
const [farthest, nearest] = [0.05, 6];

/** Pixels a unit. */
export const scaleOf = (view: Box, frame: Frame): number => (view.width === 0 ? 1 : frame.width / view.width);

const around = (x: number, y: number, scale: number, frame: Frame): Box => {
  const [width, height] = [frame.width / scale, frame.height / scale];
  return { x: x - width / 2, y: y - height / 2, width, height };
};

const middle = ({ x, y, width, height }: Box): readonly [number, number] => [x + width / 2, y + height / 2];

/** All of `picture`. */
export function fitted(picture: Box, frame: Frame): Box {
  const scale = Math.min((frame.width * (1 - 2 * margin)) / Math.max(1, picture.width), (frame.height * (1 - 2 * margin)) / Math.max(1, picture.height), greatest);
  return around(...middle(picture), Math.max(farthest, scale), frame);
}

/** Zoomed by `factor`, so that what is at `at` (parts of the frame, from 0 to 1) stays there. */
export function zoomed(view: Box, factor: number, frame: Frame, at: readonly [number, number] = [0.5, 0.5]): Box {
  const scale = Math.min(nearest, Math.max(farthest, scaleOf(view, frame) * factor));
  const [width, height] = [frame.width / scale, frame.height / scale];
  return { x: view.x + (view.width - width) * at[0], y: view.y + (view.height - height) * at[1], width, height };
}

/** Moved by pixels of the screen. */
export function moved(view: Box, dx: number, dy: number, frame: Frame): Box {
  const scale = scaleOf(view, frame);
  return { ...view, x: view.x - dx / scale, y: view.y - dy / scale };
}

/** The frame has another size: what was in the middle stays there. */
export const resized = (view: Box, before: Frame, now: Frame): Box => around(...middle(view), scaleOf(view, before), now);

/** Led to `target`: not at all where it is seen already and can be read, else so that it stands in the middle. */
export function led(view: Box, target: Box, picture: Box, frame: Frame): Box {
  const whole = fitted(picture, frame);
  if (scaleOf(whole, frame) >= legible) return whole;
  const scale = Math.min(greatest, Math.max(legible, scaleOf(view, frame)), (frame.width * (1 - 2 * margin)) / Math.max(1, target.width), (frame.height * (1 - 2 * margin)) / Math.max(1, target.height));
  const isReadable = scaleOf(view, frame) >= Math.min(legible, scale) - 0.001;
  return isReadable && holds(view, target) ? view : around(...middle(target), Math.max(farthest, scale), frame);
}

const holds = (view: Box, { x, y, width, height }: Box): boolean =>
  x >= view.x && y >= view.y && x + width <= view.x + view.width && y + height <= view.y + view.height;
