import { appendFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Policy } from '../../src/policy/policy'
import { assay, simulated, startAssay } from '../support/cli'
import type { Ended, Running } from '../support/cli'
import { readLines, smallDay } from '../support/events'
import { verdictOf } from '../support/standing-promises'
import { temporaryFolders } from '../support/temporary'

jest.setTimeout(120_000)

const newFolder = temporaryFolders()
const commandNames = [
  'demo',
  'run',
  'replay',
  'simulate',
  'evaluate',
  'backtest',
  'audit',
  'console',
  'explain',
  'why-not',
  'policy',
  'schemas',
  'dead-letters',
  'vault',
  'doctor',
  'bench',
  'completion',
]

let folder: string
let file: string

beforeAll(async () => {
  folder = newFolder()
  file = join(folder, 'events.ndjson')
  writeFileSync(
    file,
    readLines((await simulated(smallDay)).events)
      .slice(0, 200)
      .join(''),
  )
})

describe('help', () => {
  it('says what there is, what the exit codes mean, and the version', async () => {
    const [help, version] = await Promise.all([assay(['--help']), assay(['--version'])])
    expect(help.code).toBe(0)
    for (const name of commandNames) expect(help.stdout).toMatch(new RegExp(`^  ${name}\\b`, 'm'))
    expect(help.stdout).toContain('Exit codes: 0 done, 1 failed, 2 wrong usage, 3 done but a gate failed, 69')
    const { version: wanted } = JSON.parse(readFileSync(join(__dirname, '../../package.json'), 'utf8')) as {
      version: string
    }
    expect(version).toMatchObject({ code: 0, stdout: `${wanted}\n` })
  })

  it.each(commandNames)('shows examples of %s', async (name) => {
    const { code, stdout, stderr } = await assay([name, '--help'])
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(stdout).toContain(`Usage: assay ${name}`)
    expect(stdout).toMatch(new RegExp(`Examples:\\n(  .*\\n)*  .*assay ${name}\\b`))
  })
})

describe('a mistake', () => {
  const settings = (text: string): string => {
    const path = join(folder, `settings-${settingsWritten++}.json`)
    writeFileSync(path, text)
    return path
  }
  let settingsWritten = 0

  it.each<[name: string, args: () => string[], code: number, says: string | RegExp]>([
    ['no command', () => [], 2, 'Usage: assay'],
    ['an unknown command', () => ['judge'], 2, "unknown command 'judge'"],
    ['an unknown option', () => ['replay', '--fast', file], 2, "unknown option '--fast'"],
    [
      'an unknown option of a command of a command',
      () => ['policy', 'show', '--fast'],
      2,
      "unknown option '--fast'",
    ],
    ['an unknown command of a command', () => ['policy', 'mend'], 2, "unknown command 'mend'"],
    ['no file', () => ['replay'], 2, "missing required argument 'files'"],
    ['a file named twice', () => ['replay', file, join(folder, '.', 'events.ndjson')], 2, 'is named twice'],
    ['an unknown kind', () => ['replay', '--kind', 'like', file], 2, "argument 'like' is invalid"],
    [
      'an output that is an input',
      () => ['replay', file, '--out', file],
      2,
      'is an input and would be written over',
    ],
    [
      'two outputs to one file',
      () => ['replay', file, '--out', join(folder, 'x'), '--corrections', join(folder, 'x')],
      2,
      'two outputs would go to',
    ],
    [
      'two outputs to stdout',
      () => ['replay', file, '--corrections', '-'],
      2,
      'two outputs would go to the standard output',
    ],
    ['no --embedded', () => ['run', file], 2, 'add --embedded to read files'],
    [
      'a policy that the service would not heed',
      () => ['run', '--policy', settings('{}')],
      2,
      '--policy is only for --embedded; the service has the setting policyFile or ASSAY_POLICY_FILE',
    ],
    [
      'a vault that the service would not heed',
      () => ['run', '--vault', join(folder, 'vault')],
      2,
      '--vault is only for --embedded; the service has the setting vaultFolder or ASSAY_VAULT_FOLDER',
    ],
    [
      'an output that the service does not have',
      () => ['run', '--out', 'verdicts.ndjson'],
      2,
      '--out is only for --embedded; leave it out, or add --embedded',
    ],
    [
      'the end of a stream of files',
      () => ['run', '--embedded', '--finish', '--state', join(folder, 's'), file],
      2,
      '"assay replay" takes the end of its files for the end',
    ],
    [
      'dead letters that cannot be read back',
      () => ['run', '--embedded', '--state', join(folder, 's'), '--dead-letters', '/dev/null', file],
      2,
      '--dead-letters /dev/null must be a file, since a restart reads it back',
    ],
    [
      'a pipe that cannot be read again',
      () => ['run', '--embedded', '--state', join(folder, 's'), '/dev/null'],
      2,
      '/dev/null is no file that can be read again after a crash; pipe it in as "-" instead',
    ],
    ['a missing file', () => ['replay', join(folder, 'nothing.ndjson')], 69, 'there is none of that name'],
    [
      'a missing file to run on',
      () => ['run', '--embedded', '--state', join(folder, 's'), 'nothing'],
      69,
      'none of that name',
    ],
    ['a folder as input', () => ['replay', folder], 69, 'should be a file of events, but is a folder'],
    [
      'a policy that is not there',
      () => ['policy', 'check', 'nothing.json'],
      69,
      'nothing.json cannot be read',
    ],
    ['a key that is not there', () => ['replay', '--key-file', 'nothing', file], 69, 'openssl rand'],
    ['a policy that is no JSON', () => ['policy', 'check', settings('{')], 78, 'should be JSON, and is not'],
    [
      'a policy with faults',
      () => ['replay', '--policy', settings('{"oneWrongIn":1,"epochMs":"10s","speed":2}'), file],
      78,
      /oneWrongIn: .*; epochMs: .*; .*speed.*; "assay policy show" prints one that does/,
    ],
    [
      'a key that is too short',
      () => ['replay', '--key-file', settings('short'), file],
      78,
      'should hold 16 bytes or more',
    ],
    [
      'a gate that is none',
      () => ['evaluate', '--gate', 'precision=1'],
      2,
      'a gate reads like precision>=0.98',
    ],
    ['nothing to evaluate', () => ['evaluate'], 2, 'evaluate needs --labels and --verdicts'],
    ['an unknown scenario', () => ['simulate', '--scenario', 'peace'], 2, 'peace'],
    [
      'one file for records and labels',
      () => ['simulate', '--out', 'both', '--labels', './both'],
      2,
      'two outputs would go to',
    ],
    [
      'an output under a file',
      () => ['replay', file, '--out', join(file, 'x')],
      69,
      /is no folder|not a directory/,
    ],
  ])('ends with its code and one sentence: %s', async (_name, args, code, says) => {
    const { stderr, ...ended } = await assay(args(), { cwd: folder })
    expect(ended.code).toBe(code)
    if (typeof says === 'string') expect(stderr).toContain(says)
    else expect(stderr).toMatch(says)
    expect(stderr).not.toMatch(/\n {4}at /)
    expect(ended.stdout).toBe('')
  })

  it('takes no folder as the standard input, which would seem to be empty', async () => {
    const under = ['sh', '-c', 'exec "$@" < .', 'sh']
    const { code, stderr } = await assay(['replay', '-'], { cwd: folder, under })
    expect(stderr).toMatch(
      /^assay: the standard input should be events, but is a folder; name the files in it/,
    )
    expect(code).toBe(69)
  })

  it('touches no output before the inputs are known to be there', async () => {
    const out = join(folder, 'kept.ndjson')
    writeFileSync(out, 'of yesterday\n')
    await assay(['replay', join(folder, 'nothing.ndjson'), '--out', out])
    expect(readFileSync(out, 'utf8')).toBe('of yesterday\n')
  })

  it('keeps a link and a device where they are, and writes to what they lead to', async () => {
    const { code } = await assay(['replay', file, '--out', '/dev/null', '--corrections', '/dev/null'])
    expect(code).toBe(0)
    expect(readFileSync('/dev/null', 'utf8')).toBe('')
  })
})

describe('the standard input', () => {
  it('must be text, and the message says what to do where it is not', async () => {
    const state = join(folder, 'compressed')
    const input = Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3])
    const { code, stderr } = await assay(['run', '--embedded', '--state', state, '-'], {
      input,
      staysOpen: true,
    })
    expect(code).toBe(2)
    expect(stderr).toContain('is compressed; pipe it through "gzip -dc", or name the file')
  })
})

describe('policy', () => {
  it('shows a whole policy that holds, checks one, and prints a schema that knows each setting', async () => {
    const path = join(folder, 'policy.json')
    const shown = await assay(['policy', 'show'])
    const policy = JSON.parse(shown.stdout) as Policy
    writeFileSync(path, JSON.stringify({ ...policy, version: 'mine-2' }))
    const [checked, schema] = await Promise.all([
      assay(['policy', 'check', path]),
      assay(['policy', 'schema']),
    ])
    expect(checked).toMatchObject({
      code: 0,
      stdout: '',
      stderr: `assay: the policy ${path} holds, version mine-2\n`,
    })
    const { properties } = JSON.parse(schema.stdout) as { properties: Record<string, unknown> }
    expect(Object.keys(properties).sort()).toEqual(Object.keys(policy).sort())
  })

  it('names its version in every verdict', async () => {
    const events = (await simulated(smallDay)).events
    const path = join(folder, 'strict.json')
    writeFileSync(path, '{"version":"strict-7"}')
    const { stdout } = await assay(['replay', events, '--policy', path])
    const versions = stdout
      .trim()
      .split('\n')
      .map((line) => (JSON.parse(line) as { policyVersion: string }).policyVersion)
    expect(new Set(versions)).toEqual(new Set(['strict-7']))
  })
})

describe('evaluate', () => {
  let files: string[]

  beforeAll(async () => {
    const { events, labels } = await simulated(smallDay)
    const outputs = {
      verdicts: join(folder, 'verdicts.ndjson'),
      corrections: join(folder, 'corrections.ndjson'),
    }
    await assay(['replay', events, '--out', outputs.verdicts, '--corrections', outputs.corrections])
    files = ['--labels', labels, '--verdicts', outputs.verdicts, '--corrections', outputs.corrections]
  })

  it('prints figures, and ends with 3 only when one of them does not pass a gate', async () => {
    const [passed, failed, unknown] = await Promise.all([
      assay(['evaluate', '--json', ...files, '--gate', 'recall>=0', '--gate', 'precision<=1']),
      assay(['evaluate', ...files, '--gate', 'recall>=1.1', '--gate', 'precision<=1']),
      assay(['evaluate', ...files, '--gate', 'beauty>=1']),
    ])
    expect(passed).toMatchObject({ code: 0, stderr: '' })
    const { figures } = JSON.parse(passed.stdout) as { figures: { precision: number; recall: number } }
    expect(figures.recall).toBeGreaterThan(0)
    expect(failed.code).toBe(3)
    expect(failed.stderr).toMatch(/^assay: gate failed: recall is [\d.]+, the gate is >= 1.1\n$/)
    expect(unknown.code).toBe(3)
    expect(unknown.stderr).toContain('beauty is none of the figures: ')
  })
})

describe('console', () => {
  it('shows the verdicts of a file and those that are added to it, until it is ended', async () => {
    const verdicts = join(folder, 'growing.ndjson')
    writeFileSync(verdicts, `${JSON.stringify(verdictOf())}\n`)
    const running = startAssay(['console', '--verdicts', verdicts, '--port', '0'])
    const url = await addressOf(running)
    expect((await fetch(`${url}verdicts/v-1`)).status).toBe(200)
    const line = JSON.stringify(verdictOf({ verdictId: 'v-2' }))
    appendFileSync(verdicts, line.slice(0, 40))
    appendFileSync(verdicts, `${line.slice(40)}\n`)
    while ((await fetch(`${url}api/v1/verdicts/v-2`)).status !== 200) await sleep(50)
    running.process.kill('SIGINT')
    expect(await running.ended).toMatchObject({ code: 0, stdout: '' })
  })

  it('says what is missing', async () => {
    const none = await assay(['console'])
    expect([none.code, none.stderr]).toEqual([2, expect.stringContaining('name one of --verdicts FILE')])
    const away = await assay(['console', '--verdicts', join(folder, 'away.ndjson')])
    expect([away.code, away.stderr]).toEqual([2, expect.stringContaining('away.ndjson')])
    const port = await assay(['console', '--verdicts', file, '--port', '70000'])
    expect([port.code, port.stderr]).toEqual([2, expect.stringContaining('a port is a number')])
  })
})

/** Where a console says that it is. */
function addressOf({ process: child, ended }: Running): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = ''
    child.stderr!.on('data', (part: string) => {
      text += part
      const url = /the console is at (\S+);/.exec(text)?.[1]
      if (url !== undefined) resolve(url)
    })
    void ended.then(({ stderr }) => {
      reject(new Error(`it ended before it served a console: ${stderr}`))
    })
  })
}

describe('demo', () => {
  let told: Ended
  let asJson: Ended
  let page: { status: number; verdicts: number }

  beforeAll(async () => {
    ;[told, asJson] = await Promise.all([shown(), assay(['demo', '--json'])])
  })

  /** Looks at its console, and ends it as whoever has seen enough does. */
  async function shown(): Promise<Ended> {
    const running = startAssay(['demo', '--console', '--port', '0'])
    const url = await addressOf(running)
    const { items } = (await (await fetch(`${url}api/v1/verdicts`)).json()) as { items: object[] }
    page = { status: (await fetch(url)).status, verdicts: items.length }
    running.process.kill('SIGINT')
    return running.ended
  }

  it('shows the same in the console until somebody ends it', () => {
    const { verdicts } = JSON.parse(asJson.stdout) as { verdicts: object[] }
    expect(page).toEqual({ status: 200, verdicts: verdicts.length })
  })

  it('tells a story in five parts', () => {
    expect(told.code).toBe(0)
    const titles = told.stdout.match(/^[A-Z].*(?=\n-+\n)/gm)
    expect(titles).toEqual([
      'What came in',
      'Who was flagged, and why',
      'Who was framed, and only corrected',
      'Which bursts were let pass',
      'How it ended',
    ])
    expect(told.stdout).toContain('the books balance')
  })

  it('gives the same story as JSON', () => {
    expect(asJson).toMatchObject({ code: 0, stderr: '' })
    const story = JSON.parse(asJson.stdout) as Record<string, object[]>
    expect(Object.keys(story).sort()).toEqual(['books', 'corrections', 'labels', 'surges', 'verdicts'])
    for (const part of ['corrections', 'labels', 'surges', 'verdicts'])
      expect(story[part]!.length).toBeGreaterThan(0)
  })
})

it('writes its metrics where it is told to', async () => {
  mkdirSync(join(folder, 'metrics'))
  const path = join(folder, 'metrics', 'assay.prom')
  const { code } = await assay(['replay', file, '--out', join(folder, 'v.ndjson'), '--metrics', path])
  expect(code).toBe(0)
  const told = readFileSync(path, 'utf8')
  expect(told).toContain('assay_records_read_total 200')
  // What the views know, and not only what was counted on the way to them.
  expect(told).toMatch(/^assay_budget_level 0\.\d+$/m)
})
