/**
 * Coverage files — what files say of the calls of a bot: the counts that tests and servers leave, and the logs of calls.
 *
 * @module
 */
import type { AnyStateMachine } from 'xstate';
import { tallyEnding } from '../coverage-folder.ts';
import { CallError, isCallError } from '../errors.ts';
import { readLog, readTally, sumOfTallies, type Tally, tallyOfLog } from '../machines/index.ts';
import { wrong } from './arguments.ts';
import { givenAt, textOf } from './given-files.ts';
import { logEnding } from './log-files.ts';

/** What the file or the folder at `path` says of calls of `machine`. What is of another bot is refused where it is named, and left out where a folder has it. */
export const talliesAt = async (machine: AnyStateMachine, path: string): Promise<readonly Tally[]> => {
  const { isFolder, files } = await givenAt(path, [tallyEnding, logEnding], 'files');
  const own: Tally[] = [];
  for (const file of files) {
    try {
      own.push(await tallyIn(machine, file));
    } catch (error) {
      if (!isFolder || !isCallError(error) || error.code !== 'ERR_TALLY_OTHER') throw error;
      process.stderr.write(`left out: ${error.message}\n`);
    }
  }
  if (own.length === 0) throw wrong('files', `${path}: there is ${files.length === 0 ? 'no log of a call and no count of calls' : `nothing of this bot, \`${machine.id}\`,`} in the folder`);
  return own;
};

const tallyIn = async (machine: AnyStateMachine, file: string): Promise<Tally> => {
  const written = await textOf(file, 'files');
  try {
    return file.endsWith(logEnding) ? tallyOfLog(machine, readLog(written)) : sumOfTallies(machine, [readTally(written)]);
  } catch (error) {
    throw isCallError(error) ? placed(error, file) : error;
  }
};

/** `error` with the place that it is about. */
const placed = (error: CallError, file: string): CallError => new CallError(error.code, `${file}: ${error.message}`.replace(/: line (\d+): /, ':$1: '), error.details, { cause: error });
