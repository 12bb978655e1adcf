import {
  cpSync,
  existsSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { assay, remarksIn, simulated } from '../support/cli'
import { poisoned, readLines, smallDay } from '../support/events'
import { eventLogBytes, killedRun } from '../support/kills'
import { difference, outputsIn } from '../support/outputs'
import { temporaryFolders } from '../support/temporary'

jest.setTimeout(120_000)

const newFolder = temporaryFolders()
let file: string
let unbroken: string
/** A state whose process was killed in the middle; each test gets a copy of its own to damage. */
let killed: string

beforeAll(async () => {
  const { events } = await simulated(smallDay)
  const folder = newFolder()
  file = join(folder, 'events.ndjson')
  unbroken = join(folder, 'unbroken')
  killed = join(folder, 'killed')
  writeFileSync(file, poisoned(readLines(events).slice(0, 5000), 200).join(''))
  await assay(['run', '--embedded', '--state', unbroken, file])
  for (const share of [0.3, 0.5, 0.7]) {
    const atBytes = share * eventLogBytes(unbroken)
    await killedRun(['run', '--embedded', '--state', killed, file], killed, { atBytes, delayMs: 0 })
  }
})

/** Damages a copy of the state, resumes it, and gives what was said of the repair. */
async function resumedAfter(damage: (state: string) => void): Promise<string> {
  const state = join(newFolder(), 'state')
  cpSync(killed, state, { recursive: true })
  damage(state)
  const { code, stderr } = await assay(['run', '--embedded', '--state', state, file])
  expect(code).toBe(0)
  expect(difference(outputsIn(unbroken), outputsIn(state))).toBe('')
  expect(stderr).toContain('the books balance')
  return stderr
}

function cutEnd(path: string, bytes: number): void {
  const { size } = statSync(path)
  expect(size).toBeGreaterThan(bytes)
  truncateSync(path, size - bytes)
}

/** The checkpoints of the intake and of each view, newest first. */
function checkpointsIn(state: string): string[][] {
  const folder = join(state, 'checkpoints')
  return ['intake', 'actor', 'account', 'decide'].map((name) => {
    const files = readdirSync(folder).filter((entry) => entry.startsWith(`${name}.`))
    expect(files.length).toBeGreaterThan(1)
    return files
      .sort()
      .reverse()
      .map((entry) => join(folder, entry))
  })
}

function flipByte(path: string): void {
  const bytes = readFileSync(path)
  bytes[bytes.length >> 1]! ^= 0xff
  writeFileSync(path, bytes)
}

it('goes on as it is when nothing is damaged', async () => {
  const said = await resumedAfter(() => undefined)
  // Only where the dead letters are.
  expect(remarksIn(said)).toEqual([expect.stringContaining('assay dead-letters list')])
})

it.each(['events', 'accounts', 'findings'])(
  'repairs a log cut in the middle of a record: %s',
  async (log) => {
    const said = await resumedAfter((state) => {
      cutEnd(join(state, log, '00000000000000000000.log'), 100)
    })
    expect(said).toMatch(
      new RegExp(`the log ${log} ended in the middle of a record; \\d+ bytes of .* were cut off`),
    )
  },
)

it.each(['verdicts', 'corrections', 'dead-letters'])(
  'repairs a file cut in the middle of a line: %s',
  async (name) => {
    const said = await resumedAfter((state) => {
      cutEnd(join(state, `${name}.ndjson`), 20)
    })
    expect(said).toMatch(
      new RegExp(`${name}.ndjson ended in the middle of a line; its last \\d+ bytes were cut off`),
    )
  },
)

it('writes outputs again that were removed', async () => {
  const said = await resumedAfter((state) => {
    for (const name of ['verdicts', 'corrections', 'surges', 'dead-letters'])
      rmSync(join(state, `${name}.ndjson`))
  })
  expect(said).toContain('what the decide view had written lost its end')
  expect(said).toContain('what is missing is read from the sources again')
})

it('uses the checkpoint before when the newest one is gone', async () => {
  await resumedAfter((state) => {
    for (const [newest] of checkpointsIn(state)) rmSync(newest!)
  })
})

it('uses the checkpoint before when the newest one is broken, and says so', async () => {
  const said = await resumedAfter((state) => {
    for (const [newest] of checkpointsIn(state)) flipByte(newest!)
  })
  expect(said.match(/the SHA-256 differs; an older one is used/g)).toHaveLength(4)
})

it('begins at the beginning when no checkpoint is whole, writes nothing twice, and says so', async () => {
  const said = await resumedAfter((state) => {
    for (const path of checkpointsIn(state).flat()) flipByte(path)
  })
  expect(said).toContain('no checkpoint of the intake can be used; its sources are read again')
  for (const view of ['actor', 'account', 'decide']) {
    expect(said).toContain(
      `no checkpoint of the ${view} view can be used; it reads its log from the beginning, and nothing comes twice`,
    )
  }
})

it('makes logs and checkpoints anew when they are gone and only the outputs are left', async () => {
  await resumedAfter((state) => {
    for (const name of ['events', 'accounts', 'findings', 'checkpoints']) {
      rmSync(join(state, name), { recursive: true })
    }
  })
})

it('stops with a sentence where something was destroyed that had been safe', async () => {
  const state = join(newFolder(), 'state')
  cpSync(killed, state, { recursive: true })
  const log = join(state, 'events', '00000000000000000000.log')
  const bytes = readFileSync(log)
  bytes.fill(0, 5000, 6000)
  writeFileSync(log, bytes)
  const { code, stderr } = await assay(['run', '--embedded', '--state', state, file])
  expect(code).toBe(1)
  expect(stderr).toMatch(/^assay: log segment .* is damaged at byte \d+: .*\n$/)
  expect(existsSync(join(state, 'verdicts.ndjson'))).toBe(true)
})

it.each(['dead-letters', 'ends'])(
  'stops with a sentence where a line is none that it wrote: %s',
  async (name) => {
    const state = join(newFolder(), 'state')
    cpSync(killed, state, { recursive: true })
    const path = join(state, `${name}.ndjson`)
    // A run that was killed has noted no end.
    const before = existsSync(path) ? readFileSync(path) : Buffer.alloc(0)
    writeFileSync(path, Buffer.concat([Buffer.from('{"source":7}\n'), before]))
    const { code, stderr } = await assay(['run', '--embedded', '--state', state, file])
    expect(code).toBe(69)
    expect(stderr).toMatch(
      /^assay: .*ndjson holds a line that assay did not write \(.*\); put the file back .*\n$/,
    )
    // What the sentence says helps.
    rmSync(path)
    expect((await assay(['run', '--embedded', '--state', state, file])).code).toBe(0)
    expect(difference(outputsIn(unbroken), outputsIn(state))).toBe('')
  },
)

it('stops with a sentence where what says how the folder was begun is gone', async () => {
  const state = join(newFolder(), 'state')
  cpSync(killed, state, { recursive: true })
  rmSync(join(state, 'state.json'))
  const { code, stderr } = await assay(['run', '--embedded', '--state', state, file])
  expect(code).toBe(78)
  expect(stderr).toMatch(/^assay: .* holds logs, but not the state.json .*\n$/)
  cpSync(join(killed, 'state.json'), join(state, 'state.json'))
  expect((await assay(['run', '--embedded', '--state', state, file])).code).toBe(0)
  expect(difference(outputsIn(unbroken), outputsIn(state))).toBe('')
})

it('stops with a sentence where what came through a pipe before is gone, instead of passing over what comes', async () => {
  const state = join(newFolder(), 'state')
  const lines = readLines(file)
  const args = ['run', '--embedded', '--state', state, '-']
  expect((await assay(args, { input: lines.slice(0, 2000).join('') })).code).toBe(0)
  const spool = readFileSync(join(state, 'stdin.ndjson'))
  for (const left of [undefined, spool.subarray(0, -100), Buffer.concat([spool.subarray(100), spool])]) {
    if (left === undefined) rmSync(join(state, 'stdin.ndjson'))
    else writeFileSync(join(state, 'stdin.ndjson'), left)
    const { code, stderr } = await assay(args, { input: lines.slice(2000).join('') })
    expect(code).toBe(69)
    expect(stderr).toMatch(/^assay: .* was read up to \d+ before, .* give the file that was read then.*\n$/m)
  }
  writeFileSync(join(state, 'stdin.ndjson'), spool)
  const { code, stderr } = await assay([...args, '--json'], { input: lines.slice(2000).join('') })
  expect(code).toBe(0)
  expect(JSON.parse(stderr.trim().split('\n').at(-1)!)).toMatchObject({ read: lines.length, balanced: true })
})
