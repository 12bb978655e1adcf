import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Verdict } from '../../src/model/records'
import { assay, simulated } from '../support/cli'
import { readLines, smallDay } from '../support/events'
import { linesOf } from '../support/outputs'
import { temporaryFolders } from '../support/temporary'

jest.setTimeout(240_000)

const newFolder = temporaryFolders()
let folder: string
/** The events of the first hours of the day: enough for two verdicts. */
let events: string
let before: readonly Verdict[]

beforeAll(async () => {
  folder = newFolder()
  events = written(
    'events.ndjson',
    readLines((await simulated(smallDay)).events)
      .slice(0, 1500)
      .join(''),
  )
  before = await verdictsOf([events])
  expect(before.length).toBeGreaterThan(1)
})

function written(name: string, content: string | object): string {
  const path = join(folder, name)
  writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content))
  return path
}

async function verdictsOf(args: readonly string[]): Promise<Verdict[]> {
  const { code, stdout, stderr } = await assay(['replay', ...args])
  expect({ code, stderr }).toMatchObject({ code: 0 })
  return linesOf(Buffer.from(stdout)).map((line) => JSON.parse(line) as Verdict)
}

describe('policy diff', () => {
  it('names each setting that changes, with what it does, for people and as JSON', async () => {
    const next = written('stricter.json', { version: 'stricter-1', oneWrongIn: 5000 })
    const { code, stdout } = await assay(['policy', 'diff', 'default', next])
    expect(code).toBe(0)
    expect(stdout).toMatch(/^version: "default-1" → "stricter-1"\n {4}\S/m)
    expect(stdout).toMatch(/^oneWrongIn: 1000 → 5000\n {4}\S/m)
    const json = await assay(['policy', 'diff', next, 'default', '--json'])
    const differences = linesOf(Buffer.from(json.stdout)).map((line) => JSON.parse(line) as object)
    expect(differences).toHaveLength(2)
    expect(differences).toContainEqual(
      expect.objectContaining({ setting: 'oneWrongIn', before: 5000, after: 1000 }),
    )
  })

  it('says so where nothing changes', async () => {
    const same = await assay(['policy', 'diff', 'default', 'default'])
    expect(same).toMatchObject({ code: 0, stdout: '', stderr: 'assay: the two policies are the same\n' })
  })
})

describe('policy activate', () => {
  const closing = { version: 'closing-1', ladder: { close: { controlEvents: 9 } } }

  it('lets another policy hold from its time on, as a replay with the same file shows', async () => {
    const [first, second] = before
    const next = written('next.json', { version: 'next-1', oneWrongIn: 2000 })
    const at = new Date((first!.detectedAt + second!.detectedAt) / 2).toISOString()
    const state = join(folder, 'state')
    const activated = await assay(['policy', 'activate', next, '--by', 'ada', '--at', at, '--state', state])
    expect(activated.code).toBe(0)
    expect(activated.stderr).toContain(`policy next-1 holds from ${at} on`)

    const policies = join(state, 'policies.ndjson')
    const replayed = await verdictsOf([events, '--policies', policies])
    expect(replayed.map(({ policyVersion }) => policyVersion)).toEqual(['default-1', 'next-1'])
    const run = await assay(['run', '--embedded', '--state', state, events])
    expect(run.code).toBe(0)
    const verdicts = linesOf(readFileSync(join(state, 'verdicts.ndjson')))
    expect(verdicts.map((line) => JSON.parse(line) as Verdict)).toEqual(replayed)

    const files = ['--verdicts', join(state, 'verdicts.ndjson'), '--chain', join(state, 'chain.ndjson')]
    const audited = await assay(['audit', events, ...files, '--policies', policies])
    expect(audited).toMatchObject({ code: 0, stdout: expect.stringContaining('2 equal') as string })
    expect((await assay(['audit', events, ...files])).code).toBe(3)
  })

  it('asks for another person before accounts can be closed', async () => {
    const args = ['policy', 'activate', written('closing.json', closing), '--by', 'ada']
    const at = ['--state', join(folder, 'closing')]
    const alone = await assay([...args, ...at])
    expect(alone.code).toBe(78)
    expect(alone.stderr).toMatch(/two different people/)
    expect((await assay([...args, '--approved-by', 'ada', ...at])).code).toBe(78)
    expect((await assay([...args, '--approved-by', 'grace', ...at])).code).toBe(0)
  })

  it.each<[string, () => string[], number, RegExp]>([
    ['what is no policy', () => ['--state', folder, written('odd.json', { loud: true })], 78, /loud/],
    [
      'other epochs',
      () => ['--state', folder, written('epochs.json', { version: 'epochs-1', epochMs: 5000 })],
      78,
      /epochMs/,
    ],
    [
      'no moment',
      () => ['--state', folder, '--at', 'soon', written('a.json', { version: 'a' })],
      2,
      /ISO 8601/,
    ],
  ])('refuses %s', async (_what, args, code, says) => {
    const ended = await assay(['policy', 'activate', '--by', 'ada', ...args()])
    expect(ended.code).toBe(code)
    expect(ended.stderr).toMatch(says)
  })
})

describe('an overturned verdict', () => {
  it('is a case of a back-test, which fails under the policy that raised it and holds under a stricter one', async () => {
    const [wrong] = before
    const { verdictId, accountId, detectedAt, detector, counts } = wrong!
    const said = { kind: 'feedback', eventId: 'f-1', occurredAt: detectedAt + 60_000, actorId: 'ada' }
    const feedback = written('feedback.ndjson', { ...said, accountId, verdictId, decision: 'overturned' })
    const surges = join(folder, 'surges.ndjson')
    const verdicts = await verdictsOf([events, feedback, '--surges', surges])
    expect(verdicts).toContainEqual(expect.objectContaining({ verdictId, status: 'overturned' }))
    const cases = linesOf(readFileSync(surges)).filter((line) => line.includes('"type":"regression"'))
    expect(cases).toHaveLength(1)

    const file = written('cases.ndjson', cases.join('\n'))
    const same = written('same.json', { version: 'same-1' })
    const again = await assay(['backtest', events, '--against', same, '--cases', file, '--json'])
    expect(again.code).toBe(3)
    expect(again.stderr).toContain(`(the case of ${verdictId}), and comes to ${wrong!.recommendation}`)
    // The case of the back-test goes on to grow, since nobody speaks up in it.
    const detectors = { [detector]: { minDisputed: 10 * counts.disputed } }
    const stricter = written('minimum.json', { version: 'minimum-1', detectors })
    const held = await assay(['backtest', events, '--against', stricter, '--cases', file, '--json'])
    expect(held).toMatchObject({ code: 0 })
    expect(JSON.parse(held.stdout)).toMatchObject({ figures: { failedCases: 0 } })
  })
})
