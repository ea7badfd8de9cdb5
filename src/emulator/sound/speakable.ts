/**
 * Speakable — a text in the few signs that the voice can say: those of English.
 *
 * Letters of Latin lose their marks, Greek and Cyrillic are written in Latin letters, and what no English sounds come near to is left
 * out.
 *
 * Pure. Leaf: imports nothing of the house.
 *
 * @module
 */
import { cardinal } from './numbers.ts';

/** What is said of a text. */
export interface Speakable {
  readonly text: string;
  /** Whether letters in it are said in English sounds that are none of English. */
  readonly isForeign: boolean;
}

/** No word is longer: the voice needs ever more time for the letters of one. */
const longestWord = 40;

const latin: Readonly<Partial<Record<string, string>>> = {
  ß: 'ss', æ: 'ae', ø: 'o', å: 'a', œ: 'oe', đ: 'd', ð: 'th', þ: 'th', ł: 'l', ı: 'i', ŋ: 'ng', ħ: 'h',
};

const otherLetters: Readonly<Partial<Record<string, string>>> = {
  α: 'a', β: 'v', γ: 'g', δ: 'd', ε: 'e', ζ: 'z', η: 'i', θ: 'th', ι: 'i', κ: 'k', λ: 'l', μ: 'm', ν: 'n', ξ: 'x', ο: 'o', π: 'p', ρ: 'r', σ: 's', ς: 's', τ: 't', υ: 'y', φ: 'f',
  χ: 'h', ψ: 'ps', ω: 'o',
  а: 'a', б: 'b', в: 'v', г: 'g', д: 'd', е: 'e', ё: 'yo', ж: 'zh', з: 'z', и: 'i', й: 'y', к: 'k', л: 'l', м: 'm', н: 'n', о: 'o', п: 'p', р: 'r', с: 's', т: 't', у: 'u', ф: 'f',
  х: 'h', ц: 'ts', ч: 'ch', ш: 'sh', щ: 'sh', ъ: '', ы: 'y', ь: '', э: 'e', ю: 'yu', я: 'ya', і: 'i', ї: 'yi', є: 'ye', ґ: 'g', ђ: 'd', ј: 'y', љ: 'ly', њ: 'ny', ћ: 'ch', џ: 'j',
};

const signs: readonly (readonly [RegExp, string])[] = [
  [/[\u2018\u2019\u201a\u02bc]/g, "'"],
  [/[\u201c-\u201f\u00ab\u00bb"]/g, ' '],
  [/[\u2013\u2014\u2015]/g, ', '],
  [/\u2026/g, '... '],
  [/\*/g, ' star '],
  [/#/g, ' pound '],
  [/&/g, ' and '],
  [/\+/g, ' plus '],
  [/=/g, ' equals '],
  [/°/g, ' degrees '],
];

const currencies: Readonly<Record<string, readonly [string, string, string, string]>> = {
  $: ['dollar', 'dollars', 'cent', 'cents'], '€': ['euro', 'euros', 'cent', 'cents'], '£': ['pound', 'pounds', 'penny', 'pence'], '¥': ['yen', 'yen', 'sen', 'sen'],
};

/** What can be said of `text`; blank where that is nothing. */
export function speakable(text: string): Speakable {
  let isForeign = false;
  const spoken = (letter: string): string => {
    const small = letter.toLowerCase();
    const own = latin[small];
    if (own !== undefined) return own;
    isForeign ||= /\p{L}/u.test(letter);
    return otherLetters[small] ?? (/\p{M}/u.test(letter) ? '' : ' ');
  };
  const plain = signs.reduce((before, [sign, words]) => before.replace(sign, words), withMoney(text.normalize('NFKC')));
  const letters = [...plain.normalize('NFKD').replace(/(?<=\p{Script=Latin})\p{M}+/gu, '')].map((letter) => (letter >= ' ' && letter <= '~' ? letter : spoken(letter))).join('');
  const short = letters.replace(new RegExp(`[^ ]{${longestWord}}(?=[^ ])`, 'g'), '$& ').replace(/[\\<>{}[\]^`|~_]/g, ' ').replace(/\s+/g, ' ').replace(/ (?=[,.!?;:])/g, '').trim();
  return { text: /[a-z0-9]/i.test(short) ? short : '', isForeign };
}

/** `$12.50` is twelve dollars and fifty cents. */
const withMoney = (text: string): string =>
  text.replace(/([$€£¥])\s?(\d{1,3}(?:,\d{3})+|\d{1,12})(?:\.(\d{2}))?(?![\d.]*\d)|(?<![\d.,])(\d{1,12})(?:[.,](\d{2}))?\s?([€£¥])/gu, (_, before?: string, whole?: string, cents?: string, wholeFirst?: string, centsFirst?: string, after?: string) => {
    const [one, many, part, parts] = currencies[before ?? after ?? '$'] ?? ['', '', '', ''];
    const amount = Number((whole ?? wholeFirst ?? '0').replaceAll(',', ''));
    const rest = Number(cents ?? centsFirst ?? '0');
    const words = [...(amount === 0 && rest > 0 ? [] : [`${cardinal(amount)} ${amount === 1 ? one : many}`]), ...(rest === 0 ? [] : [`${cardinal(rest)} ${rest === 1 ? part : parts}`])];
    return ` ${words.join(' and ')} `;
  });
