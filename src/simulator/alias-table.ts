import type { Random } from './random'

/**
 * Draws an index by weight in constant time (Walker's alias method, in Vose's arrangement). Its buffers are kept and
 * reused, since the weights of a platform change every few minutes.
 */
export class AliasTable {
  private size = 0
  private threshold = new Float64Array(0)
  private alias = new Int32Array(0)
  private open = new Int32Array(0)

  /** Takes the first `size` weights; at least one must be above zero. */
  fill(weights: Float64Array, size: number): void {
    this.reserve(size)
    this.size = size
    let total = 0
    for (let at = 0; at < size; at++) total += weights[at]!
    this.balance(weights, size / total)
  }

  draw(random: Random): number {
    const at = random.below(this.size)
    return random.uniform() < this.threshold[at]! ? at : this.alias[at]!
  }

  // `open` holds the light indices from its front and the heavy ones from its back; each step settles a light one
  // with the overhang of a heavy one.
  private balance(weights: Float64Array, scale: number): void {
    const { size, threshold, alias, open } = this
    let light = 0
    let heavy = size
    for (let at = 0; at < size; at++) {
      threshold[at] = weights[at]! * scale
      alias[at] = at
      if (threshold[at]! < 1) open[light++] = at
      else open[--heavy] = at
    }
    while (light > 0 && heavy < size) {
      const small = open[--light]!
      const large = open[heavy]!
      alias[small] = large
      threshold[large] = threshold[large]! - (1 - threshold[small]!)
      if (threshold[large] >= 1) continue
      heavy++
      open[light++] = large
    }
    while (light > 0) threshold[open[--light]!] = 1
    while (heavy < size) threshold[open[heavy++]!] = 1
  }

  private reserve(size: number): void {
    if (this.alias.length >= size) return
    const capacity = Math.ceil(size * 1.5)
    this.threshold = new Float64Array(capacity)
    this.alias = new Int32Array(capacity)
    this.open = new Int32Array(capacity)
  }
}
