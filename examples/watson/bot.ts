import { callMachine, hangup } from 'callchart';
export default callMachine('watson', { initial: 'speak', states: { speak: hangup('Watson… come here!') } });
