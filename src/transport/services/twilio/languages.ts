/**
 * Languages — the tags of the languages that Twilio speaks, and of those that it understands. They are not the same.
 *
 * @module
 */

const list = (tags: string): readonly string[] => tags.trim().split(/\s+/);

/** What `Say` may be told to speak. */
export const spoken: readonly string[] = list(`
  af-ZA am-ET ar-AE ar-XA arb bg-BG bn-IN ca-ES cmn-CN cmn-TW cs-CZ cy-GB da-DK de-DE de-AT el-GR en-US en-GB en-AU en-CA en-GB-WLS en-IE en-IN en-NZ en-ZA
  es-ES es-MX es-US fi-FI fil-PH fr-FR fr-CA fr-BE gu-IN he-IL hi-IN hu-HU id-ID is-IS it-IT ja-JP kn-IN ko-KR lv-LV ml-IN mr-IN ms-MY nb-NO nl-NL nl-BE
  pa-IN pl-PL pt-BR pt-PT ro-RO ru-RU sk-SK sr-RS sv-SE ta-IN te-IN th-TH tr-TR uk-UA vi-VN yue-HK zh-CN zh-HK zh-TW`);

/** What `Gather` may be told to listen for. */
export const understood: readonly string[] = list(`
  af-ZA am-ET ar-AE ar-BH ar-DZ ar-EG ar-IL ar-IQ ar-JO ar-KW ar-LB ar-MA ar-OM ar-PS ar-QA ar-SA ar-TN az-AZ bg-BG bn-BD bn-IN ca-ES cs-CZ da-DK de-DE el-GR
  en-US en-GB en-AU en-CA en-GH en-IE en-IN en-KE en-NG en-NZ en-PH en-SG en-TZ en-ZA es-ES es-US es-MX es-AR es-BO es-CL es-CO es-CR es-DO es-EC es-GT es-HN
  es-NI es-PA es-PE es-PR es-PY es-SV es-UY es-VE et-EE eu-ES fa-IR fi-FI fil-PH fr-FR fr-CA gl-ES gu-IN he-IL hi-IN hr-HR hu-HU hy-AM id-ID is-IS it-IT ja-JP
  jv-ID ka-GE km-KH kn-IN ko-KR lo-LA lt-LT lv-LV mk-MK ml-IN mn-MN mr-IN ms-MY my-MM nar-IQ nb-NO ne-NP nl-NL nl-BE pa-guru-IN pl-PL pt-BR pt-PT ro-RO ru-RU
  si-LK sk-SK sl-SI sq-AL sr-RS su-ID sv-SE sw-KE sw-TZ ta-IN ta-LK ta-MY ta-SG te-IN th-TH tr-TR uk-UA ur-IN ur-PK uz-UZ vi-VN yue-Hant-HK zh cmn-Hans-CN
  zh-TW cmn-Hant-TW zu-ZA`);

/**
 * The one of `tags` that `tag` (BCP 47) names: the same in any case; else the first of its language, where `tag` names no more
 * than that or another country's. Undefined where there is none.
 */
export const nearestTag = (tags: readonly string[], tag: string): string | undefined => exactTag(tags, tag) ?? tags.find((one) => primary(one) === primary(tag));

/** The one of `tags` that `tag` is, in any case. */
export const exactTag = (tags: readonly string[], tag: string): string | undefined => tags.find((one) => one.toLowerCase() === tag.toLowerCase());

/** Whether both tags are of one language. */
export const isSameLanguage = (one: string, other: string): boolean => primary(one) === primary(other);

const primary = (tag: string): string => tag.toLowerCase().split('-', 1)[0] ?? '';
