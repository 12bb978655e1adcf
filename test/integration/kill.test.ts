import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Books } from '../../src/runtime/books'
import { assay, simulated } from '../support/cli'
import { partitioned, poisoned, readLines } from '../support/events'
import { eventLogBytes, killedRun } from '../support/kills'
import { difference, linesOf, outputsIn } from '../support/outputs'
import { seeded } from '../support/seeded'
import { temporaryFolders } from '../support/temporary'

const kills = Number(process.env['ASSAY_KILLS'] ?? 6)
const events = Number(process.env['ASSAY_EVENTS'] ?? 60_000)
const seed = Number(process.env['ASSAY_SEED'] ?? 1)

jest.setTimeout(Math.max(600_000, events))

const newFolder = temporaryFolders()
let folder: string
let file: string
/** The beginning of the file, for what need not be long. */
let short: readonly string[]

beforeAll(async () => {
  const scale = [
    '--accounts',
    String(Math.max(60, Math.ceil(events / 500))),
    '--actors',
    String(Math.max(1000, Math.ceil(events / 20))),
  ]
  const size = ['--scenario', 'attacks', '--hours', '30', '--events', String(events), ...scale]
  const simulation = await simulated(size)
  folder = newFolder()
  file = join(folder, 'events.ndjson')
  const lines = poisoned(readLines(simulation.events), 500)
  writeFileSync(file, lines.join(''))
  short = lines.slice(0, 8000)
})

/** Runs to the end and gives the books and the outputs. */
async function run(files: readonly string[], state: string, input?: string) {
  const startMs = performance.now()
  const { code, stderr } = await assay(
    ['run', '--embedded', '--json', '--state', state, ...files],
    input === undefined ? {} : { input },
  )
  if (code !== 0) throw new Error(`ended with ${code}: ${stderr}`)
  const books = JSON.parse(stderr.trim().split('\n').at(-1)!) as Books & { balanced: boolean }
  return { books, outputs: outputsIn(state), seconds: (performance.now() - startMs) / 1000 }
}

/** Where kills fall: spread over the run, the last one at its very end, and each at a moment of its own. */
function moments(count: number, totalBytes: number): { atBytes: number; delayMs: number }[] {
  const random = seeded(seed)
  return Array.from({ length: count }, (_, index) => ({
    atBytes: index === count - 1 ? totalBytes : ((index + random()) / count) * totalBytes,
    delayMs: random() * 60,
  }))
}

/** Starts and kills so often; gives where it was killed, in bytes of the event log. */
async function runKilled(
  files: readonly string[],
  state: string,
  { count, totalBytes }: { count: number; totalBytes: number },
): Promise<number[]> {
  const args = ['run', '--embedded', '--json', '--state', state, ...files]
  const random = seeded(seed + 1)
  const places: number[] = []
  for (const { atBytes, delayMs } of moments(count, totalBytes)) {
    // One that dies while it starts, and one that has got on.
    await killedRun(args, state, { atBytes: 0, delayMs: random() * 400 })
    const ended = await killedRun(args, state, { atBytes, delayMs })
    if (ended === undefined) places.push(eventLogBytes(state))
  }
  return places
}

it(`gives the same bytes after ${kills} kills as unbroken, and its books balance`, async () => {
  const unbrokenState = join(folder, 'unbroken')
  const unbroken = await run([file], unbrokenState)
  const totalBytes = eventLogBytes(unbrokenState)
  const state = join(folder, 'killed')
  const startMs = performance.now()
  const places = await runKilled([file], state, { count: kills, totalBytes })
  const resumed = await run([file], state)
  const seconds = (performance.now() - startMs) / 1000

  expect(difference(unbroken.outputs, resumed.outputs)).toBe('')
  expect(resumed.books).toEqual(unbroken.books)
  expect(resumed.books).toMatchObject({ balanced: true, waiting: 0, read: readLines(file).length })
  for (const bytes of Object.values(unbroken.outputs)) expect(bytes.length).toBeGreaterThan(0)
  // It got on between the kills; the last may have come too late to be one.
  expect(places.length).toBeGreaterThanOrEqual(kills - 1)
  places.forEach((bytes, index) => {
    expect(bytes).toBeGreaterThanOrEqual((Math.min(index, kills - 1) / kills) * totalBytes)
  })
  if (process.env['ASSAY_KILLS'] === undefined) return
  const sizes = Object.entries(unbroken.outputs).map(([name, { length }]) => `${name} ${length}`)
  process.stderr.write(
    `${unbroken.books.read} records: unbroken ${unbroken.seconds.toFixed(0)} s, with ${places.length} kills (and as ` +
      `many while starting) ${seconds.toFixed(0)} s; the same bytes: ${sizes.join(', ')}; killed at ` +
      `${places.map((bytes) => `${Math.round((100 * bytes) / totalBytes)} %`).join(', ')} of the event log\n`,
  )
})

it('does so with several sources, whatever the order in which they are named', async () => {
  const split = newFolder()
  const files = partitioned(short, 3).map((lines, index) => {
    const path = join(split, `part-${index}.ndjson`)
    writeFileSync(path, lines.join(''))
    return path
  })
  const whole = await run(files, join(split, 'unbroken'))
  const state = join(split, 'killed')
  const totalBytes = eventLogBytes(join(split, 'unbroken'))
  const places = await runKilled(files, state, { count: 3, totalBytes })
  const resumed = await run([files[2]!, files[0]!, files[1]!], state)

  expect(places.length).toBeGreaterThanOrEqual(2)
  expect(difference(whole.outputs, resumed.outputs, ['verdicts', 'corrections', 'surges'])).toBe('')
  expect(resumed.books).toEqual(whole.books)
  // Each source's letters come in order and once; which source comes first is left open.
  expect(linesOf(resumed.outputs['dead-letters']).sort()).toEqual(
    linesOf(whole.outputs['dead-letters']).sort(),
  )
})

it('does so with the standard input, from which nothing that was read is lost', async () => {
  const whole = await run(['-'], join(newFolder(), 'unbroken'), short.join(''))
  const state = join(newFolder(), 'piped')
  const args = ['run', '--embedded', '--json', '--state', state, '-']
  let torn = 0
  let given = 0
  for (const atBytes of [200_000, 500_000]) {
    await killedRun(args, state, { atBytes, input: short.slice(given).join('') })
    const kept = readFileSync(join(state, 'stdin.ndjson'), 'utf8')
    // The producer sends again what had not come through as a whole.
    given = kept.split('\n').length - 1 - torn
    torn += kept.endsWith('\n') ? 0 : 1
  }
  expect(given).toBeGreaterThan(0)
  const resumed = await run(['-'], state, short.slice(given).join(''))

  expect(difference(whole.outputs, resumed.outputs, ['verdicts', 'corrections', 'surges'])).toBe('')
  expect(resumed.books).toMatchObject({ balanced: true, counted: whole.books.counted })
  expect(resumed.books.read).toBe(short.length + torn)
})
