/** How well scores tell two classes apart: the chance that one of the class scores above one that is not (the AUC). */
export function areaUnderCurve(
  scored: readonly { readonly score: number; readonly isPositive: boolean }[],
): number {
  const ordered = [...scored].sort((a, b) => a.score - b.score)
  const positives = ordered.filter(({ isPositive }) => isPositive).length
  let rankSum = 0
  for (let from = 0, to = 0; from < ordered.length; from = to) {
    let tied = 0
    for (; to < ordered.length && ordered[to]!.score === ordered[from]!.score; to++) {
      if (ordered[to]!.isPositive) tied++
    }
    // Equal scores share the mean of their ranks, which count from 1.
    rankSum += tied * ((from + 1 + to) / 2)
  }
  const pairs = positives * (ordered.length - positives)
  return (rankSum - (positives * (positives + 1)) / 2) / pairs
}
