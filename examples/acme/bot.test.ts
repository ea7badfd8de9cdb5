import { dial } from 'callchart/testing';
import acme from './bot.ts';

it('Acme asks again after a silence, then puts the caller through to support', () => {
  dial(acme).hears(/Acme/).staysSilent().hears(/Acme/).presses('2').hears(/support/i).isHungUp();
});
