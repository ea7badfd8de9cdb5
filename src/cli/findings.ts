/**
 * Findings — how `callchart check` writes what it has found, for bots and for flows: one paragraph a finding, errors first.
 *
 * @module
 */
import { scriptLines } from '../machines/check/caller-script.ts';
import { type Finding, type Waiver } from '../machines/index.ts';
import { type Options, texts, wrong } from './arguments.ts';

/** `--waive '<id>=<reason>'`, each of them. @throws `ERR_OPTION_INVALID` when one has no id or no reason. */
export const waiversIn = (options: Options): readonly Waiver[] =>
  texts(options, 'waive').map((written) => {
    const [, id, reason] = /^([^=]+)=(.*)$/s.exec(written) ?? [];
    if (id === undefined || reason === undefined || reason.trim() === '') throw wrong('waive', '`--waive` names a finding and says why it may be: `--waive unhandled:menu:timeout="nobody is ever silent"`');
    return { id: id.trim(), reason: reason.trim() };
  });

/** `findings` as lines for people. `name` is of what was checked; `remarks` stand below the scripts that they are about. */
export const findingLines = (name: string, findings: readonly Finding[], remarks: ReadonlyMap<Finding, readonly string[]> = new Map()): readonly string[] =>
  findings.length === 0 ? [`${name}: nothing found`] : [`${name}: ${counted(findings)}`, ...[...findings].sort((one, other) => weight(one) - weight(other)).flatMap((finding) => paragraph(finding, remarks.get(finding) ?? []))];

const weight = ({ severity, waived }: Finding): number => (waived !== undefined ? 2 : severity === 'error' ? 0 : 1);

const counted = (findings: readonly Finding[]): string => {
  const [errors, warnings, waived] = [0, 1, 2].map((one) => findings.filter((finding) => weight(finding) === one).length) as [number, number, number];
  return [[errors, errors === 1 ? 'error' : 'errors'], [warnings, warnings === 1 ? 'warning' : 'warnings'], [waived, 'waived']].filter(([count]) => count !== 0).map((part) => part.join(' ')).join(', ');
};

const paragraph = (finding: Finding, remarks: readonly string[]): readonly string[] => [
  `  ${finding.waived !== undefined ? 'waived ' : finding.severity === 'error' ? 'error  ' : 'warning'} ${finding.message}`,
  `          ${finding.id}`,
  ...(finding.waived === undefined ? [] : [`          let be: ${finding.waived}`]),
  ...(finding.script?.length === 0 ? ['            (at once, whoever calls)'] : []),
  ...(finding.script === null ? [] : scriptLines(finding.script).map((line) => `            ${line}`)),
  ...remarks.map((remark) => `            (${remark})`),
];
