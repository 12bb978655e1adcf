import { join } from 'node:path'
import { quantile } from 'simple-statistics'
import type { JudgedKind } from '../../model/event'
import { labels, truth } from '../../simulator'
import { readCsv } from './csv'
import type { RealResult } from './result'
import { told } from './result'

/**
 * The speeds at which sellers of engagement promise to deliver, and those of the simulated campaigns: a simulation that
 * delivers faster than the market would make detection look easy.
 */
export async function* evaluateMarketOffers(folder: string): AsyncGenerator<RealResult> {
  const offered = await readOffers(join(folder, 'rent.csv.gz'))
  const all = [...offered.values()].flat()
  yield told(set, `${all.length} offers: units a day, 10 / 50 / 90 %`, inWords(spreadOf(all)), allPublished)

  const simulated = simulatedRates()
  for (const { action, kind, published } of actions) {
    const sold = spreadOf(offered.get(action) ?? [])
    yield told(set, `${action}: units a day sold, 10 / 50 / 90 %`, inWords(sold), published)
    const made = spreadOf(simulated.get(kind) ?? [])
    yield {
      ...told(set, `${action}: units a day simulated, 10 / 50 / 90 %`, inWords(made), inWords(sold)),
      goal: 'median no faster than 90 % of what is sold',
      reached: made.median <= sold.most,
    }
  }
}

/** The units a day that an offer names, the upper end of a range; undefined where it names none. */
export function unitsADay(description: string): number | undefined {
  const [, from, to, thousand, per] = speed.exec(description) ?? []
  if (from === undefined || per === undefined) return undefined
  const units = Number((to ?? from).replaceAll(' ', '')) * (thousand === '' ? 1 : 1000)
  return per.toLowerCase() === 'час' ? units * 24 : units
}

async function readOffers(file: string): Promise<Map<string, number[]>> {
  const byAction = new Map<string, number[]>()
  for await (const { descr, action } of readCsv(file, ['descr', 'action'])) {
    const units = unitsADay(descr)
    if (units !== undefined) byAction.set(action, [...(byAction.get(action) ?? []), units])
  }
  return byAction
}

/** What each simulated campaign adds to its number on its best day, by kind. */
function simulatedRates(): Map<JudgedKind, number[]> {
  const scenario = { scenario: 'attacks' }
  const ordered = new Set(labels(scenario).map(({ id, offence }) => `${id} ${offence}`))
  const campaigns = new Map<string, { kind: JudgedKind; fakes: Map<number, number> }>()
  for (const { accountId, kind, hour, fake } of truth(scenario)) {
    // A campaign for comments also reads a little; that is no order of clicks.
    if (!ordered.has(`${accountId} inflated-${kind}s`)) continue
    const campaign = campaigns.get(accountId) ?? { kind, fakes: new Map<number, number>() }
    campaigns.set(accountId, campaign)
    campaign.fakes.set(hour, fake)
  }
  const rates = new Map<JudgedKind, number[]>()
  for (const { kind, fakes } of campaigns.values()) {
    rates.set(kind, [...(rates.get(kind) ?? []), bestDay(fakes)])
  }
  return rates
}

function bestDay(fakes: ReadonlyMap<number, number>): number {
  const sums = [...fakes.keys()].map((start) =>
    [...fakes].reduce((sum, [hour, fake]) => (hour >= start && hour < start + dayMs ? sum + fake : sum), 0),
  )
  return Math.max(...sums)
}

interface Spread {
  readonly least: number
  readonly median: number
  readonly most: number
}

function spreadOf(rates: readonly number[]): Spread {
  const at = (share: number): number => (rates.length === 0 ? NaN : quantile([...rates], share))
  return { least: at(0.1), median: at(0.5), most: at(0.9) }
}

function inWords({ least, median, most }: Spread): string {
  return [least, median, most].map((rate) => Math.round(rate)).join(' / ')
}

const set = 'market-offers'
const dayMs = 86_400_000
const allPublished = '80 / 500 / 3000 of 878 offers'

/** "200-400 ед/сутки", "до 3000 ед в сутки", "100 в день", "50 в час". */
const speed =
  /(\d{1,3}(?: \d{3})+|\d+)(?:\s*[-–]\s*(\d{1,3}(?: \d{3})+|\d+))?\s*([кk]?)\s*(?:[а-яё]+\.?)?\s*(?:\/|в)\s*(сут|день|дня|час)/i

/** What the price lists call the judged kinds, with the medians that the data set's own notes give. */
const actions: readonly { action: string; kind: JudgedKind; published: string }[] = [
  { action: 'participate', kind: 'subscription', published: 'median 300' },
  { action: 'view', kind: 'click', published: 'median 3000' },
  { action: 'repost', kind: 'forward', published: 'median 300' },
  { action: 'comment', kind: 'comment', published: 'median 100' },
]
