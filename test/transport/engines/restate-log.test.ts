/** What the SDK of Restate says, in the log: what it is about, and none of its words. */
import { expect } from 'chai';
import { loggerInto } from '../../../src/transport/engines/restate/sdk-log.ts';
import { logInto, type LogLine } from '../rig.ts';

describe('the log of the SDK of Restate', () => {
  const context = { invocationTarget: 'AppCall/c/event', serviceName: 'AppCall', key: 'c', handlerName: 'event', invocationId: 'inv_1' };
  const told = (level: string, of: object | undefined, ...said: readonly unknown[]): readonly LogLine[] => {
    const lines: LogLine[] = [];
    loggerInto(logInto(lines))({ level, source: 'SYSTEM', replaying: false, ...(of !== undefined && { context: of }) } as never, ...said);
    return lines;
  };

  it('has a name for what became of an invocation, and the fields to find it by', () => {
    expect(told('warn', context, "Error when processing ctx.run 'decided'.\n", new RangeError('4711'))).to.have.length(1);
    expect(told('warn', context, "Error when processing ctx.run 'decided'.\n")[0]).to.deep.equal({ level: 'warn', message: 'invocation failed', what: 'run', handler: 'AppCall/event', call: 'c' });
    expect(told('error', context, 'Got abort error from connection: aborted\nThis might')[0]).to.include({ message: 'invocation broken off', what: 'connection', call: 'c' });
    expect(told('error', context, 'something new')[0]).to.include({ message: 'invocation failed', what: 'unknown', call: 'c' });
  });

  it('says that somebody asked without the key of the server', () => {
    expect(told('error', undefined, 'Rejecting request as its JWT did not validate: Error: 4711')).to.deep.equal([{ level: 'error', message: 'request unsigned' }]);
  });

  it('has nothing of what went through, and no line that says nothing', () => {
    for (const said of [['Error while handling request: Error: 4711\n    at x'], ["Error when processing ctx.run 'x'.\n", new Error('4711')], ['4711', new Error('4711')]]) expect(JSON.stringify(told('error', context, ...said))).not.to.include('4711');
    expect(told('warn', undefined, 'Accepting requests without validating request signatures; handler access must be restricted')).to.deep.equal([]);
    expect(told('info', context, 'Starting invocation.')).to.deep.equal([]);
  });
});
