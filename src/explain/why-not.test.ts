import { blockOf } from '../../test/support/blocks'
import {
  article,
  happens,
  inTurns,
  members,
  onDay,
  ordinaryPapers,
  prose,
} from '../../test/support/publishing'
import { another, readers, runs, settledAccounts } from '../../test/support/tenures'
import { findingOf, hour, reportOf } from '../../test/support/findings'
import { at, burst, impressionsOf, leaving, ordinaryTraffic, phoneFarm } from '../../test/support/timeline'
import type { TestEvent } from '../../test/support/blocks'
import { exemptionReasons } from '../model/cluster'
import { defaultPolicy, parsePolicy } from '../policy/policy'
import { makeViews } from '../runtime/stages'
import type { Views } from '../runtime/stages'
import { connectedPipeline } from '../runtime/threads'
import { SnapshotReader, SnapshotWriter } from '../state/snapshot'
import { layOut } from './layout'
import { Past, structured, toldWhyNot, whyNotOf } from './why-not'
import type { WhyNot } from './why-not'
import { wordsOf } from './words'

const key = new Uint8Array(16)

/** Plays events to the end and gives the views, and what was ever found of an account. */
function played(
  events: readonly TestEvent[],
  accountId: string,
  policy = defaultPolicy,
): { views: Views; past: Past } {
  const views = makeViews(policy, key)
  const past = new Past(accountId, policy)
  const listening = {
    view: {
      name: 'past',
      fold: (record: Uint8Array) => {
        past.report(record)
      },
      save: () => undefined,
      load: () => undefined,
    },
    inputs: ['findings', 'clusters'],
    outputs: [],
  } as const
  const take = (_log: string, record: Uint8Array): void => {
    past.line(record)
  }
  const pipeline = connectedPipeline({ policy, key, take }, views, [listening])
  const inOrder = [...events].sort((a, b) => a.timeMs - b.timeMs)
  for (let from = 0; from < inOrder.length; from += 500) {
    const rows = inOrder.slice(from, from + 500)
    const isLast = from + 500 >= inOrder.length
    pipeline.put(
      'events',
      blockOf(rows, { watermarkMs: isLast ? Number.POSITIVE_INFINITY : rows.at(-1)!.timeMs }).bytes,
    )
  }
  return { views, past }
}

function ask(events: readonly TestEvent[], accountId: string, policy = defaultPolicy): WhyNot | undefined {
  const { views, past } = played(events, accountId, policy)
  const asked = whyNotOf(accountId, views)
  return asked === undefined ? undefined : past.addTo(asked)
}

describe('an account with a farm too small to move anything', () => {
  //  06:00 ────────── 14:05 ▪ 14:10 ── 15:59
  //  x  ·  ·   ·   ·   18 clicks from 8 phones, 20 are needed
  const few = burst({ kind: 'click', count: 18, at: '14:05', overMinutes: 5, ...phoneFarm })
  const events = [...ordinaryTraffic({ to: '16:00' }), ...few]
  const { views, past: found } = played(events, 'x')
  const whyNot = found.addTo(whyNotOf('x', views)!)

  it('lacks disputed events alone at its nearest, and the traits are there', () => {
    const clicks = whyNot.past.find(({ offence }) => offence === 'inflated-clicks')!
    const asked = Object.fromEntries(
      clicks.conditions.map((one) => [`${one.name} ${one.of ?? ''}`.trim(), one]),
    )
    expect(asked['disputed']).toMatchObject({ needed: 20, isMet: false })
    expect(asked['disputed']!.observed).toBeGreaterThan(10)
    expect(asked['trait shared-device']).toMatchObject({ isMet: true })
    expect(asked['hard-families']).toMatchObject({ isMet: true })
  })

  it('is told so in both languages, and in sentences to programs', () => {
    const english = layOut(toldWhyNot(whyNot, wordsOf.en), 200)
    expect(english).toMatch(/^Why there is no verdict on account x, as of 2026-01-05 1\d:\d\d:\d\d UTC/)
    expect(english).toMatch(/Missing: .*1\d disputed events, 20 are needed/)
    const chinese = layOut(toldWhyNot(whyNot, wordsOf.zh), 200)
    expect(chinese).toMatch(/尚缺：.*存疑事件1\d个，需要20个/)
    expect(chinese).not.toMatch(/needed|events/)
    const { past } = structured(whyNot, wordsOf.zh)
    expect(past[0]!.conditions.every(({ sentence }) => /[\u4e00-\u9fff]/.test(sentence))).toBe(true)
  })

  it('says of a verdict that there is after all', () => {
    const farm = burst({ kind: 'click', count: 200, at: '14:05', overMinutes: 20, ...phoneFarm })
    const { verdictIds } = ask([...ordinaryTraffic({ to: '15:00' }), ...farm], 'x')!
    // Of the clicks, and of what did not follow them.
    expect(verdictIds).toHaveLength(2)
    expect(whyNot.verdictIds).toEqual([])
  })

  it('says nothing of a verdict that a person overturned, in whichever order the lines are read', () => {
    const verdict = { verdictId: 'v-1', accountId: 'x', status: 'overturned', cluster: null }
    const regression = { type: 'regression', verdictId: 'v-1', accountId: 'x', expected: 'none' }
    const past = new Past('x', defaultPolicy)
    for (const line of [verdict, regression]) past.line(Buffer.from(JSON.stringify(line)))
    expect(past.addTo(whyNot).verdictIds).toEqual([])
  })

  it('does not name the budget as the only thing that lets pass what has all that is asked for', () => {
    const [found] = whyNot.past
    const met = { ...found!, conditions: found!.conditions.map((one) => ({ ...one, isMet: true })) }
    const told = toldWhyNot({ ...whyNot, now: [met], past: [] }, wordsOf.en)
    expect(layOut(told, 400)).toContain('a person has found it to be nothing')
    expect(layOut(toldWhyNot({ ...whyNot, now: [met], past: [] }, wordsOf.zh), 400)).toContain('人工复核')
  })

  it('is unknown where nothing was measured of it', () => {
    expect(whyNotOf('nobody', views)).toBeUndefined()
    expect(whyNotOf('x" or anybody', views)).toBeUndefined()
  })

  it('is answered from state that was saved as from state that was not, and asking changes nothing', () => {
    const saved = (): Uint8Array[] => {
      const out = new SnapshotWriter()
      views.account.save(out)
      return out.parts().map((bytes) => bytes.slice())
    }
    const before = saved()
    const answer = whyNotOf('x', views)
    // Megabytes: compared as bytes, not number by number.
    expect(saved().map((bytes, place) => Buffer.compare(bytes, before[place]!))).toEqual(before.map(() => 0))
    const other = makeViews(defaultPolicy, key)
    other.account.load(new SnapshotReader(before))
    const network = new SnapshotWriter()
    views.network.save(network)
    other.network.load(new SnapshotReader(network.parts().map((bytes) => bytes.slice())))
    const trace = new SnapshotWriter()
    views.trace.save(trace)
    other.trace.load(new SnapshotReader(trace.parts().map((bytes) => bytes.slice())))
    expect(whyNotOf('x', other)).toEqual(answer)
  })

  it('says which views another instance has', () => {
    expect(whyNotOf('x', { account: views.account })).toMatchObject({
      elsewhere: ['network', 'trace'],
    })
    expect(whyNotOf('nobody', { network: views.network, trace: views.trace })).toMatchObject({
      elsewhere: ['account'],
      now: [],
    })
  })
})

describe('under policies that take over under way', () => {
  //  14:00 ──── 15:00 ──────── 15:00:10
  //  a finding  │ default-1    │ strict-1, from 15:00 on
  const policy = parsePolicy({ version: 'strict-1', detectors: { 'inflated-clicks': { minDisputed: 150 } } })
  const ruling = {
    ...({
      type: 'policy',
      eventId: 'p-1',
      timeMs: hour(15),
      version: 'strict-1',
      approvedBy: ['a'],
    } as const),
    document: JSON.stringify(policy),
  }
  const neededOf = (past: Past) => {
    const blank = { accountId: 'x', asOf: null, now: [], past: [], exempt: [], verdictIds: [], elsewhere: [] }
    const [miss] = past.addTo(blank).past
    return miss!.conditions.find(({ name }) => name === 'disputed')!.needed
  }
  const told = (...reports: Parameters<typeof reportOf>[0][]): Past => {
    const past = new Past('x', defaultPolicy)
    for (const report of reports) past.report(reportOf(report))
    return past
  }
  const findings = [findingOf({ pValue: 0.01 })]
  const takesOver = { sequence: 2, endMs: hour(15) + 10_000, rulings: [ruling] }

  it('asks of a finding what the policy of its epoch asked for', () => {
    expect(neededOf(told({ sequence: 1, endMs: hour(15), findings }, takesOver))).toBe(20)
    expect(neededOf(told({ ...takesOver, findings }))).toBe(150)
    expect(neededOf(told(takesOver, { sequence: 3, endMs: hour(16), findings }))).toBe(150)
  })

  it('asks of a surge what the policy of its time asked for, though it is read later', () => {
    const past = told(takesOver)
    const window = { start: hour(13), end: hour(14) }
    const { surprise, evidence } = findingOf()
    past.line(Buffer.from(JSON.stringify({ accountId: 'x', kind: 'click', window, ...surprise, evidence })))
    expect(neededOf(past)).toBe(20)
  })
})

describe('an account whose clicks and impressions nearly did not belong together', () => {
  //  06:00 ─ the feed shows it ──── 13:05 ▪ 13:45 ── 14:00
  //  x  ·  ·   ·   ·                25 clicks that the feed never showed anything for, 40 are needed
  const ordinary = ordinaryTraffic()
  const farm = { count: 25, at: '13:05', overMinutes: 40, entry: 'feed', ...phoneFarm } as const
  const leavers = { count: 12, at: '13:05', overMinutes: 40, ...phoneFarm } as const
  const events = [
    ...[ordinary, impressionsOf(ordinary), burst({ kind: 'click', ...farm })].flat(),
    ...leaving(leavers, { ...leavers, at: '09:05', overMinutes: 20 }),
  ]
  const { views } = played(events, 'x')
  const whyNot = whyNotOf('x', views)!
  const of = (offence: string) => whyNot.now.find((miss) => miss.offence === offence)!

  it('is told the rate, and what is missing of it', () => {
    const names = of('manipulated-click-through').conditions.map(({ name }) => name)
    expect(names.slice(0, 2)).toEqual(['needing', 'rate'])
    expect(names.slice(-3)).toEqual(['hard-families', 'disputed', 'chance'])
    const told = layOut(toldWhyNot(whyNot, wordsOf.zh), 200)
    expect(told).toContain('内容点击率造假')
    expect(told).toMatch(/来自推荐流和搜索的点击\d+次，需要40次/)
    expect(told).not.toMatch(/undefined|NaN/)
  })

  it('is told of those who left as well', () => {
    const { conditions } = of('abnormal-unsubscription')
    expect(conditions[0]).toMatchObject({ name: 'count', observed: 12, needed: 20, isMet: false })
    expect(conditions.at(-1)!.name).toBe('departures')
    expect(layOut(toldWhyNot(whyNot, wordsOf.en), 200)).toMatch(
      /Missing: 12 events in the window, 20 are needed/,
    )
  })
})

describe('an account that nobody has used yet', () => {
  //  day 1        day 100
  //  registered   ········ asked: six months end with day 182
  const days = 100
  const { views } = played(
    [...settledAccounts(days), happens('still', 'registered', onDay(1, '10:00'))].concat(
      Array.from({ length: days }, (_, day) => happens('paper-0', 'login', onDay(day, '8:00'))),
    ),
    'still',
  )
  const of = (account: string) =>
    whyNotOf(account, views)!.now.find(({ offence }) => offence === 'dormant-account')!.conditions

  it('is told how many days are missing of six months', () => {
    expect(of('still')).toMatchObject([
      { name: 'unused', isMet: true },
      { name: 'unused-days', observed: 99, needed: 182, isMet: false },
      { name: 'silence', isMet: true },
    ])
    const whyNot = whyNotOf('still', views)!
    expect(layOut(toldWhyNot(whyNot, wordsOf.en), 200)).toContain('99 days without any use')
    expect(layOut(toldWhyNot(whyNot, wordsOf.zh), 200)).toMatch(/尚缺：.*已99天无任何使用，需要182天/)
  })

  it('is not what one is that somebody uses', () => {
    expect(of('paper-0')).toMatchObject([{ name: 'unused', observed: 0, needed: 1, isMet: false }])
  })

  it('is told of by the view of what is used alone, where others have the rest', () => {
    const { now } = whyNotOf('still', { trace: views.trace })!
    expect(now.map(({ offence }) => offence)).toEqual(['dormant-account'])
    expect(now[0]!.conditions).toEqual(of('still'))
  })
})

describe('an account that another has run for three weeks', () => {
  //  day    0 ··················· 70 ········ 92
  //  sold   a a a a a a a a a a a  b b b b b b   asked: a month is needed
  const [cut, days] = [70, 92]
  const sold = (account: string) => [
    ...readers(account, 0, days),
    ...runs(account, 0, cut),
    ...runs(account, cut, days, another),
  ]
  const { views } = played(
    [
      ...settledAccounts(days),
      ...sold('sold'),
      ...sold('declared'),
      happens('declared', 'transferred', onDay(60, '9:00')),
      ...runs('young', 80, days),
    ],
    'sold',
  )
  const of = (account: string) =>
    whyNotOf(account, views)!.now.find(({ offence }) => offence === 'undeclared-transfer')!
  const asked = (account: string) =>
    Object.fromEntries(of(account).conditions.map((one) => [`${one.name} ${one.of ?? ''}`.trim(), one]))

  it('is told how many days are missing, and what has changed', () => {
    expect(of('sold').window.start).toBeGreaterThanOrEqual(at(onDay(cut, '0:00')))
    expect(asked('sold')).toMatchObject({
      'newcomer-days': { observed: 19, needed: 30, isMet: false },
      'newcomer-acts': { isMet: true },
      operator: { isMet: true },
      'hand device': { isMet: true },
      'hand place': { isMet: true },
      hands: { observed: 3, isMet: true },
      'habit hours': { needed: 0.001 },
      changes: { isMet: true },
      declared: { isMet: true },
    })
    const english = layOut(toldWhyNot(whyNotOf('sold', views)!, wordsOf.en), 200)
    expect(english).toMatch(/Missing: .*19 days since another began to run it, 30 days are needed/)
    expect(english).not.toMatch(/undefined|NaN/)
    const chinese = layOut(toldWhyNot(whyNotOf('sold', views)!, wordsOf.zh), 200)
    expect(chinese).toMatch(/尚缺：.*他人开始运营已19天，需要30天/)
    expect(chinese).not.toMatch(/undefined|NaN|needed/)
  })

  it('is told that its transfer was declared', () => {
    expect(asked('declared')['declared']).toMatchObject({ observed: 1, needed: 0, isMet: false })
  })

  it('is not what one is of whom not enough is known yet', () => {
    expect(asked('young')).toMatchObject({
      'known-days': { observed: 10, needed: 30, isMet: false },
      'known-acts': { isMet: false },
      'newcomer-days': { observed: 0 },
    })
  })

  it('is not what one is that is run as before', () => {
    expect(of('paper-0').conditions).toMatchObject([{ name: 'newcomer-days', observed: 0, isMet: false }])
  })
})

describe('accounts that publish together', () => {
  const three = inTurns(members('copy', 3), (account, { turn, timeMs }) =>
    article({ account, timeMs, text: prose(`story-${turn}`) }),
  )

  it('are told how many of them are tied, and how many are needed', () => {
    const { now } = ask([...ordinaryPapers(), ...three], 'copy-0')!
    const posting = now.find(({ offence }) => offence === 'batch-homogeneous-posting')!
    const tied = posting.conditions.find(({ name }) => name === 'partners')
    expect(tied).toMatchObject({ observed: 2, needed: 4, isMet: false })
  })

  it('are told what somebody has granted them, until when, in every language', () => {
    const reason = 'a charity, "known" (exempt until 2026-06-01, granted by trust team)'
    const blank = { accountId: 'x', asOf: null, now: [], past: [], verdictIds: [], elsewhere: [] }
    const told = { ...blank, exempt: [{ offence: 'inflated-clicks' as const, reason }] }
    expect(layOut(toldWhyNot(told, wordsOf.en), 200)).toContain(
      'by the policy until 2026-06-01, granted by "trust team": "a charity, \\"known\\"".',
    )
    expect(layOut(toldWhyNot(told, wordsOf.zh), 200)).toContain('依策略豁免至2026-06-01，由"trust team"批准')
  })

  it('are told that they are exempt, and why', () => {
    const told = toldWhyNot(
      {
        ...{ accountId: 'copy-0', asOf: null, now: [], past: [], verdictIds: [], elsewhere: [] },
        exempt: [{ offence: 'batch-homogeneous-posting', reason: exemptionReasons.declared }],
      },
      wordsOf.zh,
    )
    expect(layOut(told, 200)).toContain('不适用“关联账号批量发布雷同内容”：该账号属于公开申报的账号矩阵。')
  })
})
