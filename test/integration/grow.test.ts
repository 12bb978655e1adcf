import { appendFileSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Verdict } from '../../src/model/records'
import type { Books } from '../../src/runtime/books'
import { assay, simulated } from '../support/cli'
import type { Ended } from '../support/cli'
import { partitioned, readLines, smallDay, timeOf } from '../support/events'
import { eventLogBytes, killedRun, signalledRun } from '../support/kills'
import { difference, linesOf, outputsIn } from '../support/outputs'
import { temporaryFolders } from '../support/temporary'

jest.setTimeout(120_000)

const newFolder = temporaryFolders()
let lines: string[]
/** One run over everything, to hold the others against. */
let whole: string
let wholeBooks: Books

beforeAll(async () => {
  lines = readLines((await simulated(smallDay)).events)
    .slice(0, 5000)
    .sort((a, b) => timeOf(a) - timeOf(b))
  const folder = newFolder()
  whole = join(folder, 'state')
  writeFileSync(join(folder, 'events.ndjson'), lines.join(''))
  wholeBooks = await run([join(folder, 'events.ndjson')], whole)
})

async function run(files: readonly string[], state: string): Promise<Books> {
  const { code, stderr } = await attempt(files, state)
  if (code !== 0) throw new Error(`ended with ${code}: ${stderr}`)
  const books = JSON.parse(stderr.trim().split('\n').at(-1)!) as Books & { balanced: boolean }
  expect(books.balanced).toBe(true)
  return books
}

function attempt(files: readonly string[], state: string): Promise<Ended> {
  return assay(['run', '--embedded', '--json', '--state', state, ...files])
}

/** Where an epoch of ten seconds begins, at some share of the lines. */
function cutAt(share: number): number {
  const epoch = (index: number): number => Math.floor(timeOf(lines[index]!) / 10_000)
  let cut = Math.floor(lines.length * share)
  while (epoch(cut) === epoch(cut - 1)) cut++
  return cut
}

/** The verdicts that were decided up to some moment. */
function verdictsUntil(state: string, endMs: number): string[] {
  return linesOf(outputsIn(state).verdicts).filter(
    (line) => (JSON.parse(line) as Verdict).detectedAt <= endMs,
  )
}

it('reads on where a file has grown, and adds nothing when it has not', async () => {
  const folder = newFolder()
  const [file, state] = [join(folder, 'events.ndjson'), join(folder, 'state')]
  const cut = cutAt(0.8)
  writeFileSync(file, lines.slice(0, cut).join(''))
  await run([file], state)
  const before = outputsIn(state)
  appendFileSync(file, lines.slice(cut).join(''))
  const books = await run([file], state)
  const after = outputsIn(state)

  // Everything counts as in one run, and up to the hour of the seam every verdict is the same. That hour is judged at
  // the end with what there is of it, which is one judgement more than in one run: what follows may differ.
  expect(books).toMatchObject({ ...wholeBooks, verdicts: books.verdicts, corrections: books.corrections })
  const seamHour = Math.floor(timeOf(lines[cut]!) / 3_600_000) * 3_600_000
  const decided = verdictsUntil(whole, seamHour)
  expect(decided.length).toBeGreaterThan(0)
  expect(verdictsUntil(state, seamHour)).toEqual(decided)
  // What had been said stands.
  expect(after.verdicts.subarray(0, before.verdicts.length).equals(before.verdicts)).toBe(true)
  expect(after.corrections.subarray(0, before.corrections.length).equals(before.corrections)).toBe(true)
  expect(after.corrections.length).toBeGreaterThan(before.corrections.length)

  expect(await run([file], state)).toEqual(books)
  expect(difference(after, outputsIn(state))).toBe('')
})

it('says of what comes after the end of a file, but is older, that it is too late', async () => {
  //  first run   a b c d e ■          the end closes the epochs of all that came
  //  then                  c' d' f    c' and d' are too late, f counts
  const folder = newFolder()
  const [file, state] = [join(folder, 'events.ndjson'), join(folder, 'state')]
  const cut = cutAt(0.6)
  const late = lines.slice(cut - 50, cut - 20)
  const first = lines.slice(0, cut).filter((line) => !late.includes(line))
  writeFileSync(file, first.join(''))
  await run([file], state)
  appendFileSync(file, [...late, ...lines.slice(cut)].join(''))
  const books = await run([file], state)
  expect(books.tooLate).toBe(late.length)
  expect(books.read).toBe(lines.length)
})

it('comes to the same bytes as one run when a file grows while nobody reads it after a kill', async () => {
  const folder = newFolder()
  const [file, state] = [join(folder, 'events.ndjson'), join(folder, 'state')]
  writeFileSync(file, lines.slice(0, cutAt(0.8)).join(''))
  const args = ['run', '--embedded', '--state', state, file]
  await killedRun(args, state, { atBytes: eventLogBytes(whole) * 0.4, delayMs: 0 })
  appendFileSync(file, lines.slice(cutAt(0.8)).join(''))
  expect(await run([file], state)).toEqual(wholeBooks)
  expect(difference(outputsIn(whole), outputsIn(state))).toBe('')
})

it('ends again where a file had ended, when it has grown since and the way there is lost', async () => {
  //  run     ────────■ end                       checkpoints lost, the file grows
  //  again   ────────■ end ───────────────■ end
  const cut = cutAt(0.6)
  const states: string[] = []
  for (const isLost of [false, true]) {
    const folder = newFolder()
    const [file, state] = [join(folder, 'events.ndjson'), join(folder, 'state')]
    states.push(state)
    // The end lies in the middle of a line that somebody is writing.
    const [beginning, rest] = [lines.slice(0, cut).join('') + lines[cut]!.slice(0, 30), lines[cut]!.slice(30)]
    writeFileSync(file, beginning)
    await run([file], state)
    if (isLost) rmSync(join(state, 'checkpoints'), { recursive: true })
    appendFileSync(file, rest + lines.slice(cut + 1).join(''))
    expect(await run([file], state)).toMatchObject({ deadLetters: 2, waiting: 0 })
  }
  const [kept, lost] = states.map((state) => ({ ...outputsIn(state), 'dead-letters': Buffer.alloc(0) }))
  expect(difference(kept!, lost!)).toBe('')
})

it('takes other files into the same state, keeps the old ones in the books, and goes on with them when named again', async () => {
  const folder = newFolder()
  const state = join(folder, 'state')
  const [first, second, third] = [
    lines.slice(0, cutAt(0.3)),
    lines.slice(cutAt(0.3), cutAt(0.6)),
    lines.slice(cutAt(0.6)),
  ]
  const [monday, tuesday] = [join(folder, 'monday.ndjson'), join(folder, 'tuesday.ndjson')]
  writeFileSync(monday, first.join(''))
  writeFileSync(tuesday, second.join(''))
  expect((await run([monday], state)).counted).toBeLessThan(wholeBooks.counted)
  expect((await run([tuesday], state)).read).toBe(first.length + second.length)
  appendFileSync(monday, third.join(''))
  const books = await run([monday], state)
  expect(books).toMatchObject({ read: lines.length, counted: wholeBooks.counted, waiting: 0, tooLate: 0 })
})

it('takes a file that is not named any more to be at its end, so that nobody waits for it', async () => {
  const folder = newFolder()
  const state = join(folder, 'state')
  const files = partitioned(lines, 2).map((part, index) => {
    const file = join(folder, `part-${index}.ndjson`)
    writeFileSync(file, part.join(''))
    return file
  })
  const args = ['run', '--embedded', '--state', state, ...files]
  const atBytes = eventLogBytes(whole) * 0.3
  const stopped = await signalledRun(args, state, { atBytes, signal: 'SIGTERM' })
  expect(stopped.code).toBe(130)
  expect(await run([files[0]!], state)).toMatchObject({ waiting: 0 })
})

describe('does not go on with something else', () => {
  let folder: string
  let file: string
  let state: string

  beforeEach(async () => {
    folder = newFolder()
    file = join(folder, 'events.ndjson')
    state = join(folder, 'state')
    writeFileSync(file, lines.slice(0, 600).join(''))
    await run([file], state)
  })

  it('with a file that is shorter than it was', async () => {
    writeFileSync(file, lines.slice(0, 300).join(''))
    const { code, stderr } = await attempt([file], state)
    expect(code).toBe(69)
    expect(stderr).toMatch(/was read up to \d+ before, but now ends at \d+; give the file that was read then/)
  })

  it('with a file that holds something else, where it must be read again', async () => {
    rmSync(join(state, 'checkpoints'), { recursive: true })
    writeFileSync(file, lines.slice(5, 605).join(''))
    const { code, stderr } = await attempt([file], state)
    expect(code).toBe(69)
    expect(stderr).toContain(
      'is not named or does not hold the same any more; name the same files, unchanged or grown',
    )
  })

  it('with a file that holds something else and is longer, as after a rotation under the same name', async () => {
    writeFileSync(file, lines.slice(600, 2000).join(''))
    const { code, stderr } = await attempt([file], state)
    expect(code).toBe(69)
    expect(stderr).toMatch(
      /^assay: .*events.ndjson was read up to \d+ before, and what it holds before that is not what was read then; give/,
    )
    // Under a name of its own nothing of it is lost.
    const next = join(folder, 'next.ndjson')
    writeFileSync(next, lines.slice(600, 2000).join(''))
    writeFileSync(file, lines.slice(0, 600).join(''))
    expect(await run([file, next], state)).toMatchObject({ read: 2000 })
  })

  it('without a file that must be read again', async () => {
    rmSync(join(state, 'checkpoints'), { recursive: true })
    const other = join(folder, 'other.ndjson')
    writeFileSync(other, lines.slice(600).join(''))
    const { code, stderr } = await attempt([other], state)
    expect(code).toBe(69)
    expect(stderr).toContain(`came from ${file}, which is not named`)
  })

  it('under another policy', async () => {
    const policy = join(folder, 'policy.json')
    writeFileSync(policy, '{"version":"stricter-2","oneWrongIn":100000}')
    const { code, stderr } = await attempt(['--policy', policy, file], state)
    expect(code).toBe(78)
    expect(stderr).toContain(
      'was begun under the policy default-1, and stricter-2 is not the same; give that one',
    )
  })

  it('under another key', async () => {
    const key = join(folder, 'key')
    writeFileSync(key, 'a secret of more than sixteen bytes')
    const { code, stderr } = await attempt(['--key-file', key, file], state)
    expect(code).toBe(78)
    expect(stderr).toContain('was begun with another key')
  })

  it('into a file that holds what it did not write', async () => {
    const verdicts = join(folder, 'verdicts.ndjson')
    writeFileSync(verdicts, '{"verdictId":"of another run"}\n')
    const { code, stderr } = await attempt(['--out', verdicts, file], state)
    expect(code).toBe(2)
    expect(stderr).toContain('holds 1 lines that the state in')
    expect(readFileSync(verdicts, 'utf8')).toBe('{"verdictId":"of another run"}\n')
  })
})
