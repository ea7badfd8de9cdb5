/**
 * Naming — that every machine in a bot has a name of its own, however deep it stands: tasks are found by it.
 *
 * @module
 */
import type { AnyStateMachine } from 'xstate';
import { originOf } from './origin.ts';

/** Whether `name` can be that of a bot, a dialog, a library or of data: a letter, then letters, digits, `-` or `_`. */
export const isName = (name: unknown): name is string => typeof name === 'string' && /^[A-Za-z][\w-]*$/.test(name);

/** Whether `value` is an XState machine, whichever copy of XState made it. */
export const isMachine = (value: unknown): value is AnyStateMachine =>
  typeof value === 'object' && value !== null && 'config' in value && 'root' in value && 'transition' in value;

/** The dialogs that `machine` runs by its own states. */
export const dialogsOf = (machine: AnyStateMachine): readonly AnyStateMachine[] => Object.values(machine.implementations.actors as Readonly<Record<string, unknown>>).filter(isMachine);

/** `machine` and all the dialogs that it runs, however deep they stand: each once, and before those that it runs. */
export const machinesOf = (machine: AnyStateMachine): readonly AnyStateMachine[] => {
  const found = new Set<AnyStateMachine>();
  const visit = (one: AnyStateMachine): void => {
    if (found.has(one)) return;
    found.add(one);
    dialogsOf(one).forEach(visit);
  };
  visit(machine);
  return [...found];
};

/** Takes a dialog with all that it runs into a bot; what it gives is what clashes with those before, as sentences. */
export type Register = (dialog: AnyStateMachine) => readonly string[];

/** A register of the dialogs of one machine, which is called `owner` itself. */
export const register = (owner: string): Register => {
  const machines = new Map<string, AnyStateMachine>();
  const libraries = new Map<string, object>();
  const enter = (machine: AnyStateMachine): readonly string[] => {
    const known = machines.get(machine.id);
    if (known === machine) return [];
    if (known !== undefined) return [`two dialogs are both called \`${machine.id}\``];
    machines.set(machine.id, machine);
    return [
      ...(machine.id === owner ? [`a dialog is called \`${owner}\` as the machine around it is`] : []),
      ...(originOf(machine)?.shelves ?? []).flatMap(([name, library]) => {
        const other = libraries.get(name);
        libraries.set(name, other ?? library);
        return other === undefined || other === library ? [] : [`two libraries are both called \`${name}\``];
      }),
      ...dialogsOf(machine).flatMap(enter),
    ];
  };
  return (dialog) => [...new Set(enter(dialog))];
};
