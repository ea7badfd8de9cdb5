/**
 * Caller — one call of five exchanges as the service makes it, every answer checked: what is fast but wrong stops the bench.
 *
 * @module
 */
import { randomUUID } from 'node:crypto';
import type { Answer, Line } from './line.ts';

/** How many exchanges a call has. */
export const exchangesPerCall = 5;

interface Workflow {
  readonly actions: readonly { readonly action: string; readonly operationId: string; readonly prompts?: readonly { readonly value?: string }[] }[];
  readonly appState?: string;
}

const conversation = (id: string, appId: string) => ({
  id,
  appId,
  participants: [
    { identity: '8:caller.one', displayName: 'Caller One', languageId: 'en', originator: true },
    { identity: `28:${appId}`, originator: false },
  ],
  isMultiparty: false,
  presentedModalityTypes: ['audio'],
  callState: 'incoming',
  links: { call: `https://calling.example.test:6700/platform/v1/calls/${id}` },
});

const result = (id: string, appId: string, outcome: object, callState: string, appState: string | undefined) => ({
  id,
  appId,
  operationOutcome: outcome,
  callState,
  ...(appState !== undefined && { appState }),
  links: { call: `https://calling.example.test:6700/platform/v1/calls/${id}` },
});

const digits = '1234567890';

/** What the caller does after each workflow, and what that workflow has to ask for. */
const turns = [
  { actions: 'answer playPrompt recognize', says: 'Welcome to the example company.', outcome: { type: 'recognizeOutcome', choiceOutcome: { completionReason: 'dtmfOptionMatched', choiceName: 'support' } }, callState: 'established' },
  { actions: 'recognize', says: undefined, outcome: { type: 'recognizeOutcome', collectDigitsOutcome: { completionReason: 'completedStopToneDetected', digits } }, callState: 'established' },
  { actions: 'playPrompt recognize', says: `You entered ${digits}.`, outcome: { type: 'recognizeOutcome', choiceOutcome: { completionReason: 'speechOptionMatched', choiceName: 'yes' } }, callState: 'established' },
  { actions: 'playPrompt hangup', says: 'Thank you. Goodbye.', outcome: { type: 'hangupOutcome' }, callState: 'terminated' },
] as const;

/** Rings once over `line`, answers everything and hears the bot hang up. Says what the five bodies of the answers were. */
export const call = async (line: Line, appId: string): Promise<readonly string[]> => {
  const id = randomUUID();
  const post = (body: object): Promise<Answer> => line.post(`x-microsoft-skype-chain-id: ${id}\r\nx-microsoft-skype-message-id: ${randomUUID()}\r\n`, JSON.stringify(body));
  const bodies: string[] = [];
  let answer = await post(conversation(id, appId));
  for (const { actions, says, outcome, callState } of turns) {
    const workflow = workflowOf(answer);
    const asked = workflow.actions.map(({ action }) => action).join(' ');
    const spoken = workflow.actions.find(({ action }) => action === 'playPrompt')?.prompts?.[0]?.value;
    if (asked !== actions || spoken !== says) throw new Error(`asked for “${asked}”, saying “${spoken}”, where “${actions}”, saying “${says}”, is right`);
    bodies.push(answer.body);
    answer = await post(result(id, appId, { ...outcome, id: workflow.actions.at(-1)!.operationId, outcome: 'success', failureReason: '' }, callState, workflow.appState));
  }
  if (answer.status !== 200 || answer.body !== '') throw new Error(`${answer.status} with ${answer.body.length} bytes after the end`);
  return [...bodies, answer.body];
};

const workflowOf = ({ status, body }: Answer): Workflow => {
  if (status !== 200) throw new Error(`status ${status}: ${body.slice(0, 200)}`);
  return JSON.parse(body) as Workflow;
};
