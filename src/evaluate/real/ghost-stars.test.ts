import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { evaluateGhostStars } from './ghost-stars'
import type { RealResult } from './result'

describe('the evaluation on bought stars', () => {
  const folder = mkdtempSync(join(tmpdir(), 'stars-'))
  afterAll(() => {
    rmSync(folder, { recursive: true })
  })
  const write = (set: string, file: string, lines: readonly string[]): void => {
    mkdirSync(join(folder, set), { recursive: true })
    writeFileSync(join(folder, set, file), gzipSync(lines.map((line) => `${line}\n`).join('')))
  }

  it('finds eight who star the same six targets among retweets, and says which background is not there', async () => {
    const crew = Array.from({ length: 48 }, (_, star) => {
      const target = Math.floor(star / 8)
      return `${1_000_000 + target * 7200 + (star % 8)},a${star % 8},t${target},o,subscribe,WatchEvent`
    })
    write('ghost-stars', 'events.csv.gz', ['ts,actor,target,target_owner,kind,gh_type', ...crew])
    const retweets = Array.from(
      { length: 3000 },
      (_, row) => `${row * 600},u${row % 700},p${(row * 7) % 900},c${row}`,
    )
    write('coortweet-ru', 'retweets.csv.gz', ['ts,account,object,content', ...retweets])
    const results: RealResult[] = []
    for await (const result of evaluateGhostStars(join(folder, 'ghost-stars'))) results.push(result)
    const valueOf = (figure: string): unknown => results.find((result) => result.figure === figure)?.value
    expect(valueOf('over coortweet-ru, without bought stars: accounts in groups')).toBe(0)
    expect(valueOf('over coortweet-ru, plain: P, R, R5')).toBe('1.000, 1.000, 1.000')
    expect(valueOf('over ced-weibo')).toBe('the data set is not there')
  })
})
