/**
 * Arguments — what cac makes of a command line, kept to the letter.
 *
 * cac reads `0042` as the number 42, `+15550100` as 15550100, and swallows `-`: none of these will do for keys, telephone
 * numbers and standard input. {@link shielded} marks every value so that cac takes it for a text, and the readers here
 * take the mark off again. What stands behind `--` is another program's, and cac hands it on as it is.
 *
 * @module
 */
import { CallError } from '../errors.ts';

/** Options as cac hands them over. */
export type Options = Readonly<Record<string, unknown>>;

/** A sign that no argument can hold. */
export const mark = '\0';

/** The arguments with all values marked, but for the first one, which names the command, and those from `--` on. */
export const shielded = (argv: readonly string[]): string[] => {
  const foreign = argv.indexOf('--');
  return argv.map((argument, index) => {
    if (foreign !== -1 && index >= foreign) return argument;
    if (index === 0 && argument !== '-') return argument;
    if (!argument.startsWith('-') || argument === '-') return mark + argument;
    const [, option, value] = /^(--?[^=]+)=(.*)$/s.exec(argument) ?? [];
    return option === undefined ? argument : `${option}=${mark}${value ?? ''}`;
  });
};

/** A positional argument as it was written. */
export const plain = (argument: string): string => (argument.startsWith(mark) ? argument.slice(1) : argument);

/** The value of `--name`, or undefined where it was not given. @throws `ERR_OPTION_INVALID` when it was given twice or is empty. */
export const text = (options: Options, name: string): string | undefined => {
  const value = options[name];
  if (value === undefined) return undefined;
  if (Array.isArray(value)) throw wrong(name, `\`--${dashed(name)}\` is given twice`);
  const written = plain(String(value));
  if (written === '') throw wrong(name, `\`--${dashed(name)}\` is empty`);
  return written;
};

/** Every value of `--name`, which may be given more than once. @throws `ERR_OPTION_INVALID` when one is empty. */
export const texts = (options: Options, name: string): readonly string[] => [options[name] ?? []].flat().flatMap((value) => text({ [name]: value }, name) ?? []);

/** Whether `--name` was given. */
export const flag = (options: Options, name: string): boolean => options[name] === true;

/** Every `--name value` of `names`, in the order of the command line, which cac does not keep. */
export const inOrder = (argv: readonly string[], names: readonly string[]): readonly { readonly name: string; readonly value: string }[] =>
  argv.flatMap((argument, index) => {
    const [, name = '', value = argv[index + 1] ?? ''] = /^--([^=]+)(?:=(.*))?$/s.exec(argument) ?? [];
    return names.includes(name) ? [{ name, value }] : [];
  });

/** An option that cannot be used. */
export const wrong = (option: string, sentence: string): CallError<'ERR_OPTION_INVALID'> => new CallError('ERR_OPTION_INVALID', sentence, { option });

const dashed = (name: string): string => name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);

/** A port in `written`. @throws `ERR_OPTION_INVALID` */
export const portIn = (written: string, option: string): number => {
  const port = /^\d{1,5}$/.test(written) ? Number(written) : -1;
  if (port < 0 || port > 65_535) throw wrong(option, `${option} is a port: a whole number from 0 to 65535`);
  return port;
};
