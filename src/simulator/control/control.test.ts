import type { Collected, ReadRecord } from '../../../test/support/simulation'
import { collect, timeOf, unrepeated } from '../../../test/support/simulation'
import type { Label } from '../labels'
import { hourMs, minuteMs } from '../season'
import { cellName, cells, cellsOfRun, matrixRuns } from './matrix'

type Post = ReadRecord & { text: string; tags: string[]; original: boolean; contentId: string }

let run: Collected
let records: ReadRecord[]
beforeAll(() => {
  run = collect({ scenario: 'networks', events: 20_000, accounts: 150, actors: 2_000, seed: 4 })
  records = unrepeated(run.records)
})

const postsIn = (from: readonly ReadRecord[]): Post[] =>
  (from as Post[]).filter(({ kind }) => kind === 'post').sort((left, right) => timeOf(left) - timeOf(right))
const postsOf = (accountId: string): Post[] =>
  postsIn(records.filter((record) => record.accountId === accountId))
const labelled = (test: (label: Label) => boolean): Label[] =>
  run.labels.filter((label) => label.type === 'account' && test(label))
const byCampaign = (labels: readonly Label[]): Map<string, Label[]> => {
  const groups = new Map<string, Label[]>()
  for (const label of labels) groups.set(label.campaign, [...(groups.get(label.campaign) ?? []), label])
  return groups
}
const said = (accountId: string, field: string): unknown[] => {
  const own = records.filter((record) => record.accountId === accountId && field in record)
  return own.map((record) => record[field])
}

describe('accounts under one control', () => {
  it('commit every offence that a network can, and each has its label once', () => {
    const offences = new Set(labelled(({ label }) => label === 'fraud').map(({ offence }) => offence))
    for (const offence of [
      'batch-homogeneous-posting',
      'steered-accounts',
      'false-hotspot',
      'forged-originality',
      'bulk-registration',
      'reincarnated-account',
    ] as const) {
      expect(offences).toContain(offence)
    }
    const accounts = labelled(() => true).map(({ id }) => id)
    expect(new Set(accounts).size).toBe(accounts.length)
  })

  it('share devices and identities where they are careless, and neither where they are not', () => {
    const networks = byCampaign(
      labelled(({ offence, label }) => offence === 'batch-homogeneous-posting' && label === 'fraud'),
    )
    for (const members of networks.values()) {
      const devices = new Set(members.flatMap(({ id }) => said(id, 'deviceId').slice(0, 1)))
      const subjects = new Set(members.flatMap(({ id }) => said(id, 'subjectId').slice(0, 1)))
      const isStealth = members[0]!.strength === 'stealth'
      if (isStealth) expect(devices.size).toBeGreaterThanOrEqual(members.length - 1)
      if (members[0]!.strength === 'blatant')
        expect(devices.size).toBeLessThanOrEqual(Math.ceil(members.length / 4))
      if (!isStealth) expect(subjects.size).toBeLessThan(members.length)
    }
  })

  it('push a false hotspot that hardly anybody else takes up', () => {
    for (const members of byCampaign(
      labelled(({ offence, label }) => offence === 'false-hotspot' && label === 'fraud'),
    ).values()) {
      const ids = new Set(members.map(({ id }) => id))
      const counts = new Map<string, number>()
      for (const post of members.flatMap(({ id }) => postsOf(id)))
        for (const tag of post.tags) counts.set(tag, (counts.get(tag) ?? 0) + 1)
      const [tag = ''] = [...counts].sort(([, left], [, right]) => right - left)[0] ?? []
      expect(counts.get(tag)).toBeGreaterThanOrEqual(2 * members.length)
      expect(postsIn(records).filter((post) => post.tags.includes(tag) && !ids.has(post.accountId))).toEqual(
        [],
      )
    }
  })

  it('claim as original what somebody else has published hours before', () => {
    const forger = labelled(({ attack }) => attack === 'forged-originality-exact')[0]!
    const forged = postsOf(forger.id).flatMap((post) => {
      const older = postsIn(records).find(
        ({ text, accountId }) => text === post.text && accountId !== post.accountId,
      )
      return older ? [{ post, older }] : []
    })
    expect(forged.length).toBeGreaterThanOrEqual(6)
    for (const { post, older } of forged) {
      expect(post.original).toBe(true)
      expect(timeOf(post) - timeOf(older)).toBeGreaterThan(hourMs)
    }
  })

  it('register in bulk from a few phones, within hours', () => {
    const members = labelled(({ attack }) => attack === 'bulk-registration-120')
    const registered = members.map(({ id }) =>
      records.find((one) => one.accountId === id && one['activity'] === 'registered')!,
    )
    const times = registered.map(timeOf)
    expect(Math.max(...times) - Math.min(...times)).toBeLessThan(6 * hourMs)
    expect(new Set(registered.map((one) => one['deviceId'])).size).toBeLessThan(members.length / 8)
  })

  it('come back after they were closed, known by one trace', () => {
    for (const members of byCampaign(
      labelled(({ attack }) => /reincarnated|closed-before/.test(attack)),
    ).values()) {
      const next = members.find(({ offence }) => offence !== null)!
      const first = members.find(({ offence }) => offence === null)!
      const of = ({ id }: Label, activity: string): ReadRecord =>
        records.find((one) => one.accountId === id && one['activity'] === activity)!
      const closed = of(first, 'closed')
      const back = of(next, 'registered')
      expect(timeOf(back)).toBeGreaterThan(timeOf(closed))
      const isSame = (field: string): boolean =>
        said(first.id, field).some((one) => said(next.id, field).includes(one))
      expect(isSame('subjectId')).toBe(next.attack === 'reincarnated-by-subject')
      expect(isSame('deviceId')).toBe(next.attack === 'reincarnated-by-device')
    }
  })

  it('measure delays from the second of the first copies', () => {
    const labels = labelled(({ attack }) => attack === 'network-blatant-exact-6-now-0')
    const texts = new Map<string, number[]>()
    for (const post of labels.flatMap(({ id }) => postsOf(id)))
      texts.set(
        post.text,
        [...(texts.get(post.text) ?? []), timeOf(post)].sort((left, right) => left - right),
      )
    const seconds = [...texts.values()].flatMap((times) => times.slice(1, 2))
    expect(labels[0]!.startMs).toBe(Math.min(...seconds))
  })

  it('serve customers as a crew, whose members are labelled apart from them', () => {
    const customers = labelled(({ crew }) => crew !== undefined)
    const members = run.labels.filter(({ type, campaign }) => type === 'actor' && campaign === 'crew')
    expect(customers.length).toBe(8)
    expect(members.length).toBeGreaterThanOrEqual(300)
    const served = new Map<string, Set<string>>()
    const ids = new Set(members.map(({ id }) => id))
    for (const record of records) {
      if (!ids.has(record.actorId) || !run.facts.get(record.eventId)!.bought) continue
      served.set(record.actorId, (served.get(record.actorId) ?? new Set()).add(record.accountId))
    }
    const counts = [...served.values()].map(({ size }) => size).sort((left, right) => left - right)
    expect(counts[counts.length >> 1]).toBeGreaterThanOrEqual(2)
  })

  it('publish contents of their own, each once', () => {
    const ids = postsIn(records).map(({ contentId }) => contentId)
    expect(new Set(ids).size).toBe(ids.length)
  })
})

describe('the evasion matrix', () => {
  it('plays every cell once in as many seeds as it says, nine at a time', () => {
    const played = Array.from({ length: matrixRuns }, (_, seed) => cellsOfRun(seed + 1))
    expect(new Set(played.flat().map(cellName)).size).toBe(8 * 3 * 3 * 3)
    expect(new Set(played.map(({ length }) => length))).toEqual(new Set([9]))
    expect(cells.length).toBe(216)
    const accounts = played.map((run) => run.reduce((sum, { size }) => sum + size, 0))
    expect(new Set(accounts)).toEqual(new Set([3 * (5 + 15 + 60)]))
  })

  it('plays a single cell by its name: so many copies, so far apart, so much of their own between them', () => {
    const cell = collect({ scenario: 'matrix-exact-15-1h-70', seed: 2 })
    const fraud = cell.labels.filter(({ type, label }) => type === 'account' && label === 'fraud')
    expect(fraud.length).toBe(45)
    expect(new Set(fraud.map(({ attack }) => attack))).toEqual(new Set(['matrix-exact-15-1h-70']))
    const all = unrepeated(cell.records)
    for (const members of byCampaign(fraud).values()) {
      const ids = new Set(members.map(({ id }) => id))
      const own = postsIn(all.filter(({ accountId }) => ids.has(accountId)))
      const texts = new Map<string, Post[]>()
      for (const post of own) texts.set(post.text, [...(texts.get(post.text) ?? []), post])
      const batches = [...texts.values()].filter(({ length }) => length >= 10)
      const copies = batches.flat().length
      expect(batches.length).toBe(4)
      expect(Math.abs(copies / own.length - 0.3)).toBeLessThan(0.05)
      for (const batch of batches) {
        const times = batch.map(timeOf)
        expect(Math.max(...times) - Math.min(...times)).toBeLessThanOrEqual(hourMs)
        expect(Math.max(...times) - Math.min(...times)).toBeGreaterThan(20 * minuteMs)
      }
    }
    expect(all.length).toBeLessThan(60_000)
  })
})
