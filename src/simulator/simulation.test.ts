import { actionFields, entryFields, kinds } from '../model/event'
import type { Kind } from '../model/event'
import type { Collected, ReadRecord } from '../../test/support/simulation'
import { collect, timeOf, unrepeated } from '../../test/support/simulation'
import { endOf } from './options'
import { hourMs, localHourOf } from './season'
import { labels, prepare, simulate, truth } from './simulation'
import { longestDelayMs } from './wire'

const small = { scenario: 'quiet', hours: 24, events: 20_000, accounts: 80, actors: 2_000, seed: 5 }

/** The names of all fields that the contract gives to every event, and to each kind. */
const common =
  'kind eventId occurredAt actorId accountId contentId deviceId sessionId userAgent region address actorCreatedAt'
const fieldsOf: Record<Kind, string> = {
  subscription: 'action source',
  click: 'dwellMs referrer',
  forward: 'channel text',
  comment: 'text commentId parentId',
  post: 'text title links tags mediaHashes original',
  impression: 'count',
  account: 'activity subjectId category grade name declaredNetwork',
  feedback: 'verdictId decision',
  policy: 'text approvedBy',
}

const bytesOf = (options: Parameters<typeof simulate>[0]): Buffer => Buffer.concat([...simulate(options)])
const countOf = (records: readonly ReadRecord[], key: (record: ReadRecord) => string): number[] => {
  const counts = new Map<string, number>()
  for (const record of records) counts.set(key(record), (counts.get(key(record)) ?? 0) + 1)
  return [...counts.values()].sort((left, right) => right - left)
}
const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0)

describe('a simulation', () => {
  it('gives the same bytes for the same seed and other bytes for another', () => {
    const first = bytesOf({ ...small, scenario: 'demo' })
    expect(bytesOf({ ...small, scenario: 'demo' }).equals(first)).toBe(true)
    expect(bytesOf({ ...small, scenario: 'demo', seed: 6 }).equals(first)).toBe(false)
  })

  it('gives whole lines in every buffer', () => {
    for (const chunk of simulate(small)) expect(chunk[chunk.length - 1]).toBe('\n'.charCodeAt(0))
  })

  it('lets the ordinary traffic be, whatever happens on top', () => {
    const ordinary = new Set(collect(small).lines)
    for (const line of collect({ ...small, scenario: 'demo' }).lines) ordinary.delete(line)
    expect(ordinary.size).toBe(0)
  })

  it('lets it be where many accounts come and publish on top as well', () => {
    const crowded = { ...small, accounts: 150 }
    const ordinary = new Set(collect(crowded).lines)
    for (const line of collect({ ...crowded, scenario: 'networks' }).lines) ordinary.delete(line)
    expect(ordinary.size).toBe(0)
  })

  it('has about as many events as asked for', () => {
    for (const events of [15_000, 50_000]) {
      const { facts } = collect({ ...small, events })
      expect(Math.abs(facts.size / events - 1)).toBeLessThan(0.08)
    }
  })

  it('takes the sizes of the scenario where none are given, and says what is wrong with those that are', () => {
    expect(prepare({ scenario: 'demo' }).options).toMatchObject({ hours: 36, accounts: 120 })
    expect(() => prepare({ scenario: 'nonsense' })).toThrow('there is no scenario "nonsense"')
    expect(() => prepare({ hours: 2 })).toThrow('hours must be a whole number from 6')
    expect(() => prepare({ scenario: 'handover', hours: 36 })).toThrow(
      'hours must be a whole number from 720',
    )
    expect(() => prepare({ seed: 0.5 })).toThrow('seed must be a whole number')
  })
})

describe('the records', () => {
  let quiet: Collected
  let benign: Collected
  beforeAll(() => {
    quiet = collect(small)
    benign = collect({ ...small, scenario: 'benign' })
  })

  it('speak the vocabulary of the contract', () => {
    const { records } = collect({ ...small, accounts: 150, scenario: 'networks' })
    expect([...benign.records, ...records].flatMap((record) => faultOf(record) ?? [])).toEqual([])
  })

  it('use every field of every kind that a platform writes', () => {
    const used = new Set(
      benign.records.flatMap((record) => Object.keys(record).map((name) => `${record.kind} ${name}`)),
    )
    for (const kind of kinds) {
      // What people decide is not the platform's to write.
      if (kind === 'feedback' || kind === 'policy') continue
      for (const field of fieldsOf[kind].split(' ')) expect(used).toContain(`${kind} ${field}`)
    }
  })

  it('leave optional fields out now and then', () => {
    for (const field of ['deviceId', 'sessionId', 'address', 'userAgent', 'region', 'actorCreatedAt']) {
      const clicks = quiet.records.filter((record) => record.kind === 'click')
      const missing = clicks.filter((record) => !(field in record)).length / clicks.length
      expect(missing).toBeGreaterThan(0.005)
      expect(missing).toBeLessThan(0.15)
    }
  })

  it('lie within the run, and nobody acts before he registered', () => {
    const { records, options } = benign
    const isWithin = (record: ReadRecord): boolean =>
      timeOf(record) >= options.startMs && timeOf(record) < endOf(options)
    const isTooYoung = (record: ReadRecord): boolean => Number(record['actorCreatedAt'] ?? 0) > timeOf(record)
    expect(records.filter((record) => !isWithin(record))).toEqual([])
    expect(records.filter(isTooYoung)).toEqual([])
  })

  it('are on nothing before it is published, whoever acts', () => {
    const attacked = collect({ ...small, scenario: 'attacks', hours: 30 }).records
    for (const records of [quiet.records, benign.records, attacked]) {
      const publishedMs = new Map<unknown, number>()
      for (const record of records) {
        const content = record['contentId']
        const earlierMs = publishedMs.get(content) ?? Infinity
        if (record.kind === 'post') publishedMs.set(content, Math.min(earlierMs, timeOf(record)))
      }
      const seen = records.filter((record) => publishedMs.has(record['contentId']))
      expect(seen.length).toBeGreaterThan(5_000)
      expect(seen.filter((record) => timeOf(record) < publishedMs.get(record['contentId'])!)).toEqual([])
    }
  })

  it('come in disorder, but never later than the longest delay', () => {
    let latestMs = 0
    let overtaken = 0
    let longestMs = 0
    for (const record of quiet.records) {
      if (timeOf(record) < latestMs) overtaken++
      longestMs = Math.max(longestMs, latestMs - timeOf(record))
      latestMs = Math.max(latestMs, timeOf(record))
    }
    expect(longestMs).toBeLessThanOrEqual(longestDelayMs)
    expect(longestMs).toBeGreaterThan(longestDelayMs / 2)
    expect(overtaken).toBeGreaterThan(quiet.records.length / 50)
  })

  it('are now and then repeated, to the byte', () => {
    const repeats = quiet.lines.length - new Set(quiet.lines).size
    expect(repeats / quiet.lines.length).toBeGreaterThan(0.002)
    expect(repeats / quiet.lines.length).toBeLessThan(0.008)
    expect(unrepeated(quiet.records)).toHaveLength(new Set(quiet.lines).size)
  })

  it('have ids that differ', () => {
    expect(quiet.facts.size).toBe(unrepeated(quiet.records).length)
  })
})

describe('the platform', () => {
  let clicks: ReadRecord[]
  let subscriptions: ReadRecord[]
  beforeAll(() => {
    const records = unrepeated(collect({ ...small, hours: 48, events: 60_000 }).records)
    clicks = records.filter((record) => record.kind === 'click')
    subscriptions = records.filter((record) => record['action'] === 'subscribe')
  })

  it('sleeps at night and reads in the evening', () => {
    const at = (hour: number): number => clicks.filter((click) => localHourOf(timeOf(click)) === hour).length
    expect(at(21)).toBeGreaterThan(8 * at(4))
    expect(at(12)).toBeGreaterThan(1.1 * at(16))
  })

  it('has heavy tails: few accounts and few actors have a large part of everything', () => {
    const byAccount = countOf(clicks, (click) => click.accountId)
    const byActor = countOf(clicks, (click) => click.actorId)
    expect(sum(byAccount.slice(0, byAccount.length / 10))).toBeGreaterThan(0.3 * clicks.length)
    expect(sum(byActor.slice(0, byActor.length / 10))).toBeGreaterThan(0.25 * clicks.length)
    // Active, but a person.
    expect(byActor[0]).toBeLessThan(40 * (clicks.length / byActor.length))
  })

  it('has text on a fifth of its events where readers are talkative, and about as many events', () => {
    const size = { ...small, hours: 12, events: 20_000 }
    const { records } = collect({ ...size, scenario: 'talkative' })
    const share = records.filter(({ text }) => text !== undefined).length / records.length
    expect(share).toBeGreaterThan(0.18)
    expect(share).toBeLessThan(0.23)
    const usual = collect({ ...size, scenario: 'platform' }).records.length
    expect(Math.abs(records.length / usual - 1)).toBeLessThan(0.05)
  })

  it('has readers of several accounts who come back', () => {
    const accountsOf = new Map<string, Set<string>>()
    for (const { actorId, accountId } of clicks) {
      accountsOf.set(actorId, (accountsOf.get(actorId) ?? new Set()).add(accountId))
    }
    const breadths = [...accountsOf.values()]
      .map((accounts) => accounts.size)
      .sort((left, right) => left - right)
    expect(breadths[breadths.length >> 1]).toBeGreaterThanOrEqual(4)
    const pairs = countOf(clicks, (click) => `${click.actorId} ${click.accountId}`)
    expect(sum(pairs.filter((count) => count > 1))).toBeGreaterThan(0.4 * clicks.length)
  })

  it('has subscribers of whom about half have read the account before', () => {
    const readAt = new Map<string, number>()
    for (const click of clicks) {
      const key = `${click.actorId} ${click.accountId}`
      readAt.set(key, Math.min(readAt.get(key) ?? Infinity, timeOf(click)))
    }
    const readers = subscriptions.filter(
      (one) => (readAt.get(`${one.actorId} ${one.accountId}`) ?? Infinity) < timeOf(one),
    )
    expect(readers.length / subscriptions.length).toBeGreaterThan(0.35)
    expect(readers.length / subscriptions.length).toBeLessThan(0.7)
  })

  it('lets nobody subscribe to an account twice', () => {
    expect(countOf(subscriptions, (one) => `${one.actorId} ${one.accountId}`)[0]).toBe(1)
  })

  it('has carriers with a crowd behind one prefix and homes with a few', () => {
    const behind = new Map<string, Set<string>>()
    for (const { address, actorId } of clicks) {
      if (typeof address !== 'string' || !address.includes('.')) continue
      const prefix = address.slice(0, address.lastIndexOf('.'))
      behind.set(prefix, (behind.get(prefix) ?? new Set()).add(actorId))
    }
    const sizes = [...behind.values()].map((actors) => actors.size).sort((left, right) => right - left)
    expect(sizes[0]).toBeGreaterThan(250)
    expect(sizes[sizes.length >> 1]).toBeLessThan(15)
  })
})

describe('the truth', () => {
  const attacked = { ...small, scenario: 'attacks', hours: 30, accounts: 100 }

  it('agrees with the records, hour by hour', () => {
    const { records, facts, truth: counts } = collect(attacked)
    const tally = new Map<string, { honest: number; fake: number }>()
    for (const record of unrepeated(records)) {
      const fact = facts.get(record.eventId)!
      if (!fact.isCounted) continue
      const key = `${record.accountId} ${record.kind} ${Math.floor(timeOf(record) / hourMs) * hourMs}`
      const entry = tally.get(key) ?? { honest: 0, fake: 0 }
      if (fact.bought) entry.fake++
      else entry.honest++
      tally.set(key, entry)
    }
    const bought = [...tally].filter(([, { fake }]) => fake > 0)
    expect(new Map(bought)).toEqual(
      new Map(
        counts.map(({ accountId, kind, hour, honest, fake }) => [
          `${accountId} ${kind} ${hour}`,
          { honest, fake },
        ]),
      ),
    )
    expect(counts.length).toBeGreaterThan(50)
  })

  it('is the same by every way of asking', () => {
    const { labels: collected, truth: counts } = collect(attacked)
    expect(labels(attacked)).toEqual(collected)
    expect(truth(attacked)).toEqual(counts)
  })
})

/** What is wrong with a record by the contract, undefined where nothing is. */
function faultOf(record: ReadRecord): string | undefined {
  const kind = record.kind as Kind
  if (!kinds.includes(kind)) return `kind ${kind}`
  const unknown = Object.keys(record).filter(
    (name) => !`${common} ${fieldsOf[kind]}`.split(' ').includes(name),
  )
  if (unknown.length > 0) return `fields ${unknown.join()}`
  const entry = entryFields[kind]
  const said = entry && record[entry.field]
  if (said !== undefined && !entry?.values.some((value) => value === said))
    return `entry ${JSON.stringify(said)}`
  const action = actionFields[kind]
  if (action && !action.values.some((value) => value === record[action.field]))
    return `action of ${record.eventId}`
  if (!Number.isInteger(timeOf(record))) return `time of ${record.eventId}`
  return missingOf(record, kind)
}

function missingOf(record: ReadRecord, kind: Kind): string | undefined {
  if ((kind === 'comment' || kind === 'post') && typeof record['text'] !== 'string')
    return `text of ${record.eventId}`
  if (kind === 'impression' && !(Number(record['count']) > 0)) return `count of ${record.eventId}`
  if ('dwellMs' in record && !Number.isInteger(record['dwellMs'])) return `dwell of ${record.eventId}`
  return undefined
}
