import type { HabitFamily, HandFamily } from '../../model/acts'
import { families } from '../../model/traits'
import type { SignName } from '../../model/traits'
import type { ControlTest } from '../../model/control'
import type { Need } from '../changes'
import type { ElementFact, Mark, Span } from '../facts'
import { nameOf } from '../name'
import { count, measured, oneIn, percent as percentOf, scientific } from '../numbers'
import { kindOf } from '../offence-kind'
import type { ElementTold, ElementWords, Words } from './words'

/** In Chinese every sentence is made from the data; none is a translation of the sentence in the verdict. */
export const zh: Words = {
  language: 'zh',
  title: (verdictId) => `认定结论${verdictId}`,
  sections: {
    decision: '认定结论',
    numbers: '数量',
    elements: '已证明的事实',
    events: '涉及的事件',
    checks: '如何人工核对',
    exonerating: '有利于该账号的事实',
    changes: '何种情况下结论会不同',
    appeal: '如何申诉',
    history: '历次修订',
  },
  formerElements: {
    cleared: '解除的依据',
    overturned: '原认定的事实及复核结果',
  },

  offences: {
    'inflated-subscriptions': '订阅数造假：相关订阅并非来自真实受众',
    'inflated-clicks': '点击数造假：相关点击并非来自真实受众',
    'inflated-forwards': '转发量造假：相关转发并非来自真实受众',
    'inflated-comments': '评论量造假：相关评论并非来自真实受众',
    'manipulated-click-through': '内容点击率造假：点击与展示不相符',
    'abnormal-unsubscription': '订阅数异常变动：订阅者集中取消订阅',
    'batch-homogeneous-posting': '关联账号批量发布雷同内容',
    'steered-accounts': '操纵多个账号协同行动',
    'false-hotspot': '制造虚假舆论热点',
    'forged-originality': '伪造原创：将他人在先发布的内容声明为原创',
    'dormant-account': '注册后超过六个月未登录、未使用',
    'undeclared-transfer': '未经申报转让账号',
    'bulk-registration': '批量注册账号',
    'reincarnated-account': '已关闭的账号以新账号重新注册',
  },
  roles: {
    beneficiary: '受益方（其数据被人为改变，但不认定系其本人所为）',
    operator: '责任方（由该账号或其控制者实施）',
    engager: '参与方（参与了相关行为）',
    author: '发布方（发布了相关内容）',
  },
  rungs: {
    watch: '持续关注（再次核查，不采取任何措施）',
    'correct-count': '修正计数（展示真实数量，不采取其他措施）',
    warn: '警示提醒',
    limit: '限制功能或传播范围',
    suspend: '暂停使用',
    close: '关闭账号',
  },
  statuses: {
    raised: '首次认定',
    escalated: '升级',
    cleared: '已解除，不再建议任何处置',
    overturned: '已撤销：原认定有误，账号恢复原状',
  },
  modes: {
    live: '正式生效',
    shadow: '检测规则试运行，任何人不应据此采取措施',
  },
  kinds: {
    subscription: '订阅',
    click: '点击',
    forward: '转发',
    comment: '评论',
    unsubscription: '取消订阅',
    impression: '展示',
  },
  subjects: { account: '账号', content: '内容', actor: '用户', cluster: '账号群组' },
  legalElements: {
    'false-traffic': '虚假流量',
    'unusual-number': '数量异常',
    'common-control': '共同控制',
    presence: '出现于账号运营场所',
    coordination: '与账号行动相配合',
    likeness: '内容雷同',
    batch: '批量性',
    repetition: '反复性',
    registration: '注册',
    'no-login': '未登录',
    'no-use': '未使用',
    coverage: '数据完整',
    notice: '事先通知',
    'change-of-hands': '运营主体变更',
    'change-of-habits': '运营习惯变更',
    'same-audience': '受众未变',
    'not-declared': '未经申报',
    use: '恢复使用',
    return: '原运营者恢复运营',
    declaration: '已申报转让',
    review: '人工复核',
    'limit-of-policy': '策略限制',
  },
  counted: {
    'batch-homogeneous-posting': '对账号',
    'steered-accounts': '对成员',
    'false-hotspot': '个参与者（抽样）',
    'forged-originality': '篇内容',
    'dormant-account': '个账号',
    'undeclared-transfer': '次现运营者的行为',
    'bulk-registration': '个账号',
    'reincarnated-account': '项相同特征',
  },
  traits: {
    'shared-device': {
      meaning: '来自被三个以上此类用户共用的设备',
      check: '按 deviceId 分组，统计两日左右被三个以上不同 actorId 用于该账号的设备所产生的事件',
    },
    'dense-network': {
      meaning: '来自在该账号处异常集中、在平台其他账号处少见的网络',
      check: '按地址所属网络分组，统计有四个以上 actorId 且在该账号处远比在其他账号处集中的网络所产生的事件',
    },
    'regular-gap': {
      meaning: '与前一事件的间隔和再前一次的间隔相同',
      check: '按 occurredAt 排序，统计与前一事件的间隔和前一次间隔相差不超过十分之一的事件',
    },
    'week-old': {
      meaning: '由注册不满一周的用户产生',
      check: '统计 occurredAt 距 actorCreatedAt 不满 7 日的事件',
    },
    young: {
      meaning: '由注册不满六十日的用户产生',
      check: '统计 occurredAt 距 actorCreatedAt 不满 60 日的事件',
    },
    newcomer: {
      meaning: '由此前至多只与另外一个账号有过互动的用户产生',
      check: '统计其 actorId 截至当时至多只与另外一个账号有过互动的事件',
    },
    'short-dwell': {
      meaning: '停留不足三秒',
      check: '统计 dwellMs 小于 3000 的事件',
    },
    unread: {
      meaning: '由从未阅读过该账号内容的用户产生',
      check: '统计其 actorId 此前对该账号没有点击记录的事件',
    },
    repeated: {
      meaning: '是同一用户当日的第四次或更多次',
      check: '统计同一 actorId 当日对该账号第四次及以后的同类事件',
    },
    'shared-text': {
      meaning: '与至少另外两名用户的文字相同',
      check: '对十二个字母以上的文字按内容分组，统计由三个以上 actorId 写出的相同文字',
    },
    'no-entry': {
      meaning: '来源不明',
      check: '统计 source、referrer 或 channel 为空、为 "unknown" 或为 "direct" 的事件',
    },
    'dense-agent': {
      meaning: '来自在该账号处异常集中、在平台其他账号处少见的客户端程序',
      check: '按 userAgent 分组，统计有四个以上 actorId 且在该账号处远比在其他账号处集中的程序所产生的事件',
    },
    'operator-device': {
      meaning: '来自该账号运营者本人的设备',
      check: '统计来自该账号发布内容所用 deviceId 的事件',
    },
    made: {
      meaning: '来自共用设备、集中网络或协同群组，或文字相同',
      check: '统计来自共用设备、集中网络或协同群组，或文字相同的事件',
    },
    uncleared: {
      meaning: '来自共用设备、集中网络或协同群组，或文字相同，或未给出可供核对的设备',
      check: '统计来自共用设备、集中网络或协同群组，或文字相同的事件，以及没有 deviceId 的事件',
    },
    crew: {
      meaning: '由在多个账号上协同行动、远超偶然的用户产生',
      check: '列出其 actorId，统计被“操纵多个账号”认定结论列为成员的用户所产生的事件',
    },
    overactive: {
      meaning: '是同一用户当日第二十四次之后的',
      check: '统计同一 actorId 当日对该账号第二十五次及以后的同类事件',
    },
  },
  shares: {
    unexposed: {
      meaning: '称来自推荐流或搜索，但没有与之相应的展示',
      test: '须有展示的点击与展示次数之比，以贝塔-二项分布上尾检验；该账号以往水平和展示量相近的账号均不能解释',
      among: '诚实账号',
      check: ({ raw, events }) =>
        `在上述${count(raw)}次点击中，统计 referrer 为 "feed" 或 "search" 的点击，并将该账号同一时段展示记录的 count 相加：按通常最高的点击率计算，应有${count(events)}次点击没有相应的展示。`,
    },
    unclicked: {
      meaning: '引起了来自推荐流或搜索的点击',
      test: '来自推荐流和搜索的点击与展示次数之比，以贝塔-二项分布下尾检验；该账号以往水平和展示量相近的账号均不能解释如此之少',
      among: '诚实账号',
      check: ({ raw, events, usual }) =>
        `统计该账号同一时段 referrer 为 "feed" 或 "search" 的点击：应约有${count(events)}次；${count(raw)}次展示通常约有${count(usual)}次。`,
    },
    unanswered: {
      meaning: '之后有订阅、转发或评论',
      test: '订阅、转发、评论与点击次数之比，以贝塔-二项分布下尾检验；该账号以往水平和点击量相近的账号均不能解释如此之少',
      among: '诚实账号',
      check: ({ raw, events, usual }) =>
        `统计该账号同一时段的订阅、转发和评论：应约有${count(events)}次；${count(raw)}次点击之后通常约有${count(usual)}次。`,
    },
    'heavy-device': {
      meaning: '发生在当日向其展示该账号超过六十次的设备上',
      test: '发生在当日向其展示该账号超过六十次的设备上的展示所占比例，以贝塔-二项分布上尾检验，从宽以二十分之一为通常水平',
      among: '诚实账号',
      check: ({ raw, events }) =>
        `将上述${count(raw)}次展示按 deviceId 和日期分组并将 count 相加，再将超过60次的设备的展示次数相加：应约有${count(events)}次。`,
    },
    together: {
      meaning: '由与许多其他取消者在同一半小时内订阅的用户作出',
      test: '曾在同一半小时内集中订阅（该半小时内至少五人且不少于取消者的二十分之一）的取消者所占比例，以贝塔-二项分布上尾检验，从宽以十分之三为通常水平',
      among: '正常的取消订阅',
      check: ({ raw, events }) =>
        `查询上述${count(raw)}次取消订阅的 actorId 此前订阅的时间：应约有${count(events)}次集中在至少有五人且不少于其二十分之一的半小时内。`,
    },
    brief: {
      meaning: '结束了不满三日的订阅',
      test: '订阅不满三日即取消的取消者所占比例，以贝塔-二项分布上尾检验，从宽以十分之三为通常水平',
      among: '正常的取消订阅',
      check: ({ raw, events }) =>
        `查询上述${count(raw)}次取消订阅的 actorId 此前订阅的时间：应约有${count(events)}次距取消不满72小时。`,
    },
  },
  hands: { operator: '发布者', device: '运营设备', place: '运营网络' },
  habits: { hours: '运营时间', tempo: '发布频率', texts: '文字' },
  families: {
    devices: '设备',
    networks: '网络',
    timing: '时间规律',
    crews: '协同群组',
    frequency: '单人频次',
    people: '用户构成',
    attention: '阅读行为',
    repetition: '重复行为',
    entry: '来源',
    agents: '客户端程序',
    exposure: '曝光',
    response: '点击后的行为',
    arrival: '关注时间',
    control: '控制关系',
    summary: '汇总',
  },
  tieFamilies: {
    'joint-action': '协同行动',
    texts: '文字雷同',
    links: '相同链接、图片或标签',
    devices: '共用设备',
    networks: '共用网络',
    identities: '相同实名身份',
    operators: '相同运营者',
  },
  instruments: {
    'cac-public-accounts-2021':
      '《互联网用户公众账号信息服务管理规定》（国家互联网信息办公室2021年1月22日发布，2021年2月22日起施行）',
  },
  statute: (instrument, article, item) =>
    `${instrument}第${numeral(article)}条${item === undefined ? '' : `第${numeral(item)}项`}`,
  unknownStatute: (name) => `${name}（名称以策略所载为准）`,

  elements: {
    'trait-share': ({ trait }, { element, verdict }) => {
      const { counts, window } = verdict
      const events = Math.round(element.observed * counts.raw)
      const usual = Math.round(element.expected * counts.raw)
      return {
        test: `${meaning(trait)}的事件所占比例，以贝塔-二项分布上尾检验，对照平台整体及该账号自身以往水平`,
        sentence: `${during(window)}的${kindName(verdict)}中，${percent(element.observed)}${meaning(trait)}；通常为${percent(element.expected)}。`,
        among: '真实受众',
        checks: [
          `在上述${count(counts.raw)}${counter(verdict)}中，${zh.traits[trait].check}：应约有${count(events)}${unit(verdict)}（${percent(element.observed)}）；正常情况下约${count(usual)}${unit(verdict)}（${percent(element.expected)}）。`,
        ],
      }
    },
    'sign-share': ({ sign }, { element, verdict }) => {
      const { raw } = verdict.counts
      const { test, among, check } = zh.shares[sign]
      const events = Math.round(element.observed * raw)
      const usual = Math.round(element.expected * raw)
      return {
        test,
        sentence: `${during(verdict.window)}的${kindName(verdict)}中，${percent(element.observed)}${meaning(sign)}；通常为${percent(element.expected)}。`,
        among,
        checks: [check({ raw, events, usual })],
      }
    },
    number: (_, { element, verdict }) => {
      const [observed, expected] = [measured(element.observed), measured(Math.round(element.expected))]
      const { test, how } = numberWords(verdict)
      return {
        test: `${test}；仅凭此项不足以认定`,
        sentence: `${during(verdict.window)}共有${observed}${counter(verdict)}，预期约${expected}${unit(verdict)}。`,
        among: '同类时段',
        checks: [`${how}：预期约${expected}${unit(verdict)}，实际${observed}${unit(verdict)}。`],
      }
    },
    'operator-events': (_, { element, verdict }) => ({
      test: '来自该账号运营者发布内容所用、且被五个以上用户使用的设备的事件',
      sentence: `${during(verdict.window)}的${kindName(verdict)}中，有${measured(element.observed)}${unit(verdict)}以五个以上用户名义来自该账号运营者本人的设备。`,
      among: '真实受众',
      checks: [
        `列出该账号自身发布内容所用的 deviceId，统计以其他 actorId 名义来自这些设备的${kindName(verdict)}，每台设备自第五个 actorId 起计：应有约${measured(element.observed)}${unit(verdict)}。`,
      ],
    }),
    control: ({ test, outOf }, { element }) => {
      const { how, found, check } = controlWords[test]
      return {
        test: how,
        sentence: found(measured(element.observed), count(outOf), measured(element.expected)),
        among: '仅被动接受此类流量的账号',
        checks: [check],
      }
    },
    'joint-acts': (fact, { element }) => ({
      test: '成员两两在不同归属的对象上同时行动的次数，以泊松分布对照双方以往行为及对象热度；对全部成员对控制错误发现率',
      sentence: `其中${count(fact.members)}个成员组成${measured(element.observed)}对，${span(fact.within)}内先后对相同账号实施${fact.acts.map(actName).join('、')}；处于中位的一对共同行动${fact.times}次，偶然仅可解释${fact.byChance}次。`,
      among: '同等规模的平台',
      checks: [
        `任取两名成员，列出各自订阅、点击、转发、评论的对象：处于中位的一对在${span(fact.within)}内对${fact.times}个相同账号先后行动，偶然仅可解释${fact.byChance}个。`,
      ],
    }),
    'joint-texts': (fact, { element }) => ({
      test: '成员两两发布近似文字：字组七成以上相同，或较短一篇三成以上属于相同段落',
      sentence: `其中${count(fact.members)}个成员组成${measured(element.observed)}对，${span(fact.within)}内先后发布近似文字；处于中位的一对有${fact.times}次，偶然仅可解释${fact.byChance}次。`,
      among: '同等规模的平台',
      checks: [
        `任取两名成员，逐篇对照其发布的内容：处于中位的一对在${span(fact.within)}内有${fact.times}篇近似，偶然仅可解释${fact.byChance}篇。`,
      ],
    }),
    'joint-links': (fact, { element }) => ({
      test: '成员两两使用相同链接、图片或标签的次数，对照偶然水平',
      sentence: `其中${count(fact.members)}个成员组成${measured(element.observed)}对，${span(fact.within)}内先后使用相同的链接、图片或标签；处于中位的一对有${fact.times}次，偶然仅可解释${fact.byChance}次。`,
      among: '同等规模的平台',
      checks: [
        `任取两名成员，对照其内容中的 links、mediaHashes 和 tags：处于中位的一对在${span(fact.within)}内有${fact.times}项相同，偶然仅可解释${fact.byChance}项。`,
      ],
    }),
    'shared-devices': (fact, told) => place(fact, told, 'deviceId', '台设备', '同一设备'),
    'shared-networks': (fact, told) => place(fact, told, '地址所属网络', '个网络', '同一网络'),
    'shared-identities': (fact, told) => place(fact, told, 'subjectId', '个实名身份', '同一实名身份'),
    'shared-operators': (fact, told) => place(fact, told, '发布内容的 actorId', '个运营者', '同一运营者'),
    'common-texts': (_, { element }) => ({
      test: '两名成员一日之内先后发布的不同近似文字的篇数，要求至少三篇',
      sentence: `其中两名成员一日之内先后发布了${measured(element.observed)}篇不同的近似文字；互不相干的账号不会有此情形。`,
      among: '同等规模的平台',
      checks: [
        `找出近似文字最多的两名成员：双方在一日之内先后发布了${measured(element.observed)}篇不同的近似文字。`,
      ],
    }),
    registrations: ({ origin }, { element }) => ({
      test: `一日之内自同一${originName[origin]}注册的账号数，以泊松分布对照平台上此类来源的通常数量`,
      sentence: `一日之内有${measured(element.observed)}个账号自同一${originName[origin]}注册；通常约${measured(element.expected)}个。`,
      among: '此类来源',
      checks: [
        `按${originField[origin]}列出该时段注册的账号：应有${measured(element.observed)}个相同；通常约${measured(element.expected)}个。`,
      ],
    }),
    'registrations-sharing': ({ what }, { element }) => ({
      test: what === 'name' ? '其中名称出自同一格式的账号数' : `其中${originName[what]}相同的账号数`,
      sentence:
        what === 'name'
          ? `其中${measured(element.observed)}个账号的名称出自同一格式。`
          : `其中${measured(element.observed)}个账号的${originName[what]}也相同。`,
      among: '此类来源',
      checks: [`对照这些账号的${originField[what]}：应有${measured(element.observed)}个一致。`],
    }),
    'hotspot-share': (fact, { element, verdict }) => ({
      test: '参与者中同一群组成员所占比例，以二项分布对照平台上协同账号的比例',
      sentence: `抽样的${count(fact.of)}个参与者中，有${count(fact.members)}个（${percent(element.observed)}）属于同一个${count(fact.size)}人的协同群组；平台上协同账号的比例为${percent(element.expected)}。`,
      among: '同类热点',
      checks: [
        `列出该时段内提及${topic(verdict.subject.id)}的账号：抽样的${count(fact.of)}个中，有${count(fact.members)}个是所列群组的成员。`,
      ],
    }),
    'pushed-accounts': (fact, { element }) => ({
      test: '发布该内容并由该群组大量成员推送的账号数',
      sentence: `有${measured(element.observed)}个账号发布了该内容，且其每一个的内容都至少有该群组${count(fact.members)}个成员中的${count(fact.least)}个参与推送。`,
      among: '同类热点',
      checks: [
        `逐一查看所列账号的内容由谁转发、评论：其中至少有该群组${count(fact.members)}个成员中的${count(fact.least)}个。`,
      ],
    }),
    'text-likeness': (fact, { element }) => ({
      test: '两篇文字相同字组的比例，或较短一篇属于相同段落的比例，取较大者',
      sentence: `内容${nameOf(fact.contentId)}声明为原创，但其中${percent(element.observed)}见于账号${nameOf(fact.olderAccountId)}在${count(fact.minutes)}分钟前发布的内容。`,
      among: '互不相干的作者',
      checks: [
        `将内容${nameOf(fact.contentId)}与账号${nameOf(fact.olderAccountId)}在${count(fact.minutes)}分钟前发布的内容逐字对照：应有${percent(element.observed)}相同。`,
        '查看该内容是否声明原创（"original": true）。',
      ],
    }),
    'repeated-copies': (fact, { element }) => ({
      test: '该账号三十日内此类内容的篇数',
      sentence: `该账号三十日内发布此类内容${measured(element.observed)}篇，涉及${count(fact.victims)}个其他账号的文字。`,
      among: '互不相干的作者',
      checks: [
        `逐篇查看该账号三十日内声明原创的内容：应有${measured(element.observed)}篇与${count(fact.victims)}个其他账号在先发布的内容近似。`,
      ],
    }),
    'common-mark': (fact) => ({
      test: `与账号${nameOf(fact.closedAccountId)}的相同特征，该账号在本账号注册前${count(fact.days)}日关闭`,
      sentence: markSentence(fact.mark, fact.closedAccountId),
      among: '其他账号',
      checks: [`对照两个账号的${markField[fact.mark.what]}。`],
    }),
    registered: ({ on }, { verdict }) => ({
      test: '该账号的注册记录；系查得的事实',
      sentence: `该账号于${day(on)}（北京时间）注册。`,
      checks: [
        `查找账号${nameOf(verdict.accountId)}的 activity 为 "registered" 的账号事件：应发生于${day(on)}（北京时间）。`,
      ],
    }),
    'no-login': ({ since, until, days }, { verdict }) => ({
      test: '该账号的登录及其他账号事件；系查得的事实，不作统计检验',
      sentence: `自${since === undefined ? '注册' : `${day(since)}（此后数据无中断）`}起至${day(until)}，该账号${count(days)}日内没有登录、更名或者转让。`,
      checks: [
        `查找账号${nameOf(verdict.accountId)}自${since === undefined ? '注册' : day(since)}起至${day(until)}（北京时间）activity 为 "login"、"renamed" 或 "transferred" 的账号事件：应没有。`,
      ],
    }),
    'no-use': () => ({
      test: '该账号发布的内容，以及注册者在该账号上的行为；系查得的事实，不作统计检验',
      sentence: '同一时段内，该账号没有发布任何内容，注册者也没有在该账号上实施任何行为。',
      checks: ['查找该账号同一时段发布的内容，以及注册所用 actorId 在该账号上的任何行为：应没有。'],
    }),
    coverage: () => ({
      test: '是否有36小时没有任何账号登录或者发布内容，或者某日的使用量不足平日四分之一；系查得的事实',
      sentence: '该时段内，其他账号的登录和发布记录始终没有中断。',
      checks: ['查看该时段内每日是否均有其他账号的登录和发布记录。'],
    }),
    notice: ({ until }, { element }) => ({
      test: `策略规定的通知期限：${count(element.expected)}日`,
      sentence: `${day(until)}（北京时间）之前登录、发布内容或者有其他任何使用的，即解除本结论；未经通知，不得关闭任何账号。`,
      checks: [],
    }),
    'changed-hand': ({ hand, from, to, acts, formerActs, formerTo }, { verdict }) => ({
      test: `${zh.hands[hand]}在新运营者出现一周之内彻底变更，对照平台账号一个月内发生此种变更的频率（取上限）`,
      sentence: `自${day(from)}起，${changedHands[hand]}：至${day(to)}共有${count(acts)}次行为；此前的${formerHands[hand]}（至${day(formerTo)}共${count(formerActs)}次行为）此后再未出现。`,
      among: '账号月份',
      checks: [
        `列出账号${nameOf(verdict.accountId)}发布和登录所用的${handFields[hand]}：${day(formerTo)}及以前出现过的，自${day(from)}起一周之后应均未再出现（北京时间）。`,
      ],
    }),
    'changed-habit': ({ habit }, { element }) => ({
      test: habitWords[habit].test,
      sentence: habitWords[habit].sentence(element.observed, element.expected),
      among: '由同一人运营的账号',
      checks: [habitWords[habit].check],
    }),
    'same-audience': ({ sampled }, { element }) => ({
      test: '此前读者的样本中有多少人再次出现，达到通常人数的一半即可；系查得的事实',
      sentence: `抽样的${count(sampled)}名此前读者中，有${measured(element.observed)}名在其后一个月内再次出现。`,
      checks: [
        `列出变更前后点击或者回应该账号的 actorId：变更前的${count(sampled)}名中应有${measured(element.observed)}名再次出现；通常约${measured(element.expected)}名。`,
      ],
    }),
    'not-declared': ({ until }, { verdict }) => ({
      test: '该账号是否有转让申报；系查得的事实，不作统计检验',
      sentence: `该账号的转让未经申报。${day(until)}（北京时间）之前申报，或者原运营者恢复运营的，即解除本结论。`,
      checks: [
        `查找账号${nameOf(verdict.accountId)}的 activity 为 "transferred" 的账号事件：自变更前三个月起应没有。`,
      ],
    }),
    used: (fact) => ({
      test: '登录、发布内容或者运营者的其他行为；系查得的事实',
      sentence: zh.exonerations.used(fact),
      checks: [],
    }),
    'handed-back': (fact) => ({
      test: '原运营者之一的行为；系查得的事实',
      sentence: zh.exonerations['handed-back'](fact),
      checks: [],
    }),
    declared: (fact) => ({
      test: '该账号的转让申报；系查得的事实',
      sentence: zh.exonerations.declared(fact),
      checks: [],
    }),
    overturned: () => ({
      test: '复核人员的决定',
      sentence: '经人工复核，原认定有误，账号恢复原状。',
      checks: [],
    }),
    confirmed: (_, { element }) => ({
      test: '复核人员的决定',
      sentence: `经${measured(element.observed)}名复核人员确认。`,
      checks: [],
    }),
    'highest-of-account': ({ highest }) => ({
      test: '策略对该账号等级和类别所许可的最重处置建议',
      sentence: `对此等级或者类别的账号，策略许可的最重处置建议为${rungName(highest)}。`,
      checks: [],
    }),
    precision: ({ detector }, { element }) => ({
      test: '复核人员认为该检测规则正确的比例，近期复核权重较高',
      sentence: `复核人员认为检测规则${nameOf(detector)}的认定有${shareOfReviews(element.observed)}正确；低于${shareOfReviews(element.expected)}的，仅建议修正计数。`,
      checks: [],
    }),
    quota: ({ rung }, { element }) => ({
      test: '策略规定的每日处置建议数量上限',
      sentence: `当日已有${measured(element.observed)}项认定建议${rungName(rung)}，策略许可的上限为${measured(element.expected)}项。`,
      checks: [],
    }),
  },

  exonerations: {
    'usual-sign': ({ sign, observed, usual }) =>
      `其中${tight(observed)}${meaning(sign)}，属正常水平（通常约${tight(usual)}）。`,
    'no-operator-events': () => '没有任何事件来自该账号运营者本人的设备。',
    'no-control': ({ test, observed, outOf }) => controlWords[test].notFound(count(observed), count(outOf)),
    'usual-number': () => '数量本身对该账号而言并无异常。',
    'declared-members': ({ members }) => `其中${count(members)}个属于公开申报的账号矩阵。`,
    'nothing-shared': ({ what }) => `成员${sharedName[what]}的程度与其他人并无不同。`,
    'only-members': ({ accounts, actors }) =>
      `本结论涉及${[
        ...(accounts > 0 ? [`${count(accounts)}个账号`] : []),
        ...(actors > 0 ? [`${count(actors)}名用户`] : []),
      ].join('和')}；仅参与一次者不在其列。`,
    'others-too': ({ others }) => `另有${count(others)}个不属于该群组的参与者也提及了该内容。`,
    'pushed-unasked': () => '被推送者未必曾提出要求：尚无证据表明系这些账号雇用推送者。',
    'nothing-else-shared': () => '这些账号没有其他相同之处。',
    'first-unknown': () => '在先发布的内容是否为最初出处不得而知；此前已在他处发布的，可以举证。',
    'common-mark-of-many': ({ mark, closedAccountId }) =>
      `${markSentence(mark, closedAccountId)}但许多其他账号也是如此。`,
    'sent-by-anybody': () => '任何人都可以向账号输送订阅者再将其撤走；没有证据表明系该账号所为。',
    'kept-hand': ({ hand }) => keptHands[hand],
    'same-habit': ({ habit }) => habitWords[habit].same,
    used: ({ on }) => `该账号于${day(on)}（北京时间）恢复使用。`,
    'handed-back': ({ on }) => `原运营者于${day(on)}（北京时间）恢复运营该账号。`,
    declared: ({ on }) => `该账号的转让已于${day(on)}（北京时间）申报。`,
  },

  changes: {
    'fewer-events': ({ events, needed }) =>
      `该时段内事件少于${count(needed)}个的，不作判断；实际为${count(events)}个。`,
    'fewer-disputed': ({ disputed, needed }) =>
      `存疑事件少于${count(needed)}个的，不作认定；实际为${count(disputed)}个。`,
    'smaller-share': ({ trait, events, of, most, limit }) =>
      `${count(of)}个事件中至多${count(most)}个（低于${percent(limit)}）${meaning(trait)}的，该项不构成证据；实际约${count(events)}个。`,
    'no-hard-family': ({ traits: hard }) =>
      `没有任何正常人群不会大量出现的特征（${hard.map(meaning).join('；')}）的，无论其他方面如何异常，均不作认定。`,
    'higher-chance': ({ pValue, level }) =>
      `首次认定时，在诚实情形下偶然出现的概率高于${scientific(level)}的，误判预算不予通过；当时为${scientific(pValue)}。`,
    'rung-lost': ({ rung, instead, needs }) =>
      `建议${rungName(rung)}，须有${needsIn(needs)}；不足的，仅建议${rungName(instead)}。`,
    'rung-more': ({ rung, needs }) => `须有${needsIn(needs)}，处置建议才可能加重为${rungName(rung)}。`,
    'policy-limit': () => '没有上述策略限制的，处置建议会更重。',
    'usual-number': ({ observed, expected }) =>
      `取消订阅的数量与该账号通常水平相当的，无论取消者为何人，均不作认定；预期约${measured(Math.round(expected))}次，实际${count(observed)}次。`,
    'fewer-such-clicks': ({ needed }) => `来自推荐流和搜索的点击少于${count(needed)}次的，不作判断。`,
    'fewer-impressions': ({ impressions, needed }) =>
      `该时段内展示少于${count(needed)}次的，不作判断；实际为${count(impressions)}次。`,
    'fewer-clicks-for-impressions': ({ factor }) =>
      `此类点击与展示次数之比不足通常的${measured(factor)}倍的，不作认定。`,
    'nearer-rate': ({ sign, observed, needed }) =>
      `其中超过${percent(needed)}${meaning(sign)}的，不作认定；实际为${percent(observed)}。`,
    'fewer-heavy-devices': ({ needed }) =>
      `当日向其展示该账号超过六十次的设备少于${count(needed)}台的，不作认定。`,
    'any-use': ({ until }) =>
      `运营者登录、发布内容或者有其他任何使用的，不作认定；${day(until)}（北京时间）之前有此情形的，仍可解除本结论。`,
    'within-six-months': () =>
      '自注册之日或者数据中断结束之日起未超过六个月（按北京时间的日历计算）的，不作认定。',
    'declared-transfer': ({ until }) =>
      `自变更前三个月起已申报转让（activity 为 "transferred"）的，不作认定；${day(until)}（北京时间）之前申报的，仍可解除本结论。`,
    'former-hand-back': ({ until }) =>
      `原运营者中任何一人在变更一周之后再次运营该账号的，不作认定；${day(until)}（北京时间）之前恢复运营的，仍可解除本结论。`,
    'fewer-changes': ({ changes, needed }) =>
      `发布者、设备、网络、时间、频率、文字六项中变更少于${count(needed)}项，或者发布者未变更的，不作认定；实际变更${count(changes)}项。`,
    'hand-or-habits-kept': () =>
      '仍在使用此前的任何设备或者网络，或者运营习惯均未变更的，仅建议持续关注而不警示。',
    'other-audience': ({ returned, needed }) =>
      `抽样的此前读者再次出现的少于${count(needed)}名的，视为面向其他受众的账号，不作认定；实际为${count(returned)}名。`,
    'fewer-members': ({ members, needed }) =>
      `成员少于${count(needed)}个的，不作判断；实际为${count(members)}个。`,
    'looser-ties': ({ families: tied, sure }) =>
      `没有任何一类关联的偶然概率不高于${scientific(sure)}且涉及半数成员的，不作认定；实际有${count(tied)}类。`,
    'one-tie-family': ({ families: tied }) => `仅有一类关联的，至多建议持续关注；实际有${count(tied)}类。`,
    'no-common-device': () => '没有共用设备，也没有相同运营者的，处置建议为警示提醒而非限制功能。',
    'declared-network': () =>
      '这些账号此前已公开申报为同一账号矩阵（declaredNetwork）的，其共同行为不构成关联。',
    'fewer-in-hotspot': ({ members, of, needed, share }) =>
      `参与者中同一群组的成员少于${count(needed)}个，或者不足参与者的${percent(share)}的，不作认定；实际为${count(of)}个中的${count(members)}个。`,
    'fewer-pushed': ({ accounts, needed }) =>
      `被推送的账号少于${count(needed)}个的，不予追究；实际为${count(accounts)}个。`,
    'no-claim': () => '该内容未声明原创的，不构成本项违规。',
    'less-alike': ({ alike, needed }) =>
      `相同部分低于${percent(needed)}的，不视为复制；实际为${percent(alike)}。`,
    sooner: ({ minutes, needed }) =>
      `与在先内容发布时间相差不足${count(needed)}分钟的，不予追究；实际为${count(minutes)}分钟。`,
    'fewer-copies': ({ copies, needed }) =>
      `三十日内此类内容少于${count(needed)}篇的，仅建议持续关注而不警示；实际为${count(copies)}篇。`,
    'fewer-registrations': ({ accounts, needed }) =>
      `一日之内自同一来源注册的账号少于${count(needed)}个的，不作判断；实际为${count(accounts)}个。`,
    'less-shared': ({ needed }) =>
      `其中另有相同之处的账号少于${count(needed)}个的，仅建议持续关注而不限制功能。`,
    'weaker-marks': ({ sure }) =>
      `没有任何相同特征在其他账号中的出现概率不高于${scientific(sure)}的，不作认定。`,
    'one-side': () => '相同特征仅涉及身份、地点、外观三方面之一的，仅建议持续关注而不限制功能。',
  },
  element: ({ title, sentence }) => `${title}：${sentence}`,
  tested: (test) => `检验方法：${test}。`,
  quoted: (sentence) => `（检测规则原文）${sentence}`,

  chance: (pValue, among) => {
    if (pValue >= 0.1) {
      return `若一切正常，每100个${among}中约有${Math.round(pValue * 100)}个会偶然出现同样或更强的结果。`
    }
    const one = oneIn(pValue)
    return one === undefined
      ? `若一切正常，${among}中偶然出现此种结果的不到十亿分之一（概率${scientific(pValue)}）。`
      : `若一切正常，约每${count(one)}个${among}中才有一个会偶然出现同样或更强的结果（概率${scientific(pValue)}）。`
  },
  decided: ({ revision, status }, { from, to, detectedAt }) =>
    `认定时间：${detectedAt}（UTC）；所涉时段：${from}至${to}（UTC）；第${revision}版，${zh.statuses[status]}。`,
  about: ({ offence, subject, accountId }, name) =>
    `${zh.offences[offence]}（${offence}）。对象：${zh.subjects[subject.type]}${name.subject}${subject.id === accountId ? '' : `，相关账号${name.account}`}。`,
  by: ({ detector, detectorVersion, policyVersion, mode }) =>
    `检测规则：${nameOf(detector)}第${detectorVersion}版；策略：${nameOf(policyVersion)}；${zh.modes[mode]}。`,
  until: ({ recommendation, role }, time) =>
    `处置建议：${zh.rungs[recommendation]}，有效期至${time}（UTC）。角色：${zh.roles[role]}。`,
  nothingRecommended: {
    cleared: '原结论已解除，不再建议任何处置。',
    overturned: '原认定有误，不建议任何处置，亦不得再以此对该账号作不利处理。',
  },
  underStatutes: (statutes) =>
    `所涉规定：${statutes.join('；')}。条款编号以策略所载对应表为准，内容以官方公布文本为准。`,
  budget: ({ pValue, qValue }) =>
    `诚实情形下偶然出现此类证据的概率（p值）：${scientific(pValue)}；同等或更强的认定中，预计错误的比例（q值）：${scientific(qValue)}。`,
  isFact: '以上均为查得的事实，未作统计推断，故无偶然概率。',
  counts: (verdict) => {
    const { raw, authentic, disputed } = verdict.counts
    return `该时段共计${count(raw)}${countedIn(verdict)}：真实${count(authentic)}，存疑${count(disputed)}。`
  },
  nothingCounted: '本结论不涉及数量争议，仅涉及账号本身。',
  observed: (observed, expected, chance) => `实测${observed}，预期${expected}。${chance}`,
  members: (size, names, isAll) => `群组共${count(size)}个成员${isAll ? '' : '，其中有'}：${names}。`,
  samples: (ids) => `样本（eventId）：${ids}。`,
  noSamples: '未列举单个事件；所判断的是该时段的全部事件。',
  positions: (spans) => `记录所在位置：${spans}。`,
  text: (text) => `文字：${text}`,
  lookUp: (ids) => `查询下列 eventId，逐一查看是否具有上述特征：${ids}。`,
  take: (verdict, { from, to, account }) => {
    const span = `账号${account}自${from}起至${to}前（UTC，按 occurredAt）的全部`
    const counted = `同一 eventId 只计一次：应为${count(verdict.counts.raw)}${counter(verdict)}。`
    switch (kindOf(verdict)) {
      case 'unsubscription':
        return `取${span} action 为 "unsubscribe" 的订阅事件，${counted}`
      case 'impression':
        return `将${span}展示记录的 count 相加，${counted}`
      case 'subscription':
      case 'click':
      case 'forward':
      case 'comment':
      case undefined:
        return `取${span}${kindName(verdict)}，${counted}`
    }
  },
  nothingExonerates: '经检验的事实中没有此类事实。',
  otherPolicy: ({ decided, shown }) =>
    `本结论依据策略${decided}作出，以下阈值出自策略${shown}。可用 --policy 指定${decided}的文件。`,
  nothingChanges: '此处未掌握该检测规则的阈值，详见其说明文档。',
  holdsNoLonger: '本结论已不再有效，无须列示。',
  isOverturned: '本结论已撤销且不可恢复，无须申诉。',
  appeal: [
    '请向平台提出，并写明本结论的编号。有助于申诉的材料：与上述数量不同的自行统计、对所列事件的说明，或者账号矩阵的公开申报。',
    '复核人员的答复以一条反馈记录写入主题 enforcement.feedback（或凭本人令牌，以 verdictId、decision 调用 POST /api/v1/feedback，记录即署其名）：',
    'decision 为 "overturned" 的，撤销认定并恢复原状；为 "confirmed" 的，维持认定。星号处填写实际内容，时间为自1970年起的毫秒数。',
  ],
  revision: ({ revision, status, recommendation, counts }, time) =>
    `第${revision}版：${time}（UTC），${zh.statuses[status]}${Object.hasOwn(zh.nothingRecommended, status) ? '' : `，处置建议：${zh.rungs[recommendation]}`}${counts.raw === 0 ? '' : `；共计${count(counts.raw)}，存疑${count(counts.disputed)}`}。`,
  onlyLatest: '此处没有更早的修订，见主题 enforcement.verdicts。',

  whyNot: {
    title: (account, asOf) =>
      `账号${account}为何没有认定结论${asOf === undefined ? '' : `（截至${asOf}，UTC）`}`,
    hasVerdicts: (account, ids) => `已有涉及账号${account}的认定结论：${ids}。可用 "assay explain ID" 查看。`,
    nothing: '近期没有测得任何检测规则所要求的内容。',
    miss: (offence, { detector, from, to }) => `${offence}（${detector}），${from}至${to}（UTC）`,
    now: '依目前所知',
    past: '在已读取的全部数据中最接近认定的情形',
    missing: (conditions) => `尚缺：${conditions.join('；')}。`,
    nothingMissing:
      '各项条件均已满足。若没有认定述及此事，则或经人工复核认定有误，或该账号由策略豁免，或该检测器仅为试运行，或当时误判预算要求更低的偶然概率。',
    met: '满足',
    unmet: '不满足',
    chance: (pValue) => `诚实情形下偶然出现的概率：${pValue}。`,
    exempt: (offence, reason) => `不适用“${offence}”：${reason}。`,
    granted: ({ reason, owner, until }) => `依策略豁免至${until}，由${owner}批准，理由：${reason}`,
    exemptions: {
      declared: '该账号属于公开申报的账号矩阵',
      form: '其内容系反复填写的同一格式',
      official: '系转发官方通告',
      credit: '其内容已注明文字出处，属署名转载',
    },
    elsewhere: (views) => `视图${views}由另一实例运行，请同时查询该实例。`,
    conditions: {
      count: ({ observed, needed }) => `该时段有${count(observed)}个事件，需要${count(needed)}个`,
      trait: ({ of, observed, needed, expected, pValue }) =>
        `${percent(observed)}${meaning(of as SignName)}；超过${percent(needed)}方构成证据，通常为${percent(expected ?? 0)}，偶然概率${scientific(pValue ?? 1)}`,
      families: ({ observed, needed }) => `证据类别${count(observed)}类，需要${count(needed)}类`,
      'hard-families': ({ observed, needed }) =>
        `其中硬性证据（${hardFamilies}）${count(observed)}类，需要${count(needed)}类`,
      disputed: ({ observed, needed }) => `存疑事件${count(observed)}个，需要${count(needed)}个`,
      chance: ({ observed, needed }) =>
        `整体偶然概率${scientific(observed)}，不高于${scientific(needed)}方可认定`,
      partners: ({ observed, needed }) =>
        `与${count(observed)}个其他成员有关联，构成群组需要${count(needed)}个`,
      members: ({ observed, needed }) => `所在群组有${count(observed)}个成员，需要${count(needed)}个`,
      tie: ({ of, observed, needed }) =>
        `${tieName(of)}：偶然概率${scientific(observed)}，不高于${scientific(needed)}方为确定`,
      'tied-members': ({ of, observed, needed }) =>
        `${tieName(of)}：涉及${count(observed)}个成员，需要${count(needed)}个`,
      'tie-families': ({ observed, needed }) =>
        `构成本项违规的确定关联${count(observed)}类，需要${count(needed)}类`,
      'hot-members': ({ observed, needed }) =>
        `同一群组有${count(observed)}个成员参与，需要${count(needed)}个`,
      'hot-share': ({ observed, needed }) => `其占参与者的${percent(observed)}，需要${percent(needed)}`,
      'pushed-accounts': ({ observed, needed }) => `被推送的账号${count(observed)}个，需要${count(needed)}个`,
      likeness: ({ observed, needed }) =>
        `内容中有${percent(observed)}见于他人在先发布的内容，需要${percent(needed)}`,
      copies: ({ observed, needed }) => `此类内容${count(observed)}篇，需要${count(needed)}篇`,
      registrations: ({ of, observed, needed, expected }) =>
        `一日之内有${count(observed)}个账号自同一${originName[of as keyof typeof originName]}注册，需要${count(needed)}个，通常约${measured(expected ?? 0)}个`,
      shared: ({ observed, needed }) => `其中${count(observed)}个另有相同之处，需要${count(needed)}个`,
      needing: ({ observed, needed }) => `来自推荐流和搜索的点击${count(observed)}次，需要${count(needed)}次`,
      impressions: ({ observed, needed }) => `展示${count(observed)}次，需要${count(needed)}次`,
      'heavy-devices': ({ observed, needed }) =>
        `当日向其展示该账号超过六十次的设备${count(observed)}台，需要${count(needed)}台`,
      rate: ({ of, observed, needed, expected, pValue }) =>
        `${rateWords[of as keyof typeof rateWords](measured(observed), measured(needed))}，通常约${measured(expected ?? 0)}，偶然概率${scientific(pValue ?? 1)}`,
      departures: ({ observed, needed, expected }) =>
        `如此多的人取消订阅的偶然概率${scientific(observed)}，不高于${scientific(needed)}方可认定，通常约${count(expected ?? 0)}人`,
      mark: ({ of, observed, needed }) =>
        `与已关闭账号的${markField[of as Mark['what']]}相同：偶然概率${scientific(observed)}，不高于${scientific(needed)}方可计入`,
      marks: ({ observed, needed }) =>
        `与已关闭账号在身份、地点、外观中有${count(observed)}个方面相同，需要${count(needed)}个`,
      unused: ({ isMet }) =>
        isMet ? '自注册以来无人使用' : '该账号有人使用，或未见其注册；须为注册后无人使用的账号',
      'unused-days': ({ observed, needed }) =>
        `在数据可覆盖的期间内已${count(observed)}天无任何使用，需要${count(needed)}天，即超过六个月`,
      silence: ({ observed, needed }) =>
        `全平台已${count(observed)}小时无登录或无发布；超过${count(needed)}小时则无使用不足为证`,
      'known-days': ({ observed, needed }) =>
        `已知由何人运营的时间为${count(observed)}天，需要${count(needed)}天`,
      'known-acts': ({ observed, needed }) =>
        `可知由何人运营的登录和发布${count(observed)}次，需要${count(needed)}次`,
      'newcomer-days': ({ observed, needed }) =>
        observed === 0
          ? `仅由已知的人运营，或他人当日才开始运营；须由他人运营${count(needed)}天`
          : `他人开始运营已${count(observed)}天，需要${count(needed)}天`,
      'newcomer-acts': ({ observed, needed }) =>
        `其间的登录和发布${count(observed)}次，需要${count(needed)}次`,
      operator: ({ isMet }) =>
        isMet ? '已由他人发布，原运营者未再出现' : '原运营者之一再次出现，或他人出现次数过少',
      hand: ({ of, isMet }) => `${zh.hands[of as HandFamily]}：${isMet ? '已彻底变更' : '未彻底变更'}`,
      hands: ({ observed, needed }) =>
        `发布者、设备、网络三者中有${count(observed)}项彻底变更，需要${count(needed)}项`,
      habit: ({ of, observed, needed }) =>
        `${zh.habits[of as HabitFamily]}：变化的偶然概率${scientific(observed)}，不高于${scientific(needed)}方计为变更`,
      changes: ({ observed, needed }) =>
        `连同运营习惯（时间、频率、文字）共有${count(observed)}项变更，需要${count(needed)}项`,
      readers: ({ observed, needed, expected }) =>
        `抽样的原有读者中${count(observed)}人再次到来，需要${count(needed)}人，通常约${measured(expected ?? 0)}人`,
      declared: ({ isMet }) => (isMet ? '未申报转让' : '其转让已申报，故不予认定'),
    },
  },
}

function place(
  { members, places }: Extract<ElementFact, { places: number }>,
  { element }: ElementTold,
  field: string,
  what: string,
  same: string,
): ElementWords {
  return {
    test: `属于${same}的成员对数，对照平台上的通常水平`,
    sentence: `其中${count(members)}个成员共用${count(places)}${what}，共${measured(element.observed)}对；偶然仅可解释${measured(element.expected)}对。`,
    among: '同等规模的群组',
    checks: [
      `对照各成员的${field}：${count(members)}个成员共用${count(places)}${what}，共${measured(element.observed)}对一致；偶然仅可解释${measured(element.expected)}对。`,
    ],
  }
}

function markSentence(mark: Mark, closedAccountId: string): string {
  const closed = nameOf(closedAccountId)
  switch (mark.what) {
    case 'identity':
      return `该账号与已关闭的账号${closed}实名身份相同。`
    case 'device':
      return `该账号在账号${closed}的设备上注册。`
    case 'network':
      return `该账号在账号${closed}所用的网络中注册。`
    case 'name':
      return `该账号名称${quotedName(mark.name)}与账号${closed}的名称${quotedName(mark.closedName)}相近。`
    case 'texts':
      return `该账号再次发布了账号${closed}的${count(mark.texts)}篇文字，每篇均在一日之内。`
  }
}

function meaning(sign: SignName): string {
  return { ...zh.traits, ...zh.shares }[sign].meaning
}

/** Without the space that English sets before the sign. */
function percent(share: number): string {
  return tight(percentOf(share))
}

function tight(percentage: string): string {
  return percentage.replace(' ', '')
}

function kindName(verdict: ElementTold['verdict']): string {
  const kind = kindOf(verdict)
  return kind === undefined ? '事件' : zh.kinds[kind]
}

/** The measure word: comments are counted as pieces, everything else as times. */
function unit(verdict: ElementTold['verdict']): string {
  return kindOf(verdict) === 'comment' ? '条' : '次'
}

function counter(verdict: ElementTold['verdict']): string {
  return `${unit(verdict)}${kindName(verdict)}`
}

function countedIn(verdict: ElementTold['verdict']): string {
  const isNumber = kindOf(verdict) !== undefined
  return isNumber ? counter(verdict) : zh.counted[verdict.offence as keyof Words['counted']]
}

/** Against what a number is held, and how to see it. */
function numberWords(verdict: ElementTold['verdict']): { readonly test: string; readonly how: string } {
  switch (kindOf(verdict)) {
    case 'unsubscription':
      return {
        test: '与该账号通常的取消订阅数量比较',
        how: '统计该账号前几周同样长度时段的取消订阅',
      }
    case 'impression':
      return {
        test: '展示次数与同样多的点击通常所需的展示次数比较',
        how: '统计该时段来自推荐流和搜索的点击，并按该账号以往每次点击所需的展示次数推算',
      }
    case 'subscription':
    case 'click':
    case 'forward':
    case 'comment':
    case undefined:
      return {
        test: '与该账号每周同一时段的通常数量比较',
        how: `统计该账号前几周相同时段的${kindName(verdict)}`,
      }
  }
}

/** A rung without what it means. */
function rungName(rung: keyof Words['rungs']): string {
  return zh.rungs[rung].replace(/（[^（）]*）$/, '')
}

function needsIn(needs: readonly Need[]): string {
  return needs
    .map(({ what, needed, observed }) => {
      if (what === 'controlPValue') {
        const there = observed === undefined ? '' : `（实际${scientific(observed)}）`
        return `控制关系各项检验的偶然概率不超过${scientific(needed)}${there}`
      }
      const [name, measure] = needWords[what]
      return `${name}${count(needed)}${measure}${observed === undefined ? '' : `（实际${count(observed)}${measure}）`}`
    })
    .join('、')
}

/** A test of control: how it was made, what it found, what it did not find, and how to see it. */
interface ControlWords {
  readonly how: string
  readonly found: (observed: string, outOf: string, expected: string) => string
  readonly notFound: (observed: string, outOf: string) => string
  readonly check: string
}

const controlWords: Readonly<Record<ControlTest, ControlWords>> = {
  'before-publication': {
    how: '在发布前五秒至一小时内出现两个以上制造事件的内容数，以二项分布对照平台上的同类内容及该账号的其他事件',
    found: (observed, outOf, expected) =>
      `在其最近${outOf}篇内容中，有${observed}篇在发布之前即出现制造事件，通常仅约${expected}篇；除账号方外，他人无从事先知晓该内容。如该内容在所记录的时间之前已可被看到，或他人知晓、能够猜出其标识，则本项不成立。`,
    notFound: (observed, outOf) =>
      `在其最近${outOf}篇内容中，有${observed}篇在发布之前出现制造事件，未超出记录误差所能解释的范围。`,
    check:
      '列出该账号最近的内容及其发布时间，逐一列出各 contentId 的存疑事件，统计在发布前五秒至一小时内有两个以上此类事件的内容。',
  },
  'sister-devices': {
    how: '来自同一运营者的其他账号发布内容所用、且被五个以上用户使用的设备的事件，以泊松分布对照无关账号的此类设备',
    found: (observed, _, expected) =>
      `其中${observed}个事件以五个以上用户名义来自同一运营者其他账号的运营设备，通常仅约${expected}个。如该等设备并非由本账号运营者掌握，则本项不成立。`,
    notFound: (observed) =>
      `来自同一运营者其他账号运营设备的事件${observed === '0' ? '一个也没有' : `不超过${observed}个`}。`,
    check: '列出同一运营者的其他账号发布内容所用的 deviceId，统计来自这些设备的存疑事件。',
  },
  'operator-network': {
    how: '来自该账号发布内容所用、且他人几乎不使用的网络的事件，以泊松分布对照无关账号的此类网络',
    found: (observed, _, expected) =>
      `其中${observed}个事件来自该账号发布内容所用、他人几乎不使用的网络，通常仅约${expected}个。访客或知晓密码者亦可如此，故仅凭本项不足以认定。`,
    notFound: (observed) =>
      `来自运营者独用网络的事件${observed === '0' ? '一个也没有' : `不超过${observed}个`}。`,
    check: '列出该账号发布内容所用的网络，统计来自其中他人几乎不使用者的存疑事件。',
  },
  'repeat-timing': {
    how: '制造事件在发布后相同时间（误差不超过二十分之一）开始出现的内容数，以二项分布对照任意随时间衰减的延迟',
    found: (observed, outOf, expected) =>
      `在${outOf}篇内容中，有${observed}篇的制造事件在发布后相同时间开始出现，通常至多约${expected}篇。任何关注该账号者均可如此，故仅凭本项不足以认定。`,
    notFound: (observed, outOf) =>
      `制造事件的开始时间与其发布之间没有固定间隔（${outOf}篇中有${observed}篇相同）。`,
    check: '逐篇计算存疑事件在发布后多久开始出现，统计相互误差不超过二十分之一的内容。',
  },
  'within-seconds': {
    how: '在发布后三秒内出现两个以上制造事件的内容数，以二项分布对照平台上的同类内容',
    found: (observed, outOf, expected) =>
      `在其最近${outOf}篇内容中，有${observed}篇在三秒内即出现制造事件，通常仅约${expected}篇。任何关注该账号者均可如此，故仅凭本项不足以认定。`,
    notFound: (observed, outOf) =>
      `在其最近${outOf}篇内容中，有${observed}篇在三秒内出现制造事件，属于通常情况。`,
    check: '统计在发布后三秒内有两个以上存疑事件的内容。',
  },
  'sister-crew': {
    how: '同一协同群组所推动的账号中由同一运营者运营的账号数，以超几何分布对照全部账号',
    found: (observed, outOf, expected) =>
      `在同一群组推动的其他${outOf}个账号中，有${observed}个由同一运营者运营，通常仅约${expected}个。意图陷害该运营者全部账号的人亦可如此，故仅凭本项不足以认定。`,
    notFound: (observed, outOf) =>
      `其受众中的群组还推动了${outOf}个其他账号，其中${observed}个由同一运营者运营。`,
    check: '列出同一批用户行动过的其他账号，统计以相同 actorId 或设备发布内容的账号。',
  },
}

const needWords: Readonly<
  Record<Exclude<Need['what'], 'controlPValue'>, readonly [name: string, measure: string]>
> = {
  controlEvents: ['来自运营者本人设备的事件', '个'],
  disputed: ['存疑事件', '个'],
  confirmations: ['确认本结论的复核人员', '名'],
  earlierOffences: ['经人工确认的以往违规', '项'],
}

/** Of reviews, one digit more than of events. */
function shareOfReviews(share: number): string {
  return `${(share * 100).toFixed(1)}%`
}

/** 2026-03-01 as a day. */
function day(text: string): string {
  const [year, month, date] = text.split('-').map(Number)
  return `${year}年${month}月${date}日`
}

function during({ start, end }: { readonly start: number; readonly end: number }): string {
  return `${minuteOf(start)}至${minuteOf(end)}（UTC）`
}

function minuteOf(timeMs: number): string {
  const date = new Date(timeMs)
  const clock = date.toISOString().slice(11, 19)
  return `${date.getUTCFullYear()}年${date.getUTCMonth() + 1}月${date.getUTCDate()}日${clock}`
}

function actName(family: string): string {
  return (zh.kinds as Partial<Record<string, string>>)[family] ?? family
}

function tieName(of: string | undefined): string {
  return (zh.tieFamilies as Partial<Record<string, string>>)[of ?? ''] ?? of ?? ''
}

function span(of: Span): string {
  return { minute: '一分钟', 'ten-minutes': '十分钟', hour: '一小时', day: '一日' }[of]
}

function topic(id: string): string {
  return quotedName(id)
}

function quotedName(name: string): string {
  const bare = nameOf(name)
  return bare === name ? `“${name}”` : bare
}

/** The number of an article, as laws write it. */
function numeral(number: number): string {
  if (number < 1 || number > 99) return String(number)
  const [tens, ones] = [Math.floor(number / 10), number % 10]
  const digit = '零一二三四五六七八九'
  if (tens === 0) return digit[ones]!
  return `${tens === 1 ? '' : digit[tens]}十${ones === 0 ? '' : digit[ones]}`
}

const rateWords = {
  unexposed: (observed: string, needed: string) =>
    `每次展示引起的来自推荐流和搜索的点击为${observed}次，超过${needed}次方构成证据`,
  unclicked: (observed: string, needed: string) =>
    `每次展示引起的来自推荐流和搜索的点击为${observed}次，不足${needed}次方构成证据`,
  unanswered: (observed: string, needed: string) =>
    `每次点击之后的订阅、转发和评论为${observed}次，不足${needed}次方构成证据`,
} as const
const changedHands = {
  operator: '由他人为该账号发布内容',
  device: '该账号改用其他设备运营',
  place: '该账号改由其他网络运营',
} as const
const formerHands = { operator: '发布者', device: '设备', place: '网络' } as const
const keptHands = {
  operator: '此前的运营者中仍有人在运营该账号。',
  device: '该账号仍在使用此前的设备运营。',
  place: '该账号仍在使用此前的网络运营。',
} as const
const handFields = { operator: ' actorId', device: ' deviceId', place: '网络（address 所属）' } as const
const habitWords = {
  hours: {
    test: '按每日三小时一段统计运营行为，以卡方检验；并按运营者未变更的账号的通常波动校正',
    sentence: (observed: number) => `该账号每日的运营时间发生变更，涉及${percent(observed)}的行为。`,
    check: '分别统计变更前后该账号的发布和登录在每日各三小时（UTC）的分布。',
    same: '在偶然波动范围内，该账号的运营时间与此前相同。',
  },
  tempo: {
    test: '每日发布篇数，以二项分布检验；并按运营者未变更的账号的通常波动校正',
    sentence: (observed: number, expected: number) =>
      `该账号每日发布${measured(observed)}篇，此前为${measured(expected)}篇。`,
    check: '分别统计变更前后该账号的发布篇数，并除以天数。',
    same: '在偶然波动范围内，该账号的发布频率与此前相同。',
  },
  texts: {
    test: '按篇幅和文种统计发布内容，以卡方检验；并按运营者未变更的账号的通常波动校正',
    sentence: (observed: number) => `该账号文字的篇幅和文种发生变更，涉及${percent(observed)}的内容。`,
    check: '对照变更前后该账号文字的篇幅和文种。',
    same: '在偶然波动范围内，该账号文字的篇幅和文种与此前相同。',
  },
} as const
const sharedName = {
  devices: '共用设备',
  networks: '共用网络',
  identities: '共用实名身份',
  operators: '共用运营者',
} as const
const originName = { device: '设备', identity: '实名身份', network: '网络', name: '名称' } as const
const originField = {
  device: ' deviceId ',
  identity: ' subjectId ',
  network: '地址所属网络',
  name: '名称',
} as const
const markField = {
  identity: ' subjectId（实名身份）',
  device: '注册设备 deviceId ',
  network: '注册网络',
  name: '名称',
  texts: '文字',
} as const
const hardFamilies = Object.entries(families)
  .filter(([, hardness]) => hardness === 'hard')
  .map(([family]) => zh.families[family as keyof Words['families']])
  .join('、')
