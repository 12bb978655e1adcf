import type { Collected, ReadRecord } from '../../../test/support/simulation'
import { collect, timeOf, unrepeated } from '../../../test/support/simulation'
import { minuteMs } from '../season'
import { benignSuite } from '.'

const small = { hours: 48, events: 15_000, accounts: 120, actors: 3_000, seed: 3 }

/** The whole suite in one run. */
let suite: Collected
beforeAll(() => {
  suite = collect({ ...small, scenario: 'benign' })
})

/** The records that a case is about: those of its accounts by the actors that took part. */
function recordsOf(name: string): ReadRecord[] {
  const accounts = idsOf(name, 'account')
  const actors = idsOf(name, 'actor')
  return unrepeated(suite.records).filter(
    (record) => accounts.has(record.accountId) && actors.has(record.actorId),
  )
}

function idsOf(name: string, type: 'account' | 'actor'): Set<string> {
  const labels = suite.labels.filter((label) => label.attack === name && label.type === type)
  return new Set(labels.map((label) => label.id))
}

const kindOf = (records: readonly ReadRecord[], kind: string): ReadRecord[] =>
  records.filter((record) => record.kind === kind)
const countsOf = (values: readonly unknown[]): number[] => {
  const counts = new Map<unknown, number>()
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1)
  return [...counts.values()]
}
const shareOf = (records: readonly ReadRecord[], test: (record: ReadRecord) => boolean): number =>
  records.filter(test).length / records.length

describe('the benign suite', () => {
  it('is honest to the last label, and nothing of it is bought', () => {
    expect(suite.labels.filter(({ label }) => label !== 'honest')).toEqual([])
    expect(suite.truth).toEqual([])
    expect([...suite.facts.values()].some((fact) => fact.bought)).toBe(false)
  })

  it('has names that differ and a sentence for each', () => {
    expect(new Set(benignSuite.map(({ name }) => name)).size).toBe(24)
    for (const { summary } of benignSuite) expect(summary).toMatch(/^[A-Z].*\.$/)
  })

  it('television: thousands subscribe by QR code within an hour and a half, many new, on devices of their own', () => {
    const subscriptions = kindOf(recordsOf('television-qr-code'), 'subscription')
    const showMs = subscriptions.map(timeOf).sort((left, right) => left - right)
    expect(subscriptions.length).toBeGreaterThan(2_000)
    expect(showMs[showMs.length - 20]! - showMs[20]!).toBeLessThan(95 * minuteMs)
    expect(shareOf(subscriptions, (one) => one['source'] === 'qr-code')).toBeGreaterThan(0.95)
    const isNew = (one: ReadRecord): boolean => timeOf(one) - Number(one['actorCreatedAt']) < 30 * minuteMs
    expect(shareOf(subscriptions, isNew)).toBeGreaterThan(0.2)
    expect(new Set(subscriptions.map((one) => one['deviceId'])).size).toBeGreaterThan(
      0.9 * subscriptions.length,
    )
  })

  it('school: pupils of one address with a device each', () => {
    const subscriptions = kindOf(recordsOf('school-classes'), 'subscription')
    const addresses = new Set(
      subscriptions.map((one) => one['address']).filter((address) => address !== undefined),
    )
    expect(subscriptions.length).toBeGreaterThan(8 * 30 - 20)
    expect(addresses.size).toBe(1)
    expect(new Set(subscriptions.map((one) => one['deviceId'])).size).toBeGreaterThan(
      0.9 * subscriptions.length,
    )
  })

  it('import: regular, and without device or address', () => {
    const imported = recordsOf('account-import').filter((record) => record['source'] === 'import')
    expect(imported.length).toBeGreaterThan(700)
    expect(imported.filter((record) => 'deviceId' in record || 'address' in record)).toEqual([])
  })

  it('lottery: many people, few texts', () => {
    const forwards = kindOf(recordsOf('lottery'), 'forward').filter((one) => one['channel'] === 'timeline')
    const texts = new Set(forwards.map((one) => one['text']))
    expect(forwards.length).toBeGreaterThan(400)
    expect(texts.size).toBeLessThan(forwards.length / 10)
  })

  it('syndication: the same text by ten accounts, with credit', () => {
    const posts = kindOf(recordsOf('agency-syndication'), 'post')
    const byText = new Map<unknown, Set<string>>()
    for (const { text, accountId } of posts as (ReadRecord & { text: string })[]) {
      const report = text.split('\n').filter((line) => !/转载自|来源：|本文转自|via @/.test(line))
      byText.set(report.join(), (byText.get(report.join()) ?? new Set()).add(accountId))
    }
    expect([...byText.values()].filter((accounts) => accounts.size >= 9).length).toBeGreaterThanOrEqual(4)
  })

  it('declared network: every edition says that it belongs to it', () => {
    const own = recordsOf('declared-network')
    const declared = own.filter((record) => 'declaredNetwork' in record)
    expect(new Set(declared.map((record) => record.accountId)).size).toBe(6)
    expect(new Set(declared.map((record) => record['declaredNetwork'])).size).toBe(1)
  })

  it('press release: the same text by unlinked papers, without credit', () => {
    const texts = kindOf(recordsOf('press-release'), 'post').map((one) => one['text'])
    expect(Math.max(...countsOf(texts))).toBe(8)
  })

  it('branches: twenty accounts of one identity post each notice within half an hour', () => {
    const own = recordsOf('branch-notices')
    expect(new Set(own.flatMap((one) => one['subjectId'] ?? [])).size).toBe(1)
    const notices = kindOf(own, 'post').filter((one) => String(one['title']).startsWith('【官方通知】'))
    const counts = countsOf(notices.map((one) => one['text']))
    expect(Math.min(...counts)).toBeGreaterThan(15)
    expect(counts.length).toBeGreaterThanOrEqual(3)
  })

  it('homework: pupils behind one address begin with the same task', () => {
    const tasks = kindOf(recordsOf('homework'), 'post').filter((one) =>
      String(one['text']).startsWith('【作业】'),
    )
    const counts = countsOf(tasks.map((one) => String(one['text']).slice(0, 20)))
    expect(Math.max(...counts)).toBeGreaterThan(20)
    expect(new Set(tasks.flatMap((one) => one['address'] ?? [])).size).toBe(1)
  })

  it('raffles: the same people forward the same phrases, day after day', () => {
    const forwards = kindOf(recordsOf('retweet-to-win'), 'forward').filter((one) =>
      String(one['text']).startsWith('转发并@'),
    )
    expect(new Set(forwards.map((one) => one['text'])).size).toBeLessThanOrEqual(3)
    const byActor = countsOf(forwards.map(({ actorId }) => actorId))
    expect(byActor.filter((count) => count >= 3).length).toBeGreaterThan(100)
  })

  it('template: a thousand people differ in a figure or two', () => {
    const forwards = kindOf(recordsOf('score-template'), 'forward').filter((one) =>
      /得了\d+分/.test(String(one['text'])),
    )
    expect(forwards.length).toBeGreaterThan(900)
    expect(new Set(forwards.map((one) => String(one['text']).replace(/\d+/g, '#'))).size).toBe(1)
  })

  it('daily fans: most are there within ten minutes of each of several posts', () => {
    const own = recordsOf('fan-club-daily')
    const posted = kindOf(own, 'post')
    const chants = kindOf(own, 'forward').filter((one) => one['channel'] === 'timeline')
    const soon = chants.filter((one) =>
      posted.some(
        (post) =>
          post.accountId === one.accountId &&
          timeOf(one) > timeOf(post) &&
          timeOf(one) < timeOf(post) + 10 * minuteMs,
      ),
    )
    expect(posted.length).toBeGreaterThanOrEqual(4)
    expect(soon.length).toBeGreaterThan(0.8 * chants.length)
  })

  it('hotspot: one tag by accounts that share neither phone nor line', () => {
    const posted = kindOf(recordsOf('honest-hotspot'), 'post')
    const tags = posted.flatMap((one) => one['tags'] as string[])
    expect(Math.max(...countsOf(tags))).toBe(33)
    const devices = posted.flatMap((one) => one['deviceId'] ?? [])
    expect(new Set(devices).size).toBeGreaterThan(30)
  })

  it('fair and family: many at one line with a phone each, and three on one tablet', () => {
    const registered = recordsOf('trade-fair').filter((one) => one['activity'] === 'registered')
    expect(registered.length).toBeGreaterThan(35)
    expect(new Set(registered.flatMap((one) => one['deviceId'] ?? [])).size).toBeGreaterThan(30)
    const family = recordsOf('family-device')
    expect(new Set(family.map(({ accountId }) => accountId)).size).toBe(3)
    expect(new Set(family.flatMap((one) => one['deviceId'] ?? [])).size).toBeLessThanOrEqual(2)
  })

  it('storm: the same records again and again', () => {
    const { lines } = collect({ ...small, scenario: 'retransmission-storm' })
    const times = new Map<string, number>()
    for (const line of lines) times.set(line, (times.get(line) ?? 0) + 1)
    expect(Math.max(...times.values())).toBeGreaterThan(10)
    expect(lines.length - times.size).toBeGreaterThan(300)
  })

  it('holiday and launch: the whole platform changes', () => {
    const ordinary = collect({ ...small, scenario: 'quiet' })
    expect(collect({ ...small, scenario: 'holiday' }).facts.size).toBeGreaterThan(1.1 * ordinary.facts.size)
    const launched = (run: Collected): number =>
      shareOf(run.records, (record) => String(record['userAgent']).startsWith('Reader/9.'))
    expect(launched(collect({ ...small, scenario: 'feature-launch' }))).toBeGreaterThan(
      10 * launched(ordinary),
    )
  })
})
