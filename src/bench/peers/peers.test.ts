import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { eventsFile } from '../data'
import { answersBy } from './answer'
import { compareAnswers } from './compare'
import { closingId, streamFile } from './stream'

describe('the comparison with peers', () => {
  const folder = mkdtempSync(join(tmpdir(), 'assay-peers-test-'))
  afterAll(() => {
    rmSync(folder, { recursive: true })
  })

  it('has the answers of the reference from those that need nothing to install', async () => {
    const events = eventsFile(folder, { events: 20_000, accounts: 60, actors: 2_000, hours: 6 })
    const path = await streamFile(events, 19_000)
    const lines = readFileSync(path, 'utf8').trimEnd().split('\n')
    expect(lines).toHaveLength(19_001)
    expect(JSON.parse(lines.at(-1)!)).toMatchObject({ accountId: closingId })
    const right = await answersBy.reference(path)
    for (const name of ['maps', 'assay'] as const) {
      const { differences, alerts, windows } = compareAnswers(right, await answersBy[name](path), 0)
      expect({ name, differences }).toEqual({ name, differences: [] })
      expect(windows).toBeGreaterThan(100)
      expect(alerts).toBeGreaterThan(0)
    }
  })

  it('counts what is in the ten minutes before the end of a window, each hop anew', async () => {
    //  0:00        10:00       20:00
    //  a b a              c     |        a is fresh; c lies in the second window of the sample alone
    const minuteMs = 60_000
    const event = (atMs: number, actorId: string, ageDays: number) =>
      JSON.stringify({
        kind: 'click',
        eventId: `${actorId}${atMs}`,
        occurredAt: startMs + atMs,
        actorId,
        accountId: 'x',
        actorCreatedAt: startMs + atMs - ageDays * 86_400_000,
      })
    const startMs = Date.UTC(2024, 0, 1)
    const path = join(folder, 'few.ndjson')
    const few = [event(0, 'a', 2), event(1, 'b', 30), event(minuteMs, 'a', 2), event(15 * minuteMs, 'c', 8)]
    writeFileSync(path, `${few.join('\n')}\n`)
    const end = (minutes: number): number => startMs + minutes * minuteMs
    for (const answer of Object.values(answersBy)) {
      expect(await answer(path)).toEqual([
        `sample\tx\tclick\t${end(10)}\t3\t2\t2\n`,
        `sample\tx\tclick\t${end(20)}\t1\t1\t0\n`,
      ])
    }
  })

  it.each([
    ['a count', 'sample\tx\tclick\t600000\t41\t30\t9', /40 events, 9 fresh, were expected, got 41 and 9/],
    ['how many are fresh', 'sample\tx\tclick\t600000\t40\t30\t8', /got 40 and 8/],
    ['how many actors', 'sample\tx\tclick\t600000\t40\t31\t9', /30 actors were expected, got 31/],
    ['a window that is none', 'sample\tx\tclick\t1200000\t40\t30\t9', /is missing/],
    ['an alert that is none', 'alert\tx\tclick\t600000\t40\t30\t9', /is not expected/],
  ])('finds a wrong answer: %s', (_, answer, told) => {
    const { isRight, differences } = compareAnswers([right], [answer], 0)
    expect(isRight).toBe(false)
    expect(differences.join('; ')).toMatch(told)
  })

  it('finds an answer that is told twice, and takes no answers for none that are right', () => {
    expect(compareAnswers([right], [right, right], 0)).toMatchObject({ isRight: false })
    expect(compareAnswers([], [], 0)).toMatchObject({ isRight: false })
    expect(compareAnswers([right], [right], 0)).toMatchObject({ isRight: true, windows: 1, alerts: 0 })
  })

  it('allows a sketch five times its stated error and two, and tells the largest', () => {
    const sketched = (actors: number) =>
      compareAnswers(
        ['sample\tx\tclick\t600000\t900\t800\t9'],
        [`sample\tx\tclick\t600000\t900\t${actors}\t9`],
        0.01,
      )
    expect(sketched(842)).toMatchObject({ isRight: true, distinctError: 0.0525 })
    expect(sketched(843)).toMatchObject({ isRight: false })
  })

  const right = 'sample\tx\tclick\t600000\t40\t30\t9'
})
