import { expect } from 'chai';
import type { Finding } from '../../../src/machines/check/finding.ts';
import { fails, waive } from '../../../src/machines/check/waive.ts';

const finding = (rule: 'silent-loop' | 'prompt-long', severity: Finding['severity']): Finding => ({ id: `${rule}:menu`, rule, severity, state: 'menu', message: 'it is so', script: null });

describe('a waiver', () => {
  const findings = [finding('silent-loop', 'error'), finding('prompt-long', 'warning')];

  it('lets a finding be, with the reason, and the bot passes', () => {
    const waived = waive(findings, [{ id: 'silent-loop:menu', reason: 'a test line' }]);
    expect(waived).to.deep.equal([{ ...findings[0], waived: 'a test line' }, findings[1]]);
    expect([fails(findings), fails(waived)]).to.deep.equal([true, false]);
  });

  it('by a rule lets all of its findings be, and one by its id says more', () => {
    expect(waive(findings, [{ id: 'silent-loop', reason: 'all of them' }])).to.deep.equal([{ ...findings[0], waived: 'all of them' }, findings[1]]);
    expect(waive(findings, [{ id: 'silent-loop', reason: 'all of them' }, { id: 'silent-loop:menu', reason: 'this one' }])[0]).to.include({ waived: 'this one' });
  });

  it('that names nothing is a warning, told once, and lets nothing be', () => {
    const waived = waive(findings, [{ id: 'silent', reason: 'all of them' }, { id: 'silent', reason: 'again' }]);
    expect(waived.slice(0, 2)).to.deep.equal(findings);
    expect(waived.slice(2).map(({ id, rule, severity }) => ({ id, rule, severity }))).to.deep.equal([{ id: 'waiver-unused:silent', rule: 'waiver-unused', severity: 'warning' }]);
    expect(fails(waived)).to.equal(true);
  });
});
