/** A phone that the bot's application rings: it is told who calls, and whether the call is taken is decided while it rings. */
import { CallAutomationClient } from '@azure/communication-call-automation';
import { expect } from 'chai';
import twilioPackage from 'twilio';
import { type AnswerOptions, type AzureEmulator, type Behind, type CallReport, placesCalls, type PickedUp, type PlacingService, queuedCaller, type RingingPhone, serveBehind, type TwilioEmulator } from 'callchart/emulator';
import { silentLog, type TransportEvent } from 'callchart/transport';
import acme from '../../examples/acme/bot.ts';
import { errorOf } from '../testing/surprise.ts';

const parties = { to: '+15550123', from: '+15550199' } as const;
const notes = ({ transcript }: CallReport): readonly string[] => transcript.map(({ who, kind, text = '' }) => `${who} ${kind} ${text}`.trim());

for (const name of ['twilio', 'azure'] as const) {
  describe(`a phone that a bot rings by ${name}`, function () {
    this.timeout(20_000);
    let behind: Behind;
    let service: PlacingService;
    let events: TransportEvent[];
    beforeEach(async () => {
      events = [];
      behind = await serveBehind(name, acme, { log: silentLog, onEvent: (event) => void events.push(event) });
      if (!placesCalls(behind.service)) return expect.fail('it places calls');
      ({ service } = behind);
    });
    afterEach(() => behind.close());

    const unanswered = (): readonly string[] => events.flatMap((event) => (event.type === 'call.unanswered' ? [event.reason] : []));
    const answer = (options: Partial<AnswerOptions> = {}): Promise<CallReport> => service.answer(behind.endpoint, { clock: 'real', speechMs: () => 1, caller: queuedCaller(), ...options });

    /** Somebody whose phone rings: who calls, once it does, and what he does then. */
    const rung = (): { readonly ring: (phone: RingingPhone) => Promise<PickedUp>; readonly rings: Promise<RingingPhone>; readonly decide: (picked: PickedUp) => void } => {
      let tell: (phone: RingingPhone) => void = () => {};
      let decide: (picked: PickedUp) => void = () => {};
      const rings = new Promise<RingingPhone>((resolve) => (tell = resolve));
      const picked = new Promise<PickedUp>((resolve) => (decide = resolve));
      return { rings, decide, ring: (phone) => {
        tell(phone);
        return picked;
      } };
    };

    it('is told who calls, and the call begins for the bot when it is taken', async () => {
      const { ring, rings, decide } = rung();
      const caller = queuedCaller();
      const work = answer({ ring, caller, onEntry: ({ kind }) => kind === 'asks' && caller.push({ keys: '2' }) });
      const id = await behind.place(parties);
      const { callId, from, to, timeoutMs, signal } = await rings;
      const bare = (address: string): string => address.replace(/^4:/, '');
      expect([bare(from), bare(to), timeoutMs >= 15_000, signal.aborted]).to.deep.equal(['+15550199', '+15550123', true, false]);
      expect(events.filter(({ type }) => type === 'call.begun')).to.deep.equal([]);
      decide('answered');
      const report = await work;
      expect([report.callId, report.endedBy, signal.aborted]).to.deep.equal([callId, 'bot', true]);
      expect(id).to.be.a('string');
      expect(notes(report).slice(0, 3)).to.deep.equal(['line ringing', 'caller answered', 'bot says Welcome to Acme. For sales press 1, for support press 2.']);
      expect(notes(report)).to.include('bot says Support will call you back.');
    });

    for (const picked of ['busy', 'noanswer', 'failed'] as const) {
      it(`is not taken, which is decided late: ${picked}`, async () => {
        const { ring, rings, decide } = rung();
        const work = answer({ ring });
        await behind.place(parties);
        await rings;
        decide(picked);
        expect(await work).to.include({ endedBy: 'line', reason: 'unanswered' });
        expect(unanswered()).to.deep.equal([picked]);
      });
    }

    it('declines when whoever holds it puts the receiver down', async () => {
      const { ring, rings } = rung();
      const caller = queuedCaller();
      const work = answer({ ring, caller });
      await behind.place(parties);
      const { signal } = await rings;
      caller.hangUp();
      const report = await work;
      expect([report.endedBy, signal.aborted, notes(report)]).to.deep.equal(['caller', true, ['line ringing', 'caller hungup']]);
      expect(unanswered()).to.have.length(1);
    });

    it('rings no longer than the bot lets it', async () => {
      const { ring, rings } = rung();
      const work = answer({ ring });
      if (name === 'twilio') {
        const { accountSid, authToken, apiUrl } = service as TwilioEmulator;
        const client = twilioPackage(accountSid, authToken);
        client.api.baseUrl = apiUrl;
        const { sid } = await client.calls.create({ ...parties, url: 'https://localhost/api/twilio' });
        await rings;
        await client.calls(sid).update({ status: 'canceled' });
        expect((await client.calls(sid).fetch()).status).to.equal('canceled');
      } else {
        const client = new CallAutomationClient((service as AzureEmulator).connectionString, { allowInsecureConnection: true });
        const { callConnection } = await client.createCall({ targetParticipant: { phoneNumber: parties.to }, sourceCallIdNumber: { phoneNumber: parties.from } }, 'https://localhost/api/azure?call=1');
        await rings;
        await callConnection.hangUp(true);
      }
      const { signal } = await rings;
      const report = await work;
      expect([signal.aborted, notes(report)[0]]).to.deep.equal([true, 'line ringing']);
      expect(notes(report)).to.not.include('caller answered');
      expect(report.endedBy).to.be.oneOf(['line', 'bot']);
    });

    if (name === 'twilio') {
      it('rings for as long as the application wants it to, and then nobody is there', async () => {
        const { ring, rings } = rung();
        const work = answer({ ring });
        const { accountSid, authToken, apiUrl } = service as TwilioEmulator;
        const client = twilioPackage(accountSid, authToken);
        client.api.baseUrl = apiUrl;
        await client.calls.create({ ...parties, url: 'https://localhost/api/twilio', timeout: 0.1 });
        const { timeoutMs, signal } = await rings;
        expect([timeoutMs, await work.then(({ reason }) => reason), signal.aborted]).to.deep.equal([100, 'unanswered', true]);
      });
    }

    it('stops ringing when the emulator is closed', async () => {
      const { ring, rings } = rung();
      const work = answer({ ring });
      await behind.place(parties);
      await rings;
      await service.close();
      expect(await work).to.include({ endedBy: 'line', reason: 'closed' });
    });

    it('has the call end with what its ringing throws', async () => {
      const work = answer({ ring: () => Promise.reject(new Error('no bell')) });
      await behind.place(parties);
      expect((await work.then(() => expect.fail('nothing was thrown'), (error: Error) => error)).message).to.equal('no bell');
      expect(unanswered()).to.have.length(1);
    });

    it('of somebody who has gone away before it rang is not there: the next one rings', async () => {
      const [gone, there] = [queuedCaller(), rung()];
      const first = answer({ caller: gone });
      const second = answer({ ring: there.ring });
      gone.hangUp();
      const error = await first.then(() => expect.fail('nothing was thrown'), errorOf);
      expect([error.code, error.message]).to.deep.equal(['ERR_CALL_UNPLACED', 'whoever waited for it went away before any call was placed']);
      await behind.place(parties);
      await there.rings;
      there.decide('busy');
      expect(await second).to.include({ reason: 'unanswered' });
    });

    it('is one of several that ring at once', async () => {
      const people = [rung(), rung(), rung()];
      const works = people.map(({ ring }) => answer({ ring }));
      for (const _ of people) await behind.place(parties);
      const ids = new Set((await Promise.all(people.map(({ rings }) => rings))).map(({ callId }) => callId));
      for (const { decide } of people) decide('busy');
      await Promise.all(works);
      expect([ids.size, unanswered()]).to.deep.equal([3, ['busy', 'busy', 'busy']]);
    });
  });
}
