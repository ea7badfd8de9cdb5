/**
 * Waive — what an author lets be, with his reason. A waiver names a finding; one that names none is itself told.
 *
 * @module
 */
import type { Finding } from './finding.ts';

/** A finding is let be, by its id; or every finding of a rule, by the name of the rule. */
export interface Waiver {
  readonly id: string;
  readonly reason: string;
}

/** `findings`, those waived that `waivers` name, and a warning for each waiver that names none. */
export const waive = (findings: readonly Finding[], waivers: readonly Waiver[]): readonly Finding[] => [
  ...findings.map((finding) => {
    const waiver = waivers.find(({ id }) => id === finding.id) ?? waivers.find(({ id }) => id === finding.rule);
    return waiver === undefined ? finding : { ...finding, waived: waiver.reason };
  }),
  ...[...new Set(waivers.map(({ id }) => id))].filter((id) => !findings.some((finding) => finding.id === id || finding.rule === id)).map(unused),
];

const unused = (id: string): Finding => ({ id: `waiver-unused:${id}`, rule: 'waiver-unused', severity: 'warning', state: '', message: `the waiver of \`${id}\` is not needed: there is no such finding`, script: null });

/** Whether one of `findings` is an error that nobody has waived. */
export const fails = (findings: readonly Finding[]): boolean => findings.some(({ severity, waived }) => severity === 'error' && waived === undefined);
