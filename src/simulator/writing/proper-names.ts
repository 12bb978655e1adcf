import type { Random } from '../random'
import type { Language } from './story'

const surnames = letters(
  '王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈姚卢姜崔钟谭陆汪范金石廖贾夏韦付方白邹孟熊秦邱江尹薛闫段雷侯龙史',
)
const given = letters(
  '伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂英华玉萍红鹏辉梅斌宇浩凯健俊帆雪荣旭宁欣佳悦晨阳博文思雨子涵梓轩诗琪嘉怡若曦承泽云飞志远晓东建国海燕春兰',
)
const places = letters(
  '东西南北新永和安平长青金银龙凤翠竹松柏桃李梅兰荷柳溪湖山岭桥塘井泉石沙港湾星光福寿康宁丰裕兴盛',
)

const firstNames = names(
  'Anna|Ben|Clara|David|Ella|Frank|Grace|Henry|Iris|Jack|Kate|Liam|Maria|Noah|Olga|Paul|Rosa|Sam|' +
    'Tina|Victor|Wendy|Yusuf|Zoe|Amir|Bruno|Carmen|Diego|Elena|Farid|Gita',
)
const lastNames = names(
  'Abbott|Barnes|Calloway|Dunn|Ellis|Fischer|Gomez|Hale|Ivanov|Jensen|Keller|Lopez|Mercer|Novak|' +
    'Ortiz|Palmer|Quinn|Reyes|Santos|Turner|Underwood|Vargas|Walsh|Young|Zimmer|Okafor|Tanaka|' +
    'Lindqvist|Moreau|Haddad',
)
const stems = names(
  'Maple|Cedar|Harbor|Mill|Station|Orchard|Bridge|Hill|Lake|Garden|King|Market|Castle|Ridge|River|' +
    'Stone|Willow|Chapel|Falcon|Juniper|Meadow|Quarry|Sunset|Tanner|Vine|Weaver',
)

export const cityNames: Readonly<Record<Language, readonly string[]>> = {
  zh: names(
    '北京|上海|广州|深圳|杭州|南京|成都|重庆|武汉|西安|苏州|天津|长沙|郑州|青岛|宁波|合肥|佛山|东莞|' +
      '昆明|大连|厦门|福州|济南|沈阳|哈尔滨|长春|石家庄|南宁|贵阳|太原|南昌|兰州|海口|银川|西宁|泉州|' +
      '温州|无锡|常州|徐州|绍兴|嘉兴|金华|台州|烟台|潍坊|临沂|洛阳|襄阳|宜昌|岳阳|桂林|柳州|遵义|大理|' +
      '绵阳|宜宾|咸阳|宝鸡',
  ),
  en: names(
    'London|Chicago|Toronto|Sydney|Dublin|Leeds|Austin|Denver|Boston|Seattle|Oakland|Glasgow|Bristol|' +
      'Perth|Ottawa|Dallas|Tampa|Portland|Cardiff|Auckland|Nairobi|Lagos|Mumbai|Manila|Singapore',
  ),
}

export function personName(language: Language, random: Random): string {
  if (language === 'en') return `${random.pick(firstNames)} ${random.pick(lastNames)}`
  return random.pick(surnames) + random.pick(given) + (random.chance(0.7) ? random.pick(given) : '')
}

export function streetName(language: Language, random: Random): string {
  if (language === 'en')
    return `${random.pick(stems)} ${random.pick(['Street', 'Road', 'Avenue', 'Lane', 'Square'])}`
  return (
    random.pick(places) +
    random.pick(places) +
    random.pick(['路', '街', '大道', '镇', '村', '巷', '社区', '广场'])
  )
}

export function companyName(language: Language, random: Random): string {
  if (language === 'en')
    return `${random.pick(stems)} ${random.pick(['Labs', 'Foods', 'Group', 'Partners', 'Motors', 'Press'])}`
  const kind = random.pick([
    '公司',
    '科技',
    '集团',
    '合作社',
    '研究院',
    '食品厂',
    '中心',
    '学校',
    '医院',
    '协会',
  ])
  return random.pick(cityNames.zh) + random.pick(given) + random.pick(places) + kind
}

function letters(list: string): readonly string[] {
  return Array.from(list)
}

function names(list: string): readonly string[] {
  return list.split('|')
}
