/**
 * The wire of Azure Communication Services, from the service's side: events out, by Event Grid and by callbacks, and a REST
 * interface that the official client drives.
 *
 * @module
 */
import type { Wire } from '../wire.ts';
import { conduct, type Office } from './conduct.ts';
import { rawIdOf } from './identity.ts';

/** The wire of one resource. */
export const azureWire = (office: Office): Wire => ({ name: 'azure', isTwice: true, identity: rawIdOf, conduct: (line) => conduct(line, office) });
