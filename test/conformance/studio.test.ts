/**
 * Conformance of the check of Studio flows: real public flows, looked for beside the repository, are each examined or refused
 * with a place. What is found is held against a count of the raw JSON that shares nothing with the check.
 */
import { expect } from 'chai';
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { isCallError } from '../../src/errors.ts';
import type { Finding } from '../../src/machines/check/finding.ts';
import { checkFlow } from '../../src/studio/check-flow.ts';
import { readFlow } from '../../src/studio/flow.ts';

interface Raw {
  readonly states: readonly { readonly name: string; readonly type: string; readonly sid?: string; readonly transitions: readonly { readonly event: string; readonly next?: string | null }[] }[];
}

const folder = fileURLToPath(new URL('../../../shared/vectors/studio/', import.meta.url));

/** Widgets of some types that calls reach by any edge, and that have no edge wired to `event`. */
const without = ({ states }: Raw, types: readonly string[], event: string): readonly string[] => {
  const reached = new Set<string>();
  const visit = (id: string | null | undefined): void => {
    const state = states.find(({ name, sid }) => id !== null && id !== undefined && (sid === id || name === id));
    if (state === undefined || reached.has(state.name)) return;
    reached.add(state.name);
    for (const { next } of state.transitions) visit(next);
  };
  for (const { type, transitions } of states) if (type === 'trigger' || type === 'InitialState') for (const edge of transitions) if (edge.event === 'incomingCall') visit(edge.next);
  return states.filter(({ name, type, transitions }) => reached.has(name) && types.includes(type) && !transitions.some((edge) => edge.event === event && typeof edge.next === 'string')).map(({ name }) => name);
};

describe('public Studio flows', () => {
  if (!existsSync(`${folder}index.json`)) return void it('skipped: there is no ../shared/vectors/studio beside this repository', function () { this.skip(); });

  const rows = JSON.parse(readFileSync(`${folder}index.json`, 'utf8')) as readonly { readonly file: string; readonly path: string; readonly repo: string }[];
  const found = (text: string): readonly Finding[] | string => {
    try {
      return checkFlow(readFlow(text)).findings;
    } catch (error) {
      if (!isCallError(error) || error.code !== 'ERR_FLOW_UNEXAMINED') throw error;
      return [error.details.rule, ...error.details.paths].join(' ');
    }
  };

  for (const { file, path, repo } of rows) {
    it(`${repo}, ${path}: every question without an edge for silence and every split without one for the rest is found`, () => {
      const text = readFileSync(`${folder}${file}`, 'utf8');
      const findings = found(text);
      if (typeof findings === 'string') return void expect(findings, 'refused with a place').to.match(/^F-[A-Z]+ \S/);
      const raw = JSON.parse(text) as Raw;
      const ids = findings.map(({ id }) => id);
      expect(ids.filter((id) => /^unhandled:.*:timeout$/.test(id))).to.have.members(without(raw, ['gather-input-on-call', 'Gather'], 'timeout').map((name) => `unhandled:${name}:timeout`));
      expect(ids.filter((id) => /^unhandled:.*:noMatch$/.test(id))).to.have.members(without(raw, ['split-based-on', 'Branch'], 'noMatch').map((name) => `unhandled:${name}:noMatch`));
      expect(new Set(ids).size).to.equal(ids.length);
    });
  }

  it('are all examined, and a third of them or more drop whoever is silent', () => {
    const all = rows.map(({ file }) => found(readFileSync(`${folder}${file}`, 'utf8')));
    expect(all.filter((findings) => typeof findings === 'string')).to.deep.equal([]);
    const silent = all.filter((findings) => typeof findings !== 'string' && findings.some(({ id }) => /^unhandled:.*:timeout$|^silent-loop:/.test(id)));
    expect(silent.length).to.be.greaterThan(rows.length / 3);
  });
});
