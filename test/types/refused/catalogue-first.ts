/** A catalogue whose first language is not there. */
import { catalogue } from 'callchart';

// refused: Argument of type '"fr"' is not assignable to parameter of type '"en"'
export default catalogue('fr', { en: { welcome: 'Welcome.' } });
