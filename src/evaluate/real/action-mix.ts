/** What an account did, or what was done to it: how often each kind of action, in one order. */
export type ActionMix = readonly number[]

export interface LabelledMix {
  readonly mix: ActionMix
  readonly isMade: boolean
}

/**
 * Learns how the action mixes of made and of honest traffic differ; the result gives the log-odds of a mix to be made.
 * Naive Bayes over the counts by kind, each in bins that double in width, so that traffic without engagement shows
 * whatever its size.
 */
export function learnLogOdds(examples: readonly LabelledMix[]): (mix: ActionMix) => number {
  const kinds = examples[0]?.mix.length ?? 0
  // Half an example in every bin (Krichevsky and Trofimov), so that what was never seen is not impossible.
  const made = new Float64Array(kinds * bins).fill(0.5)
  const honest = new Float64Array(kinds * bins).fill(0.5)
  let mades = 0
  for (const { mix, isMade } of examples) {
    if (isMade) mades++
    const into = isMade ? made : honest
    mix.forEach((count, kind) => into[kind * bins + binOf(count)]!++)
  }
  const honests = examples.length - mades
  const share = (seen: number, of: number): number => seen / (of + bins / 2)
  const logOdds = made.map((seen, cell) => Math.log(share(seen, mades) / share(honest[cell]!, honests)))
  return (mix) => mix.reduce((sum, count, kind) => sum + logOdds[kind * bins + binOf(count)]!, 0)
}

/** 0, 1, 2-4, 5-10, 11-21, … */
function binOf(count: number): number {
  return Math.min(bins - 1, Math.round(Math.log2(count + 1)))
}

const bins = 20
