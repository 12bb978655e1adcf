import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { evaluateReal } from '.'
import type { RealResult } from '.'

describe('the evaluation on real data', () => {
  const folder = mkdtempSync(join(tmpdir(), 'real-'))
  afterAll(() => {
    rmSync(folder, { recursive: true })
  })
  const write = (set: string, file: string, lines: readonly string[]): void => {
    mkdirSync(join(folder, set), { recursive: true })
    writeFileSync(join(folder, set, file), gzipSync(lines.map((line) => `${line}\n`).join('')))
  }

  it('plays reposts with words as comments and others as forwards, from all files', async () => {
    const header = 'ts,actor,target,parent,mid,text'
    write('ced-weibo', 'reposts-1.csv.gz', [header, '1344962305,ann,p,,m1,"黑啊。"', '1344962306,bob,p,,m2,'])
    write('ced-weibo', 'reposts-2.csv.gz', [header, '1355921075,cid,q,m1,m3,'])
    write('ced-weibo', 'reposts-3.csv.gz', [header, '1369560846,dan,q,,m4,"转发, 微博"'])
    write('ced-weibo', 'reposts-4.csv.gz', [header])
    const results = await figuresOf('ced-weibo')
    expect(results.find(({ figure }) => figure === 'books')).toMatchObject({
      value: '4 read = 4 counted + 0 duplicates + 0 too late',
      reached: true,
    })
    expect(results[0]).toMatchObject({ set: 'ced-weibo', value: 0, goal: '0', reached: true })
  })

  it('puts retweets in order before it plays them', async () => {
    write('coortweet-ru', 'retweets.csv.gz', [
      'ts,account,object,content',
      '1623881091,ann,o1,c1',
      '1623879483,bob,o1,c2',
      '1623865591,cid,o2,c3',
    ])
    const results = await figuresOf('coortweet-ru')
    expect(results.at(-1)?.value).toBe('3 read = 3 counted + 0 duplicates + 0 too late')
  })

  it('ranks targets by stars that nobody followed up', async () => {
    const kinds =
      'CommitCommentEvent,CreateEvent,DeleteEvent,ForkEvent,GollumEvent,IssueCommentEvent,IssuesEvent,MemberEvent,' +
      'PublicEvent,PullRequestEvent,PullRequestReviewCommentEvent,PullRequestReviewEvent,PushEvent,ReleaseEvent,WatchEvent'
    const rows = Array.from({ length: 32 }, (_, place) => {
      const isMade = place % 4 < 2
      const comments = isMade ? 0 : 9
      return `${place.toString(16)},${isMade ? 1 : 0},0,0,0,0,0,${comments},0,0,0,0,0,0,0,0,${20 + place}`
    })
    for (const file of ['repos.csv.gz', 'actors.csv.gz'])
      write('starscout-activity', file, [`id,label,${kinds}`, ...rows])
    const results = await figuresOf('starscout-activity')
    expect(results.find(({ figure }) => figure === 'targets, AUC of the action mix')?.value).toBe(1)
  })

  it('says what is missing before it begins', async () => {
    await expect(figuresOf('wikiticker')).rejects.toMatchObject({ exitCode: 69 })
    await expect(figuresOf('wikitickr')).rejects.toMatchObject({ exitCode: 2 })
    await expect(all(evaluateReal(join(folder, 'nowhere')))).rejects.toThrow(
      /name the folder that holds nab-volume/,
    )
  })

  function figuresOf(set: string): Promise<RealResult[]> {
    return all(evaluateReal(folder, [set]))
  }
})

async function all(results: AsyncIterable<RealResult>): Promise<RealResult[]> {
  const list: RealResult[] = []
  for await (const result of results) list.push(result)
  return list
}
