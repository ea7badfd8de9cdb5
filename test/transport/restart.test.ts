/** Real processes, killed where it hurts: the call goes on. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { type Answer, answerOf, incoming, type Json, pressed, until } from './rig.ts';

interface Child {
  readonly process: ChildProcess;
  readonly gone: Promise<unknown>;
  readonly said: () => readonly string[];
  post(body: Json, message: string): Promise<Answer | 'no answer'>;
}

const children: Child[] = [];

/** Starts a process that serves the bot from `folder`. */
const start = async (folder: string, dies = ''): Promise<Child> => {
  const script = new URL('../helpers/bot-child.ts', import.meta.url).pathname;
  const child = spawn(process.execPath, ['--import', 'tsx', ...(process.env['CALLCHART_BUILT'] === '1' ? [] : ['-C', '@callchart/source']), script, folder, dies], { stdio: ['ignore', 'pipe', 'inherit'], env: { ...process.env, NODE_OPTIONS: '' } });
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
  const gone = new Promise((resolve) => child.once('exit', resolve));
  const said = (): readonly string[] => output.split('\n').slice(0, -1);
  await new Promise<void>((resolve, reject) => {
    void gone.then(() => reject(new Error('the process ended')));
    child.stdout.on('data', () => output.includes('listening') && resolve());
  });
  const port = /listening (\d+)/.exec(output)?.[1];
  const one: Child = {
    process: child, gone, said,
    post: (body, message) =>
      fetch(`http://127.0.0.1:${port}/api/calls`, { method: 'POST', headers: { 'content-type': 'application/json', 'x-microsoft-skype-message-id': message }, body: JSON.stringify(body) }).then(
        async (response) => answerOf(response.status, response.headers, await response.text()),
        () => 'no answer' as const,
      ),
  };
  children.push(one);
  return one;
};

const kill = async ({ process, gone }: Child): Promise<void> => {
  process.kill('SIGKILL');
  await gone;
};

const answered = (answer: Answer | 'no answer'): Answer => {
  if (answer === 'no answer') throw new Error('nobody answered');
  return answer;
};

const result = (answer: Answer, choice: string): Json => ({ id: 'c', callState: 'established', operationOutcome: { id: answer.actions.at(-1)?.operationId, outcome: 'success', ...pressed(choice) } });

describe('a process that is killed', function () {
  this.timeout(60_000);
  let folder: string;
  beforeEach(async () => void (folder = await mkdtemp(join(tmpdir(), 'callchart-restart-'))));
  afterEach(async () => {
    for (const child of children.splice(0)) await kill(child);
    await rm(folder, { recursive: true });
  });

  it('while the call waits for a key: it is started again, the key is pressed, and the call goes on', async () => {
    const one = await start(folder);
    const first = answered(await one.post(incoming('c'), 'm1'));
    const second = answered(await one.post(result(first, 'up'), 'm2'));
    expect(second.heard).to.equal('recognize“Count 1.”');
    await kill(one);
    const two = await start(folder);
    const third = answered(await two.post(result(second, 'up'), 'm3'));
    expect(third.heard).to.equal('recognize“Count 2.”');
    expect(answered(await two.post(result(second, 'up'), 'm3')).text).to.equal(third.text);
    expect(answered(await two.post(result(first, 'up'), 'm2')).text, 'a retry from before').to.equal(second.text);
  });

  it('between commit and reply: the retry gets the reply, once decided', async () => {
    const one = await start(folder, 'after-commit');
    const first = answered(await one.post(incoming('c'), 'm1'));
    expect(await one.post(result(first, 'up'), 'm2')).to.equal('no answer');
    await one.gone;
    const two = await start(folder);
    const second = answered(await two.post(result(first, 'up'), 'm2'));
    expect(second.heard).to.equal('recognize“Count 1.”');
    expect(answered(await two.post(result(first, 'up'), 'm2')).text).to.equal(second.text);
    expect(answered(await two.post(result(second, 'up'), 'm3')).heard).to.equal('recognize“Count 2.”');
  });

  it('within a task: the next one runs it again with the same id, and the retry gets its result', async () => {
    const one = await start(folder, 'in-task');
    const first = answered(await one.post(incoming('c'), 'm1'));
    expect(await one.post(result(first, 'work'), 'm2')).to.equal('no answer');
    await one.gone;
    const two = await start(folder);
    expect(answered(await two.post(result(first, 'work'), 'm2')).heard).to.equal('playPrompt“It is done.” hangup');
    const runs = [...one.said(), ...two.said()].filter((line) => line.startsWith('work '));
    expect(runs).to.have.length(2);
    expect(new Set(runs).size).to.equal(1);
  });

  it('within the cleanup: the next one runs it again with the same id, and then never more', async () => {
    const one = await start(folder, 'in-cleanup');
    answered(await one.post(incoming('c'), 'm1'));
    await one.post({ id: 'c', type: 'callStateChange', currentState: 'terminated' }, 'm2');
    await one.gone;
    const two = await start(folder);
    await until(() => two.said().includes('cleanup c:cleanup'), 15_000); // once it is sure that the one before is dead
    expect(one.said()).to.include('cleanup c:cleanup');
    await two.post({ id: 'c', type: 'callStateChange', currentState: 'terminated' }, 'm3'); // whose turn comes after the result's
    await kill(two);
    const three = await start(folder);
    expect(answered(await three.post({ id: 'c', type: 'callStateChange', currentState: 'terminated' }, 'm2')).text).to.equal('');
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(three.said().filter((line) => line.startsWith('cleanup'))).to.deep.equal([]);
  });
});
