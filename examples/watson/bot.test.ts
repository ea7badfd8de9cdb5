import { dial } from 'callchart/testing';
import watson from './bot.ts';

it('Watson is called for, and the call is over', () => {
  dial(watson).hears('Watson').isHungUp();
});
