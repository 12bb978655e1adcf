import type { Random } from '../random'
import { cityNames, companyName, personName, streetName } from './proper-names'
import type { Vocabulary } from './vocabulary'
import { chineseWords, englishWords } from './vocabulary'

export type Language = 'zh' | 'en'

/** A text as its words, so that a copy can change them one by one; a sentence has its full stop. */
export interface Story {
  readonly language: Language
  readonly title: Sentence
  readonly sentences: readonly Sentence[]
}

export type Sentence = readonly string[]

/** A text of its own: from a line or two to a dozen sentences, hardly any of which is ever written twice. */
export function tell(random: Random, language: Language, length = lengthOf(random)): Story {
  const { templates, vocabulary } = tongues[language]
  return {
    language,
    title: fill(random.pick(tongues[language].headlines), vocabulary, language, random),
    sentences: Array.from({ length }, () => fill(random.pick(templates), vocabulary, language, random)),
  }
}

/** A line or so as a reader writes it below somebody else's article, with something of his own in it. */
export function remarkOf(random: Random, language: Language): string {
  const { vocabulary, remarks } = tongues[language]
  return join(fill(random.pick(remarks), vocabulary, language, random), language)
}

/** How a story reads: a new line after every third sentence. */
export function textOf({ language, sentences }: Story): string {
  return sentences
    .map(
      (sentence, place) => join(sentence, language) + (place % 3 === 2 ? '\n' : language === 'en' ? ' ' : ''),
    )
    .join('')
    .trimEnd()
}

export function join(sentence: Sentence, language: Language): string {
  if (language === 'zh') return sentence.join('')
  const text = sentence.join(' ').replace(/ ([.,?!:;])/g, '$1')
  return text.charAt(0).toUpperCase() + text.slice(1)
}

/** Other words for the same, none for names, figures and stops. */
export function synonymsOf(word: string, language: Language): readonly string[] {
  return tongues[language].synonyms.get(word) ?? []
}

// Half are a line or two, a few are long.
function lengthOf(random: Random): number {
  return random.chance(0.4) ? 2 + random.below(2) : 4 + random.below(9)
}

const chineseTemplates = templatesOf(`
<when> ， 在 <city> <street> ， <role> <name> <did> <thing> 的 <part> ， 达到 <number> <unit> 。
<name> <adv> <did> <thing> ， 但是 <part> 很 <adj> 。
因为 <thing> 的 <part> <adj> ， <city> 许多 居民 <did> <company> 。
<company> <when> <did> <thing> 计划 ， 主要 影响 <street> 附近 <number> <unit> 。
我们 <when> 看到 的 <thing> ， <adv> 比 <city> 的 <adj> 。
<role> 说 ： “ 如果 <part> 没有 变化 ， <thing> 应该 很 <adj> ” 。
<name> 介绍 ， 目前 <thing> 相关 <part> 上升 <percent> ， <city> 达到 <number> <unit> 。
虽然 <part> <adj> ， <company> 继续 完成 <thing> ， 其中 <number> <unit> 在 <street> 。
孩子 <when> 问 <name> ， <thing> 和 <thing> 可以 一起 选择 吗 ？
<adv> ， 关于 <thing> 的 办法 ， <city> 的 <role> <did> <part> 。
<date> ， <company> 与 <company> 在 <city> 开始 <thing> 项目 ， 超过 <number> <unit> 。
另外 ， <role> <name> 告诉 大家 ， <part> 不到 <number> <unit> 。
<street> 的 <thing> <adv> <adj> ， 每天 <number> <unit> ， <role> <did> 原因 。
<name> 在 <company> 工作 ， 对 <thing> 的 <part> 也 <did> 。
总之 ， <thing> 需要 <adj> 的 <part> ， 所以 <role> <did> <thing> 。
看到 <street> 的 <thing> ， <name> <did> 未来 <number> <unit> 的 情况 。
部分 <role> <did> ， <thing> 下降 <percent> 的 结果 <adv> <adj> 。
<city> <when> 有 <number> <unit> <thing> ， 所有 <part> 很 重要 。
<name> （ <company> ） ： <thing> 问题 <adj> ， 我们 <did> <part> 。
从 <street> 到 <street> ， <thing> <adv> 影响 <number> <unit> 。
<role> 帮助 <name> <did> 了解 <thing> ， <part> 帮 不 上 时候 就 找 <company> 。
<date> 至 <date> ， <city> <thing> 的 <part> 上升 <percent> 。
`)

const chineseHeadlines = templatesOf(`
<city> <thing> <headline>
<thing> <part> <headline>
<company> 与 <thing> ： <headline>
<name> ： <thing> <headline>
<number> <unit> <thing> <headline>
<thing> 的 <part> ， <city> <role> <did>
`)

const englishTemplates = templatesOf(`
<when> , <role> <name> <did> the <thing> in <city> and <did> its <part> .
the <thing> near <street> is <adv> <adj> , but the <part> rose <percent> .
<name> of <company> <did> <number> <unit> because the <part> was <adj> .
many people in <city> still need a <adj> <thing> before <date> .
<company> <when> <did> a plan about the <thing> with <number> <unit> .
" the <part> may look <adj> , " said <name> , a <role> from <city> .
more than <number> <unit> use the <thing> every day , <adv> <adj> .
after <date> the <role> <did> the <part> and the <thing> together .
perhaps the <thing> on <street> only needs <adj> <part> ?
the result in <city> reached <number> <unit> , while <company> <did> the <part> .
<name> also <did> a <thing> for children near <street> .
the reason is <adj> : the <part> fell <percent> <when> .
from <date> the <thing> will start at <street> , <number> <unit> in all .
<adv> , the team at <company> <did> what the <role> <did> about the <thing> .
a <adj> <thing> can help , and <name> <did> one in <city> .
`)

const englishHeadlines = templatesOf(`
<thing> in <city> : <headline>
the <part> of the <thing> , <headline>
<company> and the <thing> : <headline>
<name> on the <thing>
`)

const chineseRemarks = templatesOf(`
我 在 <city> 住 了 <number> 年 ， <thing> 的 <part> <adv> <adj>
<name> 你 看 ， <thing> 又 <adj> 了
我们 <street> <when> 也 这样 ， <number> <unit> 呢
<adv> 没 想到 <thing> 这么 <adj> ， <role> 都 <did> <part>
请问 <thing> 的 <part> 要 <number> <unit> 吗 ？
我 <role> 朋友 <did> 同样 的 <thing> ， <percent> 都 不 <adj>
<city> 人 路过 ， <part> 问题 <adv> <adj>
上 次 买 <thing> 花 了 <number> ， <part> <adj> ， 大家 参考
<when> 刚 去 过 <company> ， <thing> <adj>
文 里 的 <part> 我 不 太 同意 ， <thing> <adv> 没 那么 <adj>
作者 能 写 写 <city> 的 <thing> 吗 ， <part> 谁 <did> 的
孩子 班 上 <number> 个 人 <did> <thing> ， <adj>
`)

const englishRemarks = templatesOf(`
my <role> in <city> said the <thing> was <adj>
<name> , look , the <thing> again
we waited <number> <unit> for a <thing> on <street>
is the <part> really <adj> ? asking for <number> friends
I <did> one <when> and the <part> was <adj>
<adv> , <company> should fix the <part> of the <thing>
paid <number> for the <thing> , <adj> <part>
`)

const tongues = {
  zh: tongue(chineseWords, chineseTemplates, chineseHeadlines, chineseRemarks),
  en: tongue(englishWords, englishTemplates, englishHeadlines, englishRemarks),
}

interface Tongue {
  readonly vocabulary: Vocabulary
  readonly templates: readonly Sentence[]
  readonly headlines: readonly Sentence[]
  readonly remarks: readonly Sentence[]
  readonly synonyms: ReadonlyMap<string, readonly string[]>
}

function tongue(
  vocabulary: Vocabulary,
  templates: readonly Sentence[],
  headlines: readonly Sentence[],
  remarks: readonly Sentence[],
): Tongue {
  const synonyms = new Map<string, readonly string[]>()
  for (const group of [...vocabulary.glue, ...Object.values(vocabulary.slots).flat()]) {
    for (const word of group) {
      const others = group.filter((other) => other !== word)
      if (others.length > 0 && !synonyms.has(word)) synonyms.set(word, others)
    }
  }
  return { vocabulary, templates, headlines, remarks, synonyms }
}

function fill(template: Sentence, vocabulary: Vocabulary, language: Language, random: Random): Sentence {
  return template.map((part) =>
    part.startsWith('<') ? slot(part.slice(1, -1), vocabulary, language, random) : part,
  )
}

function slot(name: string, vocabulary: Vocabulary, language: Language, random: Random): string {
  switch (name) {
    case 'name':
      return personName(language, random)
    case 'city':
      return random.pick(cityNames[language])
    case 'street':
      return streetName(language, random)
    case 'company':
      return companyName(language, random)
    case 'number':
      return String(2 + random.below(random.chance(0.5) ? 98 : 9_000))
    case 'percent':
      return `${(random.uniform() * 90).toFixed(1)}%`
    case 'date':
      return dateText(language, random)
    default:
      return random.pick(random.pick(vocabulary.slots[name]!))
  }
}

const monthNames =
  'January|February|March|April|May|June|July|August|September|October|November|December'.split('|')

function dateText(language: Language, random: Random): string {
  const day = 1 + random.below(28)
  return language === 'zh' ? `${1 + random.below(12)}月${day}日` : `${random.pick(monthNames)} ${day}`
}

function templatesOf(list: string): Sentence[] {
  return list
    .trim()
    .split('\n')
    .map((line) => line.split(' '))
}
