import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { assay } from '../support/cli'
import { temporaryFolders } from '../support/temporary'

/** `assay dead-letters` on the file of a replay. */

jest.setTimeout(120_000)

const newFolder = temporaryFolders()
let folder: string
let letters: string
const good = { kind: 'click', eventId: 'e1', occurredAt: Date.UTC(2026, 2, 1), actorId: 'a', accountId: 'b' }
const cut = JSON.stringify(good).slice(0, 20)
const nameless = JSON.stringify({ ...good, actorId: '' })

beforeAll(async () => {
  folder = newFolder()
  mkdirSync(folder, { recursive: true })
  letters = join(folder, 'dead-letters.ndjson')
  writeFileSync(join(folder, 'a.ndjson'), `${cut}\n${nameless}\n\u001b[31mred\n`)
  writeFileSync(join(folder, 'b.ndjson'), `${cut}\n${JSON.stringify(good)}\n`)
  const files = ['a.ndjson', 'b.ndjson']
  const { code } = await assay(['replay', ...files, '--dead-letters', letters], { cwd: folder })
  expect(code).toBe(0)
})

function deadLetters(...args: string[]) {
  return assay(['dead-letters', ...args], { cwd: folder })
}

it('lists by reason and source', async () => {
  const { code, stdout, stderr } = await deadLetters('list', letters)
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  expect(stdout.split('\n').map((line) => line.split(/ {2,}/).slice(0, 3))).toEqual([
    ['reason', 'of', 'letters'],
    ['malformed-json', 'a.ndjson', '2'],
    ['malformed-json', 'b.ndjson', '1'],
    ['missing-field', 'a.ndjson', '1'],
    [''],
  ])
  expect(stdout).toMatch(/^missing-field .* actorId$/m)
  const json = await deadLetters('list', letters, '--json', '--topic', 'b.ndjson')
  expect(JSON.parse(json.stdout)).toEqual({
    reason: 'malformed-json',
    source: 'b.ndjson',
    letters: 1,
    first: 'b.ndjson:0',
    last: 'b.ndjson:0',
  })
})

it('shows one by its position, in all sources or in one', async () => {
  expect((await deadLetters('show', '0', letters)).stdout.match(/^position +.*$/gm)).toEqual([
    'position   a.ndjson:0',
    'position   b.ndjson:0',
  ])
  const { stdout } = await deadLetters('show', 'a.ndjson:21', letters)
  expect(stdout).toContain('meaning    A field that this kind cannot do without is absent, null or empty.\n')
  expect(stdout).toMatch(/^found +there is no actorId; it has "kind", "eventId"/m)
  expect(stdout).toContain('00000000  7b 22 6b 69 6e 64 22 3a')
})

it('shows nothing that moves the cursor, and as JSON all bytes', async () => {
  const position = `a.ndjson:${cut.length + nameless.length + 2}`
  const { stdout } = await deadLetters('show', position, letters)
  expect(stdout).toContain('1b 5b 33 31 6d 72 65 64')
  expect(stdout).toMatch(/ \.\[31mred\n/)
  expect(stdout).not.toContain('\u001b')
  const json = await deadLetters('show', position, letters, '--json')
  const { bytes } = JSON.parse(json.stdout) as { bytes: string }
  expect(Buffer.from(bytes, 'base64').toString()).toBe('\u001b[31mred')
})

it('writes the records as lines that can be replayed', async () => {
  const { code, stdout, stderr } = await deadLetters('replay', letters, '--reason', 'missing-field')
  expect({ code, stdout }).toEqual({ code: 0, stdout: `${nameless}\n` })
  expect(stderr).toBe('assay: 1 lines were written\n')

  const all = await deadLetters('replay', letters)
  expect(all.stdout.split('\n').sort()).toEqual(['', cut, cut, nameless].sort())
  expect(all.stderr).toMatch(/3 lines were written, 1 are no lines/)

  const dry = await deadLetters('replay', letters, '--dry-run', '--topic', 'b.ndjson')
  expect(dry.stdout).toBe('b.ndjson:0 malformed-json\n')
})

it.each([
  ['the file is missing', ['list', 'nowhere.ndjson'], 69, 'nowhere.ndjson'],
  ['the file is another one', ['list', 'b.ndjson'], 69, 'line 1 of b.ndjson should be a dead letter'],
  [
    'times are asked of a file',
    ['list', 'x', '--from', '2026-01-01'],
    2,
    'a file of dead letters holds no times',
  ],
  ['a file is to be replayed again', ['replay', 'x', '--again'], 2, '--again is for the topic'],
  ['no position is given', ['show'], 2, "missing required argument 'position'"],
])('ends with the code of the contract when %s', async (_what, args, code, says) => {
  const ended = await deadLetters(...args)
  expect({ code: ended.code, stdout: ended.stdout }).toEqual({ code, stdout: '' })
  expect(ended.stderr).toContain(says)
})

it('leaves the file as it was', async () => {
  const before = readFileSync(letters)
  await deadLetters('replay', letters)
  expect(readFileSync(letters).equals(before)).toBe(true)
})
