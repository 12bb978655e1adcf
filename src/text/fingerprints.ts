import { mix32 } from '../model/hash'

/** How many keys a text gets for its grams. */
export const bandCount = 24
const bandRows = 4
const bins = bandCount * bandRows

/**
 * Writes the band keys of a set of grams: two sets share one with probability 1 - (1 - J⁴)²⁴ at Jaccard J, which is
 * 0.9986 at 0.7, 0.79 at 0.5 and 0.002 at 0.1.
 *
 * One-permutation MinHash (Li, Owen and Zhang, "One permutation hashing", 2012): each gram falls into one bin and the
 * least of a bin stands for it. An empty bin takes the value of a bin drawn by its own number and the attempt, the
 * optimal densification of Shrivastava (ICML 2017).
 */
export function bandKeys(grams: Uint32Array, count: number, keys: Uint32Array): void {
  least.fill(empty)
  for (let at = 0; at < count; at++) {
    const gram = grams[at]!
    const bin = ((gram >>> 16) * bins) >>> 16
    const order = Math.imul(gram, 0x9e3779b1) >>> 1
    if (order < least[bin]!) least[bin] = order
  }
  for (let bin = 0; bin < bins; bin++) {
    let from = bin
    for (let attempt = 0; least[from] === empty; attempt++) {
      from = attempt < drawnAhead ? draws[bin * drawnAhead + attempt]! : drawBin(bin, attempt)
    }
    dense[bin] = least[from]!
  }
  for (let band = 0; band < bandCount; band++) {
    const at = band * bandRows
    keys[band] = mix32(mix32(dense[at]!, dense[at + 1]!), mix32(dense[at + 2]!, dense[at + 3]! ^ band))
  }
}

/**
 * Writes the passages that stand for a text and gives their number: the least of every 8 in a row. Of any passage of
 * 8 more letters than the shortest, one of them is found (winnowing: Schleimer, Wilkerson and Aiken, SIGMOD 2003).
 */
export function winnow(passages: Uint32Array, count: number, chosen: Uint32Array): number {
  let number = 0
  let least = -1
  for (let end = Math.min(window, count); end <= count && count > 0; end++) {
    const start = Math.max(0, end - window)
    let next = least
    if (least < start) {
      next = start
      for (let at = start + 1; at < end; at++) if (passages[at]! <= passages[next]!) next = at
    } else if (passages[end - 1]! <= passages[least]!) {
      next = end - 1
    }
    if (next === least) continue
    least = next
    chosen[number++] = passages[least]!
  }
  return number
}

const window = 8
const empty = 0xffff_ffff
const least = new Uint32Array(bins)
const dense = new Uint32Array(bins)

const drawnAhead = 32
const draws = new Uint8Array(bins * drawnAhead)
for (let bin = 0; bin < bins; bin++) {
  for (let attempt = 0; attempt < drawnAhead; attempt++) {
    draws[bin * drawnAhead + attempt] = drawBin(bin, attempt)
  }
}

function drawBin(bin: number, attempt: number): number {
  return mix32(bin + 1, attempt + 1) % bins
}
