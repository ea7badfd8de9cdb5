/** What a test has opened: closed when it is over, whether it passed or not. */
import { rig, type Rig } from '../transport/rig.ts';

/** Of one file: mocha runs the files of a process one after the other, and each closes its own. */
export const openings = () => {
  const open: { readonly close: () => Promise<unknown> }[] = [];
  return {
    open,
    opened: async (...given: Parameters<typeof rig>): Promise<Rig> => {
      const line = await rig(...given);
      open.push(line);
      return line;
    },
    closeAll: async (): Promise<void> => void (await Promise.all(open.splice(0).map((one) => one.close()))),
  };
};
