/**
 * Lmdb file — looks at `data.mdb` before LMDB does: lmdb 3.5.6 ends the process on a file that is cut off, wiped or not its own.
 *
 * The pages are read from the two roots down, as LMDB's format (data version 2) has them, and nothing is written. A file in use
 * may be looked at: a page of the newest commit is not written to before the next one stands, so what is found wrong counts only
 * if no other commit came meanwhile.
 *
 * @module
 */
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { endianness } from 'node:os';
import { setImmediate as otherWork, setTimeout } from 'node:timers/promises';
import { damagedAdvice, unavailable } from './lmdb-failure.ts';

/** So many pages are looked at when a folder is opened, those above others first: 32 MB, in about 10 ms where they are in memory. */
const pagesAtOpening = 8_192;

/** After so many pages, which take less than a millisecond where they are in memory, the rest of the process has its turn. */
const pagesInOneGo = 256;

/** A file that another process makes is empty for less than a millisecond: so long it may be, ms. */
const emptyMs = 1_000;

/**
 * @throws `ERR_STORE_UNAVAILABLE` where the file at `path` is not a store, or not whole. What is far from the roots is looked at
 *   only if `pages` is large enough, or if the file is shorter than it was once.
 */
export async function checkFile(path: string, pages = pagesAtOpening): Promise<void> {
  const descriptor = openIfThere(path);
  if (descriptor === undefined) return;
  try {
    for (const until = performance.now() + emptyMs; fstatSync(descriptor).size === 0; await setTimeout(20)) if (performance.now() > until) throw empty();
    for (let attempt = 0; attempt < 3; attempt += 1) {
      const before = fileOf(descriptor);
      if (before === undefined || (await before.isSound(pages))) return;
      const after = fileOf(descriptor);
      if (after !== undefined && after.commit === before.commit) throw damaged();
    }
  } finally {
    closeSync(descriptor);
  }
}

const openIfThere = (path: string): number | undefined => {
  try {
    return openSync(path, 'r');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
};

const damaged = () => unavailable(`its data.mdb is damaged, or was not written by callchart: ${damagedAdvice}`, 'open');

const empty = () => unavailable(`its data.mdb is empty, as a file that was cut off is: ${damagedAdvice}. If no call was ever kept in it, remove that file`, 'open');

/** A file as its newest commit has it. */
interface File {
  /** Counts the commits; undefined where none can be found. */
  readonly commit: number | undefined;
  isSound(pages: number): Promise<boolean>;
}

const isLittle = endianness() === 'LE';
/** LMDB's numbers are as wide as the machine's addresses; on narrow ones the file is left to LMDB. */
const isWide = !['arm', 'ia32', 'mips', 'mipsel'].includes(process.arch);

const magic = 0xbeefc0de;
const dataVersion = 2;
const [isBranch, isLeaf, isOverflow] = [0x01, 0x02, 0x04];
const [bigData, subData] = [0x01, 0x02];
const header = 24;
/** The root of a tree in which there is nothing: the largest number of 64 bits. */
const none = 2 ** 64;

/** The file behind `descriptor`; undefined where only LMDB can read it. */
function fileOf(descriptor: number): File | undefined {
  const first = metaAt(descriptor, 0);
  const second = first && metaAt(descriptor, first.pageSize);
  if (first !== undefined && !isWide) return undefined;
  if (first === undefined || second === undefined) return { commit: undefined, isSound: async () => false };
  const { pageSize } = first;
  // With `durability: 'process'` there is a third, of what is known to be on disk, and LMDB goes back to it where it must.
  const flushed = metaAt(descriptor, pageSize / 2);
  const newest = first.commit > second.commit ? first : second;
  const { size } = fstatSync(descriptor); // the last thing, since a commit makes the file longer before it stands
  const roots = flushed === undefined ? [newest] : [first, second, flushed];
  const isSound = async (pages: number): Promise<boolean> => {
    for (const meta of roots) if (await isWhole(descriptor, size, pageSize, meta, pages)) return true;
    return false;
  };
  return { commit: newest.commit, isSound };
}

interface Meta {
  readonly pageSize: number;
  readonly commit: number;
  /** Of the tree of free pages, and of that of databases. */
  readonly roots: readonly [number, number];
  readonly lastPage: number;
}

/** What is written at `position` of the newest commit; undefined where that is nothing of the kind. */
function metaAt(descriptor: number, position: number): Meta | undefined {
  const page = view(header + 144);
  if (readSync(descriptor, page, 0, page.byteLength, position) === 0) return undefined;
  const [stamp, version] = [page.getUint32(header, isLittle), page.getUint32(header + 4, isLittle)];
  const meta = { pageSize: page.getUint32(header + 24, isLittle), commit: wide(page, header + 128), lastPage: wide(page, header + 120), roots: [wide(page, header + 64), wide(page, header + 112)] as const };
  const isPower = meta.pageSize >= 512 && meta.pageSize <= 65_536 && (meta.pageSize & (meta.pageSize - 1)) === 0;
  return stamp === magic && (version & 0xffff) === dataVersion && isPower ? meta : undefined;
}

const view = (bytes: number): DataView => new DataView(new ArrayBuffer(bytes));

/** A number of 64 bits. No file is so long that it matters how the largest are rounded. */
const wide = (page: DataView, at: number): number => page.getUint32(at + (isLittle ? 0 : 4), isLittle) + page.getUint32(at + (isLittle ? 4 : 0), isLittle) * 2 ** 32;

/** Whether all that leads from the roots of `meta` to the calls is there, as far as `most` pages show. */
async function isWhole(descriptor: number, size: number, pageSize: number, { roots, lastPage, commit }: Meta, most: number): Promise<boolean> {
  const pagesThere = Math.floor(size / pageSize);
  // A file may end early where its last pages are free ones. It is looked at whole then.
  const limit = lastPage < pagesThere ? most : pagesThere;
  const page = view(pageSize);
  const waiting = roots.filter((root) => root !== none);
  for (let looked = 0; looked < waiting.length && looked < limit; looked += 1) {
    if (looked % pagesInOneGo === pagesInOneGo - 1) await otherWork();
    const number = waiting[looked]!;
    if (number < 2 || number > lastPage || number >= pagesThere) return false;
    readSync(descriptor, page, 0, pageSize, number * pageSize);
    const kind = page.getUint16(18, isLittle) & (isBranch | isLeaf | isOverflow);
    if (wide(page, 0) !== number || wide(page, 8) > commit) return false; // a later commit wrote it: the file was copied while it was written to
    if (kind === isOverflow) {
      if (number + page.getUint32(20, isLittle) > pagesThere) return false;
      continue;
    }
    if (kind !== isBranch && kind !== isLeaf) return false;
    const below = pagesBelow(page, pageSize, kind === isLeaf);
    if (below === undefined) return false;
    waiting.push(...below);
  }
  return true;
}

/** The pages that `page` leads to; undefined where its own parts do not fit into it. */
function pagesBelow(page: DataView, pageSize: number, leaf: boolean): readonly number[] | undefined {
  const [lower, upper] = [page.getUint16(20, isLittle), page.getUint16(22, isLittle)];
  if (lower > upper || header + upper > pageSize || lower % 2 !== 0) return undefined;
  const below: number[] = [];
  for (let index = 0; index < lower / 2; index += 1) {
    const node = header + page.getUint16(header + 2 * index, isLittle);
    if (node + 8 > pageSize) return undefined;
    const [low, flags, keyLength] = [page.getUint32(node, isLittle), page.getUint16(node + 4, isLittle), page.getUint16(node + 6, isLittle)];
    const data = node + 8 + keyLength;
    if (data > pageSize) return undefined;
    if (!leaf) below.push(flags * 2 ** 32 + low);
    else if ((flags & bigData) !== 0) {
      if (data + 8 > pageSize) return undefined;
      below.push(wide(page, data));
    } else if (data + low > pageSize) return undefined;
    else if ((flags & subData) !== 0) {
      if (low < 48) return undefined;
      const root = wide(page, data + 40);
      if (root !== none) below.push(root);
    }
  }
  return below;
}
