import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { gunzipSync, gzipSync } from 'node:zlib'
import { stateFormat } from '../../src/model/formats'
import { parsePolicy } from '../../src/policy/policy'
import { Embedded } from '../../src/runtime/embedded'
import type { EmbeddedOptions } from '../../src/runtime/embedded'
import { prepare } from '../../src/simulator'
import { textSource } from '../support/pipeline'

/** A state folder in the middle of a run, as some version of assay left it; see README.md. */

/** The events that were recorded with the states: a change of the simulator must not change them. */
export const eventsFile = join(__dirname, 'events.ndjson.gz')

/** Where the state of this format lies, each file of it compressed. */
export function recordedFolder(format: number = stateFormat): string {
  return join(__dirname, `state-${format}`)
}

/** Runs over the recorded events until they end or it is to stop; gives the sentences of repairs. */
export async function run(folder: string, options: Partial<EmbeddedOptions> = {}): Promise<string[]> {
  let nowMs = 0
  const repairs: string[] = []
  const embedded = await Embedded.open({
    policy: parsePolicy({ version: 'recorded' }),
    key: new Uint8Array(32).fill(9),
    sources: [textSource(gunzipSync(readFileSync(eventsFile)), { name: 'events', chunkBytes: 30_000 })],
    folder,
    out: join(folder, 'verdicts.ndjson'),
    corrections: join(folder, 'corrections.ndjson'),
    deadLetters: join(folder, 'dead-letters.ndjson'),
    blockSpanMs: 600_000,
    clockMs: () => (nowMs += 20),
    onRepair: (sentence) => repairs.push(sentence),
    ...options,
  })
  try {
    await embedded.run()
    return repairs
  } finally {
    await embedded.close()
  }
}

/** Puts a recorded state where it can be gone on with. */
export function unpack(recorded: string, folder: string): void {
  for (const file of filesIn(recorded)) {
    const path = join(folder, file.replace(/\.gz$/, ''))
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, gunzipSync(readFileSync(join(recorded, file))))
  }
}

/** Records the state of now: of a run that was stopped half-way, its newest checkpoints alone. */
export async function record(folder: string): Promise<void> {
  if (!existsSync(eventsFile)) {
    const day = prepare({ scenario: 'attacks', seed: 1, hours: 24, events: 1000, accounts: 60, actors: 1000 })
    const lines = Buffer.concat([...day.records()])
      .toString()
      .split('\n')
      .slice(0, 3_500)
    writeFileSync(eventsFile, gzipSync(`${lines.join('\n')}\n`, { level: 9 }))
  }
  const verdicts = join(folder, 'verdicts.ndjson')
  // Something has been decided, and more is to come.
  await run(folder, { isStopping: () => existsSync(verdicts) && statSync(verdicts).size > 0 })
  const target = recordedFolder()
  rmSync(target, { recursive: true, force: true })
  const checkpoints = filesIn(join(folder, 'checkpoints')).sort().reverse()
  const nameOf = (file: string): string => file.split('.')[0]!
  for (const file of filesIn(folder)) {
    const own = /^checkpoints\/(.*)/.exec(file)?.[1]
    if (own !== undefined && checkpoints.find((one) => nameOf(one) === nameOf(own)) !== own) continue
    const path = join(target, `${file}.gz`)
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, gzipSync(readFileSync(join(folder, file)), { level: 9 }))
  }
}

function filesIn(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
}
