import { writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { builtCli } from '../../test/support/cli'
import { backtestReport } from '../../test/support/served'
import { temporaryFolders } from '../../test/support/temporary'
import { replayed, smallDayLines, textSource } from '../../test/support/pipeline'
import type { Correction, Verdict } from '../model/records'
import { parsePolicy } from '../policy/policy'
import type { Policy } from '../policy/policy'
import { balances } from '../runtime/books'
import { backtest } from './backtest'
import type { BacktestOptions } from './backtest'
import { failedCases } from './cases'
import { compare } from './compare'
import { exceeded } from './limits'
import { readReports } from './report'

jest.setTimeout(300_000)

const temporary = temporaryFolders()
const current = parsePolicy({ version: 'now-1' })
const text = smallDayLines().join('')

/** What a replay under one policy gives. */
async function alone(policy: Policy) {
  const { verdicts, corrections } = await replayed([textSource(text)], { policy })
  return {
    verdicts: verdicts.map((line) => JSON.parse(line) as Verdict),
    corrections: corrections.map((line) => JSON.parse(line) as Correction),
  }
}

function both(candidate: Policy) {
  return backtest({ current, candidate, key: new Uint8Array(32), sources: [textSource(text)] })
}

/** The same on threads, which only a build has. */
async function bothOnThreads(candidate: Policy, options: Partial<BacktestOptions> = {}) {
  const path = join(dirname(builtCli()), '../backtest/backtest.js')
  const built = (await import(path)) as { backtest: typeof backtest }
  const sources = [textSource(text, { chunkBytes: 1 << 16 })]
  return built.backtest({
    ...{ current, candidate, key: new Uint8Array(32), sources, isThreaded: true },
    ...options,
  })
}

let expected: Awaited<ReturnType<typeof alone>>

beforeAll(async () => {
  expected = await alone(current)
  expect(expected.verdicts.length).toBeGreaterThan(5)
})

it.each<[what: string, candidate: Policy, shared: string[]]>([
  [
    'a ladder',
    parsePolicy({ version: 'b', oneWrongIn: 10, ladder: { warn: { controlEvents: 20 } } }),
    ['actor', 'trace', 'crew', 'network', 'account'],
  ],
  [
    'a detector',
    parsePolicy({ version: 'c', detectors: { 'inflated-clicks': { mode: 'off' } } }),
    ['actor', 'trace', 'crew'],
  ],
  ['exemptions', parsePolicy({ version: 'd', exemptCategories: ['sports'] }), ['actor']],
])(
  'gives for %s what a replay under each policy gives, on threads too, and runs once what is the same under both',
  async (_what, candidate, shared) => {
    const tested = await both(candidate)
    expect(tested.shared).toEqual(shared)
    expect(tested.current).toEqual(expected)
    expect(tested.candidate).toEqual(await alone(candidate))
    expect(await bothOnThreads(candidate)).toEqual(tested)
  },
)

it('tells on threads how far it is, stops when it is asked to, and balances its books', async () => {
  const told: number[] = []
  const { books } = await bothOnThreads(parsePolicy({ version: 'b', oneWrongIn: 10 }), {
    isStopping: () => told.length > 0,
    onProgress: ({ read }) => {
      told.push(read)
    },
  })
  expect(told[0]).toBeGreaterThan(0)
  expect(books.read).toBeGreaterThanOrEqual(told[0]!)
  expect(books.read).toBeLessThan(text.split('\n').length - 1)
  expect(balances(books)).toBe(true)
})

it('fails on threads as on one where a view fails', async () => {
  const broken = { ...current, version: 'b', detectors: {} }
  const reason = /Cannot read properties of undefined/
  await expect(both(broken)).rejects.toThrow(reason)
  await expect(bothOnThreads(broken)).rejects.toThrow(reason)
})

it('tells who is no longer flagged when a detector is off, and that a case which asks for it fails', async () => {
  const { current: was, candidate: is } = await both(
    parsePolicy({ version: 'b', detectors: { 'inflated-clicks': { mode: 'off' } } }),
  )
  const { noLongerFlagged, byOffence, byRung, figures } = compare(was, is)
  expect(noLongerFlagged.length).toBeGreaterThan(0)
  expect(noLongerFlagged.map(({ offence }) => offence)).toContain('inflated-clicks')
  expect(byOffence['inflated-clicks']).toMatchObject({ candidate: 0, newlyFlagged: 0 })
  expect(byOffence['inflated-clicks']!.noLongerFlagged).toBe(byOffence['inflated-clicks']!.current)
  const gone = Object.values(byRung).reduce((sum, to) => sum + (to['none'] ?? 0), 0)
  expect(gone).toBe(figures['noLongerFlagged'])
  expect(figures['disputed']).toBeLessThan(figures['disputedNow']!)
  const [lost] = noLongerFlagged
  const verdict = was.verdicts.find(({ verdictId }) => verdictId === lost!.verdictId)!
  const must = { ...verdict, expected: lost!.recommendation }
  expect(failedCases([must], was.verdicts)).toEqual([])
  expect(failedCases([must], is.verdicts)).toEqual([
    expect.stringMatching(`${verdict.accountId} should come to ${must.expected} .* and comes to none$`),
  ])
  expect(failedCases([{ ...must, expected: 'none' }], is.verdicts)).toEqual([])
})

it('holds figures against a gate', () => {
  const figures = { newlyFlagged: 11, expectedWrong: 0.2 }
  expect(exceeded({ newlyFlagged: 11, expectedWrong: 0.5 }, figures)).toEqual([])
  expect(exceeded({ newlyFlagged: 10 }, figures)).toEqual(['newlyFlagged is 11, the gate is at most 10'])
  expect(() => exceeded({ precision: 1 }, figures)).toThrow('none of the figures of a gate: newlyFlagged')
})

it('is kept in reports, of which a console reads those that are some, and says of others that they are none', () => {
  const folder = temporary()
  const { name, ...report } = backtestReport
  writeFileSync(join(folder, name), JSON.stringify(report))
  expect(readReports(join(folder, name))).toEqual([backtestReport])
  expect(readReports(folder)).toEqual([backtestReport])
  const many = Array.from({ length: 300 }, () => report.newlyFlagged[0]!)
  writeFileSync(join(folder, name), JSON.stringify({ ...report, newlyFlagged: many }))
  expect(readReports(folder)[0]!.newlyFlagged).toHaveLength(200)
  writeFileSync(join(folder, 'other.json'), '{"records": 1}')
  expect(() => readReports(folder)).toThrow(/other\.json should be a report .* \(current: .*assay backtest/)
  expect(() => readReports(join(folder, 'missing.json'))).toThrow('missing.json')
})

it('refuses policies under which other events would count', async () => {
  for (const other of [{ epochMs: 20_000 }, { allowedDisorderMs: 1000 }]) {
    const [setting] = Object.keys(other)
    await expect(both(parsePolicy({ version: 'b', ...other }))).rejects.toThrow(`${setting} is`)
  }
})
