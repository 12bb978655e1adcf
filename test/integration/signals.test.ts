import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { assay, remarksIn, simulated, startAssay } from '../support/cli'
import { poisoned, readLines, smallDay } from '../support/events'
import { eventLogBytes, signalledRun } from '../support/kills'
import { difference, linesOf, outputsIn } from '../support/outputs'
import { temporaryFolders } from '../support/temporary'

jest.setTimeout(120_000)

const newFolder = temporaryFolders()
let file: string
let lines: string[]
let unbroken: string

beforeAll(async () => {
  const folder = newFolder()
  lines = poisoned(readLines((await simulated(smallDay)).events).slice(0, 5000), 200)
  file = join(folder, 'events.ndjson')
  writeFileSync(file, lines.join(''))
  unbroken = join(folder, 'unbroken')
  await assay(['run', '--embedded', '--state', unbroken, file])
})

it.each(['SIGINT', 'SIGTERM'] as const)(
  'keeps its state at %s, ends with 130, and goes on to the same bytes',
  async (signal) => {
    const state = join(newFolder(), 'state')
    const args = ['run', '--embedded', '--state', state, file]
    for (const share of [0.3, 0.6]) {
      const { code, stderr } = await signalledRun(args, state, {
        signal,
        atBytes: share * eventLogBytes(unbroken),
      })
      expect(code).toBe(130)
      expect(stderr).toContain(
        'assay: interrupted; the state is kept, start again with the same files to go on',
      )
      expect(stderr).toContain('the books balance')
    }
    const resumed = await assay(args)
    expect(resumed.code).toBe(0)
    // What was stopped in order has nothing to repair: only where the dead letters are is told.
    expect(remarksIn(resumed.stderr)).toEqual([expect.stringContaining('assay dead-letters list')])
    expect(difference(outputsIn(unbroken), outputsIn(state))).toBe('')
  },
)

it('stops at a signal while a pipe is silent, without taking that for its end', async () => {
  const state = join(newFolder(), 'state')
  const args = ['run', '--embedded', '--state', state, '-']
  const half = lines.length >> 1
  const first = lines.slice(0, half).join('')
  const stopped = await signalledRun(args, state, {
    signal: 'SIGTERM',
    atBytes: 100_000,
    input: first,
    staysOpen: true,
  })
  expect(stopped.code).toBe(130)
  const kept = readFileSync(join(state, 'stdin.ndjson'), 'utf8')
  // What the process had not taken yet was lost with the pipe; the producer sends it again.
  const resumed = await assay(args, { input: lines.slice(kept.split('\n').length - 1).join('') })
  expect(resumed.code).toBe(0)
  expect(difference(outputsIn(unbroken), outputsIn(state), ['verdicts', 'corrections', 'surges'])).toBe('')
})

it('tells the verdicts of a pipe that stays open as soon as their time has come', async () => {
  const state = join(newFolder(), 'state')
  const running = startAssay(['run', '--embedded', '--state', state, '-'], {
    input: lines.join(''),
    staysOpen: true,
  })
  const half = linesOf(outputsIn(unbroken).verdicts).length / 2
  for (let waited = 0; linesOf(outputsIn(state).verdicts).length < half && waited < 60_000; waited += 20) {
    await sleep(20)
  }
  expect(linesOf(outputsIn(state).verdicts).length).toBeGreaterThanOrEqual(half)
  running.process.stdin!.end()
  expect((await running.ended).code).toBe(0)
  expect(difference(outputsIn(unbroken), outputsIn(state), ['verdicts', 'corrections', 'surges'])).toBe('')
})

it('takes a press of a key that reaches it twice for one', async () => {
  const state = join(newFolder(), 'state')
  const running = startAssay(['run', '--embedded', '--state', state, '-'], {
    input: lines.slice(0, 3000).join(''),
    staysOpen: true,
  })
  while (eventLogBytes(state) < 100_000) await sleep(3)
  // From the terminal, and passed on by npm.
  running.process.kill('SIGINT')
  running.process.kill('SIGINT')
  const { code, stderr } = await running.ended
  expect(code).toBe(130)
  expect(stderr).toContain('the state is kept')
})

it('ends a replay with 130 at a signal', async () => {
  const out = join(newFolder(), 'verdicts.ndjson')
  const running = startAssay(['replay', '-', '--out', out], { input: lines.join(''), staysOpen: true })
  while (linesOf(readFileSync(out, { flag: 'a+' })).length === 0) await sleep(5)
  running.process.kill('SIGINT')
  const { code, stderr } = await running.ended
  expect(code).toBe(130)
  expect(stderr).toBe('assay: interrupted; what was written up to here stands\n')
})

it('ends a back-test with 130 at a signal, and says nothing of a part', async () => {
  const candidate = join(newFolder(), 'candidate.json')
  writeFileSync(candidate, '{"version": "other"}')
  const args = ['backtest', '-', '--against', candidate, '--json']
  const running = startAssay(args, { input: lines.join(''), staysOpen: true })
  // More than a pipe holds: when all of it has gone, the back-test reads.
  while (running.process.stdin!.writableLength > 0) await sleep(5)
  running.process.kill('SIGINT')
  const { code, stdout, stderr } = await running.ended
  expect({ code, stdout }).toEqual({ code: 130, stdout: '' })
  expect(stderr).toContain('nothing was compared')
})

it('ends a replay quietly when the reader of its verdicts has seen enough', async () => {
  // More would come, but for the reader's sake nothing is waited for.
  const under = ['bash', '-c', '(cat "$0"; sleep 4) | "$@" | head -1; echo "${PIPESTATUS[1]}"', file]
  const { code, stdout, stderr } = await assay(['replay', '-'], { under })
  expect(code).toBe(0)
  expect(stdout).toBe(`${linesOf(outputsIn(unbroken).verdicts)[0]!}\n0\n`)
  expect(stderr).toBe('')
})

it('goes on with a replay for the sake of its other files when the reader of its verdicts has gone', async () => {
  const corrections = join(newFolder(), 'corrections.ndjson')
  const under = ['bash', '-c', '"$@" | head -1', 'bash']
  const { stderr } = await assay(['replay', file, '--corrections', corrections], { under })
  expect(stderr).toContain('the books balance')
  expect(readFileSync(corrections).equals(outputsIn(unbroken).corrections)).toBe(true)
})

it('tells a stream again what it missed when its reader had gone', async () => {
  const state = join(newFolder(), 'state')
  const args = ['run', '--embedded', '--state', state, '--out', '-', file]
  const cut = await assay(args, { under: ['bash', '-c', '"$@" | head -1; exit "${PIPESTATUS[0]}"', 'bash'] })
  expect(cut.code).toBe(1)
  expect(cut.stderr).toContain(
    'the reader of the output has gone; start again to go on, what it missed comes again',
  )
  const whole = await assay(args)
  const expected = linesOf(outputsIn(unbroken).verdicts)
  const told = new Set([...linesOf(Buffer.from(cut.stdout)), ...linesOf(Buffer.from(whole.stdout))])
  expect([...told].sort()).toEqual([...expected].sort())
  expect(outputsIn(state).corrections.equals(outputsIn(unbroken).corrections)).toBe(true)
})

it('refuses a state folder that another process works in, and names that process', async () => {
  const state = join(newFolder(), 'state')
  const first = startAssay(['run', '--embedded', '--state', state, '-'], { staysOpen: true })
  while (eventLogBytes(state) === 0) await sleep(5)
  const second = await assay(['run', '--embedded', '--state', state, file])
  expect(second.code).toBe(1)
  expect(second.stderr).toContain(`${state} is in use by process ${first.process.pid} on `)
  expect(second.stderr).toContain('stop that process first, or give this one a folder of its own')
  first.process.stdin!.end()
  expect((await first.ended).code).toBe(0)
})
