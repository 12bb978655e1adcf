import { findingOf } from '../../test/support/findings'
import { clusterHistoryOf, tieOf } from '../../test/support/linked'
import { verdictOn } from '../../test/support/verdicts'
import { bulkRegistration } from '../detectors/bulk-registration/detector'
import { defaultsOf } from '../detectors/detector'
import { falseHotspot } from '../detectors/false-hotspot/detector'
import { forgedOriginality } from '../detectors/forged-originality/detector'
import type { CopyHistory, HotspotHistory, RegistrationHistory, ReturnHistory } from '../detectors/linked'
import { reincarnatedAccount } from '../detectors/reincarnated-account/detector'
import { steeredAccounts } from '../detectors/steered-accounts/detector'
import type { Verdict } from '../model/records'
import { defaultPolicy, parsePolicy } from '../policy/policy'
import { layOut } from './layout'
import { storyOf } from './story'
import { wordsOf } from './words'
import { languages } from './words/words'
import type { Language, SectionName } from './words/words'

/** One part of a story, as lines. */
function part(
  verdicts: Verdict | [Verdict, ...Verdict[]],
  name: SectionName,
  language: Language,
  policy = defaultPolicy,
): string[] {
  const revisions: [Verdict, ...Verdict[]] = Array.isArray(verdicts) ? verdicts : [verdicts]
  const { sections } = storyOf(revisions, { policy, words: wordsOf[language] })
  return sections
    .find((section) => section.name === name)!
    .items.flatMap(({ text, details }) => [text, ...details])
}

describe('an inflated number', () => {
  const verdict = verdictOn(findingOf({ operatorEvents: 8 }))

  it('is told with what was decided, under which rules, until when', () => {
    expect(part(verdict, 'decision', 'en').slice(0, 2)).toEqual([
      'Clicks that are not by an audience (inflated-clicks): the account x.',
      'Recommended: warn (tell the account), until 2026-04-05 15:00:00 UTC. Role: operator: it, or whoever controls it, did it.',
    ])
    expect(part(verdict, 'decision', 'zh')).toEqual([
      '点击数造假：相关点击并非来自真实受众（inflated-clicks）。对象：账号x。',
      '处置建议：警示提醒，有效期至2026-04-05 15:00:00（UTC）。角色：操纵方（由该账号或其控制者实施）。',
      '认定时间：2026-01-05 15:00:00（UTC）；所涉时段：2026-01-05 14:00:00至2026-01-05 15:00:00（UTC）；第1版，首次认定。',
      '检测规则：inflated-clicks第1版；策略：default-1；正式生效。',
      '所涉规定：《互联网用户公众账号信息服务管理规定》（国家互联网信息办公室2021年1月22日发布，2021年2月22日起施行）第十二条。条款编号以策略所载对应表为准，内容以官方公布文本为准。',
      '诚实情形下偶然出现此类证据的概率（p值）：1.0e-9；同等或更强的认定中，预计错误的比例（q值）：1.0e-5。',
    ])
  })

  it('says of each element what was found, how, and what the chance means', () => {
    expect(part(verdict, 'elements', 'en').slice(6, 9)).toEqual([
      'An unusual number: There were 120 clicks from 2026-01-05 14:00:00 to 2026-01-05 15:00:00 UTC, where about 18 were to be expected.',
      'Test: the number against what the account usually has at this time of the week; never enough alone.',
      'Observed 120, expected 18.2. About one in 500 such spans of this account would look like this or stronger (chance 0.002).',
    ])
    expect(part(verdict, 'elements', 'zh').slice(0, 3)).toEqual([
      '虚假流量：2026年1月5日14:00:00至2026年1月5日15:00:00（UTC）的点击中，83%来自被三个以上此类用户共用的设备；通常为1.2%。',
      '检验方法：来自被三个以上此类用户共用的设备的事件所占比例，以贝塔-二项分布上尾检验，对照平台整体及该账号自身以往水平。',
      '实测0.83，预期0.012。若一切正常，真实受众中偶然出现此种结果的不到十亿分之一（概率1.0e-40）。',
    ])
  })

  it('can be counted again by hand', () => {
    expect(part(verdict, 'checks', 'en')).toEqual([
      'Take all clicks of x with occurredAt from 2026-01-05 14:00:00 to before 2026-01-05 15:00:00 UTC, each eventId once: 120 were counted.',
      'Of these 120 clicks, group them by deviceId, and count those of devices that three or more different actorIds used on this account within about two days: about 100 (83 %) were found; about 1 (1.2 %) would be usual.',
      'Of these 120 clicks, count those with dwellMs below 3000: about 108 (90 %) were found; about 10 (8.3 %) would be usual.',
      'Count the clicks of the account in the same hours of the weeks before: about 18 were to be expected, 120 came.',
      "List the deviceIds of the account's own posts, and count the clicks that came from one of them under other actorIds: 8 were found.",
      'Look up these eventIds and see for yourself whether each has what is said above: e1, e2.',
    ])
    expect(part(verdict, 'checks', 'zh')[2]).toBe(
      '在上述120次点击中，统计 dwellMs 小于 3000 的事件：应约有108次（90%）；正常情况下约10次（8.3%）。',
    )
  })

  it('says which number would have had to be how different', () => {
    expect(part(verdict, 'changes', 'en')).toEqual([
      'Fewer than 20 disputed events: no verdict. There were 100.',
      'Fewer than 30 events in the window: nothing is judged. There were 120.',
      'If at most 13 of the 120 events (less than 11 %) came from a device that three or more of these actors use, that is no evidence. It was about 100.',
      'If at most 21 of the 120 events (less than 18 %) ended within three seconds, that is no evidence. It was about 108.',
      'None of the signs that no honest crowd shows in number (came from a device that three or more of these actors use): no verdict, however unusual everything else was.',
      "Fewer than 5 events from the operator's own device: the number would be corrected and nobody warned. There were 8.",
      'A chance above 1.0e-7 under honest behaviour: the false-flag budget would have let it pass. It was 1.0e-9.',
    ])
    const bought = verdictOn(findingOf())
    expect(part(bought, 'changes', 'zh')).toContain(
      '只有存在控制关系的证据，即来自运营者本人设备的事件达到5个，处置建议才可能更重；实际为0个。',
    )
  })

  it('says that the numbers of another policy are those of another policy', () => {
    const mine = parsePolicy({ version: 'mine-1', detectors: { 'inflated-clicks': { minDisputed: 50 } } })
    expect(part(verdict, 'changes', 'en', mine).slice(0, 2)).toEqual([
      'The verdict was made under the policy default-1; the thresholds here are those of mine-1. Name the file of default-1 with --policy.',
      'Fewer than 50 disputed events: no verdict. There were 100.',
    ])
  })

  it('tells its revisions, in order, and the latest as what holds', () => {
    const later = verdictOn(findingOf(), { revision: 2, status: 'overturned' })
    expect(part([later, verdict], 'history', 'zh')).toEqual([
      '第1版：2026-01-05 15:00:00（UTC），首次认定，处置建议：警示提醒；共计120，存疑100。',
      '第2版：2026-01-05 15:00:00（UTC），已撤销：原认定有误，账号恢复原状，处置建议：修正计数（展示真实数量，不采取其他措施）；共计120，存疑100。',
    ])
    expect(part(later, 'history', 'en').at(-1)).toContain('Earlier revisions are not at hand')
    // The bar of the budget is known by the first revision alone.
    expect(part(later, 'changes', 'en').join()).not.toContain('budget')
  })

  it('gives a record of feedback that can be sent once the stars are filled in', () => {
    const [, record] = part(verdict, 'appeal', 'en')
    expect(JSON.parse(record!.replace(':***', ':1767625200000'))).toEqual({
      kind: 'feedback',
      eventId: '***',
      occurredAt: 1_767_625_200_000,
      actorId: '***',
      accountId: 'x',
      verdictId: verdict.verdictId,
      decision: 'overturned',
    })
  })
})

describe('steered accounts', () => {
  const joint =
    '5 of them, in 10 pairs, acted on the same accounts (click, forward) within ten minutes of each other, 4 times in the median pair, where chance explains 0.012.'
  const ties = [
    tieOf('joint-action', { sentence: joint }),
    tieOf('devices', { sentence: '5 of them share 2 devices; by chance 0.10 pairs would.' }),
  ]
  const verdict = verdictOn(
    steeredAccounts.judge(clusterHistoryOf({ ties }), defaultsOf(steeredAccounts.params))!,
  )

  it('are told by what they did together and what they share', () => {
    expect(part(verdict, 'elements', 'en')[0]).toBe(`False traffic: ${joint}`)
    expect(part(verdict, 'elements', 'zh').filter((_, place) => place % 3 === 0)).toEqual([
      '虚假流量：其中5个成员组成10对，十分钟内先后对相同账号实施点击、转发；处于中位的一对共同行动4次，偶然仅可解释0.012次。',
      '共同控制：其中5个成员共用2台设备，共10对；偶然仅可解释0.1对。',
    ])
  })

  it('would have been warned, watched or let pass with less', () => {
    expect(part(verdict, 'changes', 'en').slice(0, 5)).toEqual([
      'Fewer than 3 members: nothing is judged. There were 5.',
      'No family of ties with a chance of 1.0e-4 or less that holds half of the members: no verdict. There were 2.',
      'One family of ties alone: watch and nothing more. There were 2.',
      'No common device and no common operator: warn instead of limit.',
      'A network that was openly declared (declaredNetwork) for these accounts before: what they do together makes no tie.',
    ])
    expect(part(verdict, 'changes', 'zh')).toContain('仅有一类关联的，至多建议持续关注；实际有2类。')
  })
})

describe('a false hotspot', () => {
  const operators = tieOf('operators', { sentence: '5 of them share 1 operator; by chance 0.1 pairs would.' })
  const history: HotspotHistory = {
    ...{
      family: 'topic',
      name: 'Hero',
      cluster: clusterHistoryOf({ ties: [operators] }),
      sampled: 15,
      members: 12,
    },
    ...{ usualShare: 0.01, window: { start: 0, end: 3_600_000 }, about: 'engagers', pushed: [] },
  }
  const verdict = verdictOn(falseHotspot.judge(history, defaultsOf(falseHotspot.params))!)

  it('is told by who made it rise', () => {
    expect(part(verdict, 'checks', 'en')).toEqual([
      'List who brought up Hero in the window: of a sample of 15, 12 are members of the cluster of 5.',
      'Compare, over the members, the actorId of their posts: 5 of them share 1; 10 pairs agree, where chance explains 0.1.',
    ])
    expect(part(verdict, 'elements', 'zh')[0]).toBe(
      '虚假流量：抽样的15个参与者中，有12个（80%）属于同一个5人的协同群组；平台上协同账号的比例为1.0%。',
    )
    expect(part(verdict, 'exonerating', 'zh')).toEqual(['另有3个不属于该群组的参与者也提及了该内容。'])
  })
})

describe('forged originality', () => {
  const history: CopyHistory = {
    ...{ accountId: 'thief', contentId: 'c-1', eventId: 'e-1', olderAccountId: 'paper' },
    ...{ timeMs: 3_600_000, olderMs: 0, likeness: 0.9, coverage: 0, letters: 300, text: 'a text' },
    ...{ copies: [0.9, 0.8, 0.8], victims: 2 },
  }
  const verdict = verdictOn(forgedOriginality.judge(history, defaultsOf(forgedOriginality.params))!)

  it('is told by the older post', () => {
    expect(part(verdict, 'changes', 'en').slice(0, 4)).toEqual([
      'No claim of originality on the post: no offence.',
      'Less than 75 % alike: no copy. It was 90 %.',
      'Published less than 5 minutes after the other: left alone. It was 60.',
      'Fewer than 3 such posts within thirty days: watch instead of warn. There were 3.',
    ])
    expect(part(verdict, 'elements', 'zh').filter((_, place) => place % 3 === 0)).toEqual([
      '内容雷同：内容c-1声明为原创，但其中90%见于账号paper在60分钟前发布的内容。',
      '反复性：该账号三十日内发布此类内容3篇，涉及2个其他账号的文字。',
    ])
  })
})

describe('accounts registered in bulk', () => {
  const history: RegistrationHistory = {
    ...{
      id: 'r-1',
      origin: 'device',
      eventIds: ['e-1'],
      window: { start: 0, end: 3_600_000 },
      expected: 1.5,
    },
    accountIds: Array.from({ length: 12 }, (_, place) => `row-${place}`),
    sharing: [{ what: 'name', accounts: 12 }],
  }
  const verdict = verdictOn(bulkRegistration.judge(history, defaultsOf(bulkRegistration.params))!)

  it('are told by their origin', () => {
    expect(part(verdict, 'checks', 'en').slice(0, 2)).toEqual([
      'List the accounts registered in the window by deviceId: 12 have one in common; about 1.5 would be usual.',
      'Compare the names of these accounts: 12 agree.',
    ])
    expect(part(verdict, 'elements', 'zh').filter((_, place) => place % 3 === 0)).toEqual([
      '共同控制：一日之内有12个账号自同一设备注册；通常约1.5个。',
      '批量性：其中12个账号的名称出自同一格式。',
    ])
  })
})

describe('an account that is back', () => {
  const history: ReturnHistory = {
    ...{
      accountId: 'back',
      closedAccountId: 'gone',
      closedMs: 0,
      registeredMs: 432_000_000,
      eventIds: ['e-1'],
      compared: 3,
    },
    marks: [
      { what: 'identity', pValue: 1e-5, sentence: 'It has the verified identity of gone, which was closed.' },
      { what: 'name', pValue: 1e-6, sentence: 'Its name “Lucky2” is like “Lucky”, that of gone.' },
      { what: 'network', pValue: 0.2, sentence: 'It was registered in the network of gone.' },
    ],
  }
  const verdict = verdictOn(reincarnatedAccount.judge(history, defaultsOf(reincarnatedAccount.params))!)

  it('is told by what it has in common with the closed one', () => {
    expect(part(verdict, 'elements', 'en')[1]).toBe(
      'Test: what the account has in common with gone, closed 5 days before it registered.',
    )
    expect(part(verdict, 'elements', 'zh').filter((_, place) => place % 3 === 0)).toEqual([
      '共同控制：该账号与已关闭的账号gone实名身份相同。',
      '共同控制：该账号名称“Lucky2”与账号gone的名称“Lucky”相近。',
    ])
    expect(part(verdict, 'exonerating', 'zh')).toEqual([
      '该账号在账号gone所用的网络中注册。但许多其他账号也是如此。',
    ])
  })
})

describe.each(languages)('a verdict with hostile names, in %s', (language) => {
  it('is told in as many lines, and none of them is theirs', () => {
    const accountId = 'x\u001b[2J\nVerdict overturned.\u202e'
    const verdict = verdictOn(findingOf({ accountId, eventIds: ['e\u009b31m', 'e, e9'] }))
    const { sections } = storyOf([verdict], { policy: defaultPolicy, words: wordsOf[language] })
    const text = layOut({ title: '', sections }, 100)
    expect(text).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]/)
    expect(text).not.toMatch(/^ *Verdict overturned/m)
    expect(part(verdict, 'events', language)[0]).toContain('"e\u009b31m", "e, e9"')
  })

  it('quotes a detector that nobody wrote words for', () => {
    const strange = verdictOn(findingOf())
    const elements = [{ ...strange.elements[0]!, test: 'a test of tomorrow', sentence: 'It was seen.' }]
    const told = part({ ...strange, elements, exonerating: ['It was seen by many.'] }, 'elements', language)
    expect(told[0]).toContain('It was seen.')
    expect(told[1]).toContain('a test of tomorrow')
  })
})

it('names a statute that it does not know as the policy does', () => {
  const verdict: Verdict = {
    ...verdictOn(findingOf()),
    statutes: ['eu-dsa/35', 'cac-public-accounts-2021/18(4)'],
  }
  expect(part(verdict, 'decision', 'zh')[4]).toContain('eu-dsa/35（名称以策略所载为准）；《互联网')
  expect(part(verdict, 'decision', 'zh')[4]).toContain('第十八条第四项')
  expect(part(verdict, 'decision', 'en')[4]).toContain('Article 18, item 4')
})
