import { expect } from 'chai';
import { dial, type Script } from 'callchart/testing';
import { emulator, ring } from 'callchart/emulator';
import acme from '../../examples/acme/bot.ts';

describe('ring, through the emulated Azure service', () => {
  const script: Script = (caller) => caller.hears(/Acme/).staysSilent().hears(/Acme/).presses('2').hears(/support/i).isHungUp();

  it('plays the script of a test, word for word', async () => {
    script(dial(acme));
    expect(await ring(acme, script, { service: 'azure' })).include({ endedBy: 'bot' });
  });

  it('is the one who is called, too', async () => {
    expect(await ring(acme, script, { service: 'azure', direction: 'outbound' })).include({ endedBy: 'bot' });
  });

  it('hears the same on all services', async () => {
    const heard = async (service: 'botframework' | 'twilio' | 'azure'): Promise<readonly unknown[]> =>
      (await ring(acme, script, { service })).transcript.filter(({ who, kind }) => who === 'bot' && kind !== 'asks').map(({ kind, text }) => [kind, text]);
    const usual = await heard('botframework');
    expect(await heard('azure')).deep.equal(usual);
  });

  it('is where bots know it to be, and is there again after it was closed', async () => {
    const first = await emulator({ service: 'azure' });
    await first.close();
    const { connectionString, resourceId, eventGridSecret, apiUrl } = first;
    const known = { accessKey: /accesskey=(.*)$/.exec(connectionString)?.[1] ?? '', apiPort: Number(new URL(apiUrl).port) };
    const second = await emulator({ service: 'azure', ...known, resourceId, eventGridSecret });
    expect(second).include({ connectionString, resourceId, eventGridSecret });
    const taken = await emulator({ service: 'azure', ...known }).catch((error: unknown) => error);
    await second.close();
    expect(taken).include({ code: 'ERR_OPTION_INVALID' });
  });

  it('is open to bots of other processes', async () => {
    const service = await emulator({ service: 'azure' });
    try {
      expect(service).include({ name: 'azure', issuer: 'https://acscallautomation.communication.azure.com' });
      expect(service.connectionString).match(/^endpoint=http:\/\/127\.0\.0\.1:\d+\/;accesskey=.+$/);
    } finally {
      await service.close();
    }
  });
});
