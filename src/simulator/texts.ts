import type { Random } from './random'
import { draw, mixOf } from './random'

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
const headlines = words(
  '你真的了解吗|的十个细节|背后的故事|怎么选|最新消息|一周回顾|避坑指南|这一年|现场直击|问与答',
)
const observers = words(
  '记者|一位从业者|社区干部|隔壁的老师傅|我们的编辑|几位读者|专家|店主|业主群里|一名大学生|交警|' +
    '值班医生',
)
const moments = words('今天|上周|走访时|在电话里|开会时|早高峰|春节前|深夜|雨停之后|采访最后|三年前|月底')
const findings = words(
  '算了一笔账|提到|反复核对过|给出的答案是|并不看好|排队等到了|统计了|拍下了|最先发现|劝大家留意|' +
    '改变了看法|列出了清单',
)
const details = words('价格|排队时间|名额|通勤距离|报名人数|退款|口味|噪音|电池|签到次数|票房|错题')
const units = words('元|分钟|人|公里|次|家门店|个月|成|页|辆')

/** A comment as people write it: half of the time a stock phrase, otherwise a sentence or two of their own. */
export function commentText(random: Random): string {
  if (random.chance(0.45)) return draw(stockComments, random)
  return remark(random)
}

/** A sentence of one's own, in Chinese or English, rarely written twice. */
export function remark(random: Random): string {
  const first = random.chance(0.72) ? chineseRemark(random) : englishRemark(random)
  // A quotation mark and a line break now and then keep readers of these records honest.
  if (random.chance(0.06)) return `"${random.pick(nouns)}"${first}`
  return random.chance(0.2) ? `${first}\n${chineseRemark(random)}` : first
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

/** What an author publishes. */
export interface Article {
  readonly text: string
  readonly title: string
  readonly links: readonly string[]
  readonly tags: readonly string[]
  readonly mediaHashes: readonly string[]
  readonly original: boolean
}

export function article(random: Random): Article {
  const topic = random.pick(nouns)
  const paragraphs = Array.from({ length: 3 + random.below(8) }, () => report(random))
  return {
    title: `${topic}${random.pick(headlines)}`,
    text: paragraphs.join('\n'),
    links: random.chance(0.3) ? [`https://news.example/${random.below(1e6)}`] : [],
    tags: random.chance(0.5) ? [topic, random.pick(nouns)] : [],
    mediaHashes: Array.from({ length: random.below(4) }, () =>
      (random.bits() >>> 0).toString(16).padStart(8, '0'),
    ),
    original: random.chance(0.3),
  }
}

/** The name of a public account. */
export function accountName(random: Random): string {
  return `${random.pick(nouns)}${random.pick(['日报', '研究所', '同好会', '观察', '小铺', '频道', '笔记', '君'])}`
}

// Hardly ever the same twice, so that two articles are alike only where somebody has copied.
function report(random: Random): string {
  const what = `${random.pick(nouns)}的${random.pick(details)}`
  const figure = `${1 + random.below(4_000)}${random.pick(units)}`
  const first = `${random.pick(observers)}${random.pick(moments)}${random.pick(findings)}${what}：${figure}。`
  return random.chance(0.25) ? first + englishRemark(random) : first + chineseRemark(random)
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
