/**
 * Wasm-program — runs a program compiled to WebAssembly, for WASI preview 1, that makes one file: in memory alone.
 *
 * The program sees its arguments, the time and an empty folder `/out`. What it writes there is the result; what it prints is dropped.
 * Node's own `node:wasi` is experimental, says so on the terminal, and would have what is said written to the disk.
 *
 * Leaf: imports nothing.
 *
 * @module
 */

/** A compiled program. */
export type WasmModule = object;

/** What is used of the global `WebAssembly`, which the types of Node leave out. */
interface WebAssemblyApi {
  compile(bytes: Uint8Array): Promise<WasmModule>;
  instantiate(module: WasmModule, imports: Readonly<Record<string, Readonly<Record<string, unknown>>>>): Promise<{ readonly exports: Readonly<Record<string, unknown>> }>;
}

const { compile, instantiate } = (globalThis as unknown as { readonly WebAssembly: WebAssemblyApi }).WebAssembly;

/** How a program ended: its exit code, and the file that it has made. */
export interface ProgramEnd {
  readonly code: number;
  readonly file: Uint8Array;
}

/** @throws whatever the engine throws at bytes that are no program */
export const compileProgram = (bytes: Uint8Array): Promise<WasmModule> => compile(bytes);

/** Errors of WASI. */
const errno = { ok: 0, badFile: 8, notFound: 44, noSeek: 70 } as const;
/** Kinds of files of WASI. */
const kind = { device: 2, folder: 3, file: 4 } as const;
/** The files that are open: the three of every program, the folder, and from then on the one file. */
const folderFd = 3;
const fileFd = 4;
const folderName = new TextEncoder().encode('/out');

/** How the program leaves in the middle of itself. */
class Exit {
  readonly code: number;
  constructor(code: number) {
    this.code = code;
  }
}

/**
 * Runs `module` to its end.
 *
 * @throws whatever the engine throws where the program breaks down
 */
export async function runProgram(module: WasmModule, args: readonly string[]): Promise<ProgramEnd> {
  const file = growing();
  let memory: { readonly buffer: ArrayBuffer } = { buffer: new ArrayBuffer(0) };
  const view = (): DataView => new DataView(memory.buffer);
  const bytesAt = (at: number, length: number): Uint8Array => new Uint8Array(memory.buffer, at, length);
  // Whoever calls a C program ends each of its arguments with a zero: there is none in them.
  const texts = args.map((arg) => new TextEncoder().encode(`${arg.replaceAll('\0', ' ')}\0`));

  const wasi = {
    args_sizes_get(countAt: number, sizeAt: number): number {
      view().setUint32(countAt, texts.length, true);
      view().setUint32(sizeAt, texts.reduce((sum, { length }) => sum + length, 0), true);
      return errno.ok;
    },
    args_get(pointersAt: number, textsAt: number): number {
      let at = textsAt;
      for (const [index, text] of texts.entries()) {
        view().setUint32(pointersAt + index * 4, at, true);
        bytesAt(at, text.length).set(text);
        at += text.length;
      }
      return errno.ok;
    },
    clock_time_get(_clock: number, _precision: bigint, timeAt: number): number {
      view().setBigUint64(timeAt, BigInt(Math.round(performance.now() * 1e6)), true);
      return errno.ok;
    },
    fd_close: (fd: number): number => (fd > fileFd ? errno.badFile : errno.ok),
    fd_fdstat_get(fd: number, statAt: number): number {
      if (fd > fileFd) return errno.badFile;
      bytesAt(statAt, 24).fill(0);
      view().setUint8(statAt, fd < folderFd ? kind.device : fd === folderFd ? kind.folder : kind.file);
      bytesAt(statAt + 8, 16).fill(0xff); // may do whatever it likes
      return errno.ok;
    },
    fd_fdstat_set_flags: (): number => errno.ok,
    fd_prestat_get(fd: number, statAt: number): number {
      if (fd !== folderFd) return errno.badFile;
      view().setUint32(statAt, 0, true);
      view().setUint32(statAt + 4, folderName.length, true);
      return errno.ok;
    },
    fd_prestat_dir_name(fd: number, nameAt: number, length: number): number {
      if (fd !== folderFd) return errno.badFile;
      bytesAt(nameAt, length).set(folderName.subarray(0, length));
      return errno.ok;
    },
    fd_read(_fd: number, _buffersAt: number, _count: number, readAt: number): number {
      view().setUint32(readAt, 0, true); // there is nothing to be read
      return errno.ok;
    },
    fd_seek(fd: number, offset: bigint, from: number, positionAt: number): number {
      if (fd !== fileFd) return errno.noSeek;
      view().setBigUint64(positionAt, BigInt(file.seek(Number(offset), from)), true);
      return errno.ok;
    },
    fd_write(fd: number, buffersAt: number, count: number, writtenAt: number): number {
      if (fd > fileFd) return errno.badFile;
      let written = 0;
      for (let index = 0; index < count; index += 1) {
        const at = view().getUint32(buffersAt + index * 8, true);
        const length = view().getUint32(buffersAt + index * 8 + 4, true);
        if (fd === fileFd) file.write(bytesAt(at, length));
        written += length;
      }
      view().setUint32(writtenAt, written, true);
      return errno.ok;
    },
    path_open(_folder: number, _lookup: number, _pathAt: number, _length: number, how: number, _rights: bigint, _inheriting: bigint, _flags: number, fdAt: number): number {
      const creates = 1;
      if ((how & creates) === 0) return errno.notFound;
      file.clear();
      view().setUint32(fdAt, fileFd, true);
      return errno.ok;
    },
    proc_exit(code: number): never {
      throw new Exit(code);
    },
  };

  const { exports } = await instantiate(module, { wasi_snapshot_preview1: wasi });
  memory = exports['memory'] as typeof memory;
  try {
    (exports['_start'] as () => void)();
    return { code: 0, file: file.bytes() };
  } catch (error) {
    if (error instanceof Exit) return { code: error.code, file: file.bytes() };
    throw error;
  }
}

/** A file in memory. */
function growing() {
  let bytes = new Uint8Array(1 << 16);
  let length = 0;
  let position = 0;
  return {
    bytes: (): Uint8Array => bytes.slice(0, length),
    clear: (): void => void (length = position = 0),
    seek(offset: number, from: number): number {
      position = Math.max(0, offset + (from === 0 ? 0 : from === 1 ? position : length));
      return position;
    },
    write(more: Uint8Array): void {
      const end = position + more.length;
      if (end > bytes.length) {
        const larger = new Uint8Array(Math.max(end, bytes.length * 2));
        larger.set(bytes.subarray(0, length));
        bytes = larger;
      }
      bytes.set(more, position);
      position = end;
      length = Math.max(length, end);
    },
  };
}
