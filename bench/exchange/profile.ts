/**
 * Profile — a CPU profile as shares: by whose code it is, and by function.
 *
 * @module
 */
import { readFileSync } from 'node:fs';
import { table } from '../figures.ts';

interface CpuProfile {
  readonly nodes: readonly { readonly id: number; readonly children?: readonly number[]; readonly callFrame: { readonly functionName: string; readonly url: string; readonly lineNumber: number } }[];
  readonly samples: readonly number[];
  readonly timeDeltas: readonly number[];
}

type Frame = CpuProfile['nodes'][number]['callFrame'];

/** The profile in `file`, microseconds an exchange: self time by owner and by function, and the time of functions of ours with all they call. */
export const summarize = (file: string, exchanges: number, most = 40): string => {
  const { nodes, samples, timeDeltas } = JSON.parse(readFileSync(file, 'utf8')) as CpuProfile;
  const frames = new Map(nodes.map(({ id, callFrame }) => [id, callFrame]));
  const groups = new Map<string, number>();
  const functions = new Map<string, number>();
  const self = new Map<number, number>();
  let busy = 0;
  samples.forEach((id, index) => {
    const frame = frames.get(id)!;
    const delta = timeDeltas[index] ?? 0;
    if (frame.functionName === '(idle)' || frame.functionName === '(root)') return;
    busy += delta;
    add(groups, groupOf(frame), delta);
    add(functions, nameOf(frame), delta);
    self.set(id, (self.get(id) ?? 0) + delta);
  });
  const totals = new Map<string, number>();
  const children = new Map(nodes.map((node) => [node.id, node.children ?? []]));
  /** A function is counted once on each way down, however often it calls itself. */
  const total = (id: number, above: ReadonlySet<string>): number => {
    const name = nameOf(frames.get(id)!);
    const within = above.has(name) ? above : new Set([...above, name]);
    let sum = self.get(id) ?? 0;
    for (const child of children.get(id)!) sum += total(child, within);
    if (!above.has(name)) add(totals, name, sum);
    return sum;
  };
  total(nodes[0]!.id, new Set());
  const ours = new Map([...totals].filter(([name]) => /^\S+ (transport|machines|actions|errors)\b/.test(name)));
  const rows = (sums: ReadonlyMap<string, number>, count: number) =>
    [...sums].toSorted((a, b) => b[1] - a[1]).slice(0, count).map(([name, time]) => [name, (time / exchanges).toFixed(1), `${((100 * time) / busy).toFixed(1)}%`]);
  const head = ['self time', 'µs/exchange', 'share'];
  return `${table([head, ...rows(groups, 40), ['all', (busy / exchanges).toFixed(1), '100%']])}\n\n${table([head, ...rows(functions, most)])}\n\n${table([['with all it calls', 'µs/exchange', 'share'], ...rows(ours, most)])}`;
};

const add = (sums: Map<string, number>, key: string, value: number): void => void sums.set(key, (sums.get(key) ?? 0) + value);

const groupOf = ({ url, functionName }: Frame): string => {
  if (url === '') return functionName.startsWith('(') ? functionName : 'native functions';
  const packages = /node_modules\/((?:@[^/]+\/)?[^/]+)\/(?!.*node_modules\/)/.exec(url);
  if (packages !== null) return packages[1]!;
  if (url.startsWith('node:')) return /^node:(internal\/)?(_http|http|net|stream|events|timers|buffer|crypto)/.test(url.replace('node:_http', 'node:http')) ? `node: ${url.replace(/^node:(internal\/)?/, '').split('/')[0]}` : 'node: other';
  const ours = /\/dist\/(.+)\.js$/.exec(url);
  return ours === null ? 'bench' : `callchart/${ours[1]!.split('/').slice(0, -1).join('/') || ours[1]!}`;
};

const nameOf = ({ functionName, url, lineNumber }: Frame): string =>
  `${functionName || '(anonymous)'} ${url === '' ? '' : `${url.replace(/^file:\/\//, '').replace(/^.*\/(node_modules|dist)\//, '')}:${lineNumber + 1}`}`.slice(0, 90);
