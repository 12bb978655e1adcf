import { existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { stateFormat } from '../../src/model/formats'
import { assay } from '../support/cli'
import { difference, outputsIn } from '../support/outputs'
import { temporaryFolders } from '../support/temporary'
import { recordedFolder, run, unpack } from './state'

jest.setTimeout(120_000)

const newFolder = temporaryFolders()

function unpacked(recorded = recordedFolder()): string {
  const folder = newFolder()
  unpack(recorded, folder)
  return folder
}

/** What a folder says of itself, with another format. */
function setFormat(folder: string, format: unknown): void {
  const path = join(folder, 'state.json')
  writeFileSync(path, JSON.stringify({ ...(JSON.parse(readFileSync(path, 'utf8')) as object), format }))
}

it('there is a state of the format of now', () => {
  expect(existsSync(recordedFolder())).toBe(true)
})

it('goes on from a recorded state to what an unbroken run gives', async () => {
  //  then ─────────┐ recorded, in the repository
  //                └ now ───────────── the same bytes as one run of now
  const [unbroken, continued] = [newFolder(), unpacked()]
  const before = outputsIn(continued)
  expect(before.verdicts.length).toBeGreaterThan(0)
  expect(await run(unbroken)).toEqual([])
  expect(await run(continued)).toEqual([])
  expect(outputsIn(continued).verdicts.length).toBeGreaterThan(before.verdicts.length)
  expect(outputsIn(continued).corrections.length).toBeGreaterThan(0)
  expect(difference(outputsIn(unbroken), outputsIn(continued))).toBe('')
})

const older = readdirSync(__dirname).filter(
  (name) => /^state-\d+$/.test(name) && name !== `state-${stateFormat}`,
)

it.each([...older.map((name) => [name] as const), ['newer'] as const])(
  'refuses a state of another format with what to do, and touches nothing: %s',
  async (name) => {
    const folder = unpacked(name === 'newer' ? undefined : join(__dirname, name))
    if (name === 'newer') setFormat(folder, stateFormat + 1)
    const before = outputsIn(folder)
    const names = readdirSync(folder, { recursive: true })
    const file = join(newFolder(), 'events.ndjson')
    writeFileSync(file, '')
    const { code, stderr } = await assay(['run', '--embedded', '--state', folder, file])
    expect(code).toBe(78)
    expect(stderr).toMatch(
      /^assay: the state in .* has format \d+, this assay writes \d+: an? (?:newer|older) assay has left it, .*; use the assay that began it, or judge the events anew: .* with another --state folder\n$/,
    )
    expect(difference(before, outputsIn(folder))).toBe('')
    expect(readdirSync(folder, { recursive: true }).sort()).toEqual(names.sort())
  },
)

it.each(['null', '[]', '{}', '{"format":"4"}', `{"format":${stateFormat}}`, '\u0000', ''])(
  'says so where state.json is none: %j',
  async (text) => {
    const folder = unpacked()
    writeFileSync(join(folder, 'state.json'), text)
    await expect(run(folder)).rejects.toThrow('is not what assay wrote there')
  },
)
