/** A catalogue whose German has a message more than its English, and lacks another. */
import { catalogue } from 'callchart';

export default catalogue('en', {
  en: { welcome: 'Welcome.', parting: 'Goodbye.' },
  // refused: language `de`: message `parting` is missing; language `de`: message `partig` does not exist in `en`
  de: { welcome: 'Willkommen.', partig: 'Auf Wiederhören.' },
});
