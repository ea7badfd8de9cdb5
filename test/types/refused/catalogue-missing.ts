/** A catalogue whose German lacks a message. */
import { catalogue } from 'callchart';

export default catalogue('en', {
  en: { welcome: 'Welcome.', parting: 'Goodbye.' },
  // refused: language `de`: message `parting` is missing
  de: { welcome: 'Willkommen.' },
});
