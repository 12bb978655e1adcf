import { appendFileSync, cpSync, existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { smallDayLines, textSource } from '../../test/support/pipeline'
import { temporaryFolders } from '../../test/support/temporary'
import { defaultPolicy, parsePolicy } from '../policy/policy'
import { Belongings } from '../runtime/belongings'
import { Embedded } from '../runtime/embedded'
import { audit } from './audit'
import type { AuditReport } from './audit'
import { deriveFromFiles, deriveFromFolder } from './derive'
import type { Derive } from './derive'
import { linesOf } from './lines'

jest.setTimeout(120_000)

const newFolder = temporaryFolders()
const key = new Uint8Array(32)
let whole: string
let text: string
/** What the log of the whole state gives. */
const given: Uint8Array[] = []

beforeAll(async () => {
  whole = newFolder()
  text = smallDayLines().join('')
  const embedded = await Embedded.open({
    ...{ policy: defaultPolicy, key, sources: [textSource(text)], folder: whole },
    out: join(whole, 'verdicts.ndjson'),
    corrections: join(whole, 'corrections.ndjson'),
    deadLetters: join(whole, 'dead-letters.ndjson'),
    clockMs: () => 0,
  })
  await embedded.run()
  await embedded.close()
  await fromLogOf(whole)(
    (verdict) => given.push(verdict.slice()),
    () => false,
  )
})

interface Asked {
  readonly ids?: readonly string[]
  readonly head?: string
  readonly derive?: Derive
}

/** Audits a folder; unless its log is what was changed, with what the log of the whole one was seen to give. */
function audited(state: string, { derive = fromWhole, ids = [], head }: Asked = {}): Promise<AuditReport> {
  return audit({
    verdicts: linesOf(join(state, 'verdicts.ndjson')),
    chain: linesOf(join(state, 'chain.ndjson')),
    ...{ derive, ids, head },
  })
}

const fromLogOf = (state: string): Derive =>
  deriveFromFolder(state, { policy: defaultPolicy, key, isThreaded: false })

const fromWhole: Derive = (take) => {
  for (const verdict of given) take(verdict)
  return Promise.resolve({ records: given.length, damages: [] })
}

/** A copy of the state, with one of its files changed. */
function changed(file: string, change: (bytes: Buffer) => Buffer): string {
  const state = join(newFolder(), 'state')
  cpSync(whole, state, { recursive: true })
  const path = join(state, file)
  const [before, after] = [readFileSync(path), change(readFileSync(path))]
  expect(after.equals(before)).toBe(false)
  writeFileSync(path, after)
  return state
}

function flipped(file: string, at: number): string {
  return changed(file, (bytes) => {
    bytes[at]! ^= 1
    return bytes
  })
}

const lines = (name: string): string[] =>
  readFileSync(join(whole, `${name}.ndjson`), 'utf8')
    .trimEnd()
    .split('\n')
const edited = (name: string, edit: (all: string[]) => string[]): string =>
  changed(`${name}.ndjson`, (bytes) =>
    Buffer.from(
      edit(bytes.toString().trimEnd().split('\n'))
        .map((line) => `${line}\n`)
        .join(''),
    ),
  )
const said = ({ faults }: AuditReport): string[] => faults.map(({ part, sentence }) => `${part}: ${sentence}`)

describe('a state that nobody touched', () => {
  it('gives every verdict again to the byte', async () => {
    const report = await audited(whole, { derive: fromLogOf(whole) })
    expect(said(report)).toEqual([])
    expect(report.verdicts).toBeGreaterThan(5)
    expect(report).toMatchObject({ links: report.verdicts, derived: report.verdicts, equal: report.verdicts })
    expect(said(await audited(whole, { head: report.head.chain }))).toEqual([])
  })

  it('gives one verdict again, and reads no more of the log than it rests on', async () => {
    const first = JSON.parse(lines('verdicts')[0]!) as { verdictId: string }
    const derive = fromLogOf(whole)
    const [one, all] = [
      await audited(whole, { derive, ids: [first.verdictId] }),
      await audited(whole, { derive }),
    ]
    expect(said(one)).toEqual([])
    expect(one.equal).toBeGreaterThan(0)
    expect(one.records).toBeLessThan(all.records)
    await expect(audited(whole, { ids: ['v-0'] })).rejects.toThrow('v-0 is none of the verdicts')
  })

  it('holds against the raw events as against its own log', async () => {
    const report = await audit({
      verdicts: linesOf(join(whole, 'verdicts.ndjson')),
      chain: linesOf(join(whole, 'chain.ndjson')),
      derive: deriveFromFiles([textSource(text)], { policy: defaultPolicy, key, isThreaded: false }),
      ids: [],
    })
    expect(said(report)).toEqual([])
    expect(report.equal).toBe(report.verdicts)
  })

  it('is only checked with the policy and the key that it was begun with', async () => {
    const other = parsePolicy({ version: 'other-1' })
    await expect(Belongings.check(whole, { policy: other, key })).rejects.toThrow('begun under the policy')
    const none = newFolder()
    await expect(Belongings.check(none, { policy: other, key })).rejects.toThrow('holds no state')
    expect(readdirSync(none)).toEqual([])
  })
})

describe('a verdict that was', () => {
  it('altered in any one byte is found, by the chain and by the log', async () => {
    const { length } = readFileSync(join(whole, 'verdicts.ndjson'))
    for (const at of [0, 20, Math.floor(length / 2), length - 2]) {
      const report = await audited(flipped('verdicts.ndjson', at))
      expect(report.faultCounts).toMatchObject({ chain: 0, verdicts: 1, log: 0, derived: 1 })
      expect(said(report)[0]).toMatch(/^verdicts: line \d+ of .* it was altered$/)
    }
  })

  it('altered in a way that a person would miss is told by its field', async () => {
    const state = edited('verdicts', ([first, ...rest]) => [
      first!.replace('"correct-count"', '"limit"'),
      ...rest,
    ])
    expect(said(await audited(state))[1]).toContain(
      'its recommendation is "limit", and should be "correct-count"',
    )
  })

  it('joined with the next one by a lost line break is found', async () => {
    const at = lines('verdicts')[0]!.length
    expect(said(await audited(flipped('verdicts.ndjson', at))).join()).toContain('it was altered')
  })

  it('removed, added or moved is found where it is', async () => {
    const removed = said(await audited(edited('verdicts', ([a, , ...rest]) => [a!, ...rest])))
    expect(removed[0]).toMatch(
      /^verdicts: v-\w+ revision \d+, number 2 of the chain, is missing: it was removed$/,
    )
    expect(removed[1]).toMatch(/^derived: the log gives v-\w+ revision \d+ as number 2/)
    const added = said(await audited(edited('verdicts', (all) => [...all, all[0]!])))
    expect(added[0]).toMatch(/^verdicts: line \d+ of .* is not in the chain: it was added$/)
    const swapped = said(await audited(edited('verdicts', ([a, b, ...rest]) => [b!, a!, ...rest])))
    expect(swapped[0]).toMatch(
      /^verdicts: line 1 of .* which the chain has as number 2: the order was changed$/,
    )
  })

  it('removed together with its link is found by the log, and by an end that was kept', async () => {
    const last = lines('verdicts').length - 1
    const { head } = await audited(whole)
    const state = edited('verdicts', (all) => all.slice(0, last))
    writeFileSync(join(state, 'chain.ndjson'), lines('chain').slice(0, last).join('\n') + '\n')
    const report = await audited(state, { head: head.chain })
    expect(report.faultCounts).toEqual({ chain: 1, verdicts: 0, log: 0, derived: 1 })
    expect(said(report)[0]).toContain('is none of the values of the chain')
  })
})

describe('a chain that was', () => {
  it('altered in any one byte is found', async () => {
    const second = lines('chain')[0]!.length + 1
    const line = lines('chain')[1]!
    for (let at = 0; at < line.length; at += 5) {
      const state = flipped('chain.ndjson', second + at)
      const report = await audit({
        verdicts: linesOf(join(state, 'verdicts.ndjson')),
        chain: linesOf(join(state, 'chain.ndjson')),
        ids: [],
      })
      expect(report.faults.length).toBeGreaterThan(0)
      expect(said(report).join('\n')).toMatch(/line [23] of .*chain.ndjson/)
    }
  })

  it('cut off within a link, or made unreadable there, is found once, and no verdict is blamed', async () => {
    const count = lines('chain').length
    for (const at of [2, count - 1]) {
      const state = edited('chain', (all) =>
        all.map((line, index) => (index === at ? line.slice(0, -20) : line)),
      )
      const report = await audited(state)
      expect(said(report)).toEqual([
        expect.stringMatching(new RegExp(`^chain: line ${at + 1} of .* is no link of a chain$`)),
        expect.stringMatching(
          new RegExp(
            `^verdicts: line ${at + 1} of .* cannot be held against its link, number ${at + 1} of the chain, which cannot be read$`,
          ),
        ),
      ])
      expect(report.head.sequence).toBe(at === count - 1 ? count - 1 : count)
    }
    const put = edited('chain', ([first, ...rest]) => [first!, 'no link', ...rest])
    expect((await audited(put)).faultCounts.chain).toBe(1)
  })

  it('shortened, lengthened or reordered is found', async () => {
    for (const edit of [
      ([a, , ...rest]: string[]) => [a!, ...rest],
      ([a, b, ...rest]: string[]) => [b!, a!, ...rest],
      ([a, ...rest]: string[]) => [a!, a!, ...rest],
    ]) {
      expect((await audited(edited('chain', edit))).faultCounts.chain).toBeGreaterThan(0)
    }
  })
})

describe('an event log that was', () => {
  const segment = 'events/00000000000000000000.log'
  const headerBytes = 40

  it.each([
    ['the header of the segment', 20],
    ['a checksum', headerBytes],
    ['a length', headerBytes + 4],
    ['a position', headerBytes + 8],
    ['what was flushed', headerBytes + 12],
    ['a payload', headerBytes + 16 + 3],
  ])('altered in one byte of %s is found, and where', async (_, at) => {
    const state = flipped(segment, at)
    const report = await audited(state, { derive: fromLogOf(state) })
    expect(report.faultCounts.log).toBe(1)
    expect(said(report).join('\n')).toMatch(/log: log segment .*events.* is damaged at byte \d+/)
  })

  it('altered in any byte of its last records is found, and nothing is repaired', async () => {
    const { length } = readFileSync(join(whole, segment))
    for (const back of [1, 300]) {
      const state = flipped(segment, length - back)
      const report = await audited(state, { derive: fromLogOf(state) })
      expect(report.faultCounts.log).toBe(1)
      expect(readFileSync(join(state, segment)).length).toBe(length)
    }
  })

  it('damaged in the middle gives again what lies before, and says how much could not be', async () => {
    const { length } = readFileSync(join(whole, segment))
    const state = flipped(segment, Math.floor(length / 2))
    const report = await audited(state, { derive: fromLogOf(state) })
    expect(report.equal).toBeGreaterThan(0)
    expect(report.equal).toBeLessThan(report.verdicts)
    expect(said(report).at(-1)).toMatch(/^derived: \d+ verdicts could not be derived again/)
  })

  it('damaged in one of the logs between the views is found too', async () => {
    const { length } = readFileSync(join(whole, 'accounts/00000000000000000000.log'))
    const state = flipped('accounts/00000000000000000000.log', length - 30)
    const report = await audited(state, { derive: fromLogOf(state) })
    expect(report.faultCounts).toEqual({ chain: 0, verdicts: 0, log: 1, derived: 0 })
  })
})

it('reads a verdict file that lacks the last line break as what it is', async () => {
  const state = changed('verdicts.ndjson', (bytes) => bytes.subarray(0, bytes.length - 1))
  expect((await audited(state)).equal).toBe(lines('verdicts').length)
  appendFileSync(join(state, 'verdicts.ndjson'), '\n\n')
  expect(said(await audited(state)).join()).toContain('it was added')
  expect(existsSync(join(state, 'verdicts.ndjson'))).toBe(true)
})
