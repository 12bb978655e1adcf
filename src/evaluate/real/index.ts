import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { UnreachableError, UsageError } from '../../model/errors'
import { evaluateCedWeibo } from './ced-weibo'
import { evaluateCoortweetRu } from './coortweet-ru'
import { evaluateDarpaEdges } from './darpa-edges'
import { evaluateFbsSmsZh } from './fbs-sms-zh'
import { evaluateGhostStars } from './ghost-stars'
import { evaluateIraPosts } from './ira-posts'
import { evaluateMarketOffers } from './market-offers'
import { volumeResults } from './volume-results'
import { evaluateNewsTweets } from './news-tweets'
import type { RealResult } from './result'
import { evaluateStarscoutActivity } from './starscout-activity'
import { evaluateWikiticker } from './wikiticker'
import { evaluateYoutubeSpam } from './youtube-spam'

export type { RealResult } from './result'

/** Measures assay on the real data sets in a folder, all or those that are named, figure by figure. */
export async function* evaluateReal(
  folder: string,
  only: readonly string[] = [],
): AsyncGenerator<RealResult> {
  const there = Object.keys(sets).filter((name) => existsSync(join(folder, name)))
  const chosen = only.length > 0 ? only : there.length > 0 ? there : Object.keys(sets)
  // What is missing is said before hours of work, not after.
  for (const name of chosen) checkSet(folder, name)
  for (const name of chosen) yield* sets[name]!(join(folder, name))
}

function checkSet(folder: string, name: string): void {
  if (!Object.hasOwn(sets, name)) {
    throw new UsageError(`there is no data set "${name}"; there are ${Object.keys(sets).join(', ')}`)
  }
  if (!existsSync(folder)) {
    throw new UnreachableError(
      `expected real data at ${folder}, found nothing; name the folder that holds ${Object.keys(sets).join(', ')}`,
    )
  }
  if (!existsSync(join(folder, name))) {
    throw new UnreachableError(
      `expected the data set ${name} in ${folder}, found none; put it there or leave it out`,
    )
  }
}

const sets: Readonly<Record<string, (folder: string) => AsyncIterable<RealResult> | Iterable<RealResult>>> = {
  'nab-volume': volumeResults,
  wikiticker: evaluateWikiticker,
  'ced-weibo': evaluateCedWeibo,
  'coortweet-ru': evaluateCoortweetRu,
  'ghost-stars': evaluateGhostStars,
  'news-tweets': evaluateNewsTweets,
  'ira-posts': evaluateIraPosts,
  'starscout-activity': evaluateStarscoutActivity,
  'market-offers': evaluateMarketOffers,
  'fbs-sms-zh': evaluateFbsSmsZh,
  'youtube-spam': evaluateYoutubeSpam,
  'darpa-edges': evaluateDarpaEdges,
}
