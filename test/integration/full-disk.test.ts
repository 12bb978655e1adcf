import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { assay, simulated } from '../support/cli'
import { smallDay } from '../support/events'
import { difference, outputNames, outputsIn } from '../support/outputs'
import type { OutputName } from '../support/outputs'
import { temporaryFolders } from '../support/temporary'

jest.setTimeout(120_000)

const newFolder = temporaryFolders()
let file: string
let unbroken: string

beforeAll(async () => {
  file = (await simulated(smallDay)).events
  unbroken = join(newFolder(), 'unbroken')
  await assay(['run', '--embedded', '--state', unbroken, file])
})

/** One sentence that says what is full and what to do. */
const fullSentence = /^assay: .*(no room|could not be stored|could not be written).*free some space.*\n$/m

it('ends clearly at a limit of the size of a file, and with more room goes on to the same bytes', async () => {
  const state = join(newFolder(), 'state')
  const args = ['run', '--embedded', '--state', state, file]
  const limited = await assay(args, { under: ['bash', '-c', 'ulimit -f 200; exec "$@"', 'bash'] })
  expect(limited.stderr).toMatch(fullSentence)
  expect(limited.code).toBe(1)
  await expectTheRest(args, state)
})

it('ends a replay clearly as well', async () => {
  const { code, stderr } = await assay(['replay', file, '--out', join(newFolder(), 'verdicts.ndjson')], {
    under: ['bash', '-c', 'ulimit -f 4; exec "$@"', 'bash'],
  })
  expect(stderr).toMatch(fullSentence)
  expect(code).toBe(1)
})

it('puts a policy in force as a whole or not at all', async () => {
  const folder = newFolder()
  const policy = join(folder, 'next.json')
  writeFileSync(policy, '{"version": "next-1", "oneWrongIn": 10000}')
  const args = ['policy', 'activate', policy, '--state', join(folder, 'state'), '--by', 'ada']
  const limited = await assay(args, { under: ['bash', '-c', 'ulimit -f 1; exec "$@"', 'bash'] })
  expect(limited.code).toBe(1)
  expect(limited.stderr).toMatch(
    /^assay: .*policies.ndjson could not be written, there is no room left; free some/,
  )
  expect((await assay(args)).code).toBe(0)
  const written = readFileSync(join(folder, 'state', 'policies.ndjson'), 'utf8')
  expect(
    written
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as unknown),
  ).toMatchObject([{ kind: 'policy', accountId: 'next-1' }])
})

// Only Linux has a device that is always full; elsewhere the limit of a file's size above stands for it.
const itOnLinux = existsSync('/dev/full') ? it : it.skip

itOnLinux.each(['replay', 'simulate', 'policy show'])(
  'ends with a sentence where the standard output is full: %s',
  async (name) => {
    const args = name === 'replay' ? [name, file] : name.split(' ')
    const { code, stderr } = await assay(args, { under: ['bash', '-c', '"$@" > /dev/full', 'bash'] })
    expect(stderr).toBe(
      'assay: the standard output could not be written, there is no room left; free some space or raise the limit, ' +
        'then run the same command again\n',
    )
    expect(code).toBe(1)
  },
)

describe('on a small disk', () => {
  const disk = join(newFolder(), 'disk')
  let isMounted = false

  beforeAll(() => {
    mkdirSync(disk, { recursive: true })
    // Only who may mount can make a small disk; for anybody else there is nothing to see here.
    isMounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', disk]).status === 0
  })
  afterAll(() => {
    if (isMounted) spawnSync('umount', [disk])
  })
  afterEach(() => {
    if (isMounted) for (const name of readdirSync(disk)) rmSync(join(disk, name), { recursive: true })
  })

  function resize(size: string): void {
    spawnSync('mount', ['-o', `remount,size=${size}`, disk])
  }

  it('ends clearly each time until there is room, and then goes on to the same bytes', async () => {
    if (!isMounted) return
    const state = join(disk, 'state')
    const args = ['run', '--embedded', '--state', state, file]
    for (const size of ['1m', '4m', '6m', '9m']) {
      resize(size)
      const limited = await assay(args)
      expect(limited.stderr).toMatch(fullSentence)
      expect(limited.code).toBe(1)
    }
    resize('300m')
    await expectTheRest(args, state)
  })

  it('loses no verdict when only the disk of the outputs is full', async () => {
    if (!isMounted) return
    const outputs = [
      '--out',
      'verdicts',
      '--corrections',
      'corrections',
      '--dead-letters',
      'dead-letters',
    ].map((word) => (word.startsWith('--') ? word : join(disk, `${word}.ndjson`)))
    const args = ['run', '--embedded', '--state', join(newFolder(), 'state'), file, ...outputs]
    for (const size of ['16k', '40k']) {
      resize(size)
      const limited = await assay(args)
      expect(limited.stderr).toMatch(fullSentence)
      expect(limited.code).toBe(1)
    }
    resize('300m')
    await expectTheRest(args, disk, ['verdicts', 'corrections', 'dead-letters'])
  })

  it('keeps what came through the pipe up to where the disk was full', async () => {
    if (!isMounted) return
    const state = join(disk, 'state')
    const args = ['run', '--embedded', '--state', state, '-']
    resize('30m')
    const limited = await assay(args, { input: readFileSync(file) })
    expect(limited.stderr).toMatch(fullSentence)
    expect(limited.code).toBe(1)
    resize('300m')
    // The producer goes on with the line that had not come through as a whole.
    const kept = readFileSync(join(state, 'stdin.ndjson'))
    expect(kept.length).toBeGreaterThan(0)
    const input = readFileSync(file).subarray(kept.lastIndexOf('\n') + 1)
    const resumed = await assay(args, { input })
    expect(resumed.code).toBe(0)
    expect(difference(outputsIn(unbroken), outputsIn(state), ['verdicts', 'corrections', 'surges'])).toBe('')
  })
})

async function expectTheRest(
  args: readonly string[],
  folder: string,
  names: readonly OutputName[] = outputNames,
): Promise<void> {
  const { code, stderr } = await assay(args)
  expect(code).toBe(0)
  expect(stderr).toContain('the books balance')
  expect(difference(outputsIn(unbroken), outputsIn(folder), names)).toBe('')
}
