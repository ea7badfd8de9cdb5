/**
 * Kit — small bots of a few states, and the check that every row of a section of the old SDK's API has a test.
 *
 * @module
 */
import { expect } from 'chai';
import type { Suite } from 'mocha';
import type { AnyStateMachine } from 'xstate';
import { callMachine, hangup, isCallError } from 'callchart';
import { checkWorkflow } from '../../src/transport/services/botframework/limits.ts';
import { type Answer, type Json } from '../transport/rig.ts';
import { type Section, rowsOf } from './rows.ts';

/** What a caller hears when the bot's own code fails. */
export const sorry = 'playPrompt“Sorry, something went wrong. Please call again later.” hangup';

export const bye = hangup('Bye.');

/** A bot that begins in the first of `states`, and has the state `bye`. Its types are not looked at: there is a test of those elsewhere. */
export const botOf = (states: Readonly<Record<string, unknown>>, more: Readonly<Record<string, unknown>> = {}): AnyStateMachine =>
  callMachine('bot', { initial: Object.keys(states)[0], ...more, states: { ...states, bye } } as never) as unknown as AnyStateMachine;

/** Why `make` was refused: the code and the sentence. */
export const refusalOf = (make: () => unknown): readonly [code: string, sentence: string] => {
  try {
    make();
  } catch (error) {
    if (isCallError(error)) return [error.code, error.message];
    throw error;
  }
  return ['none', 'it was made'];
};

/** The workflow of `answer`, which the service would take. */
export const workflowOf = (answer: Answer): Json & { readonly actions: readonly Json[] } => {
  expect(answer.status).to.equal(200);
  const workflow = JSON.parse(answer.text) as Json & { readonly actions: readonly Json[] };
  expect(checkWorkflow(workflow, 'core'), answer.heard).to.deep.equal([]);
  return workflow;
};

const titlesIn = (suite: Suite): readonly string[] => [...suite.tests.map(({ title }) => title), ...suite.suites.flatMap(titlesIn)];

/** A test, last in the suite of `section`: every row has a test that begins with its name, and no test names a row that there is not. */
export const everyRowOf = (section: Section): void => {
  it(`${section}: every row has a test that is called after it`, function () {
    const rows = rowsOf(section);
    const told = titlesIn(this.test!.parent!).flatMap((title) => (title.startsWith(`${section} `) ? [title.slice(section.length + 1)] : []));
    expect(rows.filter((row) => !told.some((title) => title.startsWith(`${row}: `)))).to.deep.equal([]);
    expect(told.filter((title) => !rows.some((row) => title.startsWith(`${row}: `)))).to.deep.equal([]);
    expect(new Set(rows).size, 'each once').to.equal(rows.length);
  });
};
