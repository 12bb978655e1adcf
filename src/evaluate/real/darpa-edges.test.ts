import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { evaluateDarpaEdges, recallAt } from './darpa-edges'
import type { RealResult } from './result'

describe('the evaluation on edges of a network', () => {
  it('gives the whole, the recall, each attack that occurs, and the speed', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'darpa-'))
    try {
      // Five quiet ticks, then a flood whose first two events are as usual.
      const quiet = Array.from({ length: 10 }, (_, row) => `${1 + (row >> 1)},${row % 2},9,`)
      const flood = Array.from({ length: 10 }, () => '6,5,7,neptune')
      const rows = ['tick,src,dst,attack', ...quiet, ...flood]
      writeFileSync(join(folder, 'edges-1.csv.gz'), gzipSync(rows.map((row) => `${row}\n`).join('')))
      const results: RealResult[] = []
      for await (const result of evaluateDarpaEdges(folder)) results.push(result)
      expect(results.map(({ figure }) => figure)).toEqual([
        '20 edges, AUC',
        'recall at 1 % false positives',
        'neptune: AUC, recall at 1 % false positives',
        'million events a second, scoring alone',
      ])
      expect(results[1]?.value).toBe(0.8)
      expect(results[2]?.value).toBe('0.9, 0.8')
    } finally {
      rmSync(folder, { recursive: true })
    }
  })
})

describe('the recall at a share of false positives', () => {
  const ordered = (text: string): { score: number; isPositive: boolean }[] =>
    text.split(' ').map((word) => ({ score: Number(word.slice(1)), isPositive: word.startsWith('+') }))

  it('counts what is above the threshold that takes no more of the others', () => {
    //                                 threshold: 1 of 4 others is above it
    expect(recallAt(ordered('-1 +2 -3 -4 +5 -6 +7 +8'), 0.25)).toBe(3 / 4)
    expect(recallAt(ordered('-1 +2 -3 -4 +5 -6 +7 +8'), 0)).toBe(2 / 4)
  })

  it('takes equal scores all or none', () => {
    expect(recallAt(ordered('-1 -2 +3 -3 +4'), 0)).toBe(1 / 2)
    expect(recallAt(ordered('-1 -2 -3 +3 +4'), 0)).toBe(1 / 2)
    expect(recallAt(ordered('-1 -2 +3 -3 +4'), 0.34)).toBe(1)
  })
})
