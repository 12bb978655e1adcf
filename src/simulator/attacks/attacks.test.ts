import { judgedKinds } from '../../model/event'
import { strengths } from '../burst'
import type { Collected, ReadRecord } from '../../../test/support/simulation'
import { collect, timeOf, unrepeated } from '../../../test/support/simulation'
import type { Label } from '../labels'
import { hourMs } from '../season'

/** What a campaign did: its label, and the records that were bought of its account. */
interface Seen {
  readonly label: Label
  readonly bought: readonly ReadRecord[]
}

const median = (values: readonly number[]): number =>
  [...values].sort((left, right) => left - right)[values.length >> 1] ?? NaN

describe('campaigns', () => {
  let run: Collected
  let campaigns: Seen[]
  let all: ReadRecord[]
  beforeAll(() => {
    run = collect({ scenario: 'attacks', events: 40_000, accounts: 200, actors: 3_000, seed: 9 })
    all = unrepeated(run.records)
    campaigns = run.labels
      .filter((label) => label.type === 'account')
      .map((label) => ({
        label,
        bought: all.filter(
          (record) => record.accountId === label.id && run.facts.get(record.eventId)!.bought,
        ),
      }))
  })
  const of = (part: string): Seen[] => campaigns.filter(({ label }) => label.attack.startsWith(part))
  const main = ({ label, bought }: Seen): readonly ReadRecord[] =>
    bought.filter((record) => label.offence === `inflated-${record.kind}s`)

  it('are of every kind and strength, on an account each, and on no more than a seventh of them', () => {
    for (const kind of judgedKinds) {
      for (const strength of strengths) {
        const same = campaigns.filter(
          ({ label }) =>
            label.strength === strength && label.offence === `inflated-${kind}s` && label.label === 'fraud',
        )
        expect(same.length).toBeGreaterThan(0)
      }
    }
    expect(new Set(campaigns.map(({ label }) => label.id)).size).toBe(campaigns.length)
    expect(campaigns.length).toBeLessThanOrEqual(0.15 * 200)
  })

  it('begin after a quiet time', () => {
    const first = Math.min(...campaigns.flatMap(({ bought }) => bought.map(timeOf)))
    expect(first).toBeGreaterThan(run.options.startMs + 7.9 * hourMs)
  })

  it('deliver an order of a usual size by actors with a label each', () => {
    const labelled = new Map(
      run.labels.filter(({ type }) => type === 'actor').map((label) => [label.id, label]),
    )
    for (const campaign of campaigns) {
      expect(main(campaign).length).toBeGreaterThan(80)
      const own = new Set(campaign.bought.map(({ actorId }) => labelled.get(actorId)?.campaign))
      const { crew, campaign: name } = campaign.label
      expect([...own].filter((one) => one !== crew && one !== name)).toEqual([])
    }
  })

  it('of stealth are served by one crew, each by another part of it that overlaps with all others', () => {
    const stealth = campaigns.filter(({ label }) => label.strength === 'stealth')
    expect(new Set(stealth.map(({ label }) => label.crew))).toEqual(new Set(['crew']))
    expect(campaigns.filter(({ label }) => label.strength !== 'stealth' && 'crew' in label)).toEqual([])
    const hands = stealth.map((seen) => new Set(main(seen).map(({ actorId }) => actorId)))
    for (const some of hands) {
      for (const others of hands) {
        const shared = [...some].filter((actor) => others.has(actor)).length
        expect(shared).toBeGreaterThan(20)
        expect(some === others || shared < 0.95 * some.size).toBe(true)
      }
    }
  })

  it('take as long as their strength says', () => {
    const hours = (seen: Seen): number => {
      const times = main(seen).map(timeOf)
      return (Math.max(...times) - Math.min(...times)) / hourMs
    }
    for (const seen of of('farm')) expect(hours(seen)).toBeLessThan(1.1)
    for (const seen of of('proxy')) expect(hours(seen)).toBeLessThan(11)
    for (const seen of of('residential')) expect(hours(seen)).toBeGreaterThan(18)
  })

  it('share devices and look new where they are blatant, and neither where they are not', () => {
    for (const seen of of('farm')) {
      expect(actorsPerDevice(seen.bought)).toBeGreaterThan(5)
      expect(ageDays(seen.bought)).toBeLessThan(25)
    }
    for (const seen of of('residential')) {
      expect(actorsPerDevice(seen.bought)).toBeLessThan(1.3)
      expect(ageDays(seen.bought)).toBeGreaterThan(200)
    }
  })

  it('leave with regular gaps where a machine works through a list', () => {
    const jitter = (seen: Seen): number => {
      const times = main(seen)
        .map(timeOf)
        .sort((left, right) => left - right)
      const gaps = times.slice(1).map((timeMs, place) => timeMs - times[place]!)
      const usual = median(gaps)
      return median(gaps.map((gap) => Math.abs(gap - usual))) / usual
    }
    for (const seen of of('farm-steady')) expect(jitter(seen)).toBeLessThan(0.1)
    for (const seen of of('proxy')) expect(jitter(seen)).toBeGreaterThan(0.3)
  })

  it('use the operator’s own device where the account runs them, and never where somebody else pays', () => {
    const usesOwnDevice = ({ label, bought }: Seen): boolean => {
      const devices = operatorDevices(all, label.id)
      return bought.some((record) => devices.has(record['deviceId']))
    }
    const atHome = campaigns.filter(({ label }) => label.selfRun === true)
    expect(atHome.length).toBeGreaterThan(campaigns.length / 5)
    for (const seen of campaigns) expect(usesOwnDevice(seen)).toBe(seen.label.selfRun)
  })

  it('frame others with the same traffic; those are honest, the actors are not', () => {
    const framed = of('framed-')
    expect(framed.length).toBeGreaterThanOrEqual(campaigns.length / 6)
    for (const { label } of framed) {
      expect(label).toMatchObject({ label: 'honest', selfRun: false })
      expect(
        campaigns.some((other) => label.attack.endsWith(other.label.attack) && other.label.label === 'fraud'),
      ).toBe(true)
    }
  })
})

function actorsPerDevice(records: readonly ReadRecord[]): number {
  const actors = new Set(records.filter((record) => 'deviceId' in record).map((record) => record.actorId))
  return actors.size / new Set(records.flatMap((record) => record['deviceId'] ?? [])).size
}

function ageDays(records: readonly ReadRecord[]): number {
  const ages = records.map((record) => (timeOf(record) - Number(record['actorCreatedAt'])) / (24 * hourMs))
  return median(ages.filter((age) => !Number.isNaN(age)))
}

/** The devices that an account's author has been seen with, as posts and logins show them. */
function operatorDevices(records: readonly ReadRecord[], accountId: string): Set<unknown> {
  const own = records.filter(
    (record) => record.accountId === accountId && ['post', 'account'].includes(record.kind),
  )
  return new Set(own.map((record) => record['deviceId']).filter((device) => device !== undefined))
}
