import { mix32 } from '../model/hash'
import { bandCount, bandKeys, winnow } from './fingerprints'

describe('band keys', () => {
  it.each([8, 20, 60, 300])('of two sets of %d grams at Jaccard 0.7 meet, but once in 500', (size) => {
    // With s of n grams in common, Jaccard is s / (2 n - s).
    const shared = Math.ceil((1.4 * size) / 1.7)
    const missed = count(4000, (pair) => !meet(pair, size, shared))
    expect(missed).toBeLessThan(8)
  })

  it('of sets with a tenth in common seldom meet', () => {
    const met = count(1000, (pair) => meet(pair, 60, Math.round(6.6 * 1.65)))
    expect(met).toBeLessThan(60)
  })
})

describe('winnowing', () => {
  it('chooses one of any eight passages in a row, and no more than one in three of all', () => {
    const passages = Uint32Array.from({ length: 2000 }, (_, at) => mix32(at, 5))
    const chosen = new Uint32Array(2000)
    const number = winnow(passages, passages.length, chosen)
    const set = new Set(chosen.subarray(0, number))
    for (let at = 0; at + 8 <= passages.length; at++) {
      expect(passages.subarray(at, at + 8).some((passage) => set.has(passage))).toBe(true)
    }
    expect(number).toBeLessThan(2000 / 3)
  })

  it('chooses the least where there are fewer than eight', () => {
    const chosen = new Uint32Array(8)
    expect([winnow(Uint32Array.of(5, 3, 9), 3, chosen), chosen[0]]).toEqual([1, 3])
    expect(winnow(new Uint32Array(0), 0, chosen)).toBe(0)
  })
})

function meet(pair: number, size: number, shared: number): boolean {
  const one = Uint32Array.from({ length: size }, (_, at) => mix32(mix32(pair, at), 1))
  const two = Uint32Array.from(one, (gram, at) => (at < shared ? gram : mix32(mix32(pair, at), 2)))
  const [keysOfOne, keysOfTwo] = [new Uint32Array(bandCount), new Uint32Array(bandCount)]
  bandKeys(one, size, keysOfOne)
  bandKeys(two, size, keysOfTwo)
  return keysOfOne.some((key, band) => key === keysOfTwo[band])
}

function count(pairs: number, isCounted: (pair: number) => boolean): number {
  return Array.from({ length: pairs }, (_, pair) => isCounted(pair)).filter(Boolean).length
}
