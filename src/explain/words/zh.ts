import { families } from '../../model/traits'
import type { TraitName } from '../../model/traits'
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
    operator: '操纵方（由该账号或其控制者实施）',
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
  kinds: { subscription: '订阅', click: '点击', forward: '转发', comment: '评论' },
  subjects: { account: '账号', content: '内容', actor: '用户', cluster: '账号群组' },
  legalElements: {
    'false-traffic': '虚假流量',
    'unusual-number': '数量异常',
    'common-control': '共同控制',
    likeness: '内容雷同',
    batch: '批量性',
    repetition: '反复性',
  },
  counted: {
    'inflated-subscriptions': '次订阅',
    'inflated-clicks': '次点击',
    'inflated-forwards': '次转发',
    'inflated-comments': '条评论',
    'manipulated-click-through': '次点击',
    'abnormal-unsubscription': '次取消订阅',
    'batch-homogeneous-posting': '对账号',
    'steered-accounts': '对成员',
    'false-hotspot': '个参与者（抽样）',
    'forged-originality': '篇内容',
    'dormant-account': '个账号',
    'undeclared-transfer': '个账号',
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
    crew: {
      meaning: '由在多个账号上协同行动、远超偶然的用户产生',
      check: '列出其 actorId，统计被“操纵多个账号”认定结论列为成员的用户所产生的事件',
    },
  },
  families: {
    devices: '设备',
    networks: '网络',
    timing: '时间规律',
    crews: '协同群组',
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
      const { counts, offence, window } = verdict
      const events = Math.round(element.observed * counts.raw)
      const usual = Math.round(element.expected * counts.raw)
      return {
        test: `${meaning(trait)}的事件所占比例，以贝塔-二项分布上尾检验，对照平台整体及该账号自身以往水平`,
        sentence: `${during(window)}的${kindName(offence)}中，${percent(element.observed)}${meaning(trait)}；通常为${percent(element.expected)}。`,
        among: '真实受众',
        checks: [
          `在上述${count(counts.raw)}${counter(offence)}中，${zh.traits[trait].check}：应约有${count(events)}${unit(offence)}（${percent(element.observed)}）；正常情况下约${count(usual)}${unit(offence)}（${percent(element.expected)}）。`,
        ],
      }
    },
    number: (_, { element, verdict }) => ({
      test: '与该账号每周同一时段的通常数量比较；仅凭此项不足以认定',
      sentence: `${during(verdict.window)}共有${measured(element.observed)}${counter(verdict.offence)}，预期约${measured(Math.round(element.expected))}${unit(verdict.offence)}。`,
      among: '同类时段',
      checks: [
        `统计该账号前几周相同时段的${kindName(verdict.offence)}：预期约${measured(Math.round(element.expected))}${unit(verdict.offence)}，实际${measured(element.observed)}${unit(verdict.offence)}。`,
      ],
    }),
    'operator-events': (_, { element, verdict }) => ({
      test: '来自该账号运营者发布内容所用、且被五个以上用户使用的设备的事件',
      sentence: `${during(verdict.window)}的${kindName(verdict.offence)}中，有${measured(element.observed)}${unit(verdict.offence)}以五个以上用户名义来自该账号运营者本人的设备。`,
      among: '真实受众',
      checks: [
        `列出该账号自身发布内容所用的 deviceId，统计以其他 actorId 名义来自这些设备的${kindName(verdict.offence)}：应有${measured(element.observed)}${unit(verdict.offence)}。`,
      ],
    }),
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
  },

  exonerations: {
    'usual-trait': ({ trait, observed, usual }) =>
      `其中${tight(observed)}${meaning(trait)}，属正常水平（通常约${tight(usual)}）。`,
    'no-operator-events': () => '没有任何事件来自该账号运营者本人的设备。',
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
      `在诚实情形下偶然出现的概率高于${scientific(level)}的，误判预算不予通过；实际为${scientific(pValue)}。`,
    'no-control': ({ events, needed }) =>
      `来自运营者本人设备的事件少于${count(needed)}个的，仅修正计数，不作警示；实际为${count(events)}个。`,
    'less-control': ({ events, needed, disputed, neededDisputed }) =>
      `来自运营者本人设备的事件少于${count(needed)}个，或者存疑事件少于${count(neededDisputed)}个的，处置建议为警示提醒而非限制功能；实际分别为${count(events)}个和${count(disputed)}个。`,
    'control-shown': ({ events, needed }) =>
      `只有存在控制关系的证据，即来自运营者本人设备的事件达到${count(needed)}个，处置建议才可能更重；实际为${count(events)}个。`,
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
  underStatutes: (statutes) =>
    `所涉规定：${statutes.join('；')}。条款编号以策略所载对应表为准，内容以官方公布文本为准。`,
  budget: ({ pValue, qValue }) =>
    `诚实情形下偶然出现此类证据的概率（p值）：${scientific(pValue)}；同等或更强的认定中，预计错误的比例（q值）：${scientific(qValue)}。`,
  counts: ({ raw, authentic, disputed }, counted) =>
    `该时段共计${count(raw)}${counted}：真实${count(authentic)}，存疑${count(disputed)}。`,
  observed: (observed, expected, chance) => `实测${observed}，预期${expected}。${chance}`,
  members: (size, names, isAll) => `群组共${count(size)}个成员${isAll ? '' : '，其中有'}：${names}。`,
  samples: (ids) => `样本（eventId）：${ids}。`,
  noSamples: '未列举单个事件；所判断的是该时段的全部事件。',
  positions: (spans) => `记录所在位置：${spans}。`,
  text: (text) => `文字：${text}`,
  lookUp: (ids) => `查询下列 eventId，逐一查看是否具有上述特征：${ids}。`,
  take: ({ offence, counts }, { from, to, account }) =>
    `取账号${account}自${from}起至${to}前（UTC，按 occurredAt）的全部${kindName(offence)}，同一 eventId 只计一次：应为${count(counts.raw)}${counter(offence)}。`,
  nothingExonerates: '经检验的事实中没有此类事实。',
  otherPolicy: ({ decided, shown }) =>
    `本结论依据策略${decided}作出，以下阈值出自策略${shown}。可用 --policy 指定${decided}的文件。`,
  nothingChanges: '此处未掌握该检测规则的阈值，详见其说明文档。',
  appeal: [
    '复核或申诉的结果以一条反馈记录写入主题 enforcement.feedback（或以 verdictId、decision、actorId 调用 POST /api/v1/feedback）：',
    'decision 为 "overturned" 的，撤销认定并恢复原状；为 "confirmed" 的，维持认定。星号处填写实际内容，时间为自1970年起的毫秒数。',
    '有助于申诉的材料：与上述数量不同的自行统计、对所列事件的说明，或者账号矩阵的公开申报。',
  ],
  revision: ({ revision, status, recommendation, counts }, time) =>
    `第${revision}版：${time}（UTC），${zh.statuses[status]}，处置建议：${zh.rungs[recommendation]}；共计${count(counts.raw)}，存疑${count(counts.disputed)}。`,
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
    nothingMissing: '各项条件均已满足，但当时误判预算要求更低的偶然概率。',
    met: '满足',
    unmet: '不满足',
    chance: (pValue) => `诚实情形下偶然出现的概率：${pValue}。`,
    exempt: (offence, reason) => `不适用“${offence}”：${reason}。`,
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
        `${percent(observed)}${meaning(of as TraitName)}；超过${percent(needed)}方构成证据，通常为${percent(expected ?? 0)}，偶然概率${scientific(pValue ?? 1)}`,
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
      mark: ({ of, observed, needed }) =>
        `与已关闭账号的${markField[of as Mark['what']]}相同：偶然概率${scientific(observed)}，不高于${scientific(needed)}方可计入`,
      marks: ({ observed, needed }) =>
        `与已关闭账号在身份、地点、外观中有${count(observed)}个方面相同，需要${count(needed)}个`,
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

function meaning(trait: TraitName): string {
  return zh.traits[trait].meaning
}

/** Without the space that English sets before the sign. */
function percent(share: number): string {
  return tight(percentOf(share))
}

function tight(percentage: string): string {
  return percentage.replace(' ', '')
}

function kindName(offence: ElementTold['verdict']['offence']): string {
  const kind = kindOf(offence)
  return kind === undefined ? '事件' : zh.kinds[kind]
}

/** The measure word: comments are counted as pieces, everything else as times. */
function unit(offence: ElementTold['verdict']['offence']): string {
  return kindOf(offence) === 'comment' ? '条' : '次'
}

function counter(offence: ElementTold['verdict']['offence']): string {
  return `${unit(offence)}${kindName(offence)}`
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
