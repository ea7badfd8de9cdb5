import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root, runMany } from './run.ts';
import { faults } from './planted-faults.ts';

describe('draft', function () {
  this.timeout(100_000);
  it('prints', async () => {
    mkdirSync(join(root, '.callchart'), { recursive: true });
    const folder = mkdtempSync(join(root, '.callchart/planted-'));
    const before: Record<string, string[]> = {};
    const names = ['watson','acme','states','demo'];
    (await runMany(names.map((e) => ({ command: 'check', bot: `examples/${e}`, options: { json: true } })))).forEach((r, i) => before[names[i]!] = JSON.parse(r.stdout).findings.map((f: any) => f.id));
    for (const [i, f] of faults.entries()) {
      const at = join(folder, String(i));
      cpSync(join(root, 'examples', f.example), at, { recursive: true });
      for (const { file = 'bot.ts', from, to } of f.changes) {
        const s = readFileSync(join(at, file), 'utf8');
        if (!s.includes(from)) console.log('!!! NOT CHANGED', f.rule, from);
        writeFileSync(join(at, file), s.replace(from, () => to));
      }
    }
    const out: any[] = [];
    let t = performance.now();
    const checked = await runMany(faults.map((_, i) => ({ command: 'check', bot: join(folder, String(i)), options: { json: true } })));
    console.log('checks', performance.now() - t);
    const mine = faults.map((f, i) => { try { return JSON.parse(checked[i]!.stdout).findings.find((x: any) => x.id === f.id) } catch { return undefined; } });
    faults.forEach((f, i) => writeFileSync(join(folder, String(i), 'caller.script'), mine[i]?.script ?? ('script' in f.shown ? f.shown.script : '')));
    t = performance.now();
    const called = await runMany(faults.map((f, i) => ({ command: 'call', bot: join(folder, String(i)), options: { json: true, script: join(folder, String(i), 'caller.script'), ...('language' in f.shown && f.shown.language && { language: f.shown.language }) } })) as never);
    console.log('calls', performance.now() - t);
    for (const [i, f] of faults.entries()) {
      const r = checked[i]!;
      let j: any; try { j = JSON.parse(r.stdout); } catch { console.log('#####', f.rule, f.mistake, r); continue; }
      const fresh = j.findings.filter((x: any) => !before[f.example]!.includes(x.id));
      console.log('#####', i, f.rule, f.example, f.id, 'code', r.code, 'cert', j.certificate !== null, j.secondOpinion.says, fresh.map((x: any) => x.id).join() === f.id ? 'OK' : `GOT ${fresh.map((x: any) => x.id)}`, before[f.example]!.filter((x) => !j.findings.some((y: any) => y.id === x)));
      for (const x of fresh) console.log('   ', x.severity, x.message, 'confirmed', x.confirmed);
      console.log('   script', mine[i]?.script === null ? '(own)' : '', JSON.stringify(readFileSync(join(folder, String(i), 'caller.script'), 'utf8')));
      if (process.env.ONLY && !process.env.ONLY.split(',').includes(String(i))) continue;
      const c = called[i]!;
      console.log('   call', c.code, c.stderr);
      out.push([i, c.code, c.stderr, c.stdout ? JSON.parse(c.stdout).transcript.filter((e: any) => !['ringing','answered','asks','pauses','assumed'].includes(e.kind)).map((e: any) => `${e.who} ${e.kind}${e.text === undefined ? '' : ` ${e.text}`}`) : []]);
      if (c.stdout) for (const e of JSON.parse(c.stdout).transcript) if (!['ringing','answered','asks','pauses'].includes(e.kind)) console.log(`       ${e.who} ${e.kind}${e.text === undefined ? '' : ` ${e.text}`}`);
    }
    writeFileSync('/tmp/heard.json', JSON.stringify(out));
    rmSync(folder, { recursive: true });
  });
});
