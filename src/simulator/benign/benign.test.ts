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
const shareOf = (records: readonly ReadRecord[], test: (record: ReadRecord) => boolean): number =>
  records.filter(test).length / records.length

describe('the benign suite', () => {
  it('is honest to the last label, and nothing of it is bought', () => {
    expect(suite.labels.filter(({ label }) => label !== 'honest')).toEqual([])
    expect(suite.truth).toEqual([])
    expect([...suite.facts.values()].some((fact) => fact.bought)).toBe(false)
  })

  it('has names that differ and a sentence for each', () => {
    expect(new Set(benignSuite.map(({ name }) => name)).size).toBe(15)
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

  it('syndication: the same text by ten accounts', () => {
    const posts = kindOf(recordsOf('agency-syndication'), 'post')
    const byText = new Map<unknown, Set<string>>()
    for (const { text, accountId } of posts as (ReadRecord & { text: unknown })[]) {
      byText.set(text, (byText.get(text) ?? new Set()).add(accountId))
    }
    expect([...byText.values()].filter((accounts) => accounts.size >= 9).length).toBeGreaterThanOrEqual(4)
  })

  it('declared network: every edition says that it belongs to it', () => {
    const own = recordsOf('declared-network')
    const declared = own.filter((record) => 'declaredNetwork' in record)
    expect(new Set(declared.map((record) => record.accountId)).size).toBe(6)
    expect(new Set(declared.map((record) => record['declaredNetwork'])).size).toBe(1)
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
