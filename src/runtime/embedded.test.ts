import { cpSync, existsSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { difference, outputsIn } from '../../test/support/outputs'
import { smallDayLines, textSource } from '../../test/support/pipeline'
import { seeded } from '../../test/support/seeded'
import { temporaryFolders } from '../../test/support/temporary'
import { deriveFromFolder } from '../audit/derive'
import { FileLog } from '../log/file-log'
import { defaultPolicy } from '../policy/policy'
import type { Books } from './books'
import { Embedded } from './embedded'
import type { EmbeddedOptions } from './embedded'

jest.setTimeout(240_000)

const newFolder = temporaryFolders()
// In which order the letters of two sources come is left open.
const judged = ['verdicts', 'corrections', 'surges', 'chain'] as const
let sources: EmbeddedOptions['sources']
let unbroken: { folder: string; books: Books }

beforeAll(async () => {
  const lines = smallDayLines().slice(0, 1500)
  const broken = lines.flatMap((line, index) =>
    index % 100 === 50 ? [line, line.slice(0, 40) + '\n'] : [line],
  )
  sources = [0, 1].map((part) =>
    textSource(broken.filter((_, index) => index % 2 === part).join(''), {
      name: `part-${part}`,
      chunkBytes: 30_000,
    }),
  )
  const folder = newFolder()
  unbroken = { folder, books: await run(folder) }
})

/** Runs to the end, or until it is to stop; the clock says when checkpoints are due. */
async function run(folder: string, options: Partial<EmbeddedOptions> = {}): Promise<Books> {
  let nowMs = 0
  const embedded = await Embedded.open({
    policy: defaultPolicy,
    key: new Uint8Array(32),
    sources,
    folder,
    out: join(folder, 'verdicts.ndjson'),
    corrections: join(folder, 'corrections.ndjson'),
    deadLetters: join(folder, 'dead-letters.ndjson'),
    blockSpanMs: 600_000,
    clockMs: () => (nowMs += 300),
    ...options,
  })
  try {
    await embedded.run()
    return embedded.books
  } finally {
    await embedded.close()
  }
}

it('leaves verdicts, corrections and dead letters, and says the same books when nothing has come since', async () => {
  const { verdicts, corrections, 'dead-letters': letters } = outputsIn(unbroken.folder)
  for (const bytes of [verdicts, corrections, letters]) expect(bytes.length).toBeGreaterThan(0)
  const before = outputsIn(unbroken.folder)
  expect(await run(unbroken.folder)).toEqual(unbroken.books)
  expect(difference(before, outputsIn(unbroken.folder))).toBe('')
})

it('says nothing of repairs after an orderly end', async () => {
  const folder = newFolder()
  const said: string[] = []
  let turns = 0
  await run(folder, { isStopping: () => turns++ > 10 })
  await run(folder, { onRepair: (sentence) => said.push(sentence) })
  expect(said).toEqual([])
  expect(difference(outputsIn(unbroken.folder), outputsIn(folder), judged)).toBe('')
})

it.each([1, 2, 3, 4, 5, 6])('goes on from what lies in the folder at any moment (seed %i)', async (seed) => {
  //  run ──────┐ copied at some moment, as a kill would leave it
  //            └ run ─────────┐ copied
  //                           └ run ──────────── the same as one run
  const random = seeded(seed)
  let folder = newFolder()
  for (let kill = 0; kill < 4; kill++) {
    const copy = join(newFolder(), 'state')
    let turns = Math.floor(random() * 8)
    const onProgress = (): void => {
      if (turns-- === 0) cpSync(folder, copy, { recursive: true })
    }
    await run(folder, { onProgress, isStopping: () => existsSync(copy) })
    if (existsSync(copy)) folder = copy
  }
  expect(await run(folder)).toEqual(unbroken.books)
  expect(difference(outputsIn(unbroken.folder), outputsIn(folder), judged)).toBe('')
})

it('stores how far it came while it reads a whole log again, so that a kill does not cost all of it', async () => {
  const folder = join(newFolder(), 'state')
  cpSync(unbroken.folder, folder, { recursive: true })
  rmSync(join(folder, 'checkpoints'), { recursive: true })
  const killed = (): never => {
    throw new Error('killed')
  }
  let nowMs = 0
  const slow = { onProgress: killed, clockMs: () => (nowMs += 20_000) }
  await expect(run(folder, slow)).rejects.toThrow('killed')
  // Only later than the first progress would a checkpoint come otherwise.
  const stored = readdirSync(join(folder, 'checkpoints')).map((name) => name.replace('.checkpoint', ''))
  expect(stored.filter((name) => /^(?:intake|actor)\.0*[1-9]\d*$/.test(name)).length).toBeGreaterThanOrEqual(
    2,
  )
  expect(await run(folder)).toEqual(unbroken.books)
  expect(difference(outputsIn(unbroken.folder), outputsIn(folder), judged)).toBe('')
})

describe('a folder whose logs are kept for a day', () => {
  //  each checkpoint  ▪   ▪   ▪   ▪   ▪         and it is the day after tomorrow
  //  events           ░░░░░░░░░▒▒▒▒▒▒▒▒▒▒▒      ░ gone, ▒ what the oldest of three checkpoints needs
  const retention = { ms: 86_400_000, nowMs: () => Date.now() + 2 * 86_400_000 }
  /** Small blocks, and a checkpoint after each turn. */
  let nowMs = 0
  const often = {
    ...{ retention, blockSpanMs: 60_000, clockMs: () => nowMs },
    onProgress: () => (nowMs += 2_000),
  }
  const firstOf = async (folder: string, name: string): Promise<number> => {
    const log = await FileLog.open(join(folder, name))
    await log.close()
    return log.first
  }
  const checkpointsOf = (folder: string): string[][] => {
    const byName = new Map<string, string[]>()
    for (const file of readdirSync(join(folder, 'checkpoints')).sort()) {
      const name = file.split('.')[0]!
      byName.set(name, [...(byName.get(name) ?? []), join(folder, 'checkpoints', file)])
    }
    return [...byName.values()]
  }

  it('lets go of what no checkpoint needs, says the same, and is never rebuilt from the rest', async () => {
    const folder = newFolder()
    await run(folder, often)
    const firsts = await Promise.all(
      ['events', 'accounts', 'acts', 'ties'].map((name) => firstOf(folder, name)),
    )
    for (const first of firsts) expect(first).toBeGreaterThan(0)
    // The oldest checkpoint of each is enough.
    for (const files of checkpointsOf(folder))
      for (const file of files.slice(1)) writeFileSync(file, 'broken')
    expect(await run(folder, often)).toEqual(unbroken.books)
    expect(difference(outputsIn(unbroken.folder), outputsIn(folder), judged)).toBe('')

    const { damages, records } = await deriveFromFolder(folder, {
      ...{ policy: defaultPolicy, key: new Uint8Array(32), isThreaded: false },
    })(
      () => undefined,
      () => false,
    )
    expect(records).toBe(0)
    expect(damages).toEqual([
      expect.stringMatching(/events begins with record \d+: those before were older than/),
    ])

    // Without any checkpoint it is not rebuilt from the rest.
    for (const files of checkpointsOf(folder)) for (const file of files) writeFileSync(file, 'broken')
    await expect(run(folder, often)).rejects.toThrow(
      /no checkpoint of .* does not go back to its beginning; put a checkpoint/,
    )
  })
})
