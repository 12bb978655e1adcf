import type { Random } from '../random'
import type { Language, Story } from './story'
import { join, tell, textOf } from './story'

/** What an author publishes, and the words it was made from. */
export interface Article {
  readonly text: string
  readonly title: string
  readonly links: readonly string[]
  readonly tags: readonly string[]
  readonly mediaHashes: readonly string[]
  readonly original: boolean
  readonly story: Story
}

/** What is particular to an author or a day; all of it may be left out. */
export interface Occasion {
  /** Where the author's links lead. */
  readonly site?: string
  /** The tags that an author comes back to. */
  readonly themes?: readonly string[]
  /** The tags that many use today. */
  readonly tagsOfTheDay?: readonly string[]
  readonly language?: Language
  readonly original?: boolean
  /** In sentences. */
  readonly length?: number
}

/** A text of somebody's own, in Chinese three times of four; rarely no more than what everybody says. */
export function article(random: Random, occasion: Occasion = {}): Article {
  const language = occasion.language ?? (random.chance(0.75) ? 'zh' : 'en')
  const story = tell(random, language, occasion.length)
  const own = textOf(story)
  return {
    story,
    title: join(story.title, language),
    text: dressed(own, random),
    links: linksOf(random, occasion.site),
    tags: tagsOf(random, occasion, story),
    mediaHashes: Array.from({ length: random.below(4) }, () => mediaHash(random)),
    original: occasion.original ?? random.chance(0.3),
  }
}

/** A line that many accounts post on the same day, each for itself. */
export function greeting(random: Random, tagsOfTheDay: readonly string[]): Article {
  const text = random.pick(greetings)
  const story: Story = { language: 'zh', title: [text], sentences: [[text]] }
  const tags = random.chance(0.3) && tagsOfTheDay.length > 0 ? [random.pick(tagsOfTheDay)] : []
  return { story, text, title: text, links: [], tags, mediaHashes: [mediaHash(random)], original: false }
}

/** Somebody else's article with his name on it, as one asks leave to print it. */
export function creditedTo(name: string, source: Article, random: Random): Article {
  const isChinese = source.story.language === 'zh'
  const credit = isChinese
    ? random.pick([`转载自${name}`, `来源：${name}`, `本文转自公众号「${name}」，已获授权`])
    : `via @${name}`
  const text = random.chance(0.5) ? `${credit}\n${source.text}` : `${source.text}\n${credit}`
  const title = isChinese && random.chance(0.5) ? `【转载】${source.title}` : source.title
  return { ...source, text, title, original: false }
}

/** What an author comes back to: a site of his own, and a few tags. */
export function habitsOf(random: Random): Occasion {
  const words = Array.from({ length: 3 }, () => random.pick(tell(random, 'zh', 1).title))
  const themes = words.filter((word) => /^\p{L}{2,}$/u.test(word))
  return { site: mediaHash(random), themes: [...themes, random.pick(usualTags)] }
}

export function mediaHash(random: Random): string {
  return (random.bits() >>> 0).toString(16).padStart(8, '0')
}

const usualTags = '早安|晚安|日常|随手拍|读书|美食|健身|好物分享|周末去哪儿|今日份快乐|上班族|学习打卡'.split(
  '|',
)
const greetings =
  '早安！新的一天，加油|晚安，好梦|今天也要开心呀|周末愉快|打卡|下雨了，出门记得带伞|祝大家节日快乐|明天见|转发这条锦鲤，好运常在|休息一天'.split(
    '|',
  )

// What stands below half of all articles of public accounts, whoever wrote them.
const footers = [
  '点赞、在看、转发三连支持一下吧',
  '声明：本文仅代表作者观点，图片来自网络，如有侵权请联系删除',
  '长按识别二维码，关注我们，每天更新',
  '欢迎在评论区留言，点击下方卡片加入读者群',
  '往期推荐 | 商务合作请在后台留言',
]
const emoji = ['😂', '👍', '🔥', '🎉', '[爱心]', '✨', '❗', '👇👇']

function dressed(text: string, random: Random): string {
  const mood = random.chance(0.2) ? ` ${random.pick(emoji)}` : ''
  const footer = random.chance(0.2) ? `\n${random.pick(footers)}` : ''
  return text + mood + footer
}

function linksOf(random: Random, site = 'news'): string[] {
  if (!random.chance(0.3)) return []
  return [`https://${site}.example/${random.below(1e7)}`]
}

function tagsOf(random: Random, { themes = [], tagsOfTheDay = [] }: Occasion, story: Story): string[] {
  if (!random.chance(0.5)) return []
  const ownWord = story.title.find((word) => /^\p{L}{2,6}$/u.test(word))
  const tags = [
    ...(ownWord === undefined ? [] : [ownWord]),
    ...(themes.length > 0 && random.chance(0.6) ? [random.pick(themes)] : []),
    ...(tagsOfTheDay.length > 0 && random.chance(0.25) ? [random.pick(tagsOfTheDay)] : []),
  ]
  return [...new Set(tags)]
}
