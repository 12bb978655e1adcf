import { disputed, findingOf } from '../../test/support/findings'
import { clusterHistoryOf, tieOf } from '../../test/support/linked'
import { verdictOn } from '../../test/support/verdicts'
import { bulkRegistration } from '../detectors/bulk-registration/detector'
import { defaultsOf } from '../detectors/detector'
import { dormantAccount } from '../detectors/dormant-account/detector'
import { falseHotspot } from '../detectors/false-hotspot/detector'
import { forgedOriginality } from '../detectors/forged-originality/detector'
import type {
  CopyHistory,
  HandoverHistory,
  HotspotHistory,
  RegistrationHistory,
  ReturnHistory,
} from '../detectors/linked'
import { reincarnatedAccount } from '../detectors/reincarnated-account/detector'
import { steeredAccounts } from '../detectors/steered-accounts/detector'
import { undeclaredTransfer } from '../detectors/undeclared-transfer/detector'
import type { Finding } from '../model/finding'
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
      '处置建议：警示提醒，有效期至2026-04-05 15:00:00（UTC）。角色：责任方（由该账号或其控制者实施）。',
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
      "List the deviceIds of the account's own posts, and count the clicks that came from one of them under other actorIds, of each device from the fifth actorId on: about 8 were found.",
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
      "For warn it takes 5 events from the operator's own device (there were 8). With less, correct-count and nothing more.",
      "Graver than this, limit, would take 50 events from the operator's own device (there were 8) and 200 disputed events (there were 100).",
      'A chance above 1.0e-7 under honest behaviour when the case was opened: the false-flag budget would have let it pass. It was 1.0e-9 then.',
    ])
    const bought = verdictOn(findingOf())
    expect(part(bought, 'changes', 'zh')).toContain(
      '须有来自运营者本人设备的事件5个（实际0个），处置建议才可能加重为警示提醒。',
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
      '第2版：2026-01-05 15:00:00（UTC），已撤销：原认定有误，账号恢复原状；共计120，存疑100。',
    ])
    expect(part(later, 'history', 'en').at(-1)).toContain('Earlier revisions are not at hand')
    // The bar of the budget is known by the first revision alone.
    expect(part(later, 'changes', 'en').join()).not.toContain('budget')
  })

  it('gives a record of feedback that can be sent once the stars are filled in', () => {
    const [, , record] = part(verdict, 'appeal', 'en')
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

describe('the rows of the ladder', () => {
  const row = { controlEvents: 50, disputed: 200, confirmations: 1, earlierOffences: 1 }
  const ladder = { suspend: row, close: { ...row, confirmations: 2, earlierOffences: 0 } }
  const policy = parsePolicy({ ladder })
  const raised = verdictOn(findingOf({ operatorEvents: 60, counts: disputed(300) }))
  const confirmed = {
    ...{ element: 'review', test: 'decision of a person', observed: 1, expected: 0, pValue: 1 },
    sentence: 'Confirmed by 1 person who looked at it.',
  }
  const suspended: Verdict = {
    ...{ ...raised, revision: 2, status: 'escalated', recommendation: 'suspend' },
    elements: [...raised.elements, confirmed],
  }
  const limits = (verdict: Verdict, language: Language) =>
    part(verdict, 'changes', language, policy).filter((text) => /limit|suspend|close|暂停|关闭/.test(text))

  it('are told up to the one that was reached, and the next one', () => {
    expect(limits(suspended, 'en')).toEqual([
      "For limit it takes 50 events from the operator's own device (there were 60) and 200 disputed events (there were 300). With less, warn.",
      "For suspend it takes 50 events from the operator's own device (there were 60), 200 disputed events (there were 300), 1 person who confirms it (there were 1) and 1 earlier offence that people have confirmed. With less, limit.",
      "Graver than this, close, would take 50 events from the operator's own device (there were 60), 200 disputed events (there were 300) and 2 people who confirm it (there were 1).",
    ])
    expect(limits(suspended, 'zh')).toEqual([
      '建议暂停使用，须有来自运营者本人设备的事件50个（实际60个）、存疑事件200个（实际300个）、确认本结论的复核人员1名（实际1名）、经人工确认的以往违规1项；不足的，仅建议限制功能或传播范围。',
      '须有来自运营者本人设备的事件50个（实际60个）、存疑事件200个（实际300个）、确认本结论的复核人员2名（实际1名），处置建议才可能加重为关闭账号。',
    ])
    expect(part(suspended, 'elements', 'zh').slice(-2)).toEqual([
      '人工复核：经1名复核人员确认。',
      '检验方法：复核人员的决定。',
    ])
  })

  it('are kept below by what the policy limits, which is told as the reason', () => {
    const quota = {
      ...{ element: 'limit-of-policy', test: 'quota of the day', observed: 3, expected: 3, pValue: 1 },
      sentence: '3 verdicts have reached limit on this day, and the policy allows 3.',
    }
    const kept: Verdict = { ...raised, recommendation: 'warn', elements: [...raised.elements, quota] }
    expect(part(kept, 'elements', 'zh').at(-2)).toBe(
      '策略限制：当日已有3项认定建议限制功能或传播范围，策略许可的上限为3项。',
    )
    expect(part(kept, 'changes', 'en').slice(-2)[0]).toBe(
      'Without the limit of the policy named above: a graver recommendation.',
    )
    expect(part(kept, 'changes', 'en').join()).not.toContain('would take')
  })

  it('ask of linked accounts for people alone', () => {
    const sentence = '5 of them share 2 devices; by chance 0.10 pairs would.'
    const ties = [tieOf('joint-action', { sentence: 'They act together.' }), tieOf('devices', { sentence })]
    const found = steeredAccounts.judge(clusterHistoryOf({ ties }), defaultsOf(steeredAccounts.params))!
    const verdict = verdictOn(found, { recommendation: 'limit', role: 'operator' })
    expect(part(verdict, 'changes', 'en', policy)).toContain(
      'Graver than this, suspend, would take 1 person who confirms it and 1 earlier offence that people have confirmed.',
    )
  })
})

describe('a verdict that no longer holds', () => {
  const raised = verdictOn(findingOf({ operatorEvents: 8 }))
  const review = {
    ...{ element: 'review', test: 'decision of a person', observed: 1, expected: 0, pValue: 1 },
    sentence: 'A person has looked at it and found it wrong; the standing is given back.',
  }
  const overturned: Verdict = {
    ...{ ...raised, revision: 2, status: 'overturned', recommendation: 'watch' },
    elements: [...raised.elements, review],
  }

  it.each(languages)('recommends nothing, and says nothing that contradicts it, in %s', (language) => {
    const words = wordsOf[language]
    const decision = part([raised, overturned], 'decision', language)
    expect(decision).toContain(words.nothingRecommended.overturned)
    expect(decision.join()).not.toMatch(/Recommended|处置建议：|Role|角色|p值|Chance of evidence/)
    expect(part(overturned, 'changes', language)).toEqual([words.holdsNoLonger])
    expect(part(overturned, 'appeal', language)).toEqual([words.isOverturned])
    const { sections } = storyOf([overturned], { policy: defaultPolicy, words })
    expect(sections[2]!.title).toBe(words.formerElements.overturned)
  })

  it('tells the review in Chinese as well', () => {
    expect(part(overturned, 'elements', 'zh').at(-2)).toBe('人工复核：经人工复核，原认定有误，账号恢复原状。')
  })
})

describe('a manipulated click-through', () => {
  const found = (described: Partial<Finding>) =>
    verdictOn(
      findingOf({
        ...{ detector: 'manipulated-click-through', offence: 'manipulated-click-through' },
        ...described,
      }),
    )
  const devices = {
    family: 'devices',
    trait: 'shared-device',
    observed: 0.9,
    expected: 0.01,
    pValue: 1e-30,
  } as const

  it('is told as clicks that nothing was shown for', () => {
    const sign = {
      family: 'exposure',
      trait: 'unexposed',
      observed: 0.8333,
      expected: 0,
      pValue: 1e-12,
    } as const
    const verdict = found({ evidence: [sign, devices] })
    expect(part(verdict, 'numbers', 'en')).toEqual(['120 clicks in the window: 20 authentic, 100 disputed.'])
    expect(part(verdict, 'elements', 'zh')[3]).toBe(
      '虚假流量：2026年1月5日14:00:00至2026年1月5日15:00:00（UTC）的点击中，83%称来自推荐流或搜索，但没有与之相应的展示；通常为0%。',
    )
    expect(part(verdict, 'checks', 'en')[2]).toBe(
      'Of these 120 clicks, count those whose referrer is "feed" or "search", and add up the field count of the impressions of the account in the same time: at the most clicks for an impression that are usual, 100 of the clicks remain that no impression explains.',
    )
    expect(part(verdict, 'changes', 'en').slice(0, 4)).toEqual([
      'Fewer than 30 disputed events: no verdict. There were 100.',
      'Fewer than 40 clicks from feeds and searches: nothing is judged.',
      'Less than 2 times as many such clicks for an impression as usual: no verdict.',
      'If at most 13 of the 120 events (less than 11 %) came from a device that three or more of these actors use, that is no evidence. It was about 108.',
    ])
  })

  it('is told as impressions where those were stuffed, and says nothing of an operator', () => {
    const verdict = found({
      kind: 'impression',
      counts: { raw: 60_000, authentic: 3000, disputed: 57_000, low: 3000, high: 3200 },
      surprise: { observed: 60_000, expected: 900, pValue: 1e-9 },
      evidence: [
        { family: 'exposure', trait: 'unclicked', observed: 0.0004, expected: 0.05, pValue: 1e-9 },
        { family: 'devices', trait: 'heavy-device', observed: 0.95, expected: 0.05, pValue: 1e-9 },
      ],
      eventIds: [],
    })
    expect(part(verdict, 'numbers', 'zh')).toEqual(['该时段共计60,000次展示：真实3,000，存疑57,000。'])
    expect(part(verdict, 'checks', 'en').slice(0, 2)).toEqual([
      'Add up the field count of all impressions of x with occurredAt from 2026-01-05 14:00:00 to before 2026-01-05 15:00:00 UTC, each eventId once: 60,000 were counted.',
      'Count the clicks of the account in the same time whose referrer is "feed" or "search": about 24 were found; about 3,000 would be usual for 60,000 impressions.',
    ])
    expect(part(verdict, 'changes', 'en').slice(0, 4)).toEqual([
      'Fewer than 30 disputed events: no verdict. There were 57,000.',
      'Fewer than 2,000 impressions in the window: nothing is judged. There were 60,000.',
      'If more than 2.5 % of them led to a click from a feed or a search: no verdict. It was 0.0 %.',
      'Fewer than 3 devices that were shown the account more than sixty times that day: no verdict.',
    ])
    expect(part(verdict, 'changes', 'en').join()).not.toContain('operator')
  })
})

describe('an abnormal unsubscription', () => {
  const verdict = verdictOn(
    findingOf({
      ...{ detector: 'abnormal-unsubscription', offence: 'abnormal-unsubscription', kind: 'unsubscription' },
      evidence: [
        { family: 'devices', trait: 'shared-device', observed: 0.9, expected: 0.01, pValue: 1e-30 },
        { family: 'arrival', trait: 'together', observed: 0.95, expected: 0.3, pValue: 1e-6 },
      ],
    }),
  )

  it('is told as those who left, and how they had come', () => {
    expect(part(verdict, 'checks', 'en')).toEqual([
      'Take all subscriptions with action "unsubscribe" of x with occurredAt from 2026-01-05 14:00:00 to before 2026-01-05 15:00:00 UTC, each eventId once: 120 were counted.',
      'Of these 120 unsubscriptions, group them by deviceId, and count those of devices that three or more different actorIds used on this account within about two days: about 108 (90 %) were found; about 1 (1.0 %) would be usual.',
      'Look up when the actorIds of these 120 unsubscriptions had subscribed: about 114 did so in a half hour in which at least five, and a twentieth, of them did.',
      'Count how many left the account in spans as long of the weeks before: about 18 were to be expected, 120 left.',
      'Look up these eventIds and see for yourself whether each has what is said above: e1, e2.',
    ])
    expect(part(verdict, 'exonerating', 'zh')).toContain(
      '任何人都可以向账号输送订阅者再将其撤走；没有证据表明系该账号所为。',
    )
    expect(part(verdict, 'changes', 'zh')).toContain(
      '取消订阅的数量与该账号通常水平相当的，无论取消者为何人，均不作认定；预期约18次，实际120次。',
    )
  })
})

describe('an account that nobody uses', () => {
  const [registeredMs, asOfMs] = [Date.UTC(2026, 0, 5), Date.UTC(2026, 6, 5, 16)]
  const history = { accountId: 'still', eventId: 'e-1', registeredMs, sinceMs: registeredMs, asOfMs }
  const verdict = verdictOn(dormantAccount.judge(history, defaultsOf(dormantAccount.params))!, { qValue: 0 })

  it('is told by what was looked up, without a chance', () => {
    expect(part(verdict, 'decision', 'en').at(-1)).toBe(wordsOf.en.isFact)
    expect(part(verdict, 'numbers', 'zh')).toEqual(['本结论不涉及数量争议，仅涉及账号本身。'])
    expect(part(verdict, 'elements', 'zh')).toEqual([
      '注册：该账号于2026年1月5日（北京时间）注册。',
      '检验方法：该账号的注册记录；系查得的事实。',
      '未登录：自注册起至2026年7月6日，该账号181日内没有登录、更名或者转让。',
      '检验方法：该账号的登录及其他账号事件；系查得的事实，不作统计检验。',
      '未使用：同一时段内，该账号没有发布任何内容，注册者也没有在该账号上实施任何行为。',
      '检验方法：该账号发布的内容，以及注册者在该账号上的行为；系查得的事实，不作统计检验。',
      '数据完整：该时段内，其他账号的登录和发布记录始终没有中断。',
      '检验方法：是否有36小时没有任何账号登录或者发布内容，或者某日的使用量不足平日四分之一；系查得的事实。',
      '事先通知：2026年8月5日（北京时间）之前登录、发布内容或者有其他任何使用的，即解除本结论；未经通知，不得关闭任何账号。',
      '检验方法：策略规定的通知期限：30日。',
    ])
  })

  it('would have needed one use, and still does', () => {
    expect(part(verdict, 'changes', 'en')).toEqual([
      'One login, one post or any other use by whoever runs it: no verdict. Until 2026-08-05 (UTC+8) it still clears this one.',
      'Six months or less, by the calendar of UTC+8, since its registration or since a gap in the stream: no verdict.',
    ])
  })

  it('is cleared by a login, and then nothing is recommended', () => {
    const sentence = 'It was used on 2026-07-20 (UTC+8).'
    const use = { element: 'use', test: 'a login, a post or another act by whoever runs the account; a fact' }
    const cleared: Verdict = {
      ...{ ...verdict, revision: 2, status: 'cleared', recommendation: 'watch', pValue: 1 },
      elements: [{ ...use, observed: 1, expected: 0, pValue: 1, sentence }],
      exonerating: [sentence],
    }
    expect(part([verdict, cleared], 'decision', 'zh')[1]).toBe('原结论已解除，不再建议任何处置。')
    expect(part(cleared, 'elements', 'en')[0]).toBe(`Use: ${sentence}`)
    expect(part(cleared, 'exonerating', 'zh')).toEqual(['该账号于2026年7月20日（北京时间）恢复使用。'])
    expect(part([verdict, cleared], 'history', 'en')).toEqual([
      '1: 2026-07-05 16:00:00 UTC, raised, warn.',
      '2: 2026-07-05 16:00:00 UTC, cleared: nothing is recommended any more.',
    ])
  })
})

describe('an account that changed hands', () => {
  const days = (from: number, to: number) => ({ fromMs: from * 86_400_000, toMs: to * 86_400_000, acts: 15 })
  const history: HandoverHistory = {
    ...{ accountId: 'sold', eventIds: ['e-1'], before: days(0, 70), after: days(71, 101) },
    hands: [
      { family: 'operator', isChanged: true, isKept: false, rate: 0.01 },
      { family: 'device', isChanged: true, isKept: false, rate: 0.02 },
      { family: 'place', isChanged: false, isKept: true, rate: 0.02 },
    ],
    habits: [
      { family: 'hours', pValue: 1e-9, before: [15, 0, 0], after: [0, 15, 0] },
      { family: 'tempo', pValue: 1e-5, before: [0.5], after: [2] },
      { family: 'texts', pValue: 0.4, before: [15, 0], after: [14, 1] },
    ],
    readers: { sampled: 12, returned: 8, usualShare: 0.6 },
  }
  const verdict = verdictOn(undeclaredTransfer.judge(history, defaultsOf(undeclaredTransfer.params))!)

  it('is told by what changed and what stayed', () => {
    expect(part(verdict, 'elements', 'zh').filter((text) => !/^检验方法|^实测/.test(text))).toEqual([
      '运营主体变更：自1970年3月13日起，由他人为该账号发布内容：至1970年4月12日共有15次行为；此前的发布者（至1970年3月12日共15次行为）此后再未出现。',
      '运营主体变更：自1970年3月13日起，该账号改用其他设备运营：至1970年4月12日共有15次行为；此前的设备（至1970年3月12日共15次行为）此后再未出现。',
      '运营习惯变更：该账号每日的运营时间发生变更，涉及100%的行为。',
      '运营习惯变更：该账号每日发布2篇，此前为0.5篇。',
      '受众未变：抽样的12名此前读者中，有8名在其后一个月内再次出现。',
      '未经申报：该账号的转让未经申报。1970年6月11日（北京时间）之前申报，或者原运营者恢复运营的，即解除本结论。',
    ])
    expect(part(verdict, 'exonerating', 'zh')).toEqual([
      '该账号仍在使用此前的网络运营。',
      '在偶然波动范围内，该账号文字的篇幅和文种与此前相同。',
    ])
  })

  it('would have been none with a declaration, fewer changes, or other readers', () => {
    expect(part(verdict, 'changes', 'en').slice(0, 4)).toEqual([
      'Fewer than 4 of the sampled readers back: it would be another account to another audience, and no verdict. There were 8.',
      'A declared transfer (activity "transferred"), from three months before the change on: no verdict. Until 1970-06-11 (UTC+8) it still clears this one.',
      'Any of those who ran it before, back after the first week: no verdict. Until 1970-06-11 (UTC+8) the return still clears this one.',
      'Fewer than 3 changes among operator, devices, networks, hours, tempo and texts, or the operator not among them: no verdict. There were 4.',
    ])
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
