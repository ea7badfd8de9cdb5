/** Recordings that the old SDK cut, dropped or threw away: each defect by its id, posted to the port as the service posts it. */
import { request } from 'node:http';
import { expect } from 'chai';
import { assign } from 'xstate';
import { callMachine, hangup, recognize, record } from 'callchart';
import { memoryRecordings } from 'callchart/transport';
import { type Json, type Rig, until } from '../transport/rig.ts';
import { form, multipart } from '../transport/services/botframework/requests.ts';
import { openings } from './opened.ts';

/** Says how many bytes it was given and how they ended; its cleanup is told the ref. */
const mailbox = (ends: unknown[] = []) =>
  callMachine<{ ref: string; told: string }>()('mailbox', {
    context: { ref: '', told: '' }, initial: 'speak', cleanup: (end) => void ends.push(end),
    states: {
      speak: record({
        prompt: 'Speak.', maxMs: 10_000, termchars: ['#'],
        on: {
          done: { target: 'thanks', actions: assign({ ref: ({ event }) => event.recording.ref, told: ({ event: { type, recording } }) => `${type}, ${recording.bytes} bytes, ${recording.lengthMs} ms` }) },
          exhausted: 'bye',
        },
      }),
      thanks: recognize({ prompt: ({ context }) => context.told, choices: { again: '1' }, on: { again: 'speak', exhausted: 'bye' } }),
      bye: hangup('Bye.'),
    },
  });

/** Sound of which no two pieces are alike, and which is no text in any charset. */
const sound = (bytes: number): Buffer => Buffer.from(Uint32Array.from({ length: Math.ceil(bytes / 4) }, (_, index) => Math.imul(index, 2_654_435_761)).buffer).subarray(0, bytes);

const resultOf = (id: string, operation: string, outcome: Json = {}, more: Json = {}): string =>
  JSON.stringify({ id, callState: 'established', operationOutcome: { type: 'recordOutcome', id: operation, outcome: 'success', completionReason: 'completedSilenceDetected', lengthOfRecordingInSecs: 7, ...outcome }, ...more });

const jsonHead = 'Content-Disposition: form-data; name=conversationResult';
const audioHead = 'Content-Disposition: form-data; name=recordedAudio\r\nContent-Type: audio/wav';

/** A caller who rings, is asked to speak, and speaks. */
const speaks = async (line: Rig, id: string, audio: Buffer, { head = audioHead, outcome = {}, more = {} }: { readonly head?: string; readonly outcome?: Json; readonly more?: Json } = {}) => {
  const caller = line.caller(id);
  await caller.rings();
  return line.send(multipart([jsonHead, resultOf(id, caller.operation(), outcome, more)], [head, audio]), form);
};

const keptIn = async (line: Rig): Promise<readonly Buffer[]> => Promise.all(line.recordings.refs().map(async (ref) => Buffer.concat((await line.recordings.open(ref).toArray()) as Buffer[])));

const { opened, closeAll } = openings();

describe('recordings that the old SDK lost', () => {
  afterEach(closeAll);

  for (const bytes of [1_048_575, 1_048_577, 5_760_044]) {
    it(`R1: a recording of ${bytes} bytes is kept to the last byte, however far beyond a mebibyte`, async () => {
      const line = await opened(mailbox());
      const audio = sound(bytes);
      expect((await speaks(line, 'c', audio)).heard).to.equal(`recognize“record.done.finalsilence, ${bytes} bytes, 7000 ms”`);
      const [kept] = await keptIn(line);
      expect(kept?.equals(audio)).to.equal(true);
    });
  }

  it('R2: sound is kept under a file name, under any type or none, and under a name of its own', async () => {
    const heads = [
      'Content-Disposition: form-data; name=recordedAudio; filename=message.wav\r\nContent-Type: audio/wav',
      'Content-Disposition: form-data; name=recordedAudio; filename=message.wav\r\nContent-Type: application/octet-stream',
      'Content-Disposition: form-data; name=recordedAudio\r\nContent-Type: application/octet-stream',
      'Content-Disposition: form-data; name=recordedAudio',
      'Content-Disposition: form-data; name=sound; filename=message.wma\r\nContent-Type: audio/x-ms-wma',
    ];
    const line = await opened(mailbox());
    const audio = sound(4_000);
    for (const [index, head] of heads.entries()) {
      expect((await speaks(line, `c${index}`, audio, { head })).heard, head).to.equal('recognize“record.done.finalsilence, 4000 bytes, 7000 ms”');
    }
    expect((await keptIn(line)).map((kept) => kept.equals(audio))).to.deep.equal(heads.map(() => true));
  });

  it('R2: a recording whose sound did not come is refused, and the bot is not told that it was made', async () => {
    const line = await opened(mailbox());
    const caller = line.caller('c');
    await caller.rings();
    const { status, text } = await line.send(multipart([jsonHead, resultOf('c', caller.operation())]), form);
    expect([status, (JSON.parse(text) as { readonly error: Json }).error['rule']]).to.deep.equal([400, 'H-NOAUDIO']);
    expect((await caller.speaks(7)).heard, 'when it comes after all').to.equal('recognize“record.done.finalsilence, 500 bytes, 7000 ms”');
  });

  it('R3: a message that reached its longest length is kept and not asked for again', async () => {
    const line = await opened(mailbox());
    const answer = await speaks(line, 'c', sound(4_000), { outcome: { completionReason: 'maxRecordingTimeout', lengthOfRecordingInSecs: 10 } });
    expect(answer.heard).to.equal('recognize“record.done.maxspeech, 4000 bytes, 10000 ms”');
    expect(line.recordings.refs()).to.have.length(1);
  });

  it('R3: a message that the caller ended by hanging up is kept, and the bot gets it before it learns of the end', async () => {
    for (const callState of ['established', 'terminated']) {
      const ends: unknown[] = [];
      const line = await opened(mailbox(ends));
      const { status, text } = await speaks(line, 'c', sound(4_000), { outcome: { completionReason: 'callTerminated' }, more: { callState } });
      expect([status, text]).to.deep.equal([200, '']);
      await until(() => ends.length === 1);
      const [ref] = line.recordings.refs();
      expect(ends).to.deep.equal([{ callId: 'c', reason: 'caller', context: { ref, told: 'record.done.hangup, 4000 bytes, 7000 ms' } }]);
      expect((await keptIn(line))[0]?.equals(sound(4_000))).to.equal(true);
    }
  });

  it('R4: sound goes to its store as bytes and piece by piece, the first before the last is sent', async () => {
    const inner = memoryRecordings();
    const pieces: Buffer[] = [];
    const recordings = {
      ...inner,
      save: (bytes: Parameters<typeof inner.save>[0]) => {
        bytes.on('data', (piece: Buffer) => pieces.push(piece));
        return inner.save(bytes);
      },
    };
    const line = await opened(mailbox(), { recordings });
    const caller = line.caller('c');
    await caller.rings();
    const audio = sound(2_000_000);
    const body = multipart([jsonHead, resultOf('c', caller.operation())], [audioHead, audio]);
    const sending = request({ port: line.port, host: '127.0.0.1', path: '/api/calls', method: 'POST', headers: form });
    const status = new Promise((resolve) => sending.on('response', (response) => (response.resume(), resolve(response.statusCode))));
    sending.write(body.subarray(0, 1_000_000));
    await until(() => pieces.length > 0);
    sending.end(body.subarray(1_000_000));
    expect(await status).to.equal(200);
    expect(pieces.every((piece) => Buffer.isBuffer(piece) && piece.length <= 256 * 1024)).to.equal(true);
    expect(Buffer.concat(pieces).equals(audio)).to.equal(true);
  });
});
