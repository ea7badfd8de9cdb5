/**
 * Pronunciation — how a word sounds, in the phones that the recogniser knows: as a dictionary has it, or else by rules of thumb.
 *
 * Pure. Leaf: imports nothing.
 *
 * @module
 */

/** Every way in which `word`, in small letters, is said; nothing where no way is known. */
export type Pronounce = (word: string) => readonly string[];

/** The ways of a dictionary in the form of CMU's: a word, or `word(2)`, then its phones. What it does not have goes by the rules. */
export function pronouncing(dictionary: string): Pronounce {
  const text = `\n${dictionary.replaceAll('\r', '')}\n`;
  const known = (word: string): readonly string[] => {
    const ways: string[] = [];
    for (let way = 1; ; way += 1) {
      const entry = `\n${way === 1 ? word : `${word}(${way})`} `;
      const at = text.indexOf(entry);
      if (at < 0) return ways;
      ways.push(text.slice(at + entry.length, text.indexOf('\n', at + 1)).trim());
    }
  };
  return (word) => {
    const ways = known(word);
    return ways.length > 0 ? ways : byRules(word);
  };
}

/** The name of each letter. */
const letterNames: Readonly<Record<string, string>> = {
  a: 'EY', b: 'B IY', c: 'S IY', d: 'D IY', e: 'IY', f: 'EH F', g: 'JH IY', h: 'EY CH', i: 'AY', j: 'JH EY', k: 'K EY', l: 'EH L', m: 'EH M',
  n: 'EH N', o: 'OW', p: 'P IY', q: 'K Y UW', r: 'AA R', s: 'EH S', t: 'T IY', u: 'Y UW', v: 'V IY', w: 'D AH B AH L Y UW', x: 'EH K S', y: 'W AY', z: 'Z IY',
};

/** What letters sound like, in any word; the longest that fits counts. `$` is the end of the word, and `^` its beginning. */
const sounds: Readonly<Record<string, string>> = {
  'ation': 'EY SH AH N', 'tion': 'SH AH N', 'sion': 'ZH AH N', 'ture': 'CH ER', 'ough': 'OW', 'augh': 'AO', 'eigh': 'EY', 'igh': 'AY', 'tch': 'CH', 'dge': 'JH', 'sch': 'SH', 'cious': 'SH AH S', 'ious': 'IY AH S', 'ous$': 'AH S',
  'rh': 'R', 'alk': 'AO K', 'all': 'AO L', '^kn': 'N', '^wr': 'R', '^ps': 'S', '^x': 'Z', '^y': 'Y', '^wh': 'W', 'wh': 'W', 'gh': 'G', 'ph': 'F', 'ch': 'CH', 'sh': 'SH', 'th': 'TH', 'ck': 'K', 'ng': 'NG', 'nk': 'NG K', 'qu': 'K W', 'zh': 'ZH',
  'ee': 'IY', 'ea': 'IY', 'ie$': 'IY', 'ie': 'IY', 'ei': 'AY', 'oo': 'UW', 'ou': 'AW', 'ow': 'OW', 'oa': 'OW', 'oi': 'OY', 'oy': 'OY', 'ai': 'EY', 'ay': 'EY', 'au': 'AO', 'aw': 'AO', 'ew': 'Y UW', 'eu': 'Y UW', 'ue$': 'UW',
  'ar': 'AA R', 'er': 'ER', 'ir': 'ER', 'ur': 'ER', 'or': 'AO R', 'air': 'EH R', 'ear': 'IH R', 'eer': 'IH R', 'our': 'AW ER', 'oor': 'AO R',
  'bb': 'B', 'cc': 'K', 'dd': 'D', 'ff': 'F', 'gg': 'G', 'kk': 'K', 'll': 'L', 'mm': 'M', 'nn': 'N', 'pp': 'P', 'rr': 'R', 'ss': 'S', 'tt': 'T', 'vv': 'V', 'zz': 'Z',
  'ce': 'S', 'ci': 'S IH', 'cy$': 'S IY', 'ge$': 'JH', 'gi': 'JH IH', 'le$': 'AH L', 'al$': 'AH L', 'or$': 'ER', 'ses$': 'S IH Z', 'xes$': 'K S IH Z', 'zes$': 'Z IH Z', 'ches$': 'CH IH Z', 'shes$': 'SH IH Z', 'ed$': 'D', 'ing$': 'IH NG', 'y$': 'IY', 'e$': '', 'a$': 'AH', 'o$': 'OW', 'i$': 'IY', 'u$': 'UW',
  'a': 'AE', 'b': 'B', 'c': 'K', 'd': 'D', 'e': 'EH', 'f': 'F', 'g': 'G', 'h': 'HH', 'i': 'IH', 'j': 'JH', 'k': 'K', 'l': 'L', 'm': 'M', 'n': 'N', 'o': 'AA', 'p': 'P', 'q': 'K', 'r': 'R', 's': 'S', 't': 'T', 'u': 'AH', 'v': 'V', 'w': 'W', 'x': 'K S', 'y': 'IH', 'z': 'Z',
};
const longestSound = 5;

/** Vowels before one consonant and a last `e` have the sound of their name: `plane`. */
const longVowels: Readonly<Record<string, string>> = { a: 'EY', e: 'IY', i: 'AY', o: 'OW', u: 'UW', y: 'AY' };

/** A word that no dictionary has. One without a vowel is spelled: `crm`. */
function byRules(word: string): readonly string[] {
  const letters = word.normalize('NFKD').replace(/\p{M}/gu, '').replaceAll('ß', 'ss').replaceAll('ø', 'o').replaceAll('æ', 'a').replaceAll('ł', 'l').replaceAll("'", '');
  if (!/^[a-z]+$/.test(letters)) return [];
  const spelled = [...letters].map((letter) => letterNames[letter]).join(' ');
  if (!/[aeiouy]/.test(letters)) return [spelled];
  // The only vowel, at the end, has the sound of its name: `me`, `my`, `go`.
  const [, before, only] = /^([^aeiouy]+)([eioy])$/.exec(letters) ?? [];
  const said = only === undefined ? soundsOf(letters) : `${soundsOf(before ?? '')} ${longVowels[only]}`;
  if (said === '') return [spelled];
  // Short words may be said either way: `faq`, `iban`.
  return letters.length <= 4 ? [said, spelled] : [said];
}

function soundsOf(letters: string): string {
  const phones: string[] = [];
  for (let at = 0; at < letters.length; ) {
    const [, vowel, consonant, ending] = /^([aeiouy])([bcdfgklmnprstvz])e([sd]?)$/.exec(letters.slice(at)) ?? [];
    if (vowel !== undefined && consonant !== undefined) {
      phones.push(longVowels[vowel] ?? '', { c: 'S', g: 'JH' }[consonant] ?? sounds[consonant] ?? '', { s: 'Z', d: 'D' }[ending ?? ''] ?? '');
      break;
    }
    const [length, sound] = soundAt(letters, at);
    phones.push(sound);
    at += length;
  }
  return phones.filter((phone) => phone !== '').join(' ');
}

/** How many letters the sound at `at` takes, and what it is. */
function soundAt(letters: string, at: number): readonly [number, string] {
  for (let length = Math.min(longestSound, letters.length - at); length > 0; length -= 1) {
    const part = letters.slice(at, at + length);
    const isLast = at + length === letters.length && at > 0;
    const sound = (isLast ? sounds[`${part}$`] : undefined) ?? (at === 0 ? sounds[`^${part}`] : undefined) ?? sounds[part];
    if (sound !== undefined) return [length, sound];
  }
  return [1, ''];
}
