import { join } from 'node:path'
import { learnLogOdds } from './action-mix'
import type { LabelledMix } from './action-mix'
import { readCsv } from './csv'
import { areaUnderCurve } from './ranking'
import type { RealResult } from './result'
import { told } from './result'

/**
 * How well traffic without engagement tells bought stars on GitHub from others: it ranks evidence. The labels are those
 * of another detector, so that no accuracy can be claimed from them.
 */
export async function* evaluateStarscoutActivity(folder: string): AsyncGenerator<RealResult> {
  for (const { name, file, published } of subjects) {
    const mixes = await readMixes(join(folder, file))
    const figure = (what: string): string => `${name}, AUC of ${what}`
    yield told(set, figure('the watch share'), aucOf(mixes, watchShare), published.watchShare)
    yield told(
      set,
      figure('few events in all'),
      aucOf(mixes, (mix) => -total(mix)),
      published.fewEvents,
    )
    const bayes = twoFoldAuc(mixes)
    yield {
      ...told(set, figure('the action mix'), bayes, String(published.actionMix)),
      goal: `at least ${published.actionMix}`,
      reached: bayes >= published.actionMix,
    }
  }
}

interface Mix extends LabelledMix {
  readonly id: string
}

async function readMixes(file: string): Promise<Mix[]> {
  const mixes: Mix[] = []
  for await (const row of readCsv(file, ['id', 'label', ...actions])) {
    mixes.push({
      id: row.id,
      isMade: row.label === '1',
      mix: actions.map((action) => Number(row[action])),
    })
  }
  return mixes
}

/** Each half, by the hash that the id is, is scored by what was learnt from the other. */
function twoFoldAuc(mixes: readonly Mix[]): number {
  const isEven = ({ id }: Mix): boolean => parseInt(id.slice(-1), 16) % 2 === 0
  const even = learnLogOdds(mixes.filter(isEven))
  const odd = learnLogOdds(mixes.filter((mix) => !isEven(mix)))
  const scored = mixes.map((mix) => ({ score: (isEven(mix) ? odd : even)(mix.mix), isPositive: mix.isMade }))
  return rounded(areaUnderCurve(scored))
}

function aucOf(mixes: readonly Mix[], scoreOf: (mix: readonly number[]) => number): number {
  return rounded(
    areaUnderCurve(mixes.map(({ mix, isMade }) => ({ score: scoreOf(mix), isPositive: isMade }))),
  )
}

/** A share of few events is drawn towards one half: one star of one event is less telling than forty of forty. */
function watchShare(mix: readonly number[]): number {
  return (mix[actions.indexOf('WatchEvent')]! + 0.5) / (total(mix) + 1)
}

function total(mix: readonly number[]): number {
  return mix.reduce((sum, count) => sum + count, 0)
}

function rounded(auc: number): number {
  return Number(auc.toFixed(3))
}

const set = 'starscout-activity'
const actions = [
  'CommitCommentEvent',
  'CreateEvent',
  'DeleteEvent',
  'ForkEvent',
  'GollumEvent',
  'IssueCommentEvent',
  'IssuesEvent',
  'MemberEvent',
  'PublicEvent',
  'PullRequestEvent',
  'PullRequestReviewCommentEvent',
  'PullRequestReviewEvent',
  'PushEvent',
  'ReleaseEvent',
  'WatchEvent',
] as const

/** With the figures that the data set's own notes give. */
const subjects = [
  {
    name: 'targets',
    file: 'repos.csv.gz',
    published: { watchShare: '0.792', fewEvents: '', actionMix: 0.878 },
  },
  {
    name: 'accounts',
    file: 'actors.csv.gz',
    published: { watchShare: '0.742', fewEvents: '0.815', actionMix: 0.856 },
  },
]
