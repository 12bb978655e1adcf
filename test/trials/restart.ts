/**
 * How long a restart takes with a log of many gigabytes: from the start of the process until it has folded the first
 * event that is new; see the README.
 *
 *   node -r ./test/support/typescript.js test/trials/restart.ts --gigabytes 10 --folder /tmp/restart
 */
import { execFileSync } from 'node:child_process'
import { appendFileSync, existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs'
import { statSync, truncateSync } from 'node:fs'
import { loadavg } from 'node:os'
import { join } from 'node:path'
import { performance } from 'node:perf_hooks'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { FileLog } from '../../src/log/file-log'
import { openLineLog } from '../../src/log/line-log'
import { defaultPolicy } from '../../src/policy/policy'
import { Intake } from '../../src/runtime/intake'
import { innerLogs, lineOutputs, makeViews, stagesOf } from '../../src/runtime/stages'
import { SnapshotReader, SnapshotWriter } from '../../src/state/snapshot'
import { FileCheckpointStore } from '../../src/store/file-checkpoint-store'
import { assay, startAssay } from '../support/cli'

/** What a file or a log held before and holds now. */
interface Grown {
  readonly before: number
  readonly after: number
}

const logNames = ['events', ...innerLogs] as const

/** Writes each log and each file of lines again and again behind itself, until the logs have so many bytes. */
async function grow(state: string, bytes: number): Promise<ReadonlyMap<string, Grown>> {
  const copies = Math.ceil(bytes / bytesOfLogs(state)) - 1
  const grown = new Map<string, Grown>()
  for (const name of logNames) {
    const log = await FileLog.open(join(state, name))
    const before = log.end
    for (let copy = 0; copy < copies; copy++) {
      for (let from = 0; from < before;) {
        const records = (await log.read(from, 8 << 20)).slice(0, before - from)
        await log.append(records)
        from += records.length
      }
    }
    grown.set(name, { before, after: log.end })
    await log.close()
  }
  for (const name of [...lineOutputs, 'dead-letters']) {
    const path = join(state, `${name}.ndjson`)
    const text = readFileSync(path)
    for (let copy = 0; copy < copies; copy++) appendFileSync(path, text)
    const log = await openLineLog(path)
    grown.set(name, { before: log.count / (copies + 1), after: log.count })
    await log.close()
  }
  return grown
}

/** Stores the newest checkpoint of each part again as one that was taken at the end of what has grown. */
async function moveCheckpoints(
  state: string,
  grown: ReadonlyMap<string, Grown>,
  file: string,
): Promise<void> {
  const key = new Uint8Array(32)
  const checkpoints = await FileCheckpointStore.open(join(state, 'checkpoints'))
  const moved = (name: string, position: number): number => {
    const { before, after } = grown.get(name)!
    if (position !== before) throw new Error(`${name} should have been read to its end`)
    return after
  }
  const newest = async (name: string): Promise<SnapshotReader> => {
    const outcome = await (await checkpoints.list(name))[0]!.load()
    if (outcome.kind === 'broken') throw new Error(outcome.reason)
    return new SnapshotReader(outcome.checkpoint.parts)
  }
  for (const { view, inputs, outputs } of stagesOf(makeViews(defaultPolicy, key))) {
    const from = await newest(view.name)
    const { positions, emitted } = from.value<{ positions: number[]; emitted: number[] }>('runner.progress')
    const to = new SnapshotWriter()
    view.load(from)
    view.save(to)
    const progress = {
      positions: inputs.map((log, input) => moved(log, positions[input]!)),
      emitted: outputs.map((log, output) => moved(log, emitted[output]!)),
    }
    to.value('runner.progress', progress)
    const sequence = progress.positions.reduce((sum, position) => sum + position, 0)
    await checkpoints.save(view.name, { sequence, parts: to.parts() })
  }
  const from = await newest('intake')
  const { letters } = from.value<{ letters: Record<string, number> }>('intake.progress')
  const intake = new Intake({
    ...{ policy: defaultPolicy, key, blockSpanMs: defaultPolicy.epochMs },
    sources: [{ name: file, read: nothing }],
  })
  const to = new SnapshotWriter()
  intake.load(from)
  intake.save(to)
  const blocks = grown.get('events')!.after
  to.value('intake.progress', { blocks, letters })
  await checkpoints.save('intake', { sequence: blocks, parts: to.parts() })
}

/** From the start of the process until the actor view has put out what it made of new events. */
async function untilFirstFold(state: string, file: string): Promise<{ seconds: number; cpuSeconds: number }> {
  const accounts = join(state, 'accounts')
  const before = bytesOf(accounts)
  const startMs = performance.now()
  const running = startAssay(['run', '--embedded', '--state', state, file])
  const ended = running.ended.then(({ code, stderr }) => {
    if (code !== null) throw new Error(`the run ended with ${code}: ${stderr}`)
  })
  while (bytesOf(accounts) <= before) await Promise.race([sleep(5), ended])
  const seconds = (performance.now() - startMs) / 1000
  const cpuSeconds = cpuSecondsOf(running.process.pid!)
  running.process.kill('SIGKILL')
  await ended
  return { seconds, cpuSeconds }
}

/** CPU time of a process so far, as Linux counts it: in hundredths of a second. */
function cpuSecondsOf(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
  const [user, system] = stat.slice(stat.lastIndexOf(')')).split(' ').slice(12, 14).map(Number)
  return (user! + system!) / 100
}

/** Puts what a folder held out of the system's memory, so that it has to be read from the disk. */
function forgetPages(folder: string): void {
  for (const path of filesIn(folder)) {
    execFileSync('dd', [`if=${path}`, 'iflag=nocache', 'count=0', 'status=none'])
  }
}

function bytesOfLogs(state: string): number {
  return logNames.reduce((sum, name) => sum + bytesOf(join(state, name)), 0)
}

function bytesOf(folder: string): number {
  return filesIn(folder).reduce((sum, path) => sum + statSync(path).size, 0)
}

function filesIn(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
}

async function* nothing(): AsyncGenerator<never> {
  // Only what it knows is wanted.
}

async function done(args: readonly string[]): Promise<void> {
  const { code, stderr } = await assay(args)
  if (code !== 0) throw new Error(`assay ${args[0]} ended with ${code}: ${stderr}`)
}

/** A state folder whose logs have so many bytes, and the file it was made from, which has grown since. */
async function prepare(folder: string, { bytes, events }: { bytes: number; events: string }): Promise<void> {
  const { state, file } = partsOf(folder)
  const size = ['--accounts', '20000', '--actors', '500000', '--hours', '24', '--events', events]
  await done(['simulate', '--scenario', 'platform', ...size, '--out', file])
  const whole = readFileSync(file)
  const cut = whole.lastIndexOf('\n', whole.length * 0.9) + 1
  truncateSync(file, cut)
  await done(['run', '--embedded', '--state', state, file])
  await moveCheckpoints(state, await grow(state, bytes), file)
  appendFileSync(file, whole.subarray(cut))
}

function partsOf(folder: string): { state: string; file: string } {
  return { state: join(folder, 'state'), file: join(folder, 'events.ndjson') }
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      gigabytes: { type: 'string', default: '10' },
      events: { type: 'string', default: '1000000' },
      folder: { type: 'string', default: 'restart' },
      restarts: { type: 'string', default: '3' },
    },
  })
  const { state, file } = partsOf(values.folder)
  if (!existsSync(state)) {
    mkdirSync(values.folder, { recursive: true })
    await prepare(values.folder, { bytes: Number(values.gigabytes) * 1e9, events: values.events })
  }
  const told = { logBytes: bytesOfLogs(state), stateBytes: bytesOf(state) }
  // The first comes after an orderly end, the others after a kill.
  for (let restart = 0; restart < Number(values.restarts); restart++) {
    forgetPages(values.folder)
    const taken = await untilFirstFold(state, file)
    console.log(JSON.stringify({ ...told, ...taken, load: loadavg()[0] }))
  }
}

void main()
