/**
 * What `assay run --embedded` promises of its folder, put to the trial: processes are killed, disks are full, files are cut,
 * altered, lost and older than they should be. See the README beside it.
 *
 *   node -r ./test/support/typescript.js test/trials/embedded-faults.ts --seeds 100
 */
import { spawnSync } from 'node:child_process'
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
} from 'node:fs'
import { truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import type { Books } from '../../src/runtime/books'
import { simulated, startAssay } from '../support/cli'
import type { Ended, Running } from '../support/cli'
import { partitioned, poisoned, readLines, smallDay } from '../support/events'
import { eventLogBytes } from '../support/kills'
import { linesOf, outputNames, outputsIn } from '../support/outputs'
import type { Outputs } from '../support/outputs'
import { seeded } from '../support/seeded'
import { runTrial } from './trial'

/** One folder on its way through some faults to the end. */
interface Way {
  readonly state: string
  readonly random: () => number
  /** Starts a run in the folder. */
  readonly start: (under?: readonly string[]) => Running
  /** The folder as it was before its latest run. */
  readonly older: string
  /** Bytes of the event log of the unbroken run, and how long that took. */
  readonly logBytes: number
  readonly wholeMs: number
  /** What was altered in what people read, where nothing but the chain would show it. */
  readonly altered: { readonly path: string; readonly at: number; readonly byte: number }[]
}

/** What was done, in words, and what the run said that stopped over it, if any did. */
interface Harm {
  readonly what: string
  readonly stops?: Ended | undefined
  /** Makes good what only a person can, where the run stopped and said so. */
  readonly putBack?: () => void
}

const faults: Readonly<Record<string, (way: Way) => Promise<Harm | undefined>>> = {
  kill: async (way) => {
    const running = way.start()
    const atMs = way.random() * way.wholeMs
    await Promise.race([sleep(atMs), running.ended])
    return killed(running, `${atMs.toFixed(0)} ms after its start`)
  },
  'kill-at-place': async (way) => {
    const running = way.start()
    const atBytes = way.random() * way.logBytes
    while (isRunning(running) && eventLogBytes(way.state) < atBytes) await sleep(1)
    return killed(running, `with ${atBytes.toFixed(0)} bytes of the event log`)
  },
  /** While a checkpoint is written aside: the folder of checkpoints holds what is half written. */
  'kill-at-checkpoint': async (way) => {
    const running = way.start()
    const folder = join(way.state, 'checkpoints')
    let left = Math.floor(way.random() * 30)
    const isWriting = (): boolean =>
      existsSync(folder) && readdirSync(folder).some((name) => name.endsWith('.part')) && left-- <= 0
    for (let turn = 0; isRunning(running) && !isWriting(); turn++) if (turn % 20 === 0) await sleep(0)
    return killed(running, 'while it stored a checkpoint')
  },
  'kill-while-starting': async (way) => {
    for (let kill = 0; kill < 4; kill++) {
      const running = way.start()
      await Promise.race([sleep(30 + way.random() * 400), running.ended])
      await killed(running, '')
    }
    return { what: 'four times while it started' }
  },
  interrupt: async (way) => {
    const running = way.start()
    await Promise.race([sleep(150 + way.random() * way.wholeMs), running.ended])
    running.process.kill('SIGTERM')
    return { what: 'SIGTERM', stops: unlessUnheard(await endOf(running)) }
  },
  'interrupt-twice': async (way) => {
    const running = way.start()
    await Promise.race([sleep(150 + way.random() * way.wholeMs), running.ended])
    running.process.kill('SIGINT')
    await Promise.race([sleep(310), running.ended])
    running.process.kill('SIGINT')
    return { what: 'SIGINT twice', stops: unlessUnheard(await endOf(running)) }
  },
  /** No file may grow beyond some size: logs, checkpoints and outputs in turn. */
  'file-size-limit': async (way) => {
    const blocks = Math.floor(2 ** (way.random() * 13))
    return { what: `ulimit -f ${blocks}`, stops: await endOf(way.start(limited(`ulimit -f ${blocks}`))) }
  },
  'too-many-files': async (way) => {
    const files = 40 + Math.floor(way.random() * 30)
    return { what: `ulimit -n ${files}`, stops: await endOf(way.start(limited(`ulimit -n ${files}`))) }
  },
  /** The disk has some room left and no more, then it has again. */
  'disk-full': async (way) => {
    if (!isOnDisk(way.state)) return undefined
    const filler = join(way.state, '..', 'filler')
    const leftBytes = Math.floor(2 ** (10 + way.random() * 14))
    fillUpTo(filler, leftBytes)
    const stops = await endOf(way.start())
    rmSync(filler)
    return { what: `${leftBytes} bytes left`, stops }
  },
  cut: (way) =>
    damaged(way, (path) => {
      const to = Math.floor(way.random() * statSync(path).size)
      truncateSync(path, to)
      return `cut to ${to}`
    }),
  flipped: (way) =>
    damaged(way, (path) => {
      const bytes = readFileSync(path)
      if (bytes.length === 0) return undefined
      const place = way.random() < 0.3 ? 1 - way.random() / 50 : way.random()
      const at = Math.floor(place * bytes.length)
      const byte = 1 << Math.floor(way.random() * 8)
      bytes[at]! ^= byte
      writeFileSync(path, bytes)
      if (readByPeople.test(path)) way.altered.push({ path, at, byte })
      return `bit ${Math.log2(byte)} of byte ${at} of ${bytes.length} flipped`
    }),
  emptied: (way) =>
    damaged(way, (path) => {
      truncateSync(path, 0)
      return 'emptied'
    }),
  removed: (way) =>
    damaged(way, (path) => {
      rmSync(path)
      return 'removed'
    }),
  /** One file is as it was before the latest run, all others are not. */
  'rolled-back': (way) =>
    damaged(way, (path) => {
      const old = join(way.older, path.slice(way.state.length))
      if (!existsSync(old) || readFileSync(old).equals(readFileSync(path))) return undefined
      cpSync(old, path)
      return 'rolled back'
    }),
  'log-rolled-back': (way) => folderRolledBack(way, 'events accounts acts ties clusters findings'.split(' ')),
  'checkpoints-rolled-back': (way) => folderRolledBack(way, ['checkpoints']),
  /** Everything but the files of lines, so that logs and checkpoints are behind what was put out. */
  'outputs-ahead': (way) =>
    folderRolledBack(way, 'events accounts acts ties clusters findings checkpoints'.split(' '), true),
  stray: (way) => {
    for (const name of ['events/notes.txt', 'checkpoints/intake.bak', 'lock.old', 'core.1234'])
      writeFileSync(join(way.state, name), 'left by somebody')
    writeFileSync(join(way.state, 'checkpoints/intake.00000000000099999999.checkpoint'), '')
    return Promise.resolve({ what: 'stray files' })
  },
  /** Copied file by file while it runs, and gone on with in the copy. */
  'copied-while-running': async (way) => {
    const running = way.start()
    await Promise.race([sleep(way.random() * way.wholeMs), running.ended])
    const copy = `${way.state}.copy`
    const names = readdirSync(way.state).sort(() => way.random() - 0.5)
    for (const name of names) {
      if (name.startsWith('lock.') || !existsSync(join(way.state, name))) continue
      copyAsItIs(join(way.state, name), join(copy, name))
      await sleep(way.random() * 30)
    }
    await killed(running, '')
    rmSync(way.state, { recursive: true })
    cpSync(copy, way.state, { recursive: true })
    rmSync(copy, { recursive: true })
    return { what: `copied in the order ${names.join(' ')}` }
  },
}

/** How often a process was killed, on the way to the faults too. */
let kills = 0

/** Files that people and other programs read; their lines have no checksum. */
const readByPeople = /\/(?:verdicts|corrections|surges|chain|dead-letters)\.ndjson$/

async function killed(running: Running, what: string): Promise<Harm> {
  running.process.kill('SIGKILL')
  if ((await running.ended).signal === 'SIGKILL') kills++
  return { what: `SIGKILL ${what}` }
}

function isRunning({ process }: Running): boolean {
  return process.exitCode === null && process.signalCode === null
}

async function endOf(running: Running): Promise<Ended> {
  const ended = await Promise.race([running.ended, sleep(hangsMs, undefined, { ref: false })])
  if (ended !== undefined) return ended
  running.process.kill('SIGKILL')
  const { stderr } = await running.ended
  return { code: null, signal: 'SIGKILL', stdout: '', stderr: `hangs: ${stderr}` }
}

const hangsMs = 60_000

function limited(limit: string): readonly string[] {
  return ['bash', '-c', `${limit}; exec "$@"`, 'bash']
}

/** Does something to one file of the folder, chosen by chance; whoever cannot go on with it gets it back. */
function damaged(way: Way, damage: (path: string) => string | undefined): Promise<Harm | undefined> {
  for (let attempt = 0; attempt < 20; attempt++) {
    const files = filesIn(way.state)
    const path = files[Math.floor(way.random() * files.length)]!
    const before = readFileSync(path)
    const what = damage(path)
    if (what === undefined) continue
    const name = path.slice(way.state.length + 1)
    return Promise.resolve({
      what: `${name} ${what}`,
      putBack: () => {
        writeFileSync(path, before)
      },
    })
  }
  return Promise.resolve(undefined)
}

function filesIn(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((name) => join(folder, name))
    .filter((path) => statSync(path).isFile())
    .sort()
}

function folderRolledBack(way: Way, names: readonly string[], all = false): Promise<Harm | undefined> {
  const chosen = all ? names : [names[Math.floor(way.random() * names.length)]!]
  if (chosen.some((name) => !existsSync(join(way.older, name)))) return Promise.resolve(undefined)
  const kept = `${way.state}.kept`
  rmSync(kept, { recursive: true, force: true })
  for (const name of chosen) {
    cpSync(join(way.state, name), join(kept, name), { recursive: true })
    rmSync(join(way.state, name), { recursive: true })
    cpSync(join(way.older, name), join(way.state, name), { recursive: true })
  }
  return Promise.resolve({
    what: `${chosen.join(', ')} rolled back`,
    putBack: () => {
      for (const name of chosen) {
        rmSync(join(way.state, name), { recursive: true })
        cpSync(join(kept, name), join(way.state, name), { recursive: true })
      }
    },
  })
}

/** As `cp` does it: what vanishes meanwhile is not there. */
function copyAsItIs(from: string, to: string): void {
  if (statSync(from, { throwIfNoEntry: false })?.isDirectory() === true) {
    mkdirSync(to, { recursive: true })
    for (const name of readdirSync(from)) copyAsItIs(join(from, name), join(to, name))
    return
  }
  try {
    mkdirSync(join(to, '..'), { recursive: true })
    writeFileSync(to, readFileSync(from))
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
  }
}

/** A disk of its own, where this user may mount one; so that it can be full. */
function mountDisk(folder: string): boolean {
  mkdirSync(folder, { recursive: true })
  return spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=600m', 'tmpfs', folder]).status === 0
}

let disk = ''
function isOnDisk(path: string): boolean {
  return disk !== '' && path.startsWith(disk)
}

function fillUpTo(filler: string, leftBytes: number): void {
  const { stdout } = spawnSync('df', ['--output=avail', '-B1', disk], { encoding: 'utf8' })
  const bytes = Number(stdout.split('\n')[1]) - leftBytes
  if (bytes > 0) spawnSync('fallocate', ['-l', String(bytes), filler])
  else writeFileSync(filler, '')
}

/** What is wrong with the way a run ended; empty when it is an end that a person can act on, or that was asked for. */
function wrongEnd({ code, signal, stderr }: Ended, allowed: readonly number[]): string {
  if (signal !== null || code === null) return `ended by ${signal}: ${stderr}`
  if (stderr.includes('this is a bug of assay') || /\n\s+at .*:\d+:\d+/.test(stderr))
    return `a stack: ${stderr}`
  if (!allowed.includes(code)) return `ended with ${code}: ${stderr}`
  if (code !== 0 && code !== 130 && !/^assay: .{30}/m.test(stderr))
    return `ended with ${code} and says nothing: ${stderr}`
  if (stderr.includes('DO NOT BALANCE')) return `the books do not balance: ${stderr}`
  return ''
}

/** A signal that came before anybody listened to it is a kill. */
function unlessUnheard(ended: Ended): Ended | undefined {
  return ended.signal === null ? ended : undefined
}

interface Compared {
  readonly lost: number
  readonly doubled: number
  readonly differing: number
}

/** Lines that are missing, lines that are there more often, and lines that are others or elsewhere. */
function compared(expected: Outputs, found: Outputs): Compared {
  let [lost, doubled, differing] = [0, 0, 0]
  for (const name of outputNames) {
    if (found[name].equals(expected[name])) continue
    const [wanted, there] = [linesOf(expected[name]), linesOf(found[name])]
    // In which order letters of two sources lie is left open.
    const sorted = name === 'dead-letters' && [...wanted].sort().join() === [...there].sort().join()
    if (sorted) continue
    const counts = new Map<string, number>()
    for (const line of there) counts.set(line, (counts.get(line) ?? 0) + 1)
    const once = new Set(wanted)
    lost += [...once].filter((line) => !counts.has(line)).length
    doubled += [...counts].filter(([line, count]) => once.has(line) && count > 1).length
    differing += [...counts.keys()].filter((line) => !once.has(line)).length
    if (lost + doubled + differing === 0) differing++
  }
  return { lost, doubled, differing }
}

interface Row extends Compared {
  injected: number
  runs: number
  /** How often a run stopped over it, with a sentence, until a person had made it good. */
  stopped: number
  longestMs: number
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      seeds: { type: 'string', default: '100' },
      'first-seed': { type: 'string', default: '1' },
      minutes: { type: 'string', default: 'Infinity' },
      faults: { type: 'string' },
      trace: { type: 'boolean', default: false },
    },
  })
  const names = values.faults?.split(',') ?? Object.keys(faults)
  const unknown = names.find((name) => faults[name] === undefined)
  if (unknown !== undefined) throw new Error(`faults are ${Object.keys(faults).join(', ')}; got ${unknown}`)
  const scratch = mkdtempSync(join(tmpdir(), 'assay-faults-'))
  if (mountDisk(join(scratch, 'disk'))) disk = join(scratch, 'disk')
  try {
    await trial(scratch, names, values)
  } finally {
    if (disk !== '') spawnSync('umount', ['--lazy', disk])
    rmSync(scratch, { recursive: true, force: true })
  }
}

async function trial(
  scratch: string,
  names: readonly string[],
  values: { seeds: string; 'first-seed': string; minutes: string; trace: boolean },
): Promise<void> {
  const files = await inputsIn(scratch)
  // Logs that are kept for a day, on the day after tomorrow: whole segments go, at each checkpoint.
  const later = join(scratch, 'later.js')
  writeFileSync(later, 'const now = Date.now; Date.now = () => now() + 2 * 86400000\n')
  const start = (state: string, isForgetting: boolean, under: readonly string[] = []): Running => {
    const args = ['run', '--embedded', '--json', '--state', state, ...files]
    if (!isForgetting) return startAssay(args, { under })
    return startAssay([...args, '--keep-days', '1'], {
      under: ['env', `NODE_OPTIONS=--require=${later}`, ...under],
    })
  }
  const whole = join(scratch, 'unbroken')
  const startMs = performance.now()
  const unbroken = await endOf(start(whole, false))
  const wholeMs = performance.now() - startMs
  if (unbroken.code !== 0) throw new Error(unbroken.stderr)
  const [expected, books] = [outputsIn(whole), booksOf(unbroken)]
  const logBytes = eventLogBytes(whole)

  const rows = new Map<string, Row>()
  let [runs, failed] = [0, 0]
  const untilMs = startMs + Number(values.minutes) * 60_000
  const first = Number(values['first-seed'])
  for (let seed = first; seed < first + Number(values.seeds) && performance.now() < untilMs; seed++) {
    const random = seeded(seed)
    const state = join(disk === '' ? scratch : disk, `state-${seed}`)
    const isForgetting = random() < 0.3
    const way: Way = {
      ...{ state, random, logBytes, wholeMs, altered: [], older: `${state}.older` },
      start: (under) => start(state, isForgetting, under),
    }
    const { problems, done, longestMs } = await runWay(way, names, { expected, books })
    runs++
    if (values.trace || problems.length > 0) {
      const all = [
        ...problems.map(({ problem }) => problem),
        ...done.map(({ name, what }) => `${name}: ${what}`),
      ]
      process.stderr.write(`seed ${seed}${isForgetting ? ', forgetting' : ''}\n  ${all.join('\n  ')}\n`)
    }
    if (problems.length > 0) failed++
    for (const name of new Set(done.map(({ name: one }) => one))) {
      const row = rows.get(name) ?? {
        injected: 0,
        runs: 0,
        stopped: 0,
        lost: 0,
        doubled: 0,
        differing: 0,
        longestMs: 0,
      }
      const sum = (key: keyof Compared): number =>
        row[key] + problems.reduce((total, { difference }) => total + (difference?.[key] ?? 0), 0)
      rows.set(name, {
        injected: row.injected + done.filter((one) => one.name === name).length,
        runs: row.runs + 1,
        stopped: row.stopped + done.filter((one) => one.name === name && one.isStopped).length,
        ...{ lost: sum('lost'), doubled: sum('doubled'), differing: sum('differing') },
        longestMs: Math.max(row.longestMs, longestMs),
      })
    }
    for (const path of readdirSync(join(state, '..')))
      if (path.startsWith(basename(state))) rmSync(join(state, '..', path), { recursive: true, force: true })
  }
  process.stdout.write(table(rows))
  const seconds = ((performance.now() - startMs) / 1000).toFixed(0)
  process.stdout.write(
    `${runs} runs in ${seconds} s with ${kills} kills, ${failed} do not hold; unbroken ${(wholeMs / 1000).toFixed(1)} s, ` +
      `${outputNames.map((name) => `${linesOf(expected[name]).length} ${name}`).join(', ')}\n`,
  )
  process.exitCode = failed > 0 ? 1 : 0
}

interface Problem {
  readonly problem: string
  readonly difference?: Compared
}

interface Done {
  readonly name: string
  readonly what: string
  readonly isStopped: boolean
}

/** Takes a new folder through one to five faults and to its end. */
async function runWay(
  way: Way,
  names: readonly string[],
  { expected, books }: { readonly expected: Outputs; readonly books: unknown },
): Promise<{ problems: Problem[]; done: Done[]; longestMs: number }> {
  const { state, random } = way
  const problems: Problem[] = []
  const done: Done[] = []
  let putBack: (() => void) | undefined
  const count = 1 + Math.floor(random() * 5)
  const takeOn = async (share: number): Promise<void> => {
    const running = way.start()
    while (isRunning(running) && eventLogBytes(state) < share * way.logBytes) await sleep(2)
    await Promise.race([sleep(random() * 200), running.ended])
    running.process.kill('SIGKILL')
    const { code, stderr } = await running.ended
    if (code === null) {
      kills++
      return
    }
    const wrong = wrongEnd({ code, signal: null, stdout: '', stderr }, [0, ...stopCodes])
    if (wrong !== '') problems.push({ problem: wrong })
    if (code === 0 || putBack === undefined) return
    done[done.length - 1] = {
      ...done.at(-1)!,
      isStopped: true,
      what: `${done.at(-1)!.what} → ${stderr.trim()}`,
    }
    putBack()
    putBack = undefined
  }
  await takeOn(random() * 0.5)
  for (let fault = 0; fault < count; fault++) {
    rmSync(way.older, { recursive: true, force: true })
    cpSync(state, way.older, { recursive: true })
    const name = names[Math.floor(random() * names.length)]!
    // So that what is older differs, and what is damaged is stopped over before anything else happens to it.
    await takeOn(((fault + random()) / count) * 0.9 + 0.05)
    const harm = await faults[name]!(way)
    if (harm === undefined) continue
    const { what, stops } = harm
    const wrong = stops === undefined ? '' : wrongEnd(stops, [0, 1, 69, 130])
    if (wrong !== '') problems.push({ problem: `${name}: ${wrong}` })
    const said = stops === undefined ? '' : ` → ${stops.code}: ${stops.stderr.trim().split('\n').at(-1)}`
    done.push({ name, what: what + said, isStopped: stops !== undefined && stops.code === 1 })
    if (stops !== undefined && stopCodes.includes(stops.code ?? 0)) {
      // It stopped over what an earlier fault had damaged, where that was not seen until now.
      putBack?.()
      putBack = undefined
    }
    const [now, before] = [harm.putBack, putBack]
    putBack =
      now === undefined || before === undefined
        ? (now ?? before)
        : () => {
            now()
            before()
          }
    if (now !== undefined) await takeOn(0)
  }
  const startMs = performance.now()
  let ended = await endOf(way.start())
  if (ended.code !== 0 && putBack !== undefined && stopCodes.includes(ended.code ?? 0)) {
    const wrong = wrongEnd(ended, stopCodes)
    if (wrong !== '') problems.push({ problem: wrong })
    done[done.length - 1] = {
      ...done.at(-1)!,
      isStopped: true,
      what: `${done.at(-1)!.what} → ${ended.stderr.trim()}`,
    }
    putBack()
    ended = await endOf(way.start())
  }
  const longestMs = performance.now() - startMs
  const wrong = wrongEnd(ended, [0])
  if (wrong !== '') problems.push({ problem: `at the end: ${wrong}` })
  for (const { path, at, byte } of way.altered) {
    const bytes = readFileSync(path)
    bytes[at]! ^= byte
    writeFileSync(path, bytes)
  }
  const difference = compared(expected, outputsIn(state))
  const { lost, doubled, differing } = difference
  if (lost + doubled + differing > 0) {
    problems.push({ problem: `lost ${lost}, doubled ${doubled}, differing ${differing}`, difference })
  } else if (wrong === '' && JSON.stringify(booksOf(ended)) !== JSON.stringify(books)) {
    problems.push({ problem: `other books: ${JSON.stringify(booksOf(ended))}` })
  }
  return { problems, done, longestMs }
}

/** With which a run may end over what a person has to make good. */
const stopCodes = [1, 2, 69, 78]

function booksOf({ stderr }: Ended): Books {
  return JSON.parse(stderr.trim().split('\n').at(-1)!) as Books
}

/** A small day as two files, some of whose lines cannot be read. */
async function inputsIn(folder: string): Promise<string[]> {
  const { events } = await simulated(smallDay)
  const parts = partitioned(poisoned(readLines(events).slice(0, 2000), 100), 2)
  return parts.map((lines, index) => {
    const path = join(folder, `part-${index}.ndjson`)
    writeFileSync(path, lines.join(''))
    return path
  })
}

function table(rows: ReadonlyMap<string, Row>): string {
  const head = '| fault | injected | runs | stopped, told | lost | doubled | differing | longest recovery |\n'
  const line = '| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |\n'
  const body = [...rows]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, row]) => {
      const { injected, runs, stopped, lost, doubled, differing, longestMs } = row
      return `| ${[name, injected, runs, stopped, lost, doubled, differing, `${(longestMs / 1000).toFixed(1)} s`].join(' | ')} |\n`
    })
  return head + line + body.join('')
}

runTrial(main)
