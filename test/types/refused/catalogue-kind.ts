/** A catalogue whose German has a text where its English has phrases. */
import { catalogue } from 'callchart';

export default catalogue('en', {
  en: { sales: ['sales', 'new orders'] },
  // refused: language `de`: message `sales` is a list in `en`
  de: { sales: 'Verkauf' },
});
