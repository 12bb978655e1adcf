import type { Random } from './random'
import { draw, mixOf } from './random'
import { cityNames, personName } from './writing/proper-names'
import { remarkOf } from './writing/story'

// What everybody writes; the more common first. A crowd that writes the same is therefore nothing odd by itself.
const stockComments = mixOf([
  ['支持', 14],
  ['转发微博', 8],
  ['赞', 8],
  ['哈哈哈哈', 8],
  ['👍', 7],
  ['first!', 4],
  ['沙发', 5],
  ['学习了', 5],
  ['说得好', 5],
  ['已转', 3],
  ['nice', 3],
  ['加油', 5],
  ['太真实了', 4],
  ['好文', 4],
  ['so true', 2],
  ['路过', 3],
  ['😂😂😂', 4],
  ['收藏了', 3],
  ['thanks for sharing', 2],
  ['顶', 3],
])

const stockForwards = mixOf([
  ['转发微博', 40],
  ['转', 8],
  ['看看这个', 7],
  ['值得一看', 7],
  ['//', 5],
  ['马住', 6],
  ['Repost', 4],
  ['must read', 3],
  ['哈哈', 8],
  ['[赞]', 6],
])

const openings = words('其实|说实话|我觉得|看完之后|作为本地人|昨天还在想|不得不说|老实讲|去年|我妈也说|')
const subjects = words(
  '这篇文章|小编|这个观点|我们小区|孩子的学校|地铁口那家店|这次活动|这个数据|楼上几位|作者写的',
)
const verdicts = words(
  '讲得很清楚|有点夸张了|跟我的经历一样|还可以再深入一点|让人想起小时候|比上一期好看|我不太同意|' +
    '真的很实用|看得我都饿了|应该让更多人知道|数据从哪里来的',
)
const closings = words(
  '。|！|，期待下一篇|，已经转给家人|，求更新|，周末去试试|？|，大家怎么看|~|，收藏慢慢看',
)

const leads = words('Honestly|As a teacher|Living here for years|To be fair|After reading it twice|Funny')
const topics = words('this piece|the second part|the chart|the author|that story about the market|the ending')
const opinions = words(
  'says what I never could|needs a source|made my morning|is a bit long|changed my mind|' +
    'misses the point',
)
const tails = words('.|!|, please write more|, sent it to my sister| - what do you think?|...')

const nouns = words('早餐|地铁|房价|高考|新能源车|露营|养猫|体检|电影|球赛|装修|旅行|咖啡|暴雨|秋招|书单')

const accountKinds = words('日报|研究所|同好会|观察|小铺|频道|笔记|君|周刊|说|在线|发布|生活圈|之声|课堂')

/** A comment as people write it: half of the time a stock phrase, otherwise a sentence or two of their own. */
export function commentText(random: Random): string {
  if (random.chance(0.45)) return draw(stockComments, random)
  return remark(random)
}

/** A sentence of one's own, in Chinese or English, rarely written twice. */
export function remark(random: Random): string {
  const language = random.chance(0.72) ? 'zh' : 'en'
  // A third says what others say, in much the same words.
  const isUsual = random.chance(0.3)
  const usual = language === 'zh' ? chineseRemark : englishRemark
  const first = isUsual ? usual(random) : remarkOf(random, language)
  // A quotation mark and a line break now and then keep readers of these records honest.
  if (random.chance(0.06)) return `"${random.pick(nouns)}"${first}`
  return random.chance(0.2) ? `${first}\n${remarkOf(random, 'zh')}` : first
}

/** What somebody adds to a forward; nothing in three of four. */
export function forwardText(random: Random): string | undefined {
  if (random.chance(0.75)) return undefined
  return random.chance(0.7) ? draw(stockForwards, random) : remark(random)
}

/** Variations of one slogan, as somebody orders them: the same wish, in so many wordings. */
export function slogans(count: number, random: Random): string[] {
  const theme = random.pick(nouns)
  return Array.from(
    { length: count },
    () => `${random.pick(openings)}${theme}${random.pick(verdicts)}${random.pick(closings)}`,
  )
}

/** The name of a public account. */
export function accountName(random: Random): string {
  const what = random.chance(0.7) ? random.pick(nouns) : personName('zh', random)
  const where = random.chance(0.6) ? random.pick(cityNames.zh) : ''
  return where + what + random.pick(accountKinds)
}

function chineseRemark(random: Random): string {
  return random.pick(openings) + random.pick(subjects) + random.pick(verdicts) + random.pick(closings)
}

function englishRemark(random: Random): string {
  return `${random.pick(leads)}, ${random.pick(topics)} ${random.pick(opinions)}${random.pick(tails)}`
}

function words(list: string): readonly string[] {
  return list.split('|')
}
